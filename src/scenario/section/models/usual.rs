//! What a deployment has that does not say, where it has it at all. Whether it does depends on other keys, so
//! that these are no defaults of the fields; but what is documented, what is simulated and what the
//! resolved file spells out are all taken from here.

use crate::catalog::Engine;
use crate::scenario::schema::{KvAdmission, Preemption};
use crate::units::{BytesPerSecond, Precision};

/// What serves.
pub(in crate::scenario) const ENGINE: &str = "vllm";
/// Sequences in an iteration, at most, where no engine says: vLLM's default of old.
pub(in crate::scenario) const MAX_BATCH: u32 = 256;
/// Tokens in an iteration, at most, where no engine says: vLLM's default of old.
pub(in crate::scenario) const TOKEN_BUDGET: u32 = 2048;
/// Each degree of parallelism.
pub(in crate::scenario) const DEGREE: u32 = 1;
/// Hypotheses decoded for each sequence.
pub(in crate::scenario) const BEAMS: u32 = 1;
/// Accelerators of a replica, where they are not the product of its degrees.
pub(in crate::scenario) const ACCELERATORS: u32 = 1;
/// Of weights, and of the KV cache.
pub(in crate::scenario) const PRECISION: Precision = Precision::Bf16;
/// When a request is let in.
pub(in crate::scenario) const KV_ADMISSION: KvAdmission = KvAdmission::Reserve;
/// What becomes of the KV cache of what is preempted.
pub(in crate::scenario) const PREEMPTION: Preemption = Preemption::Recompute;
/// What PCIe 5.0 ×16 reaches in practice is about twice this; an assumption.
pub(in crate::scenario) const HOST_BANDWIDTH: BytesPerSecond = BytesPerSecond(25e9);
/// Whether the KV cache of a turn is kept.
pub(in crate::scenario) const PREFIX_CACHE: bool = false;

/// Sequences and tokens in an iteration, at most, where they may not be given: what the engine has, as far as what
/// is given leaves it room.
pub(in crate::scenario) fn limits(
    engine: &Engine,
    max_batch: Option<u32>,
    token_budget: Option<u32>,
) -> (u32, u32) {
    let batch = max_batch.unwrap_or(engine.max_batch.min(token_budget.unwrap_or(u32::MAX)));
    (batch, token_budget.unwrap_or(engine.token_budget.max(max_batch.unwrap_or(0))))
}

/// What is wrong where an iteration may have more sequences than tokens.
pub(in crate::scenario) fn more_sequences_than_tokens(max_batch: u32, token_budget: u32) -> String {
    format!(
        "`max-batch` ({max_batch}) is above `token-budget` ({token_budget}): each sequence takes a token"
    )
}
