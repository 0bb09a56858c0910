//! The lengths of one caller's calls: laws that are shared, and streams that are the caller's own.

use super::cached::CachedSampler;
use super::sampler::LengthsSampler;
use super::{Call, Lengths, Prefix};
use crate::engine::{Purpose, SimTime, Stream};

/// Tokens of one call; all zero where calls have none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tokens {
    pub input: u32,
    pub output: u32,
    pub cached: u32,
    /// Whose the cached ones are.
    pub prefix: Prefix,
}

impl Tokens {
    /// A call with these tokens that nobody waits for.
    pub(super) fn call(self, at: SimTime) -> Call {
        let Self { input, output, cached, prefix } = self;
        Call { cached, prefix, ..Call::new(at, input, output) }
    }
}

/// Laws of lengths made ready; without any, calls have no tokens.
#[derive(Clone, Debug)]
pub(super) struct LengthLaws {
    lengths: Option<LengthsSampler>,
    cached: Option<CachedSampler>,
    prefix: Prefix,
}

/// Where a caller's draws come from. Lengths and cached prefixes have a stream each, so that adding
/// the one never moves the other.
#[derive(Clone, Debug)]
pub(super) struct LengthStreams {
    lengths: Stream,
    /// Boxed: most callers have none, and there may be many.
    cached: Option<Box<Stream>>,
}

impl LengthLaws {
    /// Prepares `lengths`.
    ///
    /// # Panics
    /// When a law in `lengths` was not validated.
    pub(super) fn new(lengths: Option<&Lengths>) -> Self {
        let cached = lengths.and_then(|lengths| lengths.cached.as_ref());
        Self {
            lengths: lengths.map(LengthsSampler::new),
            cached: cached.map(CachedSampler::new),
            prefix: lengths.map_or(Prefix::Own, Lengths::prefix),
        }
    }

    /// The streams of a caller, for whom `stream` finds them by purpose.
    pub(super) fn streams(&self, stream: impl Fn(Purpose) -> Stream) -> LengthStreams {
        let cached = self.cached.as_ref().map(|_| Box::new(stream(Purpose::Cached)));
        LengthStreams { lengths: stream(Purpose::Lengths), cached }
    }

    /// The tokens of the caller's next call.
    pub(super) fn sample(&self, streams: &mut LengthStreams) -> Tokens {
        let Some(lengths) = &self.lengths else { return Tokens::default() };
        let (input, output) = lengths.sample(&mut streams.lengths);
        let cached = match (&self.cached, &mut streams.cached) {
            (Some(law), Some(stream)) => law.sample(input, stream),
            _ => 0,
        };
        Tokens { input, output, cached, prefix: self.prefix }
    }
}
