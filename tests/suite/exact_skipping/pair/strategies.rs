//! Random pairs of replicas, links fast and slow, and what arrives.

use super::{Pair, twin};
use crate::exact_skipping::strategies::{arrivals, call, moves, profile, reading};
use crate::exact_skipping::timings::in_step;
use coopsim::engine::{SimDuration, SimTime};
use coopsim::serving::{BatchingPolicy, KvAdmission, Role, Timing, TokenProfile};
use proptest::prelude::*;

/// A pair whose decoder lets requests in by this rule. In some everything lasts whole microseconds, so
/// that both replicas and the link often reach an end together.
pub fn pair(admission: KvAdmission) -> impl Strategy<Value = Pair> {
    let replica = |admission| profile(BatchingPolicy::Continuous, admission);
    let timing = || in_step().prop_map(|performance| Timing::new(&performance));
    let together = prop::option::weighted(0.3, (timing(), timing()));
    let replicas = (replica(KvAdmission::Reserve), replica(admission), together);
    // From nothing to more than any iteration.
    let per_token = prop_oneof![Just(0), 1..100_u64, 1..20_000_u64, 1..1_000_000_u64,];
    let calls = prop::collection::vec(call(), 0..60);
    let share = prop_oneof![Just(1), 1..6_u32];
    (replicas, (1..5_u32, per_token), calls, share, (moves(), reading())).prop_map(
        |(
            (mut prefill, mut decode, in_step),
            (lanes, per_token),
            calls,
            share,
            (moves, reading),
        )| {
            (prefill.role, decode.role) = (Role::Prefill, Role::Decode);
            decode.prefix_cache = prefill.prefix_cache;
            decode.per_request = SimDuration::ZERO;
            let together = in_step.is_some();
            if let Some(timings) = in_step {
                (prefill.timing, decode.timing) = timings;
            }
            // A prompt and its first token must have room in the one, all in the other.
            let longest = prefill.kv_capacity.min(prefill.max_context).max(2) - 1;
            let both = TokenProfile { max_prompt: longest, ..decode.clone() };
            let mut arrivals = arrivals(&calls, &both, share);
            let mut per_token = SimDuration::from_nanos(per_token);
            if together {
                // All within a millisecond, so that neither replica is idle before the end.
                let micros = |nanos: u64| nanos.next_multiple_of(1000);
                per_token = SimDuration::from_nanos(micros(per_token.as_nanos().clamp(1, 5000)));
                for arrival in &mut arrivals {
                    arrival.at = SimTime::from_nanos(micros(arrival.at.as_nanos()) % 1_000_000);
                }
                arrivals.sort_by_key(|arrival| arrival.at);
            }
            let mut pair =
                Pair { prefill, decode, lanes, per_token, arrivals, reading: SimTime::ZERO };
            for (number, chosen) in moves.iter().enumerate() {
                let [one, other] = boundaries(&pair);
                let boundaries = if number % 2 == 0 { one } else { other };
                let taken_in = [SimDuration::ZERO, pair.prefill.per_request][number / 2 % 2];
                chosen.apply(&mut pair.arrivals, boundaries, taken_in);
            }
            pair.reading = reading.at(&boundaries(&pair).concat());
            pair
        },
    )
}

/// Where iterations end in the one and in the other.
fn boundaries(pair: &Pair) -> [Vec<SimTime>; 2] {
    let twins = twin::step(pair);
    [twins.prefill, twins.decode].map(|twin| twin.seen.boundaries)
}
