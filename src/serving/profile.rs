//! What all replicas of a token-serving deployment share.

use super::ramp::picos_to_duration;
use super::roofline::Iteration;
use super::spec::{Batching, BatchingPolicy, Role, TokenServing};
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
    /// Prompt tokens that a request may have.
    pub max_prompt: u64,
    /// Tokens of prompt and output together that a request may have.
    pub max_context: u64,
    /// Picoseconds to move one KV token to or from the host's memory.
    pub swap_token: f64,
    /// Whether the KV of ended turns is kept for the next ones, as far as there is room.
    pub prefix_cache: bool,
    /// What part of a request is served.
    pub role: Role,
    /// Of the host before a request can be admitted: it is taken in and made into tokens. Nothing where it comes
    /// with its KV, having been through that.
    pub per_request: SimDuration,
}

/// Mean tokens of calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanTokens {
    /// Of prompts.
    pub input: f64,
    /// Of outputs.
    pub output: f64,
    /// Of prompts, said to be cached.
    pub cached: f64,
    /// Of those, shared with others: as if all had one text of that length.
    pub shared: f64,
    /// The mean square of prompts.
    pub input_square: f64,
    /// The mean product of prompt and output.
    pub input_output: f64,
    /// The mean square of outputs.
    pub output_square: f64,
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
            max_prompt: spec.max_prompt().unwrap_or(u64::MAX),
            max_context: spec.max_context().unwrap_or(u64::MAX),
            swap_token: spec.swap_seconds_per_token() * PICOS_PER_SECOND,
            prefix_cache: spec.prefix_cache,
            role: spec.role,
            per_request: spec.per_request(),
        }
    }

    /// Whether an empty replica can serve a request of so many tokens.
    pub fn fits(&self, input: u32, output: u32) -> bool {
        let output = if self.role == Role::Prefill { 1 } else { output };
        let tokens = u64::from(input) + u64::from(output);
        tokens <= self.kv_capacity.min(self.max_context) && u64::from(input) <= self.max_prompt
    }

    /// Tokens of a request that are too many for an empty replica, and how many it has room for; `None` if it
    /// [fits](Self::fits).
    pub fn excess(&self, input: u32, output: u32) -> Option<(u64, u64)> {
        let output = if self.role == Role::Prefill { 1 } else { output };
        let tokens = u64::from(input) + u64::from(output);
        let room = self.kv_capacity.min(self.max_context);
        match u64::from(input) > self.max_prompt {
            _ if tokens > room => Some((tokens, room)),
            true => Some((u64::from(input), self.max_prompt)),
            false => None,
        }
    }

    /// Picoseconds of one iteration, the moves of KV before it included.
    #[inline(always)]
    pub fn iteration(&self, work: &Iteration) -> u64 {
        let picos = self.timing.iteration(work);
        match work.swapped {
            0 => picos,
            tokens => picos.saturating_add((tokens as f64 * self.swap_token).round() as u64),
        }
    }

    /// Time from arrival to last token on an idle replica, where the KV of the first `cached` prompt
    /// tokens is there already: what a request would take alone.
    pub fn unloaded(&self, input: u32, output: u32, cached: u32) -> SimDuration {
        self.first_token_alone(input, cached) + self.decode_alone(input, output)
    }

    /// Time from arrival to first token on an idle replica.
    pub fn first_token_alone(&self, input: u32, cached: u32) -> SimDuration {
        self.per_request + self.prefill_alone(input, cached)
    }

    /// Time from a prompt's start to its first token on an idle replica.
    fn prefill_alone(&self, input: u32, cached: u32) -> SimDuration {
        let mut total = SimDuration::ZERO;
        let mut offset = cached;
        while offset < input {
            let chunk = match self.batching.policy {
                BatchingPolicy::PrefillFirst => input - offset,
                _ => (input - offset).min(self.batching.token_budget),
            };
            let mut work = Iteration::default();
            work.add_chunk(u64::from(chunk), u64::from(offset));
            total = total + picos_to_duration(u128::from(self.iteration(&work)));
            offset += chunk;
        }
        total
    }

    /// Time from a request's first token to its last on an idle replica.
    pub fn decode_alone(&self, input: u32, output: u32) -> SimDuration {
        let mut total = SimDuration::ZERO;
        let (mut context, mut left) = (u64::from(input) + 1, u64::from(output) - 1);
        while left > 0 {
            let ramp = self.timing.ramp(1, context);
            let steps = left.min(ramp.length());
            total = total + ramp.end_of(steps);
            context += steps;
            left -= steps;
        }
        total
    }

    /// How much of what is said to be cached is found.
    pub fn found(&self, cached: f64) -> f64 {
        if self.prefix_cache { cached } else { 0.0 }
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
