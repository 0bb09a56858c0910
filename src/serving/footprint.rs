//! What a replica under the roofline holds in memory: weights, and room for keys and values.
//!
//! With degrees of tensor parallelism t, pipeline parallelism p and expert parallelism x a replica has
//! n = t·p·x accelerators. Tensor ranks hold a part of every matrix, pipeline stages a part of the
//! layers. Expert parallelism spreads the routed experts over x groups, each of which holds all other
//! weights and serves sequences of its own (attention is data-parallel among them).

use super::spec::RooflineSpec;
use crate::catalog::WindowCache;
use crate::units::Precision;

/// Bytes of a parameter of embedding and output head, which quantised checkpoints keep in 16 bits.
const EMBEDDING_BYTES: f64 = 2.0;

impl RooflineSpec {
    /// Accelerators of a replica.
    pub fn accelerators(&self) -> u32 {
        self.tensor.saturating_mul(self.pipeline).saturating_mul(self.expert)
    }

    /// Peak FLOP/s of one accelerator at the precision of its matrix products, if its maker
    /// published it.
    pub fn peak_flops(&self) -> Option<f64> {
        let peak = &self.accelerator.peak;
        let figure = match self.compute {
            Precision::Bf16 => peak.bf16,
            Precision::Fp8 => peak.fp8,
            Precision::Fp4 => peak.fp4,
        };
        figure.map(|flops| flops.0)
    }

    /// Precision of the weights that work on every token.
    pub(super) fn shared_precision(&self) -> Precision {
        self.shared
    }

    /// Precision of the products of those weights: that of all products, where it is not below theirs.
    pub fn shared_compute(&self) -> Precision {
        if self.compute.bytes() < self.shared.bytes() { self.shared } else { self.compute }
    }

    /// Bytes a second that links between the accelerators of a replica carry, one direction; no limit where it is
    /// not known.
    pub(super) fn link_bandwidth(&self) -> f64 {
        let chip = &self.accelerator;
        chip.link_bandwidth.map_or(f64::INFINITY, |link| link.0 * chip.efficiency.link)
    }

    /// How often the context of a sequence is read from memory by its beams.
    pub(super) fn beam_reads(&self) -> f64 {
        1.0 + (f64::from(self.beams) - 1.0) * self.engine.beam_reads
    }

    /// Bytes of all weights that a replica holds: x times those that are not routed experts.
    pub fn weight_bytes(&self) -> f64 {
        let each = self.shared_bytes() + self.architecture.embedding_parameters() * EMBEDDING_BYTES;
        f64::from(self.expert) * each + self.expert_bytes()
    }

    /// Bytes of the weights that work on every token, held once.
    pub(super) fn shared_bytes(&self) -> f64 {
        self.architecture.shared_parameters() * self.shared.bytes()
    }

    /// Bytes of the routed experts.
    pub(super) fn expert_bytes(&self) -> f64 {
        self.architecture.expert_parameters() * self.weights.bytes()
    }

    /// Bytes of the output head, held once.
    pub(super) fn head_bytes(&self) -> f64 {
        self.architecture.head_parameters() * EMBEDDING_BYTES
    }

    /// Bytes that a replica reads of one token's keys and values: `2·L·kv_heads·head_dim·bytes` for
    /// ordinary heads. Where there are fewer of these than tensor ranks, each is held more than once.
    pub fn kv_bytes_per_token(&self) -> f64 {
        let shape = &self.architecture;
        let copies = (f64::from(self.tensor) / f64::from(shape.kv_heads)).max(1.0);
        shape.attention().kv_elements * self.kv.bytes() * copies
    }

    /// Bytes that a replica keeps free for one token's keys and values: more than it reads where the engine keeps
    /// layers with a window whole.
    pub fn kv_held_per_token(&self) -> f64 {
        let shape = &self.architecture;
        let kept = match self.engine.window_cache {
            WindowCache::Trimmed => 1.0,
            WindowCache::Whole => shape.whole_cache() / shape.attention().kv_elements,
        };
        self.kv_bytes_per_token() * kept
    }

    /// KV capacity of a replica in tokens: `(n · HBM · usable − weights) / kv_held`. `None` when
    /// the model leaves no room for a single token.
    pub fn kv_capacity_tokens(&self) -> Option<u64> {
        let chip = &self.accelerator;
        let usable = chip.hbm.0 * self.engine.memory;
        let free = f64::from(self.accelerators()) * usable - self.weight_bytes();
        let tokens = (free / self.kv_held_per_token()).floor();
        (tokens >= 1.0).then_some(tokens as u64)
    }
}
