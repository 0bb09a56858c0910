//! How a replica serves: the validated description that a scenario resolves to.

use super::affine::AffineSpec;
use super::table::TableSpec;
use crate::catalog::{Accelerator, Architecture, Engine};
use crate::engine::SimDuration;
use crate::units::Precision;
use crate::units::{Bytes, BytesPerSecond};

/// A replica that serves tokens in iterations.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenServing {
    /// How long an iteration takes, and how many tokens the KV cache holds.
    pub performance: Performance,
    /// Who is in an iteration.
    pub batching: Batching,
    /// How fast an accelerator moves KV to and from the host's memory; needed to
    /// [swap](Preemption::Swap).
    pub host_bandwidth: BytesPerSecond,
    /// Whether the KV of ended turns is kept for the next ones, as far as there is room.
    pub prefix_cache: bool,
    /// What part of a request is served.
    pub role: Role,
}

impl TokenServing {
    /// Seconds to move the KV of one token between accelerators and host, all of the replica's
    /// accelerators moving their part at once.
    pub(super) fn swap_seconds_per_token(&self) -> f64 {
        let bandwidth = self.host_bandwidth.0 * f64::from(self.performance.accelerators());
        self.performance.kv_bytes_per_token() / bandwidth
    }
}

impl TokenServing {
    /// What the engine's host takes before a request can be admitted; nothing where another replica has taken it in.
    pub(super) fn per_request(&self) -> SimDuration {
        match (&self.performance, self.role) {
            (Performance::Roofline(spec), Role::Whole | Role::Prefill) => spec.engine.per_request,
            _ => SimDuration::ZERO,
        }
    }

    /// Prompt tokens that a request may have, if that is limited: measured tables end, and
    /// `prefill-first` processes every prompt as a whole.
    pub fn max_prompt(&self) -> Option<u64> {
        let whole = self.batching.policy == BatchingPolicy::PrefillFirst;
        self.table().filter(|_| whole).and_then(TableSpec::largest_iteration)
    }

    /// Tokens of prompt and output together that a request may have, if that is limited: measured
    /// tables end, and what was produced becomes a prompt when it is computed again.
    pub fn max_context(&self) -> Option<u64> {
        let again = self.batching.admission == KvAdmission::Optimistic(Preemption::Recompute);
        let longest = self.table().and_then(TableSpec::longest_context);
        longest.into_iter().chain(self.max_prompt().filter(|_| again)).min()
    }

    fn table(&self) -> Option<&TableSpec> {
        match &self.performance {
            Performance::Profile(table) => Some(table),
            Performance::Roofline(_) | Performance::Affine(_) => None,
        }
    }
}

/// A replica's size and memory, where they are given and do not follow from accelerator and model.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GivenReplica {
    /// Accelerators that it holds.
    pub accelerators: u32,
    /// Tokens that its KV cache holds.
    pub kv_capacity: u64,
    /// Keys and values of one token; needed to move them.
    pub kv_per_token: Bytes,
    /// What it loads before it serves.
    pub weights: Bytes,
}

/// What part of a request a replica serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// All of it.
    #[default]
    Whole,
    /// Its prompt; the KV is then moved to a replica that decodes.
    Prefill,
    /// Its output after the first token.
    Decode,
}

/// Where iteration times come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Performance {
    /// The accelerator, the architecture and the batch.
    Roofline(Box<RooflineSpec>),
    /// Coefficients that are given.
    Affine(AffineSpec),
    /// Measured tables.
    Profile(TableSpec),
}

impl Performance {
    /// KV capacity of a replica in tokens. `None` when there is no room for a single one.
    pub fn kv_capacity_tokens(&self) -> Option<u64> {
        match self {
            Self::Roofline(spec) => spec.kv_capacity_tokens(),
            Self::Affine(AffineSpec { replica, .. }) | Self::Profile(TableSpec { replica, .. }) => {
                Some(replica.kv_capacity)
            }
        }
    }

    /// Bytes of the weights that a replica loads.
    pub fn weight_bytes(&self) -> f64 {
        match self {
            Self::Roofline(spec) => spec.weight_bytes(),
            Self::Affine(AffineSpec { replica, .. }) | Self::Profile(TableSpec { replica, .. }) => {
                replica.weights.0
            }
        }
    }

