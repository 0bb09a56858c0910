//! The iteration time of a transformer on the accelerators of a replica, in picoseconds.

use super::ramp::Ramp;
use super::spec::RooflineSpec;
use super::timing::WHOLE;
use super::usage::Usage;
use crate::engine::SimDuration;
use crate::units::Precision;

/// Bytes of one element of the activations that accelerators exchange (bf16).
const ACTIVATION_BYTES: f64 = 2.0;
/// Rows by which a touched expert's matrix product is filled up, in the mean: half of a tile of 128.
const PADDING_ROWS: f64 = 64.0;
const PICOS_PER_SECOND: f64 = 1e12;
const PICOS_PER_NANO: f64 = 1e3;
/// Batches up to this size have their constants multiplied out beforehand.
const KNOWN_BATCHES: u64 = 1024;

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
/// An iteration has p prompt tokens, which form A (token, context) pairs and attend to R tokens of
/// earlier chunks, and b decoding sequences with K tokens of context: T = p + b tokens of s sequences.
/// The kernels of a layer run one after the other, so each kind has a roofline of its own and their
/// times add up:
///
/// ```text
/// duration = overhead·p_deg + overhead_per_layer·L + overhead_per_sequence·s/x
///          + matrices + head + attention + exchange
/// matrices = max(2·(P_shared + P_experts·k/(E·e_experts))·(p/e_prefill + b/e_decode) / (t·m·F)
///                  + 2·P_experts·touched·64/(e_experts·e_prefill) / (t·x·F),
///                (W_shared/t + W_experts·touched/(t·x)) / (B·e_memory))
/// head     = max(2·V·h·s / (t·m·F16·e_prefill), V·h·2 bytes/t / (B·e_memory))
/// attention = max(a_prefill·A / (F16·e_attention), kv·(R + p) / (B·e_memory)) / (t·m)
///           + K·max(a_decode / (F16·e_attention), kv / (B·e_memory)) / (t·m)
/// exchange = 2·L·(latency·log2 t + 2·(t − 1)/t·T/m·h·2 bytes / (N·e_link))          for t > 1
///          + 2·L_experts·(latency·log2 x + d·(x − 1)/x·T/m·h·2 bytes / (N·e_link))  for x > 1
///          + (p_deg − 1)·(latency + T/m·h·2 bytes / (N·e_link))
/// ```
///
/// P are parameters, W their bytes, without embedding and output head (V·h); F and F16 are the peaks
/// at the precision of matrix products and in 16 bits, B and N bandwidths of memory and links, e
/// efficiency factors; a are FLOPs per pair and kv bytes per token, `4·L·H·head_dim` and
/// `2·L·kv_heads·head_dim·bytes` for ordinary heads.
///
/// **Experts.** T tokens that pick k of E experts each, independently, touch `1 − (1 − k/E)^T` of
/// them; with micro-batches, T/m_p tokens meet at a time. Each touched expert's rows are filled up to
/// whole tiles of 128, half a tile in the mean. Under expert parallelism x each token goes to `d = x·(1 − (1 − 1/x)^k)` groups and back.
///
/// **Degrees.** t tensor ranks share every matrix; x groups have sequences of their own; and the p_deg
/// stages of a pipeline work on as many micro-batches in turn, so that an iteration, in which every
/// sequence advances by a token, lasts p_deg times the slowest stage: that is both a token's latency and
/// what limits throughput. Hence m = min(T, p_deg·x) micro-batches at work at once, m_p = min(T, p_deg)
/// of them one after the other.
///
/// **Beams.** Beam search decodes several hypotheses of each sequence: b and K count all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Roofline {
    prefill_token: f64,
    decode_token: f64,
    weights_shared: f64,
    weights_experts: f64,
    /// Filling up tiles, were every expert touched.
    padding: f64,
    /// `1 − k/E`.
    idle_experts: f64,
    head_token: f64,
    weights_head: f64,
    prefill_pair: f64,
    prefill_read: f64,
    /// A decoding sequence's token of context.
    decode_pair: f64,
    overhead: f64,
    overhead_sequence: f64,
    exchange_token: f64,
    micro_batches: f64,
    stages: f64,
    flops_per_token: f64,
    flops_per_pair: f64,
    /// A token of KV of one decoding hypothesis; all of a sequence's are read.
    decode_read: f64,
    /// Part of the memory's bandwidth that is reached.
    memory: f64,
    /// Steps that only decode, by the sequences in them: every run begins by asking for one, and the time
    /// that a call would take alone is made of such steps.
    steps: Vec<Step>,
}

/// What a step that only decodes takes, but for the context: in picoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    /// All but attention.
    fixed: u64,
    /// Attention to a token of context.
    token: f64,
    /// By how much each step is longer than the one before it.
    slope: u64,
    /// Share of the experts that its tokens pass through, in units of 1 / `WHOLE`.
    touched: u64,
}

