//! Laws of lengths and service times.

use super::Checker;
use crate::engine::SimDuration;
use crate::scenario::path::Path;
use crate::scenario::schema::Law;
use crate::workload::Distribution;
use statrs::distribution::{ContinuousCDF, Normal};

/// Longer prompts and outputs than any model takes.
const MAX_TOKENS: f64 = 1e7;
/// Points of a quantile table.
const MAX_POINTS: usize = 1_000;
/// The least part of a lognormal law that may remain after truncation: what is cut off is drawn
/// again, so less would take long and is hardly meant.
const MIN_KEPT: f64 = 0.01;

/// A law of tokens.
pub(super) fn tokens(path: &Path, law: &Law<f64>, check: &mut Checker) -> Distribution {
    resolve(path, law, |&tokens| tokens, MAX_TOKENS, check)
}

/// A law of plain numbers with means up to `max`.
pub(super) fn limited(path: &Path, law: &Law<f64>, max: f64, check: &mut Checker) -> Distribution {
    resolve(path, law, |&number| number, max, check)
}

/// A law of durations, in seconds.
pub(super) fn seconds(path: &Path, law: &Law<SimDuration>, check: &mut Checker) -> Distribution {
    // Durations are limited where they are read.
    resolve(path, law, |duration| duration.as_secs_f64(), f64::MAX, check)
}

fn resolve<T>(
    path: &Path,
    law: &Law<T>,
    number: impl Fn(&T) -> f64,
    max: f64,
    check: &mut Checker,
) -> Distribution {
    let mut mean = |path: &Path, value: &T| {
        let value = number(value);
        check.positive(path, value, max);
        value
    };
    match law {
        Law::Constant(value) => Distribution::Constant(mean(&path.key("constant"), value)),
        Law::Uniform { min, max: top } => {
            let at = path.key("uniform");
            let (min, top) = (number(min), mean(&at.key("max"), top));
            if min > top {
                check.refuse(
                    &at.key("min"),
                    format!("the smallest value, {min}, is above the largest, {top}"),
                );
            } else if min < 0.0 {
                check.refuse(&at.key("min"), format!("found {min}, expected 0 or more"));
            }
            Distribution::Uniform { min, max: top }
        }
        Law::Exponential { mean: value } => {
            Distribution::Exponential { mean: mean(&path.key("exponential").key("mean"), value) }
        }
        Law::Gamma { mean: value, cv } => {
            let at = path.key("gamma");
            let mean = mean(&at.key("mean"), value);
            variation(&at, *cv, check);
            Distribution::Gamma { mean, cv: *cv }
        }
        Law::Lognormal { mean: value, cv, max } => {
            let at = path.key("lognormal");
            let mean = mean(&at.key("mean"), value);
            let max = max.as_ref().map(number);
            if variation(&at, *cv, check) && mean > 0.0 {
                truncation(&at, mean, *cv, max, check);
            }
            Distribution::Lognormal { mean, cv: *cv, max }
        }
        Law::Quantiles(points) => {
            let points = points.iter().map(|(p, value)| (*p, number(value))).collect::<Vec<_>>();
            quantiles(&path.key("quantiles"), &points, max, check);
            Distribution::Quantiles(points)
        }
    }
}

/// Requires a coefficient of variation that the samplers can do.
pub(super) fn variation(path: &Path, cv: f64, check: &mut Checker) -> bool {
    if cv == 0.0 {
        check.refuse(&path.key("cv"), "a law that does not vary: use `constant`");
        return false;
    }
    check.range(&path.key("cv"), cv, 0.01..=100.0, "")
}

fn truncation(path: &Path, mean: f64, cv: f64, max: Option<f64>, check: &mut Checker) {
    let Some(max) = max else { return };
    let at = path.key("max");
    let variance = (1.0 + cv * cv).ln();
    let median = mean / (1.0 + cv * cv).sqrt();
    let kept = match Normal::new(median.ln(), variance.sqrt()) {
        Ok(normal) if max > 0.0 => normal.cdf(max.ln()),
        _ => 0.0,
    };
    if kept < MIN_KEPT {
        let message =
            format!("the limit {max} cuts off more than 99 % of the law with mean {mean}");
        check.refuse(&at, message);
    }
}

fn quantiles(path: &Path, points: &[(f64, f64)], max: f64, check: &mut Checker) {
    if !(2..=MAX_POINTS).contains(&points.len()) {
        let message = format!("found {} points, expected 2 to {MAX_POINTS}", points.len());
        return check.refuse(path, message);
    }
    for (index, pair) in points.windows(2).enumerate() {
        let at = path.index(index + 1);
        let ((p, low), (next, high)) = (pair[0], pair[1]);
        if next <= p {
            check.refuse(
                &at.index(0),
                format!("probabilities must increase: {next} comes after {p}"),
            );
        }
        if high < low {
            check.refuse(
                &at.index(1),
                format!("values must not decrease: {high} comes after {low}"),
            );
        }
    }
    let ((first, low), (last, high)) = (points[0], points[points.len() - 1]);
    if first != 0.0 {
        check.refuse(
            &path.index(0).index(0),
            format!("the first probability must be 0, not {first}"),
        );
    }
    if last != 1.0 {
        let at = path.index(points.len() - 1).index(0);
        check.refuse(&at, format!("the last probability must be 1, not {last}"));
    }
    if low < 0.0 {
        check.refuse(&path.index(0).index(1), format!("found {low}, expected 0 or more"));
    }
    check.positive(&path.index(points.len() - 1).index(1), high, max);
}
