//! Whole tokens out of continuous laws: how draws are rounded, and what that does to the mean.

use super::continuous::Continuous;
use super::distribution::{segments, weighted};
use super::{Distribution, zipf};

/// Terms of the survival series that are summed one by one, at most, before an integral stands for the rest.
const SERIES_TERMS: f64 = 1024.0;
/// Fewer are, at least so many, where the survival function is so smooth there that the integral errs by no more than this.
const SMOOTH_TERMS: f64 = 32.0;
const SMOOTH: f64 = 1e-10;

/// Most tokens of a prompt or an output: ten times the longest context of any model, and so few that no
/// sum over a call overflows.
pub(super) const MAX_CALL_TOKENS: u32 = 100_000_000;

/// `value` as a number of tokens: rounded to the nearest, at least 1, at most [`MAX_CALL_TOKENS`].
pub(super) fn whole_tokens(value: f64) -> u32 {
    // A cast from float saturates.
    ((value + 0.5) as u32).clamp(1, MAX_CALL_TOKENS)
}

impl Distribution {
    /// The mean number of tokens of a length that follows this law: the mean after truncation,
    /// rounding to whole tokens and raising to at least 1.
    ///
    /// Constant, uniform, Zipf and tabulated laws are exact. The others sum
    /// `E[N] = 1 + Σ_{n≥2} P(X ≥ n − ½)` term by term and close with the integral of the tail,
    /// which together are exact to a billionth.
    pub fn mean_tokens(&self) -> f64 {
        match *self {
            Self::Constant(value) => f64::from(whole_tokens(value)),
            Self::Uniform { min, max } => mean_between(min, max),
            Self::Zipf { exponent, max } => zipf::moment(1, exponent, max),
            Self::Quantiles(ref points) => {
                segments(points).map(|(weight, low, high)| weight * mean_between(low, high)).sum()
            }
            Self::Exponential { mean } => {
                // A geometric series: the ratio of neighbouring terms is exp(−1/mean).
                1.0 + (-1.5 / mean).exp() / -(-1.0 / mean).exp_m1()
            }
            Self::Gamma { .. }
            | Self::Lognormal { .. }
            | Self::Weibull { .. }
            | Self::Pareto { .. } => Part::new(self, 0.0, f64::INFINITY).mean_tokens(),
            Self::Truncated { ref law, min, max } => Part::new(law, min, max).mean_tokens(),
            Self::Mixture(ref laws) => weighted(laws, Self::mean_tokens),
        }
    }
}

/// A law with a tail, given that it lies in (min, max].
struct Part {
    law: Continuous,
    min: f64,
    max: f64,
    /// The probability that it does.
    kept: f64,
}

impl Part {
    fn new(law: &Distribution, min: f64, max: f64) -> Self {
        let law = Continuous::of(law).expect("validated: a law with a tail");
        Self { law, min, max, kept: law.partial_moment(0, min, max) }
    }

    /// P(X > x).
    fn survival(&self, x: f64) -> f64 {
        if x <= self.min { 1.0 } else { self.law.partial_moment(0, x, self.max) / self.kept }
    }

    /// E[(X − a)⁺], for `a` not below the minimum: the integral of the survival function from a.
    fn excess(&self, a: f64) -> f64 {
        let mean = self.law.partial_moment(1, a, self.max) / self.kept;
        (mean - a * self.survival(a)).max(0.0)
    }

    /// The sum of P(N ≥ n) over all n.
    fn mean_tokens(&self) -> f64 {
        // Up to here all terms are 1.
        let first = self.min.floor().max(1.0);
        let split = first + self.terms(first);
        let term = |n: f64| self.survival(n - 0.5);
        let until = |last: f64| {
            let numbers = (1..).map(|i| first + f64::from(i)).take_while(move |&n| n <= last);
            first + numbers.map(term).sum::<f64>()
        };
        // The last cell of unit width that is whole, and what may be left of the next one.
        let last = self.max.floor();
        if last < split + SERIES_TERMS {
            return until(last + 1.0);
        }
        until(split)
            + self.midpoints(split, last)
            + if last < self.max { term(last + 1.0) } else { 0.0 }
    }

