//! Skipping equals stepping: a replica that jumps over whole decode runs gives, to the
//! nanosecond, the times of a twin that performs every iteration, under every batching policy, KV
//! admission, queue discipline and performance model. So do two replicas of which one processes prompts and the other
//! decodes. And its books say the same wherever they are read, as at the end of a window after which what
//! is in progress is followed to its end.

mod case;
mod coverage;
mod drive;
mod lines;
mod pair;
mod strategies;
mod timings;
mod twin;

use case::Discipline::FirstComeFirstServed;
use case::{Arrival, Case};
use coopsim::engine::{SimDuration, SimTime};
use coopsim::serving::BatchingPolicy::{self, Continuous, PrefillFirst, Static};
use coopsim::serving::KvAdmission::{self, Optimistic, Reserve};
use coopsim::serving::Preemption::{Recompute, Swap};
use coopsim::serving::{SessionPrefix, SharedPrefix, TokenProfile};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseError, TestRunner};

/// Every combination of policies: a static batch always reserves its memory.
const COMBINATIONS: [(BatchingPolicy, KvAdmission); 7] = [
    (Continuous, Reserve),
    (Continuous, Optimistic(Recompute)),
    (Continuous, Optimistic(Swap)),
    (PrefillFirst, Reserve),
    (PrefillFirst, Optimistic(Recompute)),
    (PrefillFirst, Optimistic(Swap)),
    (Static, Reserve),
];

/// Cases of each combination, 15,000 in all unless `PROPTEST_CASES` says otherwise.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1500)
}

fn agree(case: &Case) -> Result<(), TestCaseError> {
    let slow = twin::step(case);
    let fast = drive::skip(case);
    prop_assert_eq!(&fast.outcome.times, &slow.outcome.times);
    prop_assert_eq!(&fast.outcome.read, &slow.outcome.read);
    prop_assert_eq!(&fast.outcome.sums, &slow.outcome.sums);
    // It really skips: each event is a change, or an arrival that might have been one.
    let events = slow.seen.changes + 2 * case.arrivals.len() as u64 + 1;
    prop_assert!(fast.boundaries <= events, "{} boundaries, not {}", fast.boundaries, events);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn continuous_with_reserve(case in strategies::case(Continuous, Reserve)) {
        agree(&case)?;
    }

    #[test]
    fn continuous_with_recompute(case in strategies::case(Continuous, Optimistic(Recompute))) {
        agree(&case)?;
    }

    #[test]
    fn continuous_with_swap(case in strategies::case(Continuous, Optimistic(Swap))) {
        agree(&case)?;
    }

    #[test]
    fn prefill_first_with_reserve(case in strategies::case(PrefillFirst, Reserve)) {
        agree(&case)?;
    }

    #[test]
    fn prefill_first_with_recompute(case in strategies::case(PrefillFirst, Optimistic(Recompute))) {
        agree(&case)?;
    }

    #[test]
    fn prefill_first_with_swap(case in strategies::case(PrefillFirst, Optimistic(Swap))) {
        agree(&case)?;
    }

    #[test]
    fn disaggregated_with_reserve(pair in pair::strategies::pair(Reserve)) {
        pair::agree(&pair)?;
    }

    #[test]
    fn disaggregated_with_recompute(pair in pair::strategies::pair(Optimistic(Recompute))) {
        pair::agree(&pair)?;
    }

    #[test]
    fn disaggregated_with_swap(pair in pair::strategies::pair(Optimistic(Swap))) {
        pair::agree(&pair)?;
    }

    #[test]
    fn static_batches(case in strategies::case(Static, Reserve)) {
        agree(&case)?;
    }
}

#[test]
fn a_request_alone_takes_its_unloaded_time() {
    let mut runner = TestRunner::deterministic();
    for (policy, admission) in COMBINATIONS.repeat(50) {
        let strategy = (strategies::profile(policy, admission), 1..400_u32, 1..400_u32, 0..400_u32);
        let (mut profile, input, output, cached) =
            strategy.new_tree(&mut runner).unwrap().current();
        profile.kv_capacity = profile.kv_capacity.max(u64::from(input + output));
        let cached = cached.min(input - 1);
        let found = if profile.prefix_cache { cached } else { 0 };
        let unloaded = profile.unloaded(input, output, found);
        let at = SimTime::from_nanos(5);
        let arrivals = vec![Arrival {
            at,
            input,
            output,
            cached,
            shared: SharedPrefix::default(),
            turn: None,
        }];
        let alone = drive::skip(&Case {
            profile,
            discipline: FirstComeFirstServed,
            arrivals,
            reading: SimTime::ZERO,
        });
        assert_eq!(alone.outcome.times[0].ended, Some(at + unloaded), "{policy:?}, {admission:?}");
    }
}

#[test]
fn a_static_batch_that_filled_the_memory_leaves_its_turns_to_the_prefix_cache() {
    let mut runner = TestRunner::deterministic();
    let profile = strategies::profile(Static, Reserve).new_tree(&mut runner).unwrap().current();
    let profile = TokenProfile { kv_capacity: 100, prefix_cache: true, ..profile };
    let turn = |at, input, output, history| {
        let at = SimTime::ZERO + SimDuration::from_secs(at);
        Arrival {
            at,
            input,
            output,
            cached: 0,
            shared: SharedPrefix::default(),
            turn: Some(SessionPrefix { session: 1, history }),
        }
    };
    let arrivals = vec![turn(0, 40, 60, 0), turn(1000, 90, 10, 90)];
    let case = Case { profile, discipline: FirstComeFirstServed, arrivals, reading: SimTime::ZERO };
    assert_eq!(drive::skip(&case).outcome.sums.cache_hits, 89);
    agree(&case).unwrap();
}

/// Issue 16: of 3,000 kept tokens a call that needs the room of 510 leaves 2,490. (One more is free: the
/// KV of an answer's last token is never computed.)
#[test]
fn a_kept_conversation_gives_up_its_last_tokens() {
    let mut runner = TestRunner::deterministic();
    for (policy, admission) in COMBINATIONS {
        let strategy = strategies::profile(policy, admission);
        let profile = strategy.new_tree(&mut runner).unwrap().current();
        let profile = TokenProfile { kv_capacity: 3001, prefix_cache: true, ..profile };
        let call = |hours: u64, input, output, turn| {
            let at = SimTime::ZERO + SimDuration::from_secs(3600 * hours);
            Arrival { at, input, output, cached: 0, shared: SharedPrefix::default(), turn }
        };
        let turn = |history| Some(SessionPrefix { session: 1, history });
        let arrivals = vec![
            call(0, 2900, 101, turn(0)),
            call(10, 401, 110, None),
            call(20, 2995, 1, turn(2995)),
        ];
        let case =
            Case { profile, discipline: FirstComeFirstServed, arrivals, reading: SimTime::ZERO };
        assert_eq!(drive::skip(&case).outcome.sums.cache_hits, 2490, "{policy:?}, {admission:?}");
        agree(&case).unwrap();
    }
}
