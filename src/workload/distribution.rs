//! Validity and exact moments of the laws that a scenario can name.

use super::continuous::Continuous;
use super::{Distribution, zipf};

/// Smallest and largest coefficient of variation: beyond these a double no longer tells the law
/// from a constant, or from one that is almost always zero.
const CV_RANGE: std::ops::RangeInclusive<f64> = 1e-6..=100.0;
/// Largest value: as nanoseconds or tokens far beyond what a simulation can hold.
const MAX_VALUE: f64 = 1e15;
/// A truncation must keep at least this much of a law, or redrawing the tail takes too long and
/// the law that was asked for is not the one that is drawn.
const MIN_KEPT: f64 = 0.01;

/// Zipf exponents within this of 1 are taken for 1, near which the formulas for others lose digits.
pub(super) const ZIPF_UNITY: f64 = 1e-9;
/// Steepest Zipf law: one above 1 is then drawn once in a thousand times.
const MAX_ZIPF_EXPONENT: f64 = 10.0;
/// Smallest coefficient of variation of a Pareto law: at 1 it is the exponential law.
const MIN_PARETO_CV: f64 = 1.01;
/// Smallest coefficient of variation of a Weibull law: below it the shape is too large to be found.
const MIN_WEIBULL_CV: f64 = 0.01;

impl Distribution {
    /// Whether this is a law that can be drawn from.
    ///
    /// # Errors
    /// Says which parameter is wrong, what was found and what is allowed.
    pub fn validate(&self) -> Result<(), String> {
        match *self {
            Self::Constant(value) => not_negative("a constant", value),
            Self::Uniform { min, max } => {
                not_negative("`min` of a uniform law", min)?;
                not_negative("`max` of a uniform law", max)?;
                if min > max {
                    return Err(format!(
                        "`min` of a uniform law ({min}) is above its `max` ({max})"
                    ));
                }
                Ok(())
            }
            Self::Exponential { mean } => positive("`mean` of an exponential law", mean),
            Self::Gamma { mean, cv } => {
                positive("`mean` of a gamma law", mean)?;
                variation("`cv` of a gamma law", cv)
            }
            Self::Lognormal { mean, cv } => {
                positive("`mean` of a lognormal law", mean)?;
                variation("`cv` of a lognormal law", cv)
            }
            Self::Weibull { mean, cv } => {
                positive("`mean` of a Weibull law", mean)?;
                weibull_variation("`cv` of a Weibull law", cv)
            }
            Self::Pareto { mean, cv } => {
                positive("`mean` of a Pareto law", mean)?;
                pareto_variation("`cv` of a Pareto law", cv)
            }
            Self::Zipf { exponent, max } => {
                if !(0.0..=MAX_ZIPF_EXPONENT).contains(&exponent) {
                    return Err(format!(
                        "the exponent of a Zipf law must be between 0 and {MAX_ZIPF_EXPONENT}, \
                         found {exponent}"
                    ));
                }
                if max == 0 {
                    return Err("`max` of a Zipf law must be at least 1, found 0".to_owned());
                }
                Ok(())
            }
            Self::Quantiles(ref points) => quantiles(points),
            Self::Truncated { ref law, min, max } => truncation(law, min, max),
            Self::Mixture(ref laws) => mixture(laws),
        }
    }

