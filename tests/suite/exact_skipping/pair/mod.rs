//! Disaggregated serving: a replica that processes prompts, one that decodes, and the link between
//! them.

pub mod drive;
mod link;
pub mod strategies;
pub mod twin;

use crate::exact_skipping::case::{Arrival, Sums, Times};
use coopsim::engine::{SimDuration, SimTime};
use coopsim::serving::TokenProfile;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

/// Two replicas, a link, and all that will arrive.
#[derive(Clone, Debug)]
pub struct Pair {
    pub prefill: TokenProfile,
    pub decode: TokenProfile,
    pub lanes: u32,
    /// How long a lane takes for the KV of a token.
    pub per_token: SimDuration,
    pub arrivals: Vec<Arrival>,
    /// When the books of both are read, as at the end of a window: what is in progress goes on.
    pub reading: SimTime,
}

impl Pair {
    /// How long the KV of so many tokens takes when nothing else is moved.
    pub fn alone(&self, tokens: u32) -> SimDuration {
        SimDuration::from_nanos((u64::from(tokens) * self.per_token.as_nanos()).max(1))
    }
}

/// All that must agree, to the nanosecond and to the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// By request, in order of arrival.
    pub times: Vec<Times>,
    /// When the KV of each request had arrived where it is decoded, if it was moved.
    pub moved: Vec<Option<SimTime>>,
    /// Of both at the reading, which is before whatever happens at its instant.
    pub read: [Option<Sums>; 2],
    /// At the end.
    pub prefill: Sums,
    pub decode: Sums,
}

pub fn agree(pair: &Pair) -> Result<(), TestCaseError> {
    let slow = twin::step(pair);
    let fast = drive::skip(pair);
    let expected = slow.outcome();
    prop_assert_eq!(&fast.outcome.times, &expected.times);
    prop_assert_eq!(&fast.outcome.moved, &expected.moved);
    prop_assert_eq!(&fast.outcome.read, &expected.read);
    prop_assert_eq!(&fast.outcome.prefill, &expected.prefill);
    prop_assert_eq!(&fast.outcome.decode, &expected.decode);
    // It really skips: each event is a change, or something that came in or went.
    let events = slow.decode.seen.changes + 4 * pair.arrivals.len() as u64 + 1;
    prop_assert!(fast.boundaries <= events, "{} boundaries, not {}", fast.boundaries, events);
    Ok(())
}
