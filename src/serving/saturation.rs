//! About how many requests a second a replica completes that never lacks work, from the means of lengths and of their
//! squares: for planning capacity.
//!
//! In the long run as many requests end in a step of decodes as are admitted. The batch is as large as places, KV
//! memory and, where prompts share iterations with decodes, the token budget let it become; whichever of them ends
//! first decides. At any instant long requests are met more often than short ones. Requests of various lengths end independently of one another, so that the numbers of those who
//! end in a step are those of a Poisson process.

use super::profile::{MeanTokens, TokenProfile};
use super::roofline::Iteration;
use super::spec::{BatchingPolicy, KvAdmission, Role};

/// Halvings by which the rate in a step is found: to the last bit.
const HALVINGS: u32 = 60;

/// A replica that is never without work, and the mean request.
struct Saturated<'a> {
    profile: &'a TokenProfile,
    /// Prompt tokens that are found in a cache.
    cached: f64,
    /// Prompt tokens that are computed: the last one at least.
    computed: f64,
    /// Steps in which a request decodes.
    steps: f64,
    /// Tokens of context in such a step. Long requests are in more of them.
    context: f64,
    /// How many tokens earlier a computed token of a prompt finds the prompt's first one. Most are of long prompts.
    earlier: f64,
    /// Steps of the longest of as many requests as there are places, over those of the mean one.
    longest: f64,
    /// Requests that are there at once, at most.
    places: f64,
    /// Of the requests that end, the part after which somebody is admitted: where KV memory ends first, whoever is next may
    /// need more than was left.
    admitting: f64,
    /// Tokens in an iteration, at most.
    budget: f64,
}

impl TokenProfile {
    /// Requests a second; of a pool that only decodes, or only processes prompts, those that pass through it.
    pub fn saturation_rate(&self, mean: &MeanTokens) -> f64 {
        let saturated = Saturated::new(self, mean);
        match (self.role, self.batching.policy) {
            (Role::Prefill, _) => saturated.prompts_only(),
            (_, BatchingPolicy::Continuous) => saturated.mixed(),
            (_, BatchingPolicy::PrefillFirst) => saturated.in_turn(),
            (_, BatchingPolicy::Static) => saturated.in_batches(),
        }
    }
}

impl<'a> Saturated<'a> {
    fn new(profile: &'a TokenProfile, mean: &MeanTokens) -> Self {
        let &MeanTokens { input, output, cached, shared, .. } = mean;
        let (cached, shared) = (profile.found(cached), profile.found(shared));
        let computed = match profile.role {
            Role::Decode => 0.0,
            Role::Whole | Role::Prefill => (input - cached).max(1.0),
        };
        // The first token comes from the prompt; where others process prompts, requests come that have more to do.
        let least = if profile.role == Role::Decode { 1.0 } else { 0.0 };
        let steps = (output - 1.0).max(least);
        // What is there at any instant, where a request is as long as its output is.
        let of_output = |square: f64, mean: f64| if output > 0.0 { square / output } else { mean };
        let prompt = of_output(mean.input_output, input);
        let produced = of_output(mean.output_square, output);
        let held = match profile.batching.admission {
            _ if profile.role == Role::Prefill => input + 1.0,
            KvAdmission::Reserve => prompt + produced,
            KvAdmission::Optimistic(_) => prompt + produced / 2.0,
        };
        // What is shared stands there once.
        let by_kv = ((profile.kv_capacity as f64 - shared) / (held - shared)).floor();
        let most = f64::from(profile.batching.max_batch);
        let places = by_kv.min(most).max(1.0);
        let squares = mean.input_square + 2.0 * mean.input_output + mean.output_square;
        // As likely as not where sizes are exponential, always where all are alike.
        let varied = (input + output).powi(2) / squares.max((input + output).powi(2));
        let spread = (produced / output - 1.0).max(0.0).sqrt();
        Self {
            profile,
            cached,
            computed,
            steps,
            context: prompt + produced / 2.0,
            earlier: computed * mean.input_square / (2.0 * input * input).max(1.0),
            longest: if spread > 0.0 { 1.0 + spread * (harmonic(places) - 1.0) } else { 1.0 },
            places,
            admitting: if by_kv < most { varied } else { 1.0 },
            budget: f64::from(profile.batching.token_budget),
        }
    }

