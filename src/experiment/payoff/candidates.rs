//! Which strategies may be the best.

use super::bounds::MISS;
use super::matrix::{Among, Matrix};
use crate::ids::StrategyId;

/// Strategies of which intervals leave open that they have the largest mean. The best is among them with 95 %: with one
/// alone, the order is shown.
///
/// For each of the k strategies its differences from the other k − 1 have one-sided limits of Student's t that miss
/// with 5 %/(k − 1) each (Bonferroni). Those of the strategy that really is the best hold together with at least 95 %,
/// whichever it is, and then none of them shows another ahead: multiple comparisons with the best (Gupta 1965 for the
/// subset; Hsu, Annals of Statistics 12, 1984). With one
/// replication there is no limit, and all may be.
pub(super) fn candidates(matrix: &Matrix, among: Among) -> Vec<StrategyId> {
    let miss = MISS / matrix.others(StrategyId::new(0)).count().max(1) as f64;
    let is_behind = |strategy, other| {
        let lead = matrix.lead(other, strategy, among);
        lead.off(miss).is_some_and(|off| lead.mean > off)
    };
    let may_lead =
        |&strategy: &StrategyId| !matrix.others(strategy).any(|other| is_behind(strategy, other));
    matrix.strategies().filter(may_lead).collect()
}
