//! The iteration time of a transformer on the accelerators of a replica, in picoseconds.

use super::curve::Curve;
use super::kernels::{Layers, Line, PrefillCosts, PrefillWork, prefill_attention};
use super::picos::{PICOS_PER_MICRO, larger, real, to_picos};
use super::ramp::Ramp;
use super::spec::RooflineSpec;
use super::step::{Step, StepLine};
use super::timing::WHOLE;
use super::usage::Usage;
use crate::engine::SimDuration;

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

/// A token-serving deployment's times, from the kernels of its layers: coefficients in picoseconds.
///
/// An iteration has p prompt tokens, which form A (token, context) pairs and attend to R tokens of
/// earlier chunks, and b decoding sequences with K tokens of context: T = p + b tokens of s sequences.
///
/// ```text
/// duration = host + host_sequence·s + max(kernels, host_layer·L if there is a prompt)
/// kernels  = tokens(T/m, T/m_p) + head(s/x) + attention of prompts + attention of decodes
/// ```
///
/// where `tokens` is all that depends only on how many tokens there are (products, small kernels, sums over ranks,
/// experts), and attention of decodes is made of straight lines in K: see [`super::kernels`] for the laws.
///
/// **Degrees.** t tensor ranks share every matrix; x groups have sequences of their own; and the p_deg
/// stages of a pipeline work on as many micro-batches in turn, so that an iteration, in which every
/// sequence advances by a token, lasts p_deg times the slowest stage: that is both a token's latency and
/// what limits throughput. Hence m = min(T, p_deg·x) micro-batches at work at once, m_p = min(T, p_deg)
/// of them one after the other; each passes through all layers. So tokens of a prompt are spread over stages and
/// groups as if others filled them: throughput is right, while the time of a lone prompt is too short. Spreading
/// them by sequences makes more work take less time where these are few, and fits measurements worse.
///
/// **Beams.** Beam search decodes several hypotheses of each sequence: b and K count all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Roofline {
    /// What depends on tokens only, by how many there are at once.
    tokens: Curve,
    /// The output head, by sequences.
    head: Curve,
    prefill: PrefillCosts,
    layers: f64,
    host: f64,
    host_sequence: f64,
    /// Of all layers, when kernels are launched one by one.
    host_layers: f64,
    /// Stages hand their micro-batches on.
    hop_token: f64,
    hops: f64,
    micro_batches: f64,
    stages: f64,
    /// The part of all layers that the longest stage has.
    stage: f64,
    groups: f64,
    beams: f64,
    /// How often the context of a sequence is read by its beams.
    beam_reads: f64,
    flops_per_token: f64,
    flops_per_pair: f64,
    /// Seconds at full bandwidth, of an accelerator: of weights, of a token of KV.
    weights: f64,
    weights_experts: f64,
    kv_token: f64,
    idle_experts: f64,
    /// Steps that only decode, by the sequences in them: every run begins by asking for one, and the time
    /// that a call would take alone is made of such steps.
    steps: Vec<Step>,
    layer_kernels: Layers,
    asynchronous: bool,
}

/// Tokens of an iteration up to which curves are known; beyond, their last line goes on.
const LONGEST: usize = 16_384;

impl Roofline {
    /// Multiplies out the constants.
    ///
    /// # Panics
    /// When the accelerator has no peak at a precision that is needed, or no link bandwidth with
    /// several accelerators: scenarios are validated for both.
    pub fn new(spec: &RooflineSpec) -> Self {
        let shape = &spec.architecture;
        let engine = &spec.engine;
        let layers = Layers::new(spec);
        let (groups, stages) = (f64::from(spec.expert), f64::from(spec.pipeline));
        let beams = f64::from(spec.beams);
        let bandwidth = spec.accelerator.hbm_bandwidth.0;
        let tensor = f64::from(spec.tensor);
        let read = |bytes: f64| bytes / (tensor * bandwidth);
        let idle = shape.experts.map_or(0.0, |experts| experts.idle_share());
        let mut roofline = Self {
            tokens: Curve::new(LONGEST, |tokens| layers.tokens(tokens, tokens * groups)),
            head: Curve::new(Curve::DENSE, |sequences| layers.head(sequences)),
            prefill: layers.prefill,
            layers: f64::from(shape.layers),
            host: picoseconds(engine.iteration),
            host_sequence: picoseconds(engine.per_sequence),
            host_layers: picoseconds(engine.per_layer) * f64::from(shape.layers),
            hop_token: if spec.pipeline > 1 {
                f64::from(shape.hidden) * 2.0 / spec.link_bandwidth() * PICOS_PER_SECOND
            } else {
                0.0
            },
            hops: stages - 1.0,
            micro_batches: stages * groups,
            stages,
            stage: f64::from(shape.layers.div_ceil(spec.pipeline)) / f64::from(shape.layers),
            groups,
            beams,
            beam_reads: spec.beam_reads(),
            flops_per_token: 2.0 * shape.active_parameters(),
            flops_per_pair: shape.attention().prefill_flops,
            weights: read(spec.shared_bytes() + spec.head_bytes()),
            weights_experts: read(spec.expert_bytes()) / groups,
            kv_token: read(spec.kv_bytes_per_token()),
            idle_experts: idle,
            steps: Vec::new(),
            layer_kernels: layers,
            asynchronous: engine.asynchronous,
        };
        roofline.steps = (0..=KNOWN_BATCHES).map(|decodes| roofline.step(decodes)).collect();
        roofline
    }

