//! Random cases: any iteration times, tight and ample memory, and arrivals that tie.

use crate::exact_skipping::case::{Arrival, Case, Discipline};
use crate::exact_skipping::timings::performance;
use crate::exact_skipping::twin;
use coopsim::engine::{SimDuration, SimTime};
use coopsim::serving::{
    Batching, BatchingPolicy, KvAdmission, Role, SessionPrefix, SharedPrefix, TokenProfile,
    TokenServing,
};
use coopsim::units::BytesPerSecond;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// How many texts there are with which prompts begin.
pub const TEXTS: usize = 3;

/// A replica under these policies and what arrives at it.
pub fn case(policy: BatchingPolicy, admission: KvAdmission) -> impl Strategy<Value = Case> {
    let calls = prop::collection::vec(call(), 0..60);
    let share = prop_oneof![Just(1), 1..6_u32];
    (profile(policy, admission), discipline(), calls, share, moves(), reading()).prop_map(|drawn| {
        let (profile, discipline, calls, share, moves, reading) = drawn;
        let arrivals = arrivals(&calls, &profile, share);
        let case = Case { profile, discipline, arrivals, reading: SimTime::ZERO };
        let case = onto_boundaries(case, &moves);
        let reading = reading.at(&twin::step(&case).seen.boundaries);
        Case { reading, ..case }
    })
}

fn discipline() -> impl Strategy<Value = Discipline> {
    prop_oneof![
        2 => Just(Discipline::FirstComeFirstServed),
        1 => Just(Discipline::ShortestFirst),
        1 => Just(Discipline::LastComeFirstServed),
    ]
}

/// A replica of random speed and limits.
pub fn profile(
    policy: BatchingPolicy,
    admission: KvAdmission,
) -> impl Strategy<Value = TokenProfile> {
    let capacity = prop_oneof![4 => 20..400_u64, 3 => 400..3000_u64, 1 => 3000..100_000_u64];
    let budget = prop_oneof![2 => 0..40_u32, 1 => 0..3000_u32];
    let limits = (1..40_u32, budget, capacity);
    let swap_token = prop_oneof![1 => Just(0.0), 3 => 0.0..2e6_f64];
    let per_request = prop_oneof![2 => Just(0), 1 => 1..1000_u64, 2 => 1000..50_000_000_u64];
    let host = (swap_token, per_request.prop_map(SimDuration::from_nanos));
    (performance(), limits, host, any::<bool>()).prop_map(
        move |(performance, (max_batch, budget, kv_capacity), host, prefix_cache)| {
            let (swap_token, per_request) = host;
            let token_budget = max_batch + budget;
            let spec = TokenServing {
                performance,
                batching: Batching { policy, admission, max_batch, token_budget },
                host_bandwidth: BytesPerSecond(50e9),
                prefix_cache,
                role: Role::Whole,
            };
            TokenProfile { kv_capacity, swap_token, per_request, ..TokenProfile::new(&spec) }
        },
    )
}

/// A request before it is known what memory there is.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Nanoseconds since the one before.
    gap: u64,
    input: u32,
    output: u32,
    /// Whether it takes all the memory that there is.
    fills: bool,
    /// Reduced to what its prompt allows.
    cached: u32,
    /// Its tokens are reduced to what the prompt allows.
    shared: SharedPrefix,
    session: Option<Session>,
}

#[derive(Clone, Copy, Debug)]
struct Session {
    number: u64,
    /// Reduced to what the prompt allows; none: all of the turn before.
    history: Option<u32>,
}

/// Bursts, ties, long gaps; single-token outputs and prompts; several turns of a conversation,
/// later ones at times before the former ended.
pub fn call() -> impl Strategy<Value = Call> {
    let gap = prop_oneof![
        3 => Just(0_u64),
        2 => 1..1000_u64,
        4 => 1000..50_000_000_u64,
        1 => 0..5_000_000_000_u64,
    ];
    let input = prop_oneof![Just(1_u32), 1..20_u32, 1..400_u32];
    let output = prop_oneof![Just(1_u32), 1..20_u32, 1..400_u32];
    let fills = prop::bool::weighted(0.05);
    let cached = prop_oneof![3 => Just(0_u32), 1 => 1..400_u32];
    let session = (0..6_u64, prop::option::of(0..400_u32))
        .prop_map(|(number, history)| Session { number, history });
    // Of few texts, often the same length; in some cases most of the memory.
    let tokens = prop_oneof![5 => Just(0_u32), 2 => Just(15), 2 => Just(150), 1 => 1..400_u32];
    let shared = (0..TEXTS as u32, tokens).prop_map(|(text, tokens)| SharedPrefix { text, tokens });
    (gap, input, output, fills, cached, shared, prop::option::of(session)).prop_map(
        |(gap, input, output, fills, cached, shared, session)| Call {
            gap,
            input,
            output,
            fills,
            cached,
            shared,
            session,
        },
    )
}

