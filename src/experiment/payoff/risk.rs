//! How a strategy's payoff spreads over worlds and replications.

use super::bounds::{Bounded, Bounds};
use super::jackknife::half_width;
use super::matrix::{Among, Matrix};
use crate::ids::StrategyId;

/// The part of all probability whose mean is asked for: the worst 5 %.
pub(super) const TAIL: f64 = 0.05;

/// What a strategy pays, as a mixture: a world by its probability, in it each replication alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Risk {
    /// The mean.
    pub mean: Bounded,
    /// The standard deviation of the mixture.
    pub deviation: Bounded,
    /// The mean of the worst [`TAIL`] of probability.
    pub cvar: Bounded,
}

/// The spread of a strategy's payoff.
///
/// The mean's interval is Student's over the replications' means; those of deviation and CVaR are of a jackknife that
/// leaves out whole replications, with all their worlds. It is of what chance did to replications: how far worlds and
/// their probabilities are right is not in it.
pub(super) fn risk(matrix: &Matrix, strategy: StrategyId) -> Risk {
    let of = |statistic: fn(Vec<Atom>) -> f64| {
        let without =
            |left_out: std::ops::Range<usize>| statistic(atoms(matrix, strategy, &left_out));
        Bounded::around(without(0..0), half_width(matrix.replications(), without))
    };
    Risk {
        mean: matrix.alone(strategy, Among::All).bounded(),
        deviation: at_least_zero(of(deviation)),
        cvar: of(|atoms| cvar(atoms, TAIL)),
    }
}

/// What has no sign, with an interval that has none.
fn at_least_zero(found: Bounded) -> Bounded {
    let bounds = found.bounds.map(|Bounds { low, high }| Bounds { low: low.max(0.0), high });
    Bounded { bounds, ..found }
}

/// A payoff, and how probable it is.
type Atom = (f64, f64);

fn atoms(matrix: &Matrix, strategy: StrategyId, without: &std::ops::Range<usize>) -> Vec<Atom> {
    let kept = || (0..matrix.replications()).filter(|replication| !without.contains(replication));
    let count = kept().count() as f64;
    let in_world = |world| {
        let probability = matrix.probability(world) / count;
        kept().map(move |replication| (matrix.value(strategy, world, replication), probability))
    };
    matrix.worlds().flat_map(in_world).collect()
}

pub(super) fn deviation(atoms: Vec<Atom>) -> f64 {
    let over = |of: &dyn Fn(f64) -> f64| -> f64 {
        let total: f64 = atoms.iter().map(|(_, probability)| probability).sum();
        atoms.iter().map(|&(value, probability)| probability * of(value)).sum::<f64>() / total
    };
    let first = atoms.first().map_or(0.0, |atom| atom.0);
    let mean = first + over(&|value| value - first);
    over(&|value| (value - mean).powi(2)).sqrt()
}

/// The mean of the worst `tail` of probability; the atom at its edge counts by the part of it that is needed (Rockafellar
/// and Uryasev, Journal of Banking & Finance 26, 2002).
pub(super) fn cvar(mut atoms: Vec<Atom>, tail: f64) -> f64 {
    atoms.sort_by(|one, two| one.0.total_cmp(&two.0));
    let worst = atoms.first().map_or(0.0, |atom| atom.0);
    let (mut left, mut sum) = (tail, 0.0);
    for (value, probability) in atoms {
        let part = probability.min(left);
        sum += part * (value - worst);
        left -= part;
        if left <= 0.0 {
            break;
        }
    }
    worst + sum / tail
}
