//! Cached prefixes: how much of a prompt a prefix cache may hold already.

use super::sampler::Sampler;
use super::{Distribution, Lengths, Prefix};
use crate::engine::{Purpose, Stream, Streams};
use rand::RngExt;

/// Calls drawn to estimate a mean that has no closed form.
const ESTIMATED_CALLS: u32 = 10_000;

/// How many leading tokens of a prompt a prefix cache may have.
#[derive(Clone, Debug, PartialEq)]
pub struct CachedPrefix {
    /// The probability that a call has a cached prefix, 0 to 1.
    pub hit_rate: f64,
    /// How long it then is.
    pub part: CachedPart,
    /// Whose it is.
    pub prefix: Prefix,
}

/// The law of a cached prefix's length. At most all but the last token of a prompt is cached, as
/// the last one has to be computed to produce the first token of the output; more is cut to that.
#[derive(Clone, Debug, PartialEq)]
pub enum CachedPart {
    /// A fraction of the prompt, rounded down to whole tokens.
    Fraction(Distribution),
    /// A number of tokens, rounded down.
    Tokens(Distribution),
}

impl CachedPrefix {
    /// Whether this can be drawn from.
    ///
    /// # Errors
    /// Says which parameter is wrong, what was found and what is allowed.
    pub fn validate(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.hit_rate) {
            return Err(format!("a hit rate must be between 0 and 1, found {}", self.hit_rate));
        }
        let (CachedPart::Fraction(law) | CachedPart::Tokens(law)) = &self.part;
        law.validate()
    }
}

impl Lengths {
    /// The mean number of cached prompt tokens of a call, hits and misses together: exact where
    /// nothing is cached, else the mean of ten thousand draws that are always the same.
    pub fn mean_cached(&self) -> f64 {
        let Some(cached) = &self.cached else { return 0.0 };
        let streams = Streams::new(0, 0);
        let sampler = CachedSampler::new(cached);
        let input = Sampler::new(&self.input);
        let mut lengths = streams.stream(Purpose::Lengths, "mean cached tokens");
        let mut stream = streams.stream(Purpose::Cached, "mean cached tokens");
        let draw = |_| {
            let input = super::tokens::whole_tokens(input.sample(&mut lengths));
            f64::from(sampler.sample(input, &mut stream))
        };
        (0..ESTIMATED_CALLS).map(draw).sum::<f64>() / f64::from(ESTIMATED_CALLS)
    }

    /// Whose the cached tokens are.
    pub(super) fn prefix(&self) -> Prefix {
        self.cached.as_ref().map_or(Prefix::Own, |cached| cached.prefix)
    }
}

/// A [`CachedPrefix`] made ready to draw from.
#[derive(Clone, Debug)]
pub(super) struct CachedSampler {
    hit_rate: f64,
    of_prompt: bool,
    part: Sampler,
}

impl CachedSampler {
    /// Prepares `cached`.
    ///
    /// # Panics
    /// When `cached` does not [validate](CachedPrefix::validate).
    pub(super) fn new(cached: &CachedPrefix) -> Self {
        if let Err(problem) = cached.validate() {
            panic!("a cached prefix is validated before it is drawn: {problem}");
        }
        let (of_prompt, law) = match &cached.part {
            CachedPart::Fraction(law) => (true, law),
            CachedPart::Tokens(law) => (false, law),
        };
        Self { hit_rate: cached.hit_rate, of_prompt, part: Sampler::new(law) }
    }

    /// Cached tokens of a prompt of `input` tokens. Both draws are made whether it hits or not, so
    /// that a change of the hit rate changes misses into hits and nothing else.
    pub(super) fn sample(&self, input: u32, stream: &mut Stream) -> u32 {
        let hit = stream.random::<f64>() < self.hit_rate;
        let part = self.part.sample(stream);
        let tokens = if self.of_prompt { part * f64::from(input) } else { part };
        // A cast from float saturates.
        if hit { clamp_cached(tokens as u32, input) } else { 0 }
    }
}

/// At most all but the last token of a prompt.
pub(super) fn clamp_cached(cached: u32, input: u32) -> u32 {
    cached.min(input.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampler(hit_rate: f64, part: CachedPart) -> (CachedSampler, Stream) {
        let stream = Streams::new(3, 0).stream(Purpose::Cached, "chat");
        (CachedSampler::new(&CachedPrefix { hit_rate, part, prefix: Prefix::Own }), stream)
    }

    #[test]
    fn the_last_token_is_never_cached() {
        let (whole, mut stream) = sampler(1.0, CachedPart::Fraction(Distribution::Constant(1.0)));
        assert_eq!([1, 2, 1000].map(|input| whole.sample(input, &mut stream)), [0, 1, 999]);
        let (tokens, mut stream) = sampler(1.0, CachedPart::Tokens(Distribution::Constant(512.0)));
        assert_eq!(
            [1, 512, 513, 9000].map(|input| tokens.sample(input, &mut stream)),
            [0, 511, 512, 512]
        );
    }

    #[test]
    fn a_higher_hit_rate_only_turns_misses_into_hits() {
        let law = CachedPart::Fraction(Distribution::Uniform { min: 0.1, max: 0.9 });
        let (few, mut one) = sampler(0.3, law.clone());
        let (many, mut other) = sampler(0.6, law);
        let mut hits = [0; 2];
        for _ in 0..1000 {
            let (a, b) = (few.sample(1000, &mut one), many.sample(1000, &mut other));
            assert!(a == b || a == 0, "{a} {b}");
            hits[0] += u32::from(a > 0);
            hits[1] += u32::from(b > 0);
        }
        // Five standard deviations are 72 and 77.
        assert!(hits[0].abs_diff(300) < 73 && hits[1].abs_diff(600) < 78, "{hits:?}");
    }

    #[test]
    fn the_mean_is_the_hit_rate_times_the_part() {
        let lengths = |part| Lengths {
            input: Distribution::Constant(1000.0),
            output: Distribution::Constant(10.0),
            cached: Some(CachedPrefix { hit_rate: 0.5, part, prefix: Prefix::Own }),
        };
        let of_prompt = lengths(CachedPart::Fraction(Distribution::Constant(0.5))).mean_cached();
        assert!((of_prompt - 250.0).abs() < 250.0 * 0.05, "{of_prompt}");
        let tokens = lengths(CachedPart::Tokens(Distribution::Constant(5000.0))).mean_cached();
        assert!((tokens - 499.5).abs() < 499.5 * 0.05, "{tokens}");
    }
}
