//! What the wrong bet costs: the regret of a strategy in a world.

use super::bounds::{Bounded, Bounds, MISS};
use super::candidates::miss;
use super::matrix::{Among, Matrix};
use crate::ids::{StrategyId, WorldId};
use typed_index_collections::TiVec;

/// Of each strategy in each world: how much less its mean is than that of the best strategy there (Savage 1951).
///
/// The interval follows from those of the differences from the other k − 1, two-sided, 5 % for all of them together
/// (Bonferroni): regret is the largest of these differences and zero, and so is within the largest of their limits.
pub(super) fn regrets(matrix: &Matrix) -> TiVec<StrategyId, TiVec<WorldId, Bounded>> {
    let of = |strategy| {
        let in_world = |world| regret(matrix, strategy, world, miss(matrix));
        matrix.worlds().map(in_world).collect()
    };
    matrix.strategies().map(of).collect()
}

/// The largest regret of each strategy, and who may have the least.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LeastRegret {
    /// Over the worlds, of each strategy.
    pub largest: TiVec<StrategyId, Bounded>,
    /// The strategy whose largest is the least, the first of equals.
    pub least: StrategyId,
    /// Those of which intervals, of all differences at once, leave open that theirs is the least.
    pub candidates: Vec<StrategyId>,
}

/// The largest regret of each strategy over the worlds, however probable they are.
pub(super) fn minimax(matrix: &Matrix) -> LeastRegret {
    let worlds = matrix.worlds().count();
    let strategies = matrix.strategies().count();
    let each = 2 * worlds * strategies.saturating_sub(1);
    // Limits that hold for all strategies at once: each pair of them has a difference in each world.
    let joint = worlds * strategies * strategies.saturating_sub(1);
    let all = |sides: usize| -> TiVec<StrategyId, Bounded> {
        let miss = MISS / sides.max(1) as f64;
        matrix.strategies().map(|strategy| largest(matrix, strategy, miss)).collect()
    };
    let (largest, limits) = (all(each), all(joint));
    let least = matrix
        .strategies()
        .reduce(
            |least, other| {
                if largest[other].value < largest[least].value { other } else { least }
            },
        )
        .unwrap_or(StrategyId::new(0));
    let highs = limits.iter().filter_map(|limit| limit.bounds.map(|bounds| bounds.high));
    let bar = highs.fold(f64::INFINITY, f64::min);
    let may_be =
        |&strategy: &StrategyId| limits[strategy].bounds.is_none_or(|bounds| bounds.low <= bar);
    let candidates = matrix.strategies().filter(may_be).collect();
    LeastRegret { largest, least, candidates }
}

fn largest(matrix: &Matrix, strategy: StrategyId, miss: f64) -> Bounded {
    let regrets = matrix.worlds().map(|world| regret(matrix, strategy, world, miss));
    regrets.fold(Bounded { value: 0.0, bounds: Some(ZERO) }, max)
}

const ZERO: Bounds = Bounds { low: 0.0, high: 0.0 };

fn regret(matrix: &Matrix, strategy: StrategyId, world: WorldId, miss: f64) -> Bounded {
    let behind = |other| {
        let lead = matrix.lead(other, strategy, Among::World(world));
        Bounded::around(lead.mean, lead.off(miss))
    };
    matrix.others(strategy).map(behind).fold(Bounded { value: 0.0, bounds: Some(ZERO) }, max)
}

/// The larger of both, and where it may be.
fn max(one: Bounded, two: Bounded) -> Bounded {
    let bounds = one
        .bounds
        .zip(two.bounds)
        .map(|(one, two)| Bounds { low: one.low.max(two.low), high: one.high.max(two.high) });
    Bounded { value: one.value.max(two.value), bounds }
}