    /// The mean, after truncation.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Constant(value) => value,
            Self::Uniform { min, max } => min + (max - min) / 2.0,
            Self::Exponential { mean }
            | Self::Gamma { mean, .. }
            | Self::Lognormal { mean, .. }
            | Self::Weibull { mean, .. }
            | Self::Pareto { mean, .. } => mean,
            Self::Zipf { exponent, max } => zipf::moment(1, exponent, max),
            Self::Quantiles(ref points) => {
                segments(points).map(|(weight, low, high)| weight * (low + high) / 2.0).sum()
            }
            Self::Truncated { ref law, min, max } => truncated_moment(law, 1, min, max),
            Self::Mixture(ref laws) => weighted(laws, Self::mean),
        }
    }

    /// The variance, after truncation.
    pub fn variance(&self) -> f64 {
        match *self {
            Self::Constant(_) => 0.0,
            Self::Uniform { min, max } => (max - min).powi(2) / 12.0,
            Self::Exponential { mean } => mean * mean,
            Self::Gamma { mean, cv }
            | Self::Lognormal { mean, cv }
            | Self::Weibull { mean, cv }
            | Self::Pareto { mean, cv } => (mean * cv).powi(2),
            // Rounding can take a difference below zero where a law is nearly constant.
            Self::Zipf { exponent, max } => {
                (zipf::moment(2, exponent, max) - self.mean().powi(2)).max(0.0)
            }
            Self::Truncated { ref law, min, max } => {
                (truncated_moment(law, 2, min, max) - self.mean().powi(2)).max(0.0)
            }
            Self::Quantiles(ref points) => {
                let mean = self.mean();
                segments(points)
                    .map(|(weight, low, high)| {
                        let within = (high - low).powi(2) / 12.0;
                        let between = ((low + high) / 2.0 - mean).powi(2);
                        weight * (within + between)
                    })
                    .sum()
            }
            Self::Mixture(ref laws) => {
                let mean = self.mean();
                weighted(laws, |law| law.variance() + (law.mean() - mean).powi(2))
            }
        }
    }

    /// The second moment `E[X²]`, after truncation: what M/G/1 queues depend on.
    pub fn second_moment(&self) -> f64 {
        self.variance() + self.mean().powi(2)
    }

    /// The coefficient of variation, after truncation: standard deviation over mean; zero for a
    /// law that is always zero.
    pub fn cv(&self) -> f64 {
        let mean = self.mean();
        if mean > 0.0 { self.variance().sqrt() / mean } else { 0.0 }
    }

    /// The smallest and the largest value; infinite where there is no largest.
    pub fn range(&self) -> (f64, f64) {
        match *self {
            Self::Constant(value) => (value, value),
            Self::Uniform { min, max } | Self::Truncated { min, max, .. } => (min, max),
            Self::Exponential { .. }
            | Self::Gamma { .. }
            | Self::Lognormal { .. }
            | Self::Weibull { .. }
            | Self::Pareto { .. } => (0.0, f64::INFINITY),
            Self::Zipf { max, .. } => (1.0, f64::from(max)),
            Self::Quantiles(ref points) => {
                let value = |point: Option<&(f64, f64)>| point.map_or(0.0, |&(_, value)| value);
                (value(points.first()), value(points.last()))
            }
            Self::Mixture(ref laws) => laws
                .iter()
                .map(|(_, law)| law.range())
                .reduce(|(min, max), (low, high)| (min.min(low), max.max(high)))
                .unwrap_or((0.0, 0.0)),
        }
    }
}

/// E[Xᵏ] of a law with a tail, given that it lies in [min, max].
fn truncated_moment(law: &Distribution, k: i32, min: f64, max: f64) -> f64 {
    let law = Continuous::of(law).expect("validated: a law with a tail");
    law.partial_moment(k, min, max) / law.partial_moment(0, min, max)
}

/// The mean of a number over the laws of a mixture.
pub(super) fn weighted(laws: &[(f64, Distribution)], number: impl Fn(&Distribution) -> f64) -> f64 {
    let total = laws.iter().map(|(weight, _)| weight).sum::<f64>();
    laws.iter().map(|(weight, law)| weight / total * number(law)).sum()
}

/// The uniform pieces of a quantile table: probability, smallest and largest value.
pub(super) fn segments(points: &[(f64, f64)]) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
    points.windows(2).map(|pair| (pair[1].0 - pair[0].0, pair[0].1, pair[1].1))
}

fn not_negative(what: &str, value: f64) -> Result<(), String> {
    if (0.0..=MAX_VALUE).contains(&value) {
        return Ok(());
    }
    Err(format!("{what} must be between 0 and {MAX_VALUE:e}, found {value}"))
}

fn positive(what: &str, value: f64) -> Result<(), String> {
    if value > 0.0 && value <= MAX_VALUE {
        return Ok(());
    }
    Err(format!("{what} must be positive and at most {MAX_VALUE:e}, found {value}"))
}

/// Whether `cv` can be the coefficient of variation of a gamma or lognormal law.
pub(super) fn variation(what: &str, cv: f64) -> Result<(), String> {
    if CV_RANGE.contains(&cv) {
        return Ok(());
    }
    let (least, most) = (CV_RANGE.start(), CV_RANGE.end());
    Err(format!("{what} must be between {least} and {most}, found {cv}"))
}

/// Whether `cv` can be the coefficient of variation of a Weibull law.
pub(super) fn weibull_variation(what: &str, cv: f64) -> Result<(), String> {
    between(what, cv, MIN_WEIBULL_CV)
}

/// Whether `cv` can be the coefficient of variation of a Pareto law.
pub(super) fn pareto_variation(what: &str, cv: f64) -> Result<(), String> {
    between(what, cv, MIN_PARETO_CV)
}

