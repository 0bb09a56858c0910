//! Intervals hold what they are of, as often as they say.

use super::draw::Truth;
use super::{Bounded, TAIL, cvar, deviation, minimax, regrets, risk, s};
use crate::ids::WorldId;

const EXPERIMENTS: u32 = 1000;
const SEED: u64 = 95;

/// Two worlds far apart, the worse of them more probable than the tail, and a second strategy that hedges.
fn truth() -> Truth {
    Truth {
        probabilities: vec![0.8, 0.2],
        means: vec![vec![20.0, 0.0], vec![12.0, 12.0], vec![11.5, 11.9]],
        common: 1.0,
        own: vec![1.0, 0.5, 0.5],
    }
}

/// The part of experiments in which an interval holds `truth`.
fn covered(replications: usize, truth: f64, found: impl Fn(&super::Matrix) -> Bounded) -> f64 {
    let covers = |experiment: &u32| {
        let matrix = self::truth().draw(SEED, *experiment, replications);
        let bounds = found(&matrix).bounds.expect("several replications");
        bounds.low <= truth && truth <= bounds.high
    };
    (0..EXPERIMENTS).filter(covers).count() as f64 / f64::from(EXPERIMENTS)
}

/// Limits at 4 standard deviations of a binomial: 1 in 30,000 each.
fn at_least(level: f64) -> f64 {
    level - 4.0 * (level * (1.0 - level) / f64::from(EXPERIMENTS)).sqrt()
}

/// A large sample's, whose own error is small beside the intervals.
fn large(statistic: impl Fn(Vec<(f64, f64)>) -> f64) -> f64 {
    let n = 200_000;
    let matrix = truth().draw(SEED + 1, 0, n);
    let atoms = |world: usize, probability: f64| {
        let value = move |replication| (replication, probability / n as f64);
        (0..n)
            .map(value)
            .map(|(r, p)| (matrix.value(s(0), WorldId::new(world), r), p))
            .collect::<Vec<_>>()
    };
    statistic([atoms(0, 0.8), atoms(1, 0.2)].concat())
}

#[test]
fn means_and_deviations() {
    let mean = covered(10, 16.0, |matrix| risk(matrix, s(0)).mean);
    assert!(mean >= at_least(0.95) && mean <= 0.98, "{mean}");
    let found = covered(20, large(deviation), |matrix| risk(matrix, s(0)).deviation);
    assert!(found >= at_least(0.93), "{found}");
}

/// The tail is a quarter of the worse world: with 20 replications it rests on five of them, and the interval covers
/// somewhat less than it says; with 100 it nearly covers.
#[test]
fn worst_parts() {
    let truth = large(|atoms| cvar(atoms, TAIL));
    let few = covered(20, truth, |matrix| risk(matrix, s(0)).cvar);
    assert!(few >= at_least(0.88), "{few}");
    let many = covered(60, truth, |matrix| risk(matrix, s(0)).cvar);
    assert!(many >= at_least(0.92), "{many}");
}

/// Regret's intervals are conservative: at least as often as they say.
#[test]
fn regret() {
    let world = WorldId::new(1);
    let found = covered(8, 0.1, |matrix| regrets(matrix)[s(2)][world]);
    assert!(found >= at_least(0.95), "{found}");
    let found = covered(8, 8.0, |matrix| minimax(matrix).largest[s(1)]);
    assert!(found >= at_least(0.95), "{found}");
}