    /// Seconds of an iteration with so many tokens of prompts, the last of which may go on in the next one, and so
    /// many decodes.
    fn seconds(&self, tokens: f64, cut: bool, decodes: f64) -> f64 {
        let prompts = if self.computed > 0.0 { tokens / self.computed } else { 0.0 };
        let (more, earlier) = if cut { (1.0, self.earlier) } else { (0.0, 0.0) };
        let work = Iteration {
            prefill_tokens: tokens.round() as u64,
            prefill_pairs: (tokens * (self.cached + self.earlier)) as u64,
            prefill_cached: (prompts * self.cached + earlier) as u64,
            prefill_sequences: (prompts + more).ceil() as u64,
            decodes: decodes.round() as u64,
            context: (decodes * self.context) as u64,
            swapped: 0,
        };
        self.profile.iteration(&work) as f64 * 1e-12
    }

    /// Prompts alone, in iterations as full as they may be.
    fn prompts_only(&self) -> f64 {
        let pieces = (self.computed / self.budget).ceil();
        let prompts = (self.budget / self.computed).min(self.places / pieces);
        let tokens = prompts * self.computed;
        prompts / self.seconds(tokens, tokens >= self.budget, 0.0)
    }

    /// All decodes and as many prompt tokens as the budget leaves room for, in the same iterations.
    fn mixed(&self) -> f64 {
        let ended = self.ended_in_a_step();
        let decodes = ended * self.steps;
        let tokens = ended * self.computed;
        if tokens == 0.0 {
            return ended / self.seconds(0.0, false, decodes);
        }
        // Iterations in which a prompt is at work; a long one is in several.
        let room = self.room(ended);
        let with_prompt = self.admissions(ended).max(tokens / room).min(1.0);
        let full = tokens / with_prompt;
        let cut = self.computed > room || full >= 0.999 * room;
        let seconds = with_prompt * self.seconds(full, cut, decodes)
            + (1.0 - with_prompt) * self.seconds(0.0, false, decodes);
        ended / seconds
    }

    /// Requests that end in an iteration, the most for which there are places and tokens: each takes a token in
    /// each of its steps, and a place in these and while its prompt is processed.
    fn ended_in_a_step(&self) -> f64 {
        let by_tokens = self.budget / (self.steps + self.computed);
        let places = |ended: f64| {
            let prompt = match self.computed {
                0.0 => 0.0,
                computed => (computed / self.room(ended)).max(1.0),
            };
            ended * (self.steps + prompt)
        };
        if places(by_tokens) <= self.places {
            return by_tokens;
        }
        let (mut least, mut most) = (0.0, by_tokens);
        for _ in 0..HALVINGS {
            let middle = (least + most) / 2.0;
            *(if places(middle) <= self.places { &mut least } else { &mut most }) = middle;
        }
        least
    }

    /// The chance that anybody is admitted after a step in which so many requests end in the mean.
    fn admissions(&self, ended: f64) -> f64 {
        1.0 - (-ended * self.admitting).exp()
    }

    /// Tokens that decodes leave to prompts where so many requests end in a step: a prompt has one of the places.
    fn room(&self, ended: f64) -> f64 {
        (self.budget - (ended * self.steps).min(self.places - 1.0)).max(1.0)
    }

    /// Whole prompts alone as soon as there are places, else all decodes: prompts take nothing of the decodes' budget,
    /// but their time.
    fn in_turn(&self) -> f64 {
        // A prompt that has no room left in an iteration begins the next one: half a prompt is lost in the mean.
        let fitting = (self.budget / self.computed - 0.5).max(1.0);
        let together = fitting.min(self.places);
        if self.steps == 0.0 {
            return together / self.seconds(together * self.computed, false, 0.0);
        }
        let ended = self.places / self.steps.max(1.0);
        let iterations = self.admissions(ended).max(ended / together);
        let prompts = self.seconds(ended / iterations * self.computed, false, 0.0);
        ended / (self.seconds(0.0, false, self.places) + iterations * prompts)
    }

    /// A batch is filled, its prompts are processed, and it decodes, its rows all to the end of the longest.
    fn in_batches(&self) -> f64 {
        let tokens = self.places * self.computed;
        let iterations = (tokens / self.budget).ceil().max(1.0);
        let prompts = iterations * self.seconds(tokens / iterations, iterations > 1.0, 0.0);
        let steps = self.steps * self.longest;
        let decodes = if steps > 0.0 { steps * self.seconds(0.0, false, self.places) } else { 0.0 };
        self.places / (prompts + decodes)
    }
}

/// The sum of 1/i up to `n`: by how much the longest of n lengths is above their mean, where they are exponential (and
/// nearly so where they are lognormal and vary as much).
fn harmonic(n: f64) -> f64 {
    (1..=n.min(1e6) as u32).map(|i| 1.0 / f64::from(i)).sum()
}
