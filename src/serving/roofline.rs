//! The iteration time of a dense model under tensor parallelism, in picoseconds.

use super::ramp::{Line, Ramp};
use super::spec::{Precision, RooflineSpec};

/// Bytes of one element of the activations that an all-reduce moves (bf16).
const ACTIVATION_BYTES: f64 = 2.0;
const PICOS_PER_SECOND: f64 = 1e12;
const PICOS_PER_NANO: f64 = 1e3;

/// What one iteration works on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Iteration {
    /// Prompt tokens processed, `p`.
    pub prefill_tokens: u64,
    /// (token, context) pairs of those tokens, `A`: `q·o + q(q+1)/2` for a chunk of q at offset o.
    pub prefill_pairs: u64,
    /// Cached tokens that those tokens attend to, `R`.
    pub prefill_cached: u64,
    /// Prompts with a chunk in the iteration.
    pub prefill_sequences: u64,
    /// Decoding sequences, `b`.
    pub decodes: u64,
    /// Sum of their context lengths, `K`.
    pub context: u64,
    /// KV tokens moved to or from the host's memory before it starts.
    pub swapped: u64,
}

/// The roofline with its constants multiplied out: coefficients in picoseconds.
///
/// With p prefill tokens, which form A (token, context) pairs and attend to R tokens of earlier
/// chunks, b decoding sequences with K tokens of context, P parameters of w bytes, L layers, H heads,
/// hidden width h, and n accelerators of F FLOP/s, memory bandwidth B and link bandwidth N (each
/// times its efficiency factor e):
///
/// ```text
/// compute  = (2·P·p + a·A) / (n·F·e_prefill) + (2·P·b + a·K) / (n·F·e_decode)    a = 4·L·H·head_dim
/// memory   = (P·w + kv_bytes·(K + R + p)) / (n·B·e_memory)
/// comm     = 2·L·(t_allreduce + (p + b)·h·2 bytes·2·(n − 1)/n / (N·e_link))      for n > 1
/// duration = overhead + overhead_per_sequence·sequences + max(compute, memory) + comm
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Roofline {
    prefill_token: f64,
    prefill_pair: f64,
    decode_token: f64,
    decode_pair: f64,
    weights: f64,
    kv_token: f64,
    overhead: f64,
    overhead_sequence: f64,
    allreduces: f64,
    allreduce_token: f64,
    flops_per_token: f64,
    flops_per_pair: f64,
}

impl Precision {
    /// Bytes of one element.
    pub fn bytes(self) -> f64 {
        match self {
            Self::Bf16 => 2.0,
            Self::Fp8 => 1.0,
            Self::Fp4 => 0.5,
        }
    }
}

impl RooflineSpec {
    /// Peak FLOP/s of one accelerator at the precision served, if its maker published it.
    pub fn peak_flops(&self) -> Option<f64> {
        let peak = &self.accelerator.peak;
        let figure = match self.weights {
            Precision::Bf16 => peak.bf16,
            Precision::Fp8 => peak.fp8,
            Precision::Fp4 => peak.fp4,
        };
        figure.map(|flops| flops.0)
    }

    /// Bytes of all weights.
    pub fn weight_bytes(&self) -> f64 {
        self.architecture.parameters * self.weights.bytes()
    }

    /// Bytes of one token's keys and values: `2 · L · kv_heads · head_dim · bytes`.
    pub fn kv_bytes_per_token(&self) -> f64 {
        let shape = &self.architecture;
        let elements =
            f64::from(shape.layers) * f64::from(shape.kv_heads) * f64::from(shape.head_dim);
        2.0 * elements * self.kv.bytes()
    }

    /// KV capacity of a replica in tokens: `(n · HBM · usable − P · w) / kv_bytes`. `None` when
    /// the model leaves no room for a single token.
    pub fn kv_capacity_tokens(&self) -> Option<u64> {
        let free = f64::from(self.tensor) * self.usable_bytes() - self.weight_bytes();
        let tokens = (free / self.kv_bytes_per_token()).floor();
        (tokens >= 1.0).then_some(tokens as u64)
    }

    fn usable_bytes(&self) -> f64 {
        self.accelerator.hbm.0 * self.accelerator.efficiency.usable_memory
    }
}

