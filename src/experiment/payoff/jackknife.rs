//! How far a statistic of replications may be off, when it is no mean.

use super::bounds::MISS;
use super::paired::student;
use std::ops::Range;

/// At most so many groups of replications are left out one after the other: work does not grow with their square.
const GROUPS_MAX: usize = 64;

/// Half the width of a 95 % interval around a statistic of `n` replications, by the jackknife (Efron and Stein, Annals of
/// Statistics 9, 1981): the variance of g values, each of them without a g-th of the replications, times (g − 1)²/g, and
/// Student's t of g − 1 degrees. None for one replication.
pub(super) fn half_width(n: usize, without: impl Fn(Range<usize>) -> f64) -> Option<f64> {
    let groups = n.min(GROUPS_MAX);
    if groups < 2 {
        return None;
    }
    let edge = |group: usize| group * n / groups;
    let values: Vec<_> = (0..groups).map(|group| without(edge(group)..edge(group + 1))).collect();
    let (first, g) = (values[0], groups as f64);
    let mean = first + values.iter().map(|value| value - first).sum::<f64>() / g;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some(student(groups - 1, MISS / 2.0) * ((g - 1.0) / g * squares).sqrt())
}
