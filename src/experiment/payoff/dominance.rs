//! Which strategy is never worse than another.

use super::bounds::MISS;
use super::matrix::{Among, Matrix};
use crate::ids::StrategyId;

/// A strategy that is at least as good as another in each world, and better in one, by means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dominates {
    /// The better one.
    pub strategy: StrategyId,
    /// The one that it dominates.
    pub over: StrategyId,
    /// Whether intervals support it.
    pub shown: bool,
}

/// All dominances between strategies, in their order.
///
/// One is shown where in each world the lower limit of the difference is not below zero, and in one above it. Of "at
/// least as good in each world" each world is asked at the whole level (intersection–union test; Berger, Technometrics
/// 24, 1982), and the level is 5 % for all k (k − 1) ordered pairs together (Bonferroni).
pub(super) fn dominances(matrix: &Matrix) -> Vec<Dominates> {
    let pairs = matrix
        .strategies()
        .flat_map(|strategy| matrix.others(strategy).map(move |over| (strategy, over)));
    let count = pairs.clone().count().max(1);
    let dominance = |(strategy, over)| {
        let leads: Vec<_> =
            matrix.worlds().map(|world| matrix.lead(strategy, over, Among::World(world))).collect();
        let dominates = |limits: &[f64]| {
            limits.iter().all(|&limit| limit >= 0.0) && limits.iter().any(|&limit| limit > 0.0)
        };
        let means: Vec<_> = leads.iter().map(|lead| lead.mean).collect();
        let lower = |lead: &super::paired::Paired| Some(lead.mean - lead.off(MISS / count as f64)?);
        let lowest: Option<Vec<_>> = leads.iter().map(lower).collect();
        let shown = lowest.is_some_and(|limits| dominates(&limits));
        dominates(&means).then_some(Dominates { strategy, over, shown })
    };
    pairs.filter_map(dominance).collect()
}