impl Step {
    fn ramp(&self, context: u64) -> Ramp {
        Ramp::new(self.fixed + to_picos(real(context) * self.token), self.slope)
    }
}

impl Roofline {
    /// Multiplies out the constants.
    ///
    /// # Panics
    /// When the accelerator has no peak at a precision that is needed, or no link bandwidth with
    /// several accelerators: scenarios are validated for both.
    pub fn new(spec: &RooflineSpec) -> Self {
        let factors = &spec.accelerator.efficiency;
        let shape = &spec.architecture;
        let (tensor, expert) = (f64::from(spec.tensor), f64::from(spec.expert));
        let (stages, beams) = (f64::from(spec.pipeline), f64::from(spec.beams));
        let fp4 = if spec.compute == Precision::Fp4 { factors.fp4 } else { 1.0 };
        let peak = spec.peak_flops().expect("validated: a peak at this precision");
        // Attention and the output head run in 16 bits; without a published peak, as fast as the rest.
        let peak_16 = spec.accelerator.peak.bf16.map_or(peak, |flops| flops.0);
        let picos = |flops: f64, peak: f64| flops / (tensor * peak) * PICOS_PER_SECOND;
        let bandwidth = spec.accelerator.hbm_bandwidth.0 * factors.memory;
        let read = |bytes: f64| bytes / (tensor * bandwidth) * PICOS_PER_SECOND;

        let idle = shape.experts.map_or(0.0, |experts| experts.idle_share());
        let experts = shape.expert_parameters() / factors.experts;
        let token = shape.shared_parameters() + experts * (1.0 - idle);
        let token = picos(2.0 * token, peak * fp4);
        let attention = shape.attention();
        let kv_token = read(spec.kv_bytes_per_token());
        let mut roofline = Self {
            prefill_token: token / factors.prefill,
            decode_token: beams * token / factors.decode,
            weights_shared: read(spec.shared_bytes()),
            weights_experts: read(spec.expert_bytes()) / expert,
            padding: picos(2.0 * experts * PADDING_ROWS, peak * fp4 * factors.prefill) / expert,
            idle_experts: idle,
            head_token: beams * picos(2.0 * shape.head_parameters(), peak_16 * factors.prefill),
            weights_head: read(spec.head_bytes()),
            prefill_pair: picos(attention.prefill_flops, peak_16 * factors.attention),
            prefill_read: kv_token,
            decode_pair: beams
                * picos(attention.decode_flops, peak_16 * factors.attention).max(kv_token),
            overhead: stages * picoseconds(factors.overhead)
                + f64::from(shape.layers) * picoseconds(factors.overhead_per_layer)
                + rounds(spec) * picoseconds(factors.allreduce_latency),
            overhead_sequence: beams * picoseconds(factors.overhead_per_sequence) / expert,
            exchange_token: exchanged_bytes(spec) / link(spec) * PICOS_PER_SECOND,
            micro_batches: stages * expert,
            stages,
            flops_per_token: 2.0 * shape.active_parameters(),
            flops_per_pair: attention.prefill_flops,
            decode_read: beams * kv_token,
            memory: factors.memory,
            steps: Vec::new(),
        };
        roofline.steps = (0..=KNOWN_BATCHES).map(|decodes| roofline.step(decodes)).collect();
        roofline
    }

    /// Picoseconds of one iteration.
    // Into each that asks for it: they know half of what is in the iteration.
    #[inline(always)]
    pub fn iteration(&self, work: &Iteration) -> u64 {
        let prefill = real(work.prefill_tokens);
        let sequences = real(work.prefill_sequences + work.decodes);
        let fixed = self.fixed(prefill, real(work.decodes), sequences);
        let written = real(work.prefill_cached + work.prefill_tokens) * self.prefill_read;
        let attention = larger(real(work.prefill_pairs) * self.prefill_pair, written)
            + real(work.context) * self.decode_pair;
        let share = self.share(prefill + real(work.decodes));
        to_picos(fixed) + to_picos(attention * share).max(1)
    }

    /// The run of iterations in which `decodes` sequences, with `context` tokens of context in
    /// the first one, each produce one token an iteration.
    #[inline]
    pub fn ramp(&self, decodes: u64, context: u64) -> Ramp {
        match self.steps.get(decodes as usize) {
            Some(step) => step.ramp(context),
            None => self.step(decodes).ramp(context),
        }
    }

    /// A step of `decodes` sequences.
    #[inline(never)]
    fn step(&self, decodes: u64) -> Step {
        let b = real(decodes);
        let token = self.decode_pair * self.share(b);
        Step {
            fixed: to_picos(self.fixed(0.0, b, b)),
            token,
            slope: to_picos(b * token),
            touched: (self.touched(b) * WHOLE) as u64,
        }
    }

