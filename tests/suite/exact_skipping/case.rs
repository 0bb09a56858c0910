//! What a replica is given, and what of its doing must agree.

use coopsim::engine::SimTime;
use coopsim::serving::{SessionPrefix, SharedPrefix, TokenProfile};

/// A replica and all that will arrive at it.
#[derive(Clone, Debug)]
pub struct Case {
    pub profile: TokenProfile,
    pub discipline: Discipline,
    pub arrivals: Vec<Arrival>,
    /// When the books are read, as at the end of a window: what is in progress goes on.
    pub reading: SimTime,
}

/// Who is served first of those who wait. The last two are known to these tests only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discipline {
    FirstComeFirstServed,
    /// The fewest tokens, prompt and output; of equals who came first.
    ShortestFirst,
    LastComeFirstServed,
}

/// A request to come.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    pub at: SimTime,
    pub input: u32,
    pub output: u32,
    pub cached: u32,
    pub shared: SharedPrefix,
    pub turn: Option<SessionPrefix>,
}

/// All that must agree, to the nanosecond and to the token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// By request, in order of arrival.
    pub times: Vec<Times>,
    /// At the reading, which is before whatever happens at its instant.
    pub read: Option<Sums>,
    /// At the end.
    pub sums: Sums,
}

/// When something happened to a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    pub started: Option<SimTime>,
    pub first_token: Option<SimTime>,
    pub ended: Option<SimTime>,
}

/// What the replica did in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub iterations: u64,
    pub decoded: u64,
    pub decode_pairs: u128,
    pub prefilled: u64,
    pub prefill_pairs: u128,
    /// Output tokens that prompts yielded at their end: a first token, or the next one after a
    /// recompute.
    pub yielded: u64,
    pub preemptions: u64,
    /// Tokens whose KV was computed and dropped, and the context that they attended to.
    pub dropped: u64,
    pub dropped_pairs: u128,
    /// Prompt tokens not processed thanks to the prefix cache.
    pub cache_hits: u64,
    /// Nanoseconds in iterations with prefill work, and in others.
    pub prefill_time: u128,
    pub decode_time: u128,
    /// KV tokens held × picoseconds.
    pub kv: u128,
}
