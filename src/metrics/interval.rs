//! Means over replications and their confidence intervals.

use statrs::distribution::{ContinuousCDF, StudentsT};
use std::sync::OnceLock;

/// Probability that a 95 % interval's upper end is above the mean.
const UPPER: f64 = 0.975;

/// A mean over independent values, with the half-width of its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// The mean.
    pub mean: f64,
    /// Half-width of the 95 % Student-t interval; `None` for one value.
    pub ci95: Option<f64>,
    /// How many values.
    pub n: u32,
}

impl Mean {
    /// The mean of `values`; `None` when there are none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut moments = Moments::default();
        values.iter().for_each(|&value| moments.add(value));
        moments.mean()
    }
}

/// What is kept of independent values to know their mean and its interval: memory does not grow with their
/// number. Equal values in the same order give the same bits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    n: u32,
    /// The sum, and what rounding took from it (Knuth's TwoSum).
    sum: f64,
    lost: f64,
    /// Welford's running mean, and the sum of squares around it.
    centre: f64,
    squares: f64,
}

impl Moments {
    /// Takes in one value more.
    pub fn add(&mut self, value: f64) {
        self.n += 1;
        let sum = self.sum + value;
        let added = sum - self.sum;
        self.lost += (self.sum - (sum - added)) + (value - added);
        self.sum = sum;
        // Welford (1962): the squares never cancel, however far the mean is from zero.
        let before = value - self.centre;
        self.centre += before / f64::from(self.n);
        self.squares += before * (value - self.centre);
    }

    /// The mean of the values so far; `None` when there are none.
    pub fn mean(&self) -> Option<Mean> {
        let n = f64::from(self.n);
        let rounded = self.sum / n;
        // Equal values have no spread, which the rounding of their sum would give them.
        let mean = rounded + (rounded.mul_add(-n, self.sum) + self.lost) / n;
        let ci95 = (self.n > 1).then(|| {
            let standard_error = (self.squares / (n - 1.0) / n).sqrt();
            upper_quantile(self.n - 1) * standard_error
        });
        (self.n > 0).then_some(Mean { mean, ci95, n: self.n })
    }
}

/// Student's t that is exceeded with probability 2.5 %. Intervals are asked for by the thousand, nearly all
/// with the same few degrees of freedom, and finding it takes longer than all else.
fn upper_quantile(freedom: u32) -> f64 {
    static KNOWN: [OnceLock<f64>; 64] = [const { OnceLock::new() }; 64];
    let find = || {
        let t = StudentsT::new(0.0, 1.0, f64::from(freedom));
        t.expect("at least one degree of freedom").inverse_cdf(UPPER)
    };
    KNOWN.get(freedom as usize).map_or_else(find, |known| *known.get_or_init(find))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Purpose, Streams};
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn half_width_is_students() {
        let mean = Mean::of(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        // t(0.975, 3) = 3.182446; s = 1.290994; √4 = 2.
        assert_eq!(mean.mean, 2.5);
        assert!((mean.ci95.unwrap() - 3.182_446 * 1.290_994 / 2.0).abs() < 1e-5);
        assert_eq!(Mean::of(&[7.0]), Some(Mean { mean: 7.0, ci95: None, n: 1 }));
        assert_eq!(Mean::of(&[]), None);
    }

    #[test]
    fn equal_values_have_no_spread() {
        assert_ne!([0.1; 7].iter().sum::<f64>() / 7.0, 0.1);
        assert_eq!(Mean::of(&[0.1; 7]), Some(Mean { mean: 0.1, ci95: Some(0.0), n: 7 }));
    }

    /// Sums of squares and the square of a sum would leave nothing of this spread.
    #[test]
    fn a_small_spread_far_from_zero_is_kept() {
        let mean = Mean::of(&[1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0]).unwrap();
        assert_eq!(mean.mean, 1e9 + 2.0);
        // t(0.975, 2) = 4.302653; s = 1; √3.
        assert!((mean.ci95.unwrap() - 4.302_653 / 3_f64.sqrt()).abs() < 1e-5);
    }

    /// A mean is rounded once: a small value is not lost between large ones that cancel.
    #[test]
    fn means_are_rounded_once() {
        assert_eq!(Mean::of(&[1e16, 1.0, -1e16]).unwrap().mean, 1.0 / 3.0);
        assert_eq!(Mean::of(&[0.1, 0.2, 0.3]).unwrap().mean, 0.2);
    }

    /// Of 4,000 intervals over 5 normal values, 95 % cover: within 4.9 standard deviations of a
    /// binomial, so that one seed in a million fails.
    #[test]
    fn intervals_cover() {
        let seed = 5;
        let mut stream = Streams::new(seed, 0).stream(Purpose::Service, "coverage");
        let trials = 4000;
        let covers = |_: &i32| {
            let values: Vec<f64> = (0..5).map(|_| StandardNormal.sample(&mut stream)).collect();
            let mean = Mean::of(&values).unwrap();
            mean.mean.abs() <= mean.ci95.unwrap()
        };
        let covered = (0..trials).filter(covers).count() as f64 / f64::from(trials);
        let sd = (0.95 * 0.05 / f64::from(trials)).sqrt();
        assert!((covered - 0.95).abs() < 4.9 * sd, "seed {seed}: {covered}");
    }
}