fn between(what: &str, cv: f64, least: f64) -> Result<(), String> {
    let most = *CV_RANGE.end();
    if (least..=most).contains(&cv) {
        return Ok(());
    }
    Err(format!("{what} must be between {least} and {most}, found {cv}"))
}

fn truncation(law: &Distribution, min: f64, max: f64) -> Result<(), String> {
    let Some(parts) = Continuous::of(law) else {
        return Err("only a law with a tail can be truncated".to_owned());
    };
    law.validate()?;
    not_negative("`min` of a truncated law", min)?;
    if max < f64::INFINITY {
        positive("`max` of a truncated law", max)?;
    }
    // Written so that it also refuses a limit that is not a number.
    if !matches!(min.partial_cmp(&max), Some(std::cmp::Ordering::Less)) {
        return Err(format!("`min` of a truncated law ({min}) is not below its `max` ({max})"));
    }
    let kept = parts.partial_moment(0, min, max);
    if kept >= MIN_KEPT {
        return Ok(());
    }
    Err(format!(
        "a truncation must keep at least {}% of a law, but from {min} to {max} lies {:.2e}% of the \
         one with mean {}",
        MIN_KEPT * 100.0,
        kept * 100.0,
        law.mean()
    ))
}

fn mixture(laws: &[(f64, Distribution)]) -> Result<(), String> {
    if laws.is_empty() {
        return Err("a mixture needs at least one law, found none".to_owned());
    }
    for (weight, law) in laws {
        positive("the weight of a law in a mixture", *weight)?;
        if matches!(law, Distribution::Mixture(_)) {
            return Err("a mixture cannot be part of a mixture".to_owned());
        }
        law.validate()?;
    }
    Ok(())
}