    /// Terms after `first` that are summed: the remainder of Euler and Maclaurin's formula for the midpoint rule begins
    /// with 7/5760 of the third derivative at its ends, here of the first one. The sum itself is at least `first`.
    fn terms(&self, first: f64) -> f64 {
        let third = |x: f64| {
            let at = |steps: f64| self.survival(x + steps);
            (at(3.0) - 3.0 * at(2.0) + 3.0 * at(1.0) - at(0.0)).abs()
        };
        let doubled = std::iter::successors(Some(SMOOTH_TERMS), |terms| Some(2.0 * terms));
        let mut fewer = doubled.take_while(|&terms| terms < SERIES_TERMS);
        let smooth = |&terms: &f64| third(first + terms) * 7.0 / 5760.0 <= SMOOTH * first;
        fewer.find(smooth).unwrap_or(SERIES_TERMS)
    }

    /// Σ P(X ≥ n − ½) over the whole n from `from` + 1 to `to`: the midpoint rule with unit steps
    /// for the integral of the survival function, so the integral less the rule's error, which the
    /// slopes at both ends give (Euler and Maclaurin).
    fn midpoints(&self, from: f64, to: f64) -> f64 {
        let slope = |x: f64| {
            let at = |steps: f64| self.survival(x - steps);
            if x < f64::INFINITY { (3.0 * at(0.0) - 4.0 * at(1.0) + at(2.0)) / 2.0 } else { 0.0 }
        };
        let rest = if to < f64::INFINITY { self.excess(to) } else { 0.0 };
        self.excess(from) - rest - (slope(to) - slope(from)) / 24.0
    }
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
        for (value, tokens) in
            [(0.0, 1), (0.7, 1), (1.49, 1), (1.5, 2), (7.0, 7), (1e12, MAX_CALL_TOKENS)]
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
    fn term_by_term(part: &Part, last: u32) -> f64 {
        1.0 + (2..=last).rev().map(|n| part.survival(f64::from(n) - 0.5)).sum::<f64>()
    }

    fn laws(mean: f64, cv: f64) -> Vec<Distribution> {
        let mut laws = vec![
            Distribution::Gamma { mean, cv },
            Distribution::Lognormal { mean, cv },
            Distribution::Weibull { mean, cv },
        ];
        if cv > 1.0 {
            laws.push(Distribution::Pareto { mean, cv });
        }
        laws
    }

    #[test]
    fn truncated_series_match_the_whole_sum() {
        for cv in [0.2, 1.5] {
            for law in laws(1800.0, cv) {
                for (min, max) in
                    [(0.0, 5.3), (0.0, 4096.0), (0.0, 5000.4), (0.0, 5000.7), (1500.5, 8000.0)]
                {
                    let part = Part::new(&law, min, max);
                    if part.kept < 0.01 {
                        continue;
                    }
                    let cut = Distribution::Truncated { law: Box::new(law.clone()), min, max };
                    close(cut.mean_tokens(), term_by_term(&part, 8001), 1e-9);
                }
            }
        }
    }

    #[test]
    fn series_match_the_whole_sum() {
        for mean in [0.3, 5.0, 500.0] {
            let part = Part::new(&Distribution::Exponential { mean }, 0.0, f64::INFINITY);
            let expected = term_by_term(&part, 40_000);
            close(Distribution::Exponential { mean }.mean_tokens(), expected, 1e-9);
            for cv in [0.2, 1.0, 1.3] {
                for law in laws(mean, cv) {
                    let part = Part::new(&law, 0.0, f64::INFINITY);
                    // A heavy tail goes on; what the sum leaves out is its integral.
                    let last = 100_000;
                    let expected = term_by_term(&part, last) + part.excess(f64::from(last));
                    close(law.mean_tokens(), expected, 1e-9);
                }
            }
        }
    }
}
