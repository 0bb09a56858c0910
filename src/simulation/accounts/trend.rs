//! Whether a queue grows beyond what chance does.
//!
//! Of a queue that keeps up with its arrivals the changes from one bucket of time to the next cancel
//! out: what it grows now it shrinks later, so that their sum stays small beside √n times their spread.
//! At worst, with exactly as much work as can be done, it is the absolute value of a random walk. Of a
//! queue that does not keep up they have a mean above zero, and their sum grows with n. So Student's t of
//! the changes against zero is compared with its two-sided quantile at [`FALSE_ALARM`]: no load up to
//! 1 is called growing more often than that, and a load well below 1 practically never.

use crate::metrics::wide;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Probability that a queue with a load of exactly 1 is called growing.
pub(super) const FALSE_ALARM: f64 = 1e-4;
/// Fewer changes say nothing about their spread.
const MIN_CHANGES: u32 = 10;

/// The changes of a queue's length from one instant to the next, equally far apart: of one replication
/// or, [merged](Self::merge), of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trend {
    last: Option<u64>,
    changes: u32,
    sum: i64,
    #[serde(with = "wide")]
    squares: u128,
    /// Replications, and those of them in which it was longer at the end than at the start.
    runs: u32,
    grew: u32,
}

impl Trend {
    /// Takes note of the queue's length at the next instant.
    pub(super) fn observe(&mut self, length: u64) {
        if let Some(last) = self.last {
            let change = length as i64 - last as i64;
            self.changes += 1;
            self.sum += change;
            self.squares += u128::from(change.unsigned_abs()).pow(2);
        }
        self.last = Some(length);
        self.runs = 1;
        self.grew = u32::from(self.sum > 0);
    }

    /// Adds the changes of other replications.
    pub fn merge(&mut self, other: &Self) {
        self.changes += other.changes;
        self.sum += other.sum;
        self.squares += other.squares;
        self.runs += other.runs;
        self.grew += other.grew;
    }

    /// Whether there are enough changes to tell.
    pub fn is_known(&self) -> bool {
        self.changes >= MIN_CHANGES
    }

    /// Requests by which the queue grew from one instant to the next in the mean, if it grows: beyond
    /// chance, and in most replications.
    pub fn growth(&self) -> Option<f64> {
        if !self.is_known() || self.sum <= 0 || 2 * self.grew <= self.runs {
            return None;
        }
        let n = f64::from(self.changes);
        let mean = self.sum as f64 / n;
        let variance = (self.squares as f64 - n * mean * mean).max(0.0) / (n - 1.0);
        let student = StudentsT::new(0.0, 1.0, n - 1.0).expect("at least one degree of freedom");
        let limit = student.inverse_cdf(1.0 - FALSE_ALARM / 2.0);
        (mean > limit * (variance / n).sqrt()).then_some(mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Purpose, Stream, Streams};
    use rand::RngExt;

    fn trend(lengths: impl IntoIterator<Item = u64>) -> Trend {
        let mut trend = Trend::default();
        lengths.into_iter().for_each(|length| trend.observe(length));
        trend
    }

    /// M/M/1 as it is seen at arrivals and departures: of its steps a part `load / (1 + load)` goes up.
    fn queue(load: f64, steps: u32, every: u32, stream: &mut Stream) -> Trend {
        let mut length = 0_u64;
        trend((0..=steps).filter_map(|step| {
            if step > 0 {
                let up = stream.random::<f64>() < load / (1.0 + load);
                length = if up { length + 1 } else { length.saturating_sub(1) };
            }
            step.is_multiple_of(every).then_some(length)
        }))
    }

    #[test]
    fn growth_is_the_mean_change() {
        assert_eq!(trend((0..20).map(|step| 3 * step)).growth(), Some(3.0));
        assert_eq!(trend((0..20).map(|step| 60 - 3 * step)).growth(), None);
        assert_eq!(trend((0..20).map(|step| step % 2)).growth(), None);
        assert_eq!(trend(0..5).growth(), None, "too few to tell");
    }

    #[test]
    fn most_replications_must_agree() {
        let (up, flat) = (trend((0..40).map(|step| 9 * step)), trend([5; 40]));
        let mut merged = up;
        merged.merge(&flat);
        assert_eq!(merged.growth(), None);
        merged.merge(&up);
        assert!(merged.growth().is_some());
    }

    /// A thousand queues at load 1, 60 buckets each, with a chance of 1 in 10,000 each by design: the
    /// number of alarms is about Poisson with mean 0.1, above 3 once in 250,000 seeds.
    #[test]
    fn a_critical_queue_is_rarely_called_growing() {
        let seed = 17;
        let mut stream = Streams::new(seed, 0).stream(Purpose::Service, "critical");
        let alarms =
            (0..1000).filter(|_| queue(1.0, 12_000, 200, &mut stream).growth().is_some()).count();
        assert!(alarms <= 3, "seed {seed}: {alarms} alarms");
    }

    /// A load of 1.05 over 60,000 steps (30,000 calls): the sum is 24 in a thousand steps, 6 standard
    /// deviations; missed in 1 of 50.
    #[test]
    fn an_overloaded_queue_is_called_growing_and_a_busy_one_is_not() {
        let seed = 18;
        let mut stream = Streams::new(seed, 0).stream(Purpose::Service, "overloaded");
        let mut calls = |load| {
            (0..50).filter(|_| queue(load, 60_000, 1000, &mut stream).growth().is_some()).count()
        };
        let (over, busy) = (calls(1.05), calls(0.98));
        assert!(over >= 44 && busy == 0, "seed {seed}: {over} and {busy} of 50");
    }
}
