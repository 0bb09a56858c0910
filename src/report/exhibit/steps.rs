//! Time series as pictures need them: finite, and no more buckets than pixels.

use crate::experiment::{Bucket, VariantResults};
use crate::report::chart::panel::Panel;
use crate::report::chart::picture::Point;

/// More buckets than this in a panel are not seen.
const BUCKETS_MAX: usize = 240;

/// The buckets of a series of the whole cloud; empty where there is none.
pub(super) fn of_cloud(variant: &VariantResults, metric: &str) -> Vec<Bucket> {
    variant
        .series
        .iter()
        .find(|series| series.scope == "all" && series.metric == metric)
        .map(|series| thin(&series.buckets))
        .unwrap_or_default()
}

/// The buckets of each model's series, by name.
pub(super) fn of_models<'a>(
    variant: &'a VariantResults,
    metric: &str,
) -> Vec<(&'a str, Vec<Bucket>)> {
    variant
        .series
        .iter()
        .filter(|series| series.scope == "model" && series.metric == metric)
        .map(|series| (series.name.as_str(), thin(&series.buckets)))
        .collect()
}

/// When the last bucket of any of the variants ends, in seconds; 0 without buckets.
pub(super) fn end_s(variants: &[VariantResults]) -> f64 {
    let series = variants.iter().flat_map(|variant| &variant.series);
    let ends = series.filter_map(|series| series.buckets.last()).map(|bucket| bucket.end_s);
    ends.filter(|end| end.is_finite()).fold(0.0, f64::max)
}

/// The line of a series: the height of each bucket, which is told with its index, from its start to its end.
pub(super) fn edge(
    panel: &Panel,
    buckets: &[Bucket],
    height: impl Fn(&Bucket, usize) -> f64,
) -> Vec<Point> {
    let step = |(index, bucket): (usize, &Bucket)| {
        let height = height(bucket, index);
        [panel.point(bucket.start_s, height), panel.point(bucket.end_s, height)]
    };
    buckets.iter().enumerate().flat_map(step).collect()
}

/// Joins neighbours into time-weighted means until few enough are left. A half-width becomes the
/// mean of the joined ones, which is no less than the joined mean's own.
fn thin(buckets: &[Bucket]) -> Vec<Bucket> {
    let finite: Vec<_> = buckets
        .iter()
        .filter(|b| [b.start_s, b.end_s, b.mean].iter().all(|number| number.is_finite()))
        .collect();
    let joined = finite.len().div_ceil(BUCKETS_MAX).max(1);
    finite.chunks(joined).map(join).collect()
}

fn join(buckets: &[&Bucket]) -> Bucket {
    let (first, last) = (buckets[0], buckets[buckets.len() - 1]);
    let length = |bucket: &Bucket| (bucket.end_s - bucket.start_s).max(0.0);
    let total: f64 = buckets.iter().map(|bucket| length(bucket)).sum();
    let mean = |value: &dyn Fn(&Bucket) -> f64| {
        if total > 0.0 {
            buckets.iter().map(|bucket| value(bucket) * length(bucket)).sum::<f64>() / total
        } else {
            value(first)
        }
    };
    let known = buckets.iter().all(|b| b.ci95.is_some_and(f64::is_finite));
    Bucket {
        start_s: first.start_s,
        end_s: last.end_s,
        mean: mean(&|bucket| bucket.mean),
        ci95: known.then(|| mean(&|bucket| bucket.ci95.unwrap_or(0.0))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(index: usize, mean: f64) -> Bucket {
        Bucket { start_s: index as f64, end_s: index as f64 + 1.0, mean, ci95: Some(1.0) }
    }

    #[test]
    fn thinning_keeps_the_time_average_and_the_span() {
        let buckets: Vec<_> = (0..1000).map(|i| bucket(i, (i % 7) as f64)).collect();
        let thinned = thin(&buckets);
        assert!(thinned.len() <= BUCKETS_MAX);
        let area = |all: &[Bucket]| all.iter().map(|b| b.mean * (b.end_s - b.start_s)).sum::<f64>();
        assert!((area(&buckets) - area(&thinned)).abs() < 1e-9);
        assert_eq!((thinned[0].start_s, thinned[thinned.len() - 1].end_s), (0.0, 1000.0));
    }

    #[test]
    fn what_is_not_finite_is_left_out() {
        assert_eq!(thin(&[bucket(0, f64::NAN), bucket(1, 2.0)]), vec![bucket(1, 2.0)]);
    }
}
