//! Whole tokens out of continuous laws: how draws are rounded, and what that does to the mean.

use super::Distribution;
use super::distribution::{LognormalShape, normal_cdf, segments};
use statrs::function::gamma::gamma_ur;

/// Terms of the survival series that are summed one by one; beyond them the integral differs from
/// the sum by less than a 24th of the density there.
const SERIES_TERMS: u32 = 1024;

/// `value` as a number of tokens: rounded to the nearest, at least 1, at most `u32::MAX`.
pub(super) fn whole_tokens(value: f64) -> u32 {
    // A cast from float saturates.
    ((value + 0.5) as u32).max(1)
}

impl Distribution {
    /// The mean number of tokens of a length that follows this law: the mean after rounding to
    /// whole tokens and raising to at least 1.
    ///
    /// Constant, uniform and tabulated laws are exact. The others sum
    /// `E[N] = 1 + Σ_{n≥2} P(X ≥ n − ½)` term by term and close with the integral of the tail,
    /// which is exact to a few millionths of a token.
    pub fn mean_tokens(&self) -> f64 {
        match *self {
            Self::Constant(value) => f64::from(whole_tokens(value)),
            Self::Uniform { min, max } => mean_between(min, max),
            Self::Quantiles(ref points) => {
                segments(points).map(|(weight, low, high)| weight * mean_between(low, high)).sum()
            }
            Self::Exponential { mean } => {
                // A geometric series: the ratio of neighbouring terms is exp(−1/mean).
                1.0 + (-1.5 / mean).exp() / -(-1.0 / mean).exp_m1()
            }
            Self::Gamma { mean, cv } => {
                let shape = (cv * cv).recip();
                let scale = mean / shape;
                let survival = |x: f64| gamma_ur(shape, x / scale);
                let excess = |a: f64| mean * gamma_ur(shape + 1.0, a / scale) - a * survival(a);
                survival_series(survival, excess)
            }
            Self::Lognormal { mean, cv, max } => {
                let law = LognormalShape::new(mean, cv, max);
                let survival = |x: f64| lognormal_survival(&law, x);
                let excess = |a: f64| {
                    (law.partial_moment(1.0, a.ln()) / law.kept() - a * survival(a)).max(0.0)
                };
                survival_series(survival, excess)
            }
        }
    }
}

/// P(X > x) of a truncated lognormal.
fn lognormal_survival(law: &LognormalShape, x: f64) -> f64 {
    if x.ln() >= law.ln_max {
        return 0.0;
    }
    // Upper tails, which keep their digits.
    let upper = |ln_x: f64| normal_cdf((law.mu - ln_x) / law.sigma);
    (upper(x.ln()) - upper(law.ln_max)) / law.kept()
}

/// `1 + Σ_{n≥2} P(X ≥ n − ½)` from the survival function and the mean excess E[(X − a)⁺].
///
/// The sum is the midpoint rule with unit steps for `∫ P(X > x) dx`, hence the tail.
fn survival_series(survival: impl Fn(f64) -> f64, excess: impl Fn(f64) -> f64) -> f64 {
    let head: f64 = (2..=SERIES_TERMS).map(|n| survival(f64::from(n) - 0.5)).sum();
    1.0 + head + excess(f64::from(SERIES_TERMS))
}

/// The mean of whole tokens of a value that is uniform on [low, high].
fn mean_between(low: f64, high: f64) -> f64 {
    // Everything below 1.5 becomes one token.
    let ones = high.min(1.5) - low.min(1.5);
    let (from, to) = (low.max(1.5), high.max(1.5));
    if high <= low {
        return f64::from(whole_tokens(low));
    }
    // The integral of round(x) from 0 to x is (x² − δ²)/2, with δ the distance to the nearest
    // integer: the sawtooth's areas cancel over whole steps.
    let sawtooth = |x: f64| (x - (x + 0.5).floor()).powi(2);
    let rest = ((to - from) * (to + from) - (sawtooth(to) - sawtooth(from))) / 2.0;
    (ones + rest) / (high - low)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, relative: f64) {
        assert!((found - expected).abs() <= relative * expected.abs(), "{found} is not {expected}");
    }

    #[test]
    fn rounds_to_the_nearest_and_never_to_nothing() {
        for (value, tokens) in [(0.0, 1), (0.7, 1), (1.49, 1), (1.5, 2), (7.0, 7), (1e12, u32::MAX)]
        {
            assert_eq!(whole_tokens(value), tokens, "{value}");
        }
    }

    #[test]
    fn uniform_and_tabulated_laws_match_a_fine_grid() {
        for (low, high) in [(0.0, 3.0), (0.2, 0.9), (1.1, 7.3), (2.5, 2.5), (99.9, 100.2)] {
            let steps = 1_000_000;
            let grid: f64 = (0..steps)
                .map(|i| low + (high - low) * (f64::from(i) + 0.5) / f64::from(steps))
                .map(|x| f64::from(whole_tokens(x)))
                .sum();
            let expected = grid / f64::from(steps);
            close(Distribution::Uniform { min: low, max: high }.mean_tokens(), expected, 1e-5);
            let table = Distribution::Quantiles(vec![(0.0, low), (1.0, high)]);
            close(table.mean_tokens(), expected, 1e-5);
        }
    }

    /// The same sum over every token that can occur, without the closing integral.
    fn term_by_term(survival: impl Fn(f64) -> f64, last: u32) -> f64 {
        1.0 + (2..=last).map(|n| survival(f64::from(n) - 0.5)).sum::<f64>()
    }

    #[test]
    fn series_match_the_whole_sum() {
        for mean in [0.3, 5.0, 500.0] {
            let expected = term_by_term(|x| (-x / mean).exp(), 100_000);
            close(Distribution::Exponential { mean }.mean_tokens(), expected, 1e-9);
            for cv in [0.2, 1.0, 3.0] {
                let shape = 1.0 / (cv * cv);
                let survival = |x: f64| gamma_ur(shape, x * shape / mean);
                let expected = term_by_term(survival, 400_000);
                close(Distribution::Gamma { mean, cv }.mean_tokens(), expected, 1e-6);
                for max in [None, Some(mean * 3.0)] {
                    let law = LognormalShape::new(mean, cv, max);
                    let expected = term_by_term(|x| lognormal_survival(&law, x), 2_000_000);
                    let found = Distribution::Lognormal { mean, cv, max }.mean_tokens();
                    close(found, expected, 1e-5);
                }
            }
        }
    }
}
