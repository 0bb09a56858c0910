//! All calls at one instant: the offline benchmark.

use super::draws::{LengthLaws, LengthStreams};
use super::{Call, Lengths};
use crate::engine::{SimDuration, SimTime, Streams};

/// Calls that all arrive at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchSpec {
    /// How many.
    pub calls: u64,
    /// When.
    pub at: SimDuration,
    /// How long they are; absent where calls have no tokens.
    pub lengths: Option<Lengths>,
}

/// The calls of one replication. Lengths are drawn one by one, as each call is taken.
#[derive(Debug)]
pub(super) struct Batch {
    left: u64,
    at: SimTime,
    laws: LengthLaws,
    streams: LengthStreams,
}

impl BatchSpec {
    /// Whether its instant is before this one.
    pub(super) fn is_over(&self, now: SimTime) -> bool {
        SimTime::ZERO + self.at < now
    }
}

impl Batch {
    /// The calls of `application`, if they come at an instant or later.
    ///
    /// # Panics
    /// When a law in `spec` was not validated.
    pub(super) fn new(
        spec: &BatchSpec,
        from: SimTime,
        application: &str,
        streams: &Streams,
    ) -> Self {
        let laws = LengthLaws::new(spec.lengths.as_ref());
        let streams = laws.streams(|purpose| streams.stream(purpose, application));
        let left = if spec.is_over(from) { 0 } else { spec.calls };
        Self { left, at: SimTime::ZERO + spec.at, laws, streams }
    }

    /// The next call; `None` after the last.
    pub(super) fn next_call(&mut self) -> Option<Call> {
        self.left = self.left.checked_sub(1)?;
        Some(self.laws.sample(&mut self.streams).call(self.at))
    }
}
