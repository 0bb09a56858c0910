//! Means over replications, and how far they may be off.

use super::bounds::{Bounded, MISS};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// A mean over independent replications.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Paired {
    /// The mean.
    pub mean: f64,
    /// The square of its standard error; infinite where one replication says nothing of it.
    pub variance: f64,
    /// Degrees of freedom.
    pub freedom: usize,
}

impl Paired {
    pub(super) fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let n = values.clone().count() as f64;
        // Around the first one: equal values have exactly their own mean, and no spread.
        let first = values.clone().next().unwrap_or(0.0);
        let mean = first + values.clone().map(|value| value - first).sum::<f64>() / n;
        let squares: f64 = values.map(|value| (value - mean).powi(2)).sum();
        let variance = if n > 1.0 { squares / (n - 1.0) / n } else { f64::INFINITY };
        Self { mean, variance, freedom: (n as usize).saturating_sub(1) }
    }

    /// The mean with its two-sided interval.
    pub(crate) fn bounded(&self) -> Bounded {
        Bounded::around(self.mean, self.off(MISS / 2.0))
    }

    /// How far the mean may be off to one side, but for a probability of `miss`: by Student's t. None for one replication.
    pub(crate) fn off(&self, miss: f64) -> Option<f64> {
        (self.freedom > 0).then(|| student(self.freedom, miss) * self.variance.sqrt())
    }
}

/// Student's t that is exceeded with a probability of `miss`.
pub(super) fn student(freedom: usize, miss: f64) -> f64 {
    let t = StudentsT::new(0.0, 1.0, freedom as f64).expect("at least one degree of freedom");
    t.inverse_cdf(1.0 - miss)
}
