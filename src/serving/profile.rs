//! What all replicas of a token-serving deployment share.

use super::ramp::picos_to_duration;
use super::roofline::Iteration;
use super::spec::{Batching, Role, TokenServing};
use super::timing::Timing;
use crate::engine::SimDuration;

const PICOS_PER_SECOND: f64 = 1e12;

/// A deployment's iteration times and limits.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenProfile {
    /// How long iterations take.
    pub timing: Timing,
    /// Who is in an iteration.
    pub batching: Batching,
    /// KV-cache tokens that one replica can hold.
    pub kv_capacity: u64,
    /// Picoseconds to move one KV token to or from the host's memory.
    pub swap_token: f64,
    /// Whether the KV of ended turns is kept for the next ones, as far as there is room.
    pub prefix_cache: bool,
    /// What part of a request is served.
    pub role: Role,
}

impl TokenProfile {
    /// Multiplies out a validated specification.
    ///
    /// # Panics
    /// When the model does not fit its accelerators: scenarios are validated for it.
    pub fn new(spec: &TokenServing) -> Self {
        Self {
            timing: Timing::new(&spec.performance),
            batching: spec.batching,
            kv_capacity: spec.performance.kv_capacity_tokens().expect("validated: the model fits"),
            swap_token: spec.swap_seconds_per_token() * PICOS_PER_SECOND,
            prefix_cache: spec.prefix_cache,
            role: spec.role,
        }
    }

    /// Picoseconds of one iteration, the moves of KV before it included.
    pub fn iteration(&self, work: &Iteration) -> u64 {
        let picos = self.timing.iteration(work);
        match work.swapped {
            0 => picos,
            tokens => picos + (tokens as f64 * self.swap_token).round() as u64,
        }
    }

    /// Time from arrival to last token on an idle replica: what a request would take alone.
    pub fn unloaded(&self, input: u32, output: u32) -> SimDuration {
        let mut total = SimDuration::ZERO;
        let mut offset = 0;
        while offset < input {
            let chunk = (input - offset).min(self.batching.token_budget);
            let mut work = Iteration::default();
            work.add_chunk(u64::from(chunk), u64::from(offset));
            total = total + picos_to_duration(u128::from(self.iteration(&work)));
            offset += chunk;
        }
        total + self.timing.ramp(1, u64::from(input) + 1).end_of(u64::from(output) - 1)
    }

    /// About how many requests a second a saturated replica completes, for planning capacity: the
    /// steady state in which each iteration decodes a full batch and prefills as many prompt
    /// tokens as complete in it.
    pub fn saturation_rate(&self, mean_input: f64, mean_output: f64) -> f64 {
        let held = mean_input + mean_output;
        let by_kv = (self.kv_capacity as f64 / held).floor();
        let batch = by_kv.min(f64::from(self.batching.max_batch)).max(1.0);
        let prefill = batch * mean_input / mean_output.max(1.0);
        let room = (f64::from(self.batching.token_budget) - batch).max(1.0);
        // With more prefill than an iteration can take, decodes wait for the further iterations.
        let iterations = (prefill / room).max(1.0);
        let tokens = prefill / iterations;
        let work = Iteration {
            prefill_tokens: tokens as u64,
            prefill_pairs: (tokens * mean_input / 2.0) as u64,
            prefill_cached: 0,
            prefill_sequences: (tokens / mean_input).ceil() as u64,
            decodes: batch as u64,
            context: (batch * (mean_input + mean_output / 2.0)) as u64,
            swapped: 0,
        };
        let seconds = self.iteration(&work) as f64 * 1e-12 * iterations;
        batch / (mean_output.max(1.0) * seconds)
    }
}

impl Iteration {
    /// Adds a prompt's chunk of `tokens` at `offset` to the iteration's work.
    pub fn add_chunk(&mut self, tokens: u64, offset: u64) {
        self.prefill_tokens += tokens;
        self.prefill_pairs += tokens * offset + tokens * (tokens + 1) / 2;
        self.prefill_cached += offset;
        self.prefill_sequences += 1;
    }
}
