//! The simulated span, and what of it is measured.

use crate::engine::{SimDuration, SimTime, Span};

/// Buckets of a time series, at most.
pub const MAX_BUCKETS: u64 = 10_000;

/// The simulated span and the part of it that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The instant of the scenario's clock at which it begins: profiles, growth and crowds are then where they are at
    /// that time.
    pub start: SimTime,
    /// Time from then on before measurement starts.
    pub warmup: SimDuration,
    /// How long is measured, more than nothing. What happens at the very end is not part of it.
    pub length: SimDuration,
    /// Whether measurement ends with the last call of sources that end, if that is earlier.
    pub ends_with_calls: bool,
    /// How long afterwards calls that arrived before are followed, at most.
    pub drain: SimDuration,
    /// Length of a time-series bucket; the last one may be shorter, and is longer where there would be more
    /// than [`MAX_BUCKETS`].
    pub bucket: SimDuration,
}

impl Window {
    /// Warm-up and measurement.
    pub fn span(&self) -> Span {
        Span { start: self.start, end: self.start + self.horizon() }
    }

    /// Measurement.
    pub fn measured(&self) -> Span {
        Span { start: self.start + self.warmup, end: self.start + self.horizon() }
    }

    /// How long warm-up and measurement are together.
    pub fn horizon(&self) -> SimDuration {
        self.warmup + self.length
    }

    /// All of it, the drain included.
    pub fn followed(&self) -> Span {
        Span { start: self.start, end: self.end() }
    }

    /// When nothing is simulated any more, at the latest.
    pub fn end(&self) -> SimTime {
        self.span().end + self.drain
    }

    /// How many buckets a time series has, at most.
    pub fn buckets(&self) -> u64 {
        self.horizon().as_nanos().div_ceil(self.bucket.as_nanos().max(1)).min(MAX_BUCKETS)
    }

    /// Whether a call that arrives at `at` is measured.
    pub fn measures(&self, at: SimTime) -> bool {
        self.measured().holds(at)
    }

    /// Whether a bucket ends at `at`, or the first one begins.
    pub fn is_edge(&self, at: SimTime) -> bool {
        at.since(self.start).as_nanos().is_multiple_of(self.bucket.as_nanos())
    }

    /// The end of the bucket that `at` is in.
    pub fn next_edge(&self, at: SimTime) -> SimTime {
        let bucket = self.bucket.as_nanos();
        let ended = at.since(self.start).as_nanos() / bucket;
        self.start + SimDuration::from_nanos((ended + 1).saturating_mul(bucket))
    }
}