    /// Useful floating-point operations of `tokens` tokens over `pairs` (token, context) pairs.
    pub fn flops(&self, tokens: u64, pairs: u128) -> f64 {
        tokens as f64 * self.flops_per_token + pairs as f64 * self.flops_per_pair
    }

    /// Seconds that the memory of each accelerator would take at its full bandwidth to read all that
    /// `usage` says: weights once in an iteration, of experts those touched, and KV.
    pub fn read_seconds(&self, usage: &Usage) -> f64 {
        let iterations = usage.iterations as f64;
        let weights = iterations * (self.weights_shared + self.weights_head)
            + usage.touched as f64 / WHOLE * self.weights_experts;
        let kv = usage.prefill_reads as f64 * self.prefill_read
            + usage.decode_pairs as f64 * self.decode_read;
        (weights + kv / self.micro_batches) * self.memory / PICOS_PER_SECOND
    }

    /// Share of the experts that `tokens` tokens pass through, in units of 1 / `WHOLE`.
    pub fn touched_units(&self, tokens: u64) -> u64 {
        if self.weights_experts == 0.0 {
            return 0;
        }
        match self.steps.get(tokens as usize) {
            Some(step) => step.touched,
            None => (self.touched(real(tokens)) * WHOLE) as u64,
        }
    }

    /// All but attention.
    fn fixed(&self, prefill: f64, decodes: f64, sequences: f64) -> f64 {
        let tokens = prefill + decodes;
        let share = self.share(tokens);
        let touched = self.touched(tokens);
        let compute = (prefill * self.prefill_token + decodes * self.decode_token) * share
            + self.padding * touched;
        let weights = self.weights_shared + self.weights_experts * touched;
        let head = larger(sequences * self.head_token * share, self.weights_head);
        self.overhead
            + sequences * self.overhead_sequence
            + larger(compute, weights)
            + head
            + tokens * self.exchange_token * share
    }

    /// What of the work of `tokens` tokens is not done at the same time as other work: `1/m`.
    fn share(&self, tokens: f64) -> f64 {
        if self.micro_batches == 1.0 { 1.0 } else { 1.0 / self.micro_batches.min(tokens.max(1.0)) }
    }

    /// Share of the experts that `tokens` tokens pass through.
    fn touched(&self, tokens: f64) -> f64 {
        if self.weights_experts == 0.0 {
            return 0.0;
        }
        let together = tokens / self.stages.min(tokens.max(1.0));
        1.0 - self.idle_experts.powf(together)
    }
}

/// Rounds of exchange among accelerators in an iteration, each with its latency: all-reduces and
/// all-to-alls take as many as it takes to reach all by doubling.
fn rounds(spec: &RooflineSpec) -> f64 {
    let shape = &spec.architecture;
    let expert_layers = shape.experts.map_or(0, |experts| experts.layers);
    2.0 * f64::from(shape.layers) * f64::from(spec.tensor).log2()
        + 2.0 * f64::from(expert_layers) * f64::from(spec.expert).log2()
        + f64::from(spec.pipeline - 1)
}

/// Bytes that each accelerator sends for each token of its micro-batch.
fn exchanged_bytes(spec: &RooflineSpec) -> f64 {
    let (tensor, groups) = (f64::from(spec.tensor), f64::from(spec.expert));
    let shape = &spec.architecture;
    let reduces = 2.0 * f64::from(shape.layers) * 2.0 * (tensor - 1.0) / tensor;
    let swaps = shape.experts.map_or(0.0, |experts| {
        let reached = groups * (1.0 - (1.0 - 1.0 / groups).powf(f64::from(experts.active)));
        2.0 * f64::from(experts.layers) * reached * (groups - 1.0) / groups
    });
    let hops = f64::from(spec.pipeline - 1);
    (reduces + swaps + hops) * f64::from(shape.hidden) * ACTIVATION_BYTES
}

/// Bytes/s of a link, as far as collectives reach it; one accelerator alone needs none.
fn link(spec: &RooflineSpec) -> f64 {
    if spec.accelerators() == 1 {
        return f64::INFINITY;
    }
    let link = spec.accelerator.link_bandwidth.expect("validated: links are known").0;
    link * spec.accelerator.efficiency.link
}

fn picoseconds(duration: SimDuration) -> f64 {
    duration.as_nanos() as f64 * PICOS_PER_NANO
}

/// The larger of two times: a single instruction, where `f64::max` takes care of what is no number.
fn larger(one: f64, other: f64) -> f64 {
    if one > other { one } else { other }
}

/// A count below 2⁶³: through `i64`, whose conversion takes half the instructions of `u64`'s.
fn real(count: u64) -> f64 {
    count as i64 as f64
}

/// To the nearest picosecond, at most 2⁶³ (107 days): through `i64`, whose conversion takes half
/// the instructions of `u64`'s.
fn to_picos(picos: f64) -> u64 {
    (picos + 0.5) as i64 as u64
}
