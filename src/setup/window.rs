//! The simulated span, and what of it is measured.

use crate::engine::{SimDuration, SimTime};

/// Buckets of a time series, at most.
pub const MAX_BUCKETS: u64 = 10_000;

/// The simulated span and the part of it that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Time before measurement starts.
    pub warmup: SimDuration,
    /// End of measurement; longer than the warm-up. What happens at this very instant is not part of
    /// it.
    pub horizon: SimDuration,
    /// Whether measurement ends with the last call of sources that end, if that is before the horizon.
    pub ends_with_calls: bool,
    /// How long after the horizon calls that arrived before it are followed, at most.
    pub drain: SimDuration,
    /// Length of a time-series bucket; the last one may be shorter, and is longer where there would be more
    /// than [`MAX_BUCKETS`].
    pub bucket: SimDuration,
}

impl Window {
    /// When nothing is simulated any more, at the latest.
    pub fn end(&self) -> SimDuration {
        self.horizon + self.drain
    }

    /// How many buckets a time series has, at most.
    pub fn buckets(&self) -> u64 {
        self.horizon.as_nanos().div_ceil(self.bucket.as_nanos().max(1)).min(MAX_BUCKETS)
    }

    /// Whether a call that arrives at `at` is measured.
    pub fn measures(&self, at: SimTime) -> bool {
        at >= SimTime::ZERO + self.warmup && at < SimTime::ZERO + self.horizon
    }
}
