//! Validity and exact moments of the laws that a scenario can name.

use super::Distribution;
use statrs::function::erf::erfc;

/// Smallest and largest coefficient of variation: beyond these a double no longer tells the law
/// from a constant, or from one that is almost always zero.
const CV_RANGE: std::ops::RangeInclusive<f64> = 1e-6..=100.0;
/// Largest value: as nanoseconds or tokens far beyond what a simulation can hold.
const MAX_VALUE: f64 = 1e15;
/// A truncation must keep at least this much of a law, or redrawing the tail takes too long and
/// the law that was asked for is not the one that is drawn.
const MIN_KEPT: f64 = 0.01;

/// The parameters of the normal law under a lognormal one, and the truncation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LognormalShape {
    /// Mean of the logarithm.
    pub mu: f64,
    /// Standard deviation of the logarithm.
    pub sigma: f64,
    /// Logarithm of the largest value; infinite without truncation.
    pub ln_max: f64,
}

impl LognormalShape {
    pub fn new(mean: f64, cv: f64, max: Option<f64>) -> Self {
        let variance = (cv * cv).ln_1p();
        Self {
            mu: mean.ln() - variance / 2.0,
            sigma: variance.sqrt(),
            ln_max: max.map_or(f64::INFINITY, f64::ln),
        }
    }

    /// The largest standard normal draw that survives the truncation.
    pub fn z_max(&self) -> f64 {
        (self.ln_max - self.mu) / self.sigma
    }

    /// The probability that a draw survives the truncation.
    pub fn kept(&self) -> f64 {
        normal_cdf(self.z_max())
    }

    /// E[Xᵏ; ln X > ln_from] before renormalising by [`kept`](Self::kept), X cut off at the
    /// truncation: the partial moment of the lognormal law, `exp(kμ + k²σ²/2)` times the normal
    /// probability of the shifted interval.
    pub fn partial_moment(&self, k: f64, ln_from: f64) -> f64 {
        let shifted = |ln_x: f64| (ln_x - self.mu - k * self.sigma * self.sigma) / self.sigma;
        let (from, to) = (shifted(ln_from), shifted(self.ln_max));
        // Differences of upper tails keep their digits where cdfs are both nearly 1.
        let between = if from > 0.0 {
            normal_cdf(-from) - normal_cdf(-to)
        } else {
            normal_cdf(to) - normal_cdf(from)
        };
        let scale = k * self.mu + k * k * self.sigma * self.sigma / 2.0;
        scale.exp() * between
    }

    /// E[Xᵏ] after truncation.
    fn moment(&self, k: f64) -> f64 {
        self.partial_moment(k, f64::NEG_INFINITY) / self.kept()
    }
}

/// P(Z ≤ z) for a standard normal Z, accurate in both tails.
pub(super) fn normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

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
            Self::Lognormal { mean, cv, max } => {
                positive("`mean` of a lognormal law", mean)?;
                variation("`cv` of a lognormal law", cv)?;
                max.map_or(Ok(()), |max| truncation(mean, cv, max))
            }
            Self::Quantiles(ref points) => quantiles(points),
        }
    }

    /// The mean, after truncation.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Constant(value) => value,
            Self::Uniform { min, max } => min + (max - min) / 2.0,
            Self::Exponential { mean }
            | Self::Gamma { mean, .. }
            | Self::Lognormal { mean, max: None, .. } => mean,
            Self::Lognormal { mean, cv, max } => LognormalShape::new(mean, cv, max).moment(1.0),
            Self::Quantiles(ref points) => {
                segments(points).map(|(weight, low, high)| weight * (low + high) / 2.0).sum()
            }
        }
    }

    /// The variance, after truncation.
    pub fn variance(&self) -> f64 {
        match *self {
            Self::Constant(_) => 0.0,
            Self::Uniform { min, max } => (max - min).powi(2) / 12.0,
            Self::Exponential { mean } => mean * mean,
            Self::Gamma { mean, cv } | Self::Lognormal { mean, cv, max: None } => {
                (mean * cv).powi(2)
            }
            Self::Lognormal { mean, cv, max } => {
                let shape = LognormalShape::new(mean, cv, max);
                // Rounding can take the difference of a nearly constant law below zero.
                (shape.moment(2.0) - shape.moment(1.0).powi(2)).max(0.0)
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

fn truncation(mean: f64, cv: f64, max: f64) -> Result<(), String> {
    positive("`max` of a lognormal law", max)?;
    let kept = LognormalShape::new(mean, cv, Some(max)).kept();
    if kept >= MIN_KEPT {
        return Ok(());
    }
    Err(format!(
        "`max` of a lognormal law ({max}) must keep at least {}% of it, but keeps {:.2e}% of mean \
         {mean} and cv {cv}",
        MIN_KEPT * 100.0,
        kept * 100.0
    ))
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

    /// Simpson's rule on the density: slow, and independent of the closed forms.
    fn truncated_moment_numerically(mean: f64, cv: f64, max: f64, k: i32) -> f64 {
        let shape = LognormalShape::new(mean, cv, Some(max));
        let (low, high) = (-12.0, shape.z_max());
        let steps = 20_000;
        let width = (high - low) / f64::from(steps);
        let integrate = |f: &dyn Fn(f64) -> f64| -> f64 {
            (0..=steps)
                .map(|i| {
                    let weight = match i {
                        0 => 1.0,
                        i if i == steps => 1.0,
                        i if i % 2 == 1 => 4.0,
                        _ => 2.0,
                    };
                    weight * f(low + width * f64::from(i))
                })
                .sum()
        };
        let density = |z: f64| (-z * z / 2.0).exp();
        integrate(&|z| (shape.mu + shape.sigma * z).exp().powi(k) * density(z))
            / integrate(&density)
    }

    #[test]
    fn truncated_lognormal_moments_match_quadrature() {
        for (mean, cv, max) in [(1000.0, 1.2, 4000.0), (200.0, 0.3, 250.0), (50.0, 3.0, 60.0)] {
            let law = Distribution::Lognormal { mean, cv, max: Some(max) };
            close(law.mean(), truncated_moment_numerically(mean, cv, max, 1), 1e-9);
            close(law.second_moment(), truncated_moment_numerically(mean, cv, max, 2), 1e-9);
        }
    }

    #[test]
    fn a_far_truncation_changes_nothing() {
        let law = Distribution::Lognormal { mean: 300.0, cv: 1.5, max: Some(1e14) };
        close(law.mean(), 300.0, 1e-12);
        close(law.cv(), 1.5, 1e-9);
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
            Distribution::Lognormal { mean: 1000.0, cv: 0.5, max: Some(10.0) },
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
        `max` of a lognormal law (10) must keep at least 1% of it, but keeps 9.29e-20% of mean 1000 and cv 0.5
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
            Distribution::Lognormal { mean: 1000.0, cv: 1.0, max: Some(500.0) },
            Distribution::Quantiles(vec![(0.0, 7.0), (1.0, 7.0)]),
        ] {
            assert_eq!(law.validate(), Ok(()), "{law:?}");
        }
    }
}
