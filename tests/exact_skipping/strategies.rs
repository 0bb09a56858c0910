//! Random cases: any iteration times, tight and ample memory, and arrivals that tie.

use crate::case::{Arrival, Case};
use crate::twin;
use coopsim::catalog::{Accelerator, Architecture, Efficiency, PeakFlops};
use coopsim::engine::{SimDuration, SimTime};
use coopsim::serving::{
    Batching, BatchingPolicy, KvAdmission, Performance, Precision, Role, RooflineSpec,
    TokenProfile, TokenServing, Turn,
};
use coopsim::units::{Bytes, BytesPerSecond, FlopsPerSecond};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A replica under these policies and what arrives at it.
pub fn case(policy: BatchingPolicy, admission: KvAdmission) -> impl Strategy<Value = Case> {
    let calls = prop::collection::vec(call(), 0..60);
    let share = prop_oneof![Just(1), 1..6_u32];
    (profile(policy, admission), calls, share, moves()).prop_map(|drawn| {
        let (profile, calls, share, moves) = drawn;
        let arrivals = arrivals(&calls, profile.kv_capacity, share);
        onto_boundaries(Case { profile, arrivals }, &moves)
    })
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
    (performance(), limits, swap_token, any::<bool>()).prop_map(
        move |(performance, (max_batch, budget, kv_capacity), swap_token, prefix_cache)| {
            let token_budget = max_batch + budget;
            let spec = TokenServing {
                performance,
                batching: Batching { policy, admission, max_batch, token_budget },
                host_bandwidth: BytesPerSecond(50e9),
                prefix_cache,
                role: Role::Whole,
            };
            TokenProfile { kv_capacity, swap_token, ..TokenProfile::new(&spec) }
        },
    )
}

fn performance() -> impl Strategy<Value = Performance> {
    let model = (1..100_u32, 1..9_u32).prop_map(|(layers, heads)| Architecture {
        name: "model".into(),
        parameters: f64::from(layers) * 1e7,
        layers,
        hidden: 1024,
        heads: heads * 8,
        kv_heads: heads,
        head_dim: 128,
        ..Architecture::default()
    });
    (accelerator(), model, 1..9_u32).prop_map(|(accelerator, architecture, tensor)| {
        Performance::Roofline(Box::new(RooflineSpec {
            accelerator,
            architecture,
            tensor,
            pipeline: 1,
            expert: 1,
            weights: Precision::Bf16,
            compute: Precision::Bf16,
            kv: Precision::Bf16,
            beams: 1,
        }))
    })
}

/// Memory from so fast that decoding is bound by compute to so slow that it never is; in between,
/// runs cross from one to the other.
fn accelerator() -> impl Strategy<Value = Accelerator> {
    let efficiency =
        (0..3_000_u64, 0..20_u64, 0..50_u64).prop_map(|(overhead, each, reduce)| Efficiency {
            prefill: 0.8,
            decode: 0.6,
            memory: 0.9,
            link: 0.47,
            usable_memory: 0.95,
            allreduce_latency: SimDuration::from_nanos(reduce * 1000),
            overhead: SimDuration::from_nanos(overhead * 1000),
            overhead_per_sequence: SimDuration::from_nanos(each * 1000),
            ..Efficiency::default()
        });
    (efficiency, 11.0..13.5_f64, 12.0..15.5_f64).prop_map(|(efficiency, memory, peak)| {
        Accelerator {
            name: "chip".into(),
            peak: PeakFlops {
                bf16: Some(FlopsPerSecond(10_f64.powf(peak))),
                ..PeakFlops::default()
            },
            hbm: Bytes(80e9),
            hbm_bandwidth: BytesPerSecond(10_f64.powf(memory)),
            link_bandwidth: Some(BytesPerSecond(450e9)),
            per_node: Some(8),
            idle_power: None,
            peak_power: None,
            efficiency,
        }
    })
}

/// A request before it is known what memory there is.
#[derive(Clone, Copy, Debug)]
struct Call {
    /// Nanoseconds since the one before.
    gap: u64,
    input: u32,
    output: u32,
    /// Whether it takes all the memory that there is.
    fills: bool,
    /// Reduced to what its prompt allows.
    cached: u32,
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
fn call() -> impl Strategy<Value = Call> {
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
    (gap, input, output, fills, cached, prop::option::of(session)).prop_map(
        |(gap, input, output, fills, cached, session)| Call {
            gap,
            input,
            output,
            fills,
            cached,
            session,
        },
    )
}

/// The calls as requests of which a replica of this capacity can hold `share`, except for those
/// that fill it.
fn arrivals(calls: &[Call], capacity: u64, share: u32) -> Vec<Arrival> {
    let capacity = u32::try_from(capacity).expect("small");
    let limit = (capacity / share).max(2);
    let mut at = SimTime::ZERO;
    let mut former_of = BTreeMap::new();
    let mut arrive = |call: &Call| {
        at += SimDuration::from_nanos(call.gap);
        let mut output = call.output.min(limit - 1);
        let input = call.input.min(limit - output);
        if call.fills && capacity < 3000 {
            output = capacity - input;
        }
        let turn = call.session.map(|Session { number, history }| {
            let former = former_of.insert(number, input + output).unwrap_or(0);
            Turn { session: number, history: history.unwrap_or(former).min(input) }
        });
        Arrival { at, input, output, cached: call.cached.min(input - 1), turn }
    };
    calls.iter().map(&mut arrive).collect()
}

/// Which arrival is moved to which boundary before it, and by how many nanoseconds it is missed.
#[derive(Clone, Copy, Debug)]
struct Move {
    arrival: prop::sample::Index,
    boundary: prop::sample::Index,
    miss: i64,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let miss = prop_oneof![2 => Just(0), 1 => -1..=1_i64];
    let one = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), miss);
    let one = one.prop_map(|(arrival, boundary, miss)| Move { arrival, boundary, miss });
    prop::collection::vec(one, 0..5)
}

/// Moves some arrivals forward to boundaries, so that ties are real ones. An arrival moved forward
/// changes nothing before its new instant.
fn onto_boundaries(mut case: Case, moves: &[Move]) -> Case {
    for chosen in moves {
        if case.arrivals.is_empty() {
            break;
        }
        let arrival = chosen.arrival.index(case.arrivals.len());
        let mut before = twin::step(&case).seen.boundaries;
        before.retain(|&end| end < case.arrivals[arrival].at);
        if before.is_empty() {
            continue;
        }
        let at = chosen.boundary.get(&before).as_nanos().saturating_add_signed(chosen.miss);
        case.arrivals[arrival].at = SimTime::from_nanos(at);
        case.arrivals.sort_by_key(|arrival| arrival.at);
    }
    case
}