    /// Bytes of one token's keys and values.
    pub fn kv_bytes_per_token(&self) -> f64 {
        match self {
            Self::Roofline(spec) => spec.kv_bytes_per_token(),
            Self::Affine(AffineSpec { replica, .. }) | Self::Profile(TableSpec { replica, .. }) => {
                replica.kv_per_token.0
            }
        }
    }

    /// Accelerators of a replica.
    pub fn accelerators(&self) -> u32 {
        match self {
            Self::Roofline(spec) => spec.accelerators(),
            Self::Affine(AffineSpec { replica, .. }) | Self::Profile(TableSpec { replica, .. }) => {
                replica.accelerators
            }
        }
    }

    /// Peak FLOP/s of one accelerator at the precision served, if that is known.
    pub fn peak_flops(&self) -> Option<f64> {
        match self {
            Self::Roofline(spec) => spec.peak_flops(),
            Self::Affine(_) | Self::Profile(_) => None,
        }
    }
}

/// The roofline model: [`super::Roofline`] has its formula.
#[derive(Clone, Debug, PartialEq)]
pub struct RooflineSpec {
    /// The chip, with its efficiency factors.
    pub accelerator: Accelerator,
    /// The model.
    pub architecture: Architecture,
    /// Degree of tensor parallelism: accelerators that share every matrix.
    pub tensor: u32,
    /// Degree of pipeline parallelism: stages of layers.
    pub pipeline: u32,
    /// Degree of expert parallelism: groups over which routed experts are spread, each with sequences
    /// of its own.
    pub expert: u32,
    /// What serves.
    pub engine: Engine,
    /// Precision of the weights; of a mixture those of its routed experts.
    pub weights: Precision,
    /// Precision of the weights that work on every token.
    pub shared: Precision,
    /// Precision of matrix products.
    pub compute: Precision,
    /// Precision of the KV cache.
    pub kv: Precision,
    /// Hypotheses that are decoded for each sequence (beam search); 1 for none. The cache holds one: the
    /// prompt's part is shared, and short outputs are assumed.
    pub beams: u32,
}

/// A replica whose calls take given times of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotServing {
    /// Calls that it serves at once, each at full speed.
    pub slots: u32,
    /// Who is served when there are more calls than slots.
    pub discipline: ServiceDiscipline,
    /// Calls beyond the slots that it may hold; unbounded if `None`.
    pub max_waiting: Option<u32>,
}

/// Who is served when there are more calls than slots.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceDiscipline {
    /// Those that came first: the others wait for a slot.
    #[default]
    FirstComeFirstServed,
    /// All of them alike: n calls are each served at the rate `min(1, slots/n)`, and none waits
    /// but for a cold start.
    ProcessorSharing,
}

/// Who is in an iteration, and who is let into the KV cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batching {
    /// How the members of an iteration are chosen.
    pub policy: BatchingPolicy,
    /// When a request is let into the KV cache.
    pub admission: KvAdmission,
    /// Sequences in an iteration, at most; not above `token_budget`.
    pub max_batch: u32,
    /// Tokens in an iteration, at most: decodes first, then prefill chunks.
    pub token_budget: u32,
}

/// How the members of an iteration are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BatchingPolicy {
    /// All decodes, then prompts in chunks under the token budget (Sarathi; vLLM V1).
    #[default]
    Continuous,
    /// Whole prompts that fit run in an iteration of their own, else all decodes (Orca; vLLM V0).
    PrefillFirst,
    /// A batch is filled and runs to the end of its longest member.
    Static,
}

/// When a request is let into the KV cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KvAdmission {
    /// When its prompt and its declared output fit: nothing is ever preempted.
    #[default]
    Reserve,
    /// When its prompt fits. On exhaustion the latest admitted is preempted.
    Optimistic(Preemption),
}

/// What becomes of a preempted sequence's KV cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preemption {
    /// Dropped: the sequence goes back to the head of the queue, and what it had produced becomes
    /// a part of its prompt.
    Recompute,
    /// Moved to the host's memory and back.
    Swap,
}
