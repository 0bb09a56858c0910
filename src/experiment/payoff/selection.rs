//! How sure it is that the strategy that was named the best is good enough.

use super::matrix::{Among, Matrix};
use super::paired::Paired;
use crate::ids::StrategyId;

/// P\*: a lower bound on the probability that the named best, the one with the largest mean found, is truly within `zone`
/// of the best: an indifference zone, in the payoff's unit (Bechhofer, Annals of Mathematical Statistics 25, 1954, whose
/// P\* is this bound for samples still to be taken).
///
/// The promise: over repetitions of the whole experiment P\* is on average no larger than the part of them in which the
/// named best is within the zone, whatever the means and whatever their correlations, if means over replications
/// are normal. A value below zero counts as it is for that; it is told as 0. (The usual Φ(gap/standard error) breaks
/// this promise: the strategy was named *because* it leads. At equal means of two it says 0.75 on average, and each is
/// as likely to be the one named.)
///
/// Why it holds. Let i be the true best, b another that is worse by Δ > zone, and D the lead of b over i in the means
/// found, with standard error σ. Of two outcomes that differ in the sign of D alone (what is not correlated with D
/// being equal), the one in which b leads by |D| is exp(−2Δ|D|/σ²) times as likely as the other. So of the probability
/// of both together at most q = 1/(1 + exp(2·zone·|D|/σ²)) is that of b being ahead.
///
/// - With two strategies that is all: P\* = 1 − q, and it holds for each observed gap by itself. At a zone of
///   zero it is 1/2, whatever was found: an arbitrarily small difference may have either sign.
/// - With more, such a q is counted where b is named and in the outcome's mirror image. Mirrored at D, b overtakes the
///   named c, which leads it by G, only where |D|/σ ≥ G/(2σ'), with σ' of their difference (Cauchy–Schwarz). So in
///   each outcome what is counted is at most the sum over all others b of 1/(1 + exp(zone·G/(σ'·σ''))), with σ'' the
///   largest standard error of any difference.
/// - Standard errors are estimated. Given ν degrees of freedom the mean of 1/s² is ν/(ν − 2) times 1/σ²; the exponent is
///   made smaller by as much. As q is convex in the exponent, q is then on average no smaller than with σ (Jensen).
///   With ν ≤ 2, that is up to three replications, nothing is shown: each q is 1/2.
pub(super) fn selection_bound(matrix: &Matrix, named: StrategyId, zone: f64) -> f64 {
    let lead = |one, two| matrix.lead(one, two, Among::All);
    let pairs = matrix
        .strategies()
        .flat_map(|one| matrix.others(one).map(move |two| lead(one, two).variance));
    let widest = pairs.fold(0.0, f64::max);
    let alone = matrix.others(named).count() == 1;
    let wrong = |other| {
        let found = lead(named, other);
        let against = if alone { found.variance / 2.0 } else { (found.variance * widest).sqrt() };
        half_at_most(&found, zone, against)
    };
    let wrong: f64 = matrix.others(named).map(wrong).sum();
    1.0 - wrong
}

fn half_at_most(lead: &Paired, zone: f64, variance: f64) -> f64 {
    // A difference that is the same in each replication is known.
    if lead.variance == 0.0 {
        return 0.0;
    }
    let freedom = lead.freedom as f64;
    let shrunk = if lead.freedom > 2 { (freedom - 2.0) / freedom } else { 0.0 };
    1.0 / (1.0 + (shrunk * zone * lead.mean.max(0.0) / variance).exp())
}
