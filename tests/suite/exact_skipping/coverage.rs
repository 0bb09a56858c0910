//! The random cases exercise what they are for: an agreement about nothing would be worthless.

use crate::exact_skipping::{COMBINATIONS, pair, strategies, twin};
use coopsim::serving::KvAdmission::{Optimistic, Reserve};
use coopsim::serving::Preemption::{Recompute, Swap};
use coopsim::serving::{BatchingPolicy, KvAdmission, Preemption};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;

const CASES: usize = 1000;
/// Of pairs more, since it is rare that two replicas and a link meet at an instant.
const PAIRS: usize = 800;
/// How often each thing must happen in them.
const ENOUGH: u64 = 5;

#[test]
fn the_cases_exercise_what_they_are_for() {
    for (policy, admission) in COMBINATIONS {
        let happened = happenings(policy, admission);
        let enough = |what: &&str| happened.get(what).is_some_and(|&count| count >= ENOUGH);
        let mut rare = required(policy, admission);
        rare.retain(|what| !enough(what));
        assert!(rare.is_empty(), "{policy:?}, {admission:?}: {rare:?} too rare: {happened:#?}");
    }
}

#[test]
fn the_pairs_exercise_what_they_are_for() {
    let mut runner = TestRunner::deterministic();
    for admission in [Reserve, Optimistic(Recompute), Optimistic(Swap)] {
        let strategy = pair::strategies::pair(admission);
        let mut sums = BTreeMap::<_, u64>::new();
        for _ in 0..PAIRS {
            let pair = strategy.new_tree(&mut runner).expect("a pair").current();
            let twins = pair::twin::step(&pair);
            for counts in [twins.prefill.seen.counts, twins.decode.seen.counts, twins.seen.counts] {
                counts
                    .into_iter()
                    .for_each(|(what, count)| *sums.entry(what).or_default() += count);
            }
        }
        let mut rare = vec![
            "blocked by KV not moved yet",
            "not taken in yet",
            "cache hit",
            "less to move",
            "shared on its way",
            "KV arrived within a run",
            "link shared",
            "pull waited for memory",
            "ramp used up",
            "replicas tied",
            "run withdrawn",
            "transfers tied",
        ];
        match admission {
            Reserve => {}
            Optimistic(Recompute) => rare.extend(["preemption", "admission again"]),
            Optimistic(Swap) => rare.extend(["preemption", "swap-in"]),
        }
        rare.retain(|what| sums.get(what).is_none_or(|&count| count < ENOUGH));
        assert!(rare.is_empty(), "{admission:?}: {rare:?} too rare: {sums:#?}");
    }
}

/// What happens in the cases of a combination, and how often.
fn happenings(policy: BatchingPolicy, admission: KvAdmission) -> BTreeMap<&'static str, u64> {
    let mut runner = TestRunner::deterministic();
    let strategy = strategies::case(policy, admission);
    let mut sums = BTreeMap::new();
    for _ in 0..CASES {
        let case = strategy.new_tree(&mut runner).expect("a case").current();
        let seen = twin::step(&case).seen;
        let ties =
            case.arrivals.iter().filter(|one| seen.boundaries.binary_search(&one.at).is_ok());
        *sums.entry("tie").or_default() += ties.count() as u64;
        let per_request = case.profile.per_request;
        let taken_in = case.arrivals.iter().filter(|one| {
            let at = one.at + per_request;
            at > one.at && seen.boundaries.binary_search(&at).is_ok()
        });
        *sums.entry("taken in at a boundary").or_default() += taken_in.count() as u64;
        for (what, count) in seen.counts {
            *sums.entry(what).or_default() += count;
        }
    }
    sums
}

/// What must happen in the cases of a combination.
fn required(policy: BatchingPolicy, admission: KvAdmission) -> Vec<&'static str> {
    let mut all = vec!["tie", "declared prefix", "cache hit", "ramp used up"];
    all.push("taken in at a boundary");
    all.extend(["eviction", "partial eviction"]);
    all.extend(["read within a run", "read outside runs", "read at a boundary"]);
    all.extend(["text in use found", "text kept found", "text found in part", "text evicted"]);
    match policy {
        BatchingPolicy::Continuous => {
            all.extend(["not taken in yet", "admission of who was not taken in within a run"]);
            all.extend(["admission within a run", "left waiting within a run", "overtaking"]);
        }
        BatchingPolicy::PrefillFirst => {
            all.extend(["not taken in yet", "admission of who was not taken in within a run"]);
            all.extend(["admission within a run", "left waiting within a run", "overtaking"]);
            all.push("prompt beyond the budget");
        }
        BatchingPolicy::Static => {
            all.extend(["left waiting within a run", "padding", "overtaking"]);
            all.push("batch not taken in yet");
        }
    }
    match admission {
        KvAdmission::Reserve => all.push("memory filled by an admission"),
        KvAdmission::Optimistic(preemption) => {
            all.extend(["preemption", "several victims at once"]);
            all.push(match preemption {
                Preemption::Recompute => "admission again",
                Preemption::Swap => "swap-in",
            });
            if preemption == Preemption::Swap {
                all.push("swapped in vain");
            }
            if policy == BatchingPolicy::Continuous {
                all.extend(["prompt preempted", "text left unfinished"]);
            }
        }
    }
    all
}