fn quantiles(points: &[(f64, f64)]) -> Result<(), String> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Err("a quantile table needs at least two points, found none".to_owned());
    };
    if first.0 != 0.0 || last.0 != 1.0 {
        return Err(format!(
            "the probabilities of a quantile table must run from 0 to 1, found {} to {}",
            first.0, last.0
        ));
    }
    for &(probability, value) in points {
        not_negative(&format!("the quantile at probability {probability}"), value)?;
    }
    for pair in points.windows(2) {
        let ((p, v), (q, w)) = (pair[0], pair[1]);
        // Written so that it also refuses a probability that is not a number.
        if !matches!(p.partial_cmp(&q), Some(std::cmp::Ordering::Less)) {
            return Err(format!("probabilities of a quantile table must increase, found {p}, {q}"));
        }
        if v > w {
            return Err(format!("values of a quantile table must not decrease, found {v}, {w}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, relative: f64) {
        assert!((found - expected).abs() <= relative * expected.abs(), "{found} is not {expected}");
    }

    fn truncated(law: Distribution, min: f64, max: f64) -> Distribution {
        Distribution::Truncated { law: Box::new(law), min, max }
    }

    #[test]
    fn a_far_truncation_changes_nothing() {
        let (mean, cv) = (300.0, 1.5);
        for law in [
            Distribution::Gamma { mean, cv },
            Distribution::Lognormal { mean, cv },
            Distribution::Weibull { mean, cv },
        ] {
            let law = truncated(law, 0.0, 1e14);
            close(law.mean(), 300.0, 1e-10);
            close(law.cv(), 1.5, 1e-9);
        }
    }

    #[test]
    fn what_is_left_of_an_exponential_starts_again() {
        let law = truncated(Distribution::Exponential { mean: 4.0 }, 7.0, f64::INFINITY);
        close(law.mean(), 11.0, 1e-13);
        close(law.variance(), 16.0, 1e-12);
        let law = truncated(Distribution::Exponential { mean: 1.0 }, 0.0, 2.0);
        let kept = 1.0 - (-2.0_f64).exp();
        close(law.mean(), 1.0 - 2.0 * (-2.0_f64).exp() / kept, 1e-13);
    }

    #[test]
    fn moments_of_a_mixture_are_those_of_its_parts() {
        let law = Distribution::Mixture(vec![
            (3.0, Distribution::Constant(2.0)),
            (1.0, Distribution::Exponential { mean: 10.0 }),
        ]);
        close(law.mean(), 4.0, 1e-15);
        close(law.second_moment(), 0.75 * 4.0 + 0.25 * 200.0, 1e-14);
        assert_eq!(law.range(), (0.0, f64::INFINITY));
    }

    #[test]
    fn moments_of_simple_laws() {
        close(Distribution::Uniform { min: 2.0, max: 8.0 }.mean(), 5.0, 1e-15);
        close(Distribution::Uniform { min: 2.0, max: 8.0 }.variance(), 3.0, 1e-15);
        close(Distribution::Exponential { mean: 4.0 }.second_moment(), 32.0, 1e-15);
        close(Distribution::Gamma { mean: 4.0, cv: 0.5 }.cv(), 0.5, 1e-15);
        assert_eq!(Distribution::Constant(0.0).cv(), 0.0);
        // Uniform on [0, 1] with probability 0.5, else the constant 1 and then uniform on [1, 3].
        let table = Distribution::Quantiles(vec![(0.0, 0.0), (0.5, 1.0), (0.75, 1.0), (1.0, 3.0)]);
        close(table.mean(), 0.5 * 0.5 + 0.25 * 1.0 + 0.25 * 2.0, 1e-15);
        let second: f64 = 0.5 / 3.0 + 0.25 + 0.25 * (27.0 - 1.0) / 6.0;
        close(table.second_moment(), second, 1e-14);
    }

    #[test]
    fn refuses_laws_that_cannot_be_drawn() {
        let refused = [
            Distribution::Constant(-1.0),
            Distribution::Constant(f64::NAN),
            Distribution::Uniform { min: 3.0, max: 2.0 },
            Distribution::Exponential { mean: 0.0 },
            Distribution::Gamma { mean: 1.0, cv: 0.0 },
            Distribution::Weibull { mean: 1.0, cv: 0.001 },
            Distribution::Pareto { mean: 1.0, cv: 1.0 },
            Distribution::Zipf { exponent: -1.0, max: 3 },
            Distribution::Zipf { exponent: 1.0, max: 0 },
            truncated(Distribution::Lognormal { mean: 1000.0, cv: 0.5 }, 0.0, 10.0),
            truncated(Distribution::Gamma { mean: 1000.0, cv: 0.5 }, 5.0, f64::NAN),
            truncated(Distribution::Constant(1.0), 0.0, 10.0),
            Distribution::Mixture(vec![]),
            Distribution::Mixture(vec![(0.0, Distribution::Constant(1.0))]),
            Distribution::Mixture(vec![(1.0, Distribution::Mixture(vec![]))]),
            Distribution::Quantiles(vec![]),
            Distribution::Quantiles(vec![(0.0, 1.0), (0.9, 2.0)]),
            Distribution::Quantiles(vec![(0.0, 1.0), (0.5, 3.0), (0.5, 4.0), (1.0, 5.0)]),
            Distribution::Quantiles(vec![(0.0, 1.0), (f64::NAN, 3.0), (1.0, 5.0)]),
            Distribution::Quantiles(vec![(0.0, 4.0), (1.0, 2.0)]),
        ];
        let complaints: Vec<String> =
            refused.iter().map(|law| law.validate().expect_err(&format!("{law:?}"))).collect();
        insta::assert_snapshot!(complaints.join("\n"), @"
        a constant must be between 0 and 1e15, found -1
        a constant must be between 0 and 1e15, found NaN
        `min` of a uniform law (3) is above its `max` (2)
        `mean` of an exponential law must be positive and at most 1e15, found 0
        `cv` of a gamma law must be between 0.000001 and 100, found 0
        `cv` of a Weibull law must be between 0.01 and 100, found 0.001
        `cv` of a Pareto law must be between 1.01 and 100, found 1
        the exponent of a Zipf law must be between 0 and 10, found -1
        `max` of a Zipf law must be at least 1, found 0
        a truncation must keep at least 1% of a law, but from 0 to 10 lies 9.29e-20% of the one with mean 1000
        `min` of a truncated law (5) is not below its `max` (NaN)
        only a law with a tail can be truncated
        a mixture needs at least one law, found none
        the weight of a law in a mixture must be positive and at most 1e15, found 0
        a mixture cannot be part of a mixture
        a quantile table needs at least two points, found none
        the probabilities of a quantile table must run from 0 to 1, found 0 to 0.9
        probabilities of a quantile table must increase, found 0.5, 0.5
        probabilities of a quantile table must increase, found 0, NaN
        values of a quantile table must not decrease, found 4, 2
        ");
    }

    #[test]
    fn accepts_edge_cases() {
        for law in [
            Distribution::Constant(0.0),
            Distribution::Uniform { min: 2.0, max: 2.0 },
            truncated(Distribution::Lognormal { mean: 1000.0, cv: 1.0 }, 0.0, 500.0),
            Distribution::Quantiles(vec![(0.0, 7.0), (1.0, 7.0)]),
        ] {
            assert_eq!(law.validate(), Ok(()), "{law:?}");
        }
    }
}
