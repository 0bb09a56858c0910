//! Which strategies may be the best.

use super::bounds::MISS;
use super::matrix::{Among, Matrix};
use crate::ids::StrategyId;

/// Strategies of which intervals leave open that they have the largest mean. The best is among them with 95 %: with one
/// alone, the order is shown.
///
/// For each of the k strategies its differences from the other k − 1 have the limits of Student's t that its regret has
/// (two-sided, 5 % for all of them together by Bonferroni), so that a strategy may be the best exactly where its regret
/// may be 0. Those of the strategy that really is the best hold together with at least 95 %, whichever it is, and then
/// none of them shows another ahead: multiple comparisons with the best (Gupta 1965 for the subset; Hsu, Annals of
/// Statistics 12, 1984). With one replication there is no limit, and all may be.
pub(super) fn candidates(matrix: &Matrix, among: Among) -> Vec<StrategyId> {
    let miss = miss(matrix);
    let is_behind = |strategy, other| {
        let lead = matrix.lead(other, strategy, among);
        lead.off(miss).is_some_and(|off| lead.mean > off)
    };
    let may_lead =
        |&strategy: &StrategyId| !matrix.others(strategy).any(|other| is_behind(strategy, other));
    matrix.strategies().filter(may_lead).collect()
}

/// With what probability the limit of a difference may miss on its side, of one strategy against all others.
pub(super) fn miss(matrix: &Matrix) -> f64 {
    let sides = 2 * matrix.others(StrategyId::new(0)).count();
    MISS / sides.max(1) as f64
}