    /// Picoseconds of one iteration.
    #[inline]
    pub fn iteration(&self, work: &Iteration) -> u64 {
        if work.prefill_tokens == 0 {
            return match self.steps.get(work.decodes as usize) {
                Some(step) => step.picos(work.context),
                None => self.step(work.decodes).picos(work.context),
            }
            .max(1);
        }
        let decodes = real(work.decodes) * self.beams;
        let tokens = real(work.prefill_tokens) + decodes;
        let sequences = real(work.prefill_sequences) + decodes;
        let share = self.share(tokens);
        let prefill = PrefillWork {
            tokens: real(work.prefill_tokens) * share,
            pairs: real(work.prefill_pairs) * share,
            cached: real(work.prefill_cached) * share,
            sequences: (real(work.prefill_sequences) * share).max(1.0),
        };
        let attention = prefill_attention(&self.prefill, &prefill) * self.layers * PICOS_PER_MICRO;
        let decode =
            if work.decodes == 0 { 0.0 } else { self.decode_attention(work.decodes, work.context) };
        let longest = self.longest_stage(sequences);
        let kernels = self.tokens.at(tokens * share) * longest
            + self.head.at(sequences / self.groups)
            + attention * longest
            + decode;
        let hops = self.hops * tokens * share * self.hop_token;
        let host = self.host + sequences * self.host_sequence / self.groups;
        let kernels = larger(kernels, self.host_layers * longest) + hops;
        to_picos(if self.asynchronous { larger(host, kernels) } else { host + kernels }).max(1)
    }

    /// How much longer all layers take than their sum, where stages have different numbers of them: each waits for the
    /// longest one, if as many sequences as there are stages keep all of them at work.
    fn longest_stage(&self, sequences: f64) -> f64 {
        let stages = self.stages.min(sequences);
        larger(stages * self.stage, 1.0)
    }

    /// Picoseconds of the attention of decodes beside prompts.
    fn decode_attention(&self, decodes: u64, context: u64) -> f64 {
        if self.asynchronous {
            let b = real(decodes) * self.beams;
            // A step may be as long as the host's time; its attention is not.
            let share = self.share(b);
            let lines = self.layer_kernels.decode((real(decodes) * share).max(1.0));
            let own = real(context) * share;
            let line = lines.iter().rev().find(|line| line.from <= own).unwrap_or(&lines[0]);
            let longest = self.longest_stage(b);
            return (line.at_zero + line.slope * own) * longest * PICOS_PER_MICRO;
        }
        match self.steps.get(decodes as usize) {
            Some(step) => step.attention(context),
            None => self.step(decodes).attention(context),
        }
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

    /// Picoseconds of a step of `decodes` sequences without their attention.
    fn but_attention(&self, decodes: f64) -> f64 {
        let share = self.share(decodes);
        let host = if self.asynchronous {
            0.0
        } else {
            self.host + decodes * self.host_sequence / self.groups
        };
        host + self.tokens.at(decodes * share) * self.longest_stage(decodes)
            + self.head.at(decodes / self.groups)
            + self.hops * decodes * share * self.hop_token
    }

    /// A step of `decodes` sequences.
    #[inline(never)]
    fn step(&self, decodes: u64) -> Step {
        let b = real(decodes.max(1));
        let own = b * self.beams;
        let share = self.share(own);
        let lines = self.layer_kernels.decode((b * share).max(1.0));
        let rest = self.but_attention(own);
        let longest = self.longest_stage(own);
        let line = |line: Line| {
            let token = line.slope * PICOS_PER_MICRO * share * longest;
            StepLine {
                from: (line.from / share).min(1e18).ceil() as u64,
                fixed: rest + line.at_zero * PICOS_PER_MICRO * longest,
                token,
                slope: to_picos(b * token),
            }
        };
        Step {
            lines: self.above_host(own, lines.map(line)),
            but_attention: rest,
            decodes: decodes.max(1),
            touched: (self.touched(own) * WHOLE) as u64,
        }
    }

    /// The lines of a step, and where the host prepares it at the same time, its time as their floor.
    fn above_host(&self, decodes: f64, lines: [StepLine; 3]) -> [StepLine; 4] {
        let [first, second, third] = lines;
        let last = StepLine { from: u64::MAX, ..third };
        if !self.asynchronous {
            return [first, second, third, last];
        }
        let host = self.host + decodes * self.host_sequence / self.groups;
        let flat = StepLine { from: 0, fixed: host, token: 0.0, slope: 0 };
        // From where on a line is above the host's time; lines follow one another upwards.
        let begins = |line: &StepLine| match line.token {
            0.0 if line.fixed >= host => line.from,
            0.0 => u64::MAX,
            token => line.from.max(((host - line.fixed) / token).clamp(0.0, 1e18).ceil() as u64),
        };
        if begins(&first) < second.from {
            [flat, StepLine { from: begins(&first), ..first }, second, third]
        } else if begins(&second) < third.from {
            [flat, StepLine { from: begins(&second), ..second }, third, last]
        } else {
            [flat, StepLine { from: begins(&third), ..third }, last, last]
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
        let weights =
            iterations * self.weights + usage.touched as f64 / WHOLE * self.weights_experts;
        let read = usage.prefill_reads as f64 + usage.decode_pairs as f64 * self.beam_reads;
        let kv = read * self.kv_token;
        weights + kv / self.micro_batches
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

fn picoseconds(duration: SimDuration) -> f64 {
    duration.as_nanos() as f64 * PICOS_PER_NANO
}