impl Roofline {
    /// Multiplies out the constants.
    ///
    /// # Panics
    /// When the accelerator has no peak at the precision served, or no link bandwidth under
    /// tensor parallelism: scenarios are validated for both.
    pub fn new(spec: &RooflineSpec) -> Self {
        let factors = &spec.accelerator.efficiency;
        let shape = &spec.architecture;
        let n = f64::from(spec.tensor);
        let flops = n * spec.peak_flops().expect("validated: a peak at this precision");
        let bandwidth = n * spec.accelerator.hbm_bandwidth.0 * factors.memory;
        let flops_per_token = 2.0 * shape.parameters;
        let flops_per_pair =
            4.0 * f64::from(shape.layers) * f64::from(shape.heads) * f64::from(shape.head_dim);
        let prefill = PICOS_PER_SECOND / (flops * factors.prefill);
        let decode = PICOS_PER_SECOND / (flops * factors.decode);
        let allreduces = if spec.tensor > 1 { 2.0 * f64::from(shape.layers) } else { 0.0 };
        let allreduce_token = if spec.tensor > 1 {
            let link = spec.accelerator.link_bandwidth.expect("validated: links are known").0;
            let bytes = f64::from(shape.hidden) * ACTIVATION_BYTES * 2.0 * (n - 1.0) / n;
            allreduces * bytes / (link * factors.link) * PICOS_PER_SECOND
        } else {
            0.0
        };
        let nanos =
            |duration: crate::engine::SimDuration| duration.as_nanos() as f64 * PICOS_PER_NANO;
        Self {
            prefill_token: flops_per_token * prefill,
            prefill_pair: flops_per_pair * prefill,
            decode_token: flops_per_token * decode,
            decode_pair: flops_per_pair * decode,
            weights: spec.weight_bytes() / bandwidth * PICOS_PER_SECOND,
            kv_token: spec.kv_bytes_per_token() / bandwidth * PICOS_PER_SECOND,
            overhead: nanos(factors.overhead),
            overhead_sequence: nanos(factors.overhead_per_sequence),
            allreduces: allreduces * nanos(factors.allreduce_latency),
            allreduce_token,
            flops_per_token,
            flops_per_pair,
        }
    }

    /// Picoseconds of one iteration.
    pub fn iteration(&self, work: &Iteration) -> u64 {
        let prefill = work.prefill_tokens as f64;
        let decodes = work.decodes as f64;
        let compute = prefill * self.prefill_token
            + work.prefill_pairs as f64 * self.prefill_pair
            + decodes * self.decode_token
            + work.context as f64 * self.decode_pair;
        let read = work.context + work.prefill_cached + work.prefill_tokens;
        let memory = self.weights + read as f64 * self.kv_token;
        let sequences = (work.prefill_sequences + work.decodes) as f64;
        let fixed = self.fixed(prefill + decodes, sequences);
        to_picos(fixed) + to_picos(compute.max(memory)).max(1)
    }

    /// The run of iterations in which `decodes` sequences, with `context` tokens of context in
    /// the first one, each produce one token an iteration.
    pub fn ramp(&self, decodes: u64, context: u64) -> Ramp {
        let b = decodes as f64;
        let k = context as f64;
        let compute = Line {
            start: to_picos(b * self.decode_token + k * self.decode_pair),
            slope: to_picos(b * self.decode_pair),
        };
        let memory = Line {
            start: to_picos(self.weights + k * self.kv_token),
            slope: to_picos(b * self.kv_token),
        };
        Ramp::new(to_picos(self.fixed(b, b)), compute, memory)
    }

    /// Useful floating-point operations of `tokens` tokens over `pairs` (token, context) pairs.
    pub fn flops(&self, tokens: u64, pairs: u64) -> f64 {
        tokens as f64 * self.flops_per_token + pairs as f64 * self.flops_per_pair
    }

    fn fixed(&self, tokens: f64, sequences: f64) -> f64 {
        self.overhead
            + sequences * self.overhead_sequence
            + self.allreduces
            + tokens * self.allreduce_token
    }
}

/// To the nearest picosecond, at most 2⁶³ (107 days): through `i64`, whose conversion takes half
/// the instructions of `u64`'s.
fn to_picos(picos: f64) -> u64 {
    (picos + 0.5) as i64 as u64
}