/// The calls as requests of which a replica can hold `share`, except for those that fill it.
pub fn arrivals(calls: &[Call], profile: &TokenProfile, share: u32) -> Vec<Arrival> {
    let small = |tokens: u64| u32::try_from(tokens).unwrap_or(u32::MAX);
    let whole = small(profile.kv_capacity.min(profile.max_context)).max(2);
    let limit = (whole / share).max(2);
    let mut at = SimTime::ZERO;
    let mut former_of = BTreeMap::new();
    let mut arrive = |call: &Call| {
        at += SimDuration::from_nanos(call.gap);
        let mut output = call.output.min(limit - 1);
        let input = call.input.min(limit - output).min(small(profile.max_prompt));
        if call.fills && whole < 3000 {
            output = whole - input;
        }
        let turn = call.session.map(|Session { number, history }| {
            let former = former_of.insert(number, input + output).unwrap_or(0);
            SessionPrefix { session: number, history: history.unwrap_or(former).min(input) }
        });
        let shared = SharedPrefix { tokens: call.shared.tokens.min(input - 1), ..call.shared };
        Arrival { at, input, output, cached: call.cached.min(input - 1), shared, turn }
    };
    calls.iter().map(&mut arrive).collect()
}

/// Which arrival is moved to which boundary before it, and by how many nanoseconds it is missed.
#[derive(Clone, Copy, Debug)]
pub struct Move {
    arrival: prop::sample::Index,
    boundary: prop::sample::Index,
    miss: i64,
}

pub fn moves() -> impl Strategy<Value = Vec<Move>> {
    let miss = prop_oneof![2 => Just(0), 1 => -1..=1_i64];
    let one = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), miss);
    let one = one.prop_map(|(arrival, boundary, miss)| Move { arrival, boundary, miss });
    prop::collection::vec(one, 0..5)
}

/// When the books are read: near which boundary, and by how many nanoseconds it is missed.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    boundary: prop::sample::Index,
    miss: i64,
}

pub fn reading() -> impl Strategy<Value = Reading> {
    let miss = prop_oneof![2 => Just(0), 2 => -1..=1_i64, 3 => 0..50_000_000_i64];
    (any::<prop::sample::Index>(), miss).prop_map(|(boundary, miss)| Reading { boundary, miss })
}

impl Reading {
    /// The instant, where these boundaries are.
    pub fn at(self, boundaries: &[SimTime]) -> SimTime {
        let near =
            if boundaries.is_empty() { &SimTime::ZERO } else { self.boundary.get(boundaries) };
        SimTime::from_nanos(near.as_nanos().saturating_add_signed(self.miss))
    }
}

impl Move {
    /// Moves an arrival forward to a boundary, so that ties are real ones: it changes nothing before
    /// its new instant. What counts may be that it is taken in there, so much later.
    pub fn apply(
        &self,
        arrivals: &mut [Arrival],
        mut boundaries: Vec<SimTime>,
        taken_in: SimDuration,
    ) {
        if arrivals.is_empty() {
            return;
        }
        let arrival = self.arrival.index(arrivals.len());
        boundaries.retain(|&end| end < arrivals[arrival].at);
        if boundaries.is_empty() {
            return;
        }
        let at = self.boundary.get(&boundaries).as_nanos().saturating_add_signed(self.miss);
        let at = at.saturating_sub(taken_in.as_nanos());
        arrivals[arrival].at = SimTime::from_nanos(at);
        arrivals.sort_by_key(|arrival| arrival.at);
    }
}

fn onto_boundaries(mut case: Case, moves: &[Move]) -> Case {
    for (number, chosen) in moves.iter().enumerate() {
        let boundaries = twin::step(&case).seen.boundaries;
        let taken_in = if number % 2 == 0 { SimDuration::ZERO } else { case.profile.per_request };
        chosen.apply(&mut case.arrivals, boundaries, taken_in);
    }
    case
}
