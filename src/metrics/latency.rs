//! Distributions of latencies in bounded memory.

use crate::engine::SimDuration;
use hdrhistogram::Histogram;

/// Relative resolution: three significant digits.
const DIGITS: u8 = 3;
const NANOS_PER_MICRO: u64 = 1000;
const MICROS_PER_SECOND: f64 = 1e6;
/// The longest latency told apart from longer ones: 10 days.
const MAX_MICROS: u64 = 10 * 86_400 * 1_000_000;

/// A histogram of durations in microseconds to three significant digits. Memory does not grow
/// with what is recorded.
#[derive(Clone, Debug)]
pub struct LatencyHistogram(Histogram<u32>);

impl Default for LatencyHistogram {
    fn default() -> Self {
        Self(Histogram::new_with_max(MAX_MICROS, DIGITS).expect("three digits are supported"))
    }
}

impl LatencyHistogram {
    /// Counts a duration, rounded to the nearest microsecond.
    pub fn record(&mut self, duration: SimDuration) {
        let micros = duration.as_nanos().saturating_add(NANOS_PER_MICRO / 2) / NANOS_PER_MICRO;
        self.0.saturating_record(micros);
    }

    /// Adds another histogram's counts.
    pub fn merge(&mut self, other: &Self) {
        self.0.add(&other.0).expect("equal bounds");
    }

    /// How many durations were counted.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// Seconds below which a fraction `probability` of durations lie; `None` when empty.
    pub fn quantile(&self, probability: f64) -> Option<f64> {
        (!self.0.is_empty())
            .then(|| self.0.value_at_quantile(probability) as f64 / MICROS_PER_SECOND)
    }

    /// The fraction of durations of `seconds` or longer; `None` when empty. Exact, up to the
    /// rounding of durations to microseconds, where a class begins: at powers of two in
    /// microseconds, among others.
    pub fn fraction_from(&self, seconds: f64) -> Option<f64> {
        let micros = (seconds * MICROS_PER_SECOND).round() as u64;
        let longer = || self.0.count_between(micros, MAX_MICROS) as f64;
        (!self.0.is_empty()).then(|| longer() / self.0.len() as f64)
    }

    /// (seconds, fraction of durations up to that) at each of `probabilities`, in their order.
    pub fn cdf(&self, probabilities: impl Iterator<Item = f64>) -> Vec<(f64, f64)> {
        if self.0.is_empty() {
            return Vec::new();
        }
        probabilities
            .map(|probability| {
                let micros = self.0.value_at_quantile(probability);
                (micros as f64 / MICROS_PER_SECOND, self.0.quantile_below(micros))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_exact_at_powers_of_two() {
        let mut histogram = LatencyHistogram::default();
        assert_eq!(histogram.fraction_from(1.0), None);
        let edge = 1 << 20;
        for micros in [0, edge - 1, edge, edge + 1, MAX_MICROS, 2 * MAX_MICROS] {
            histogram.record(SimDuration::from_nanos(micros * NANOS_PER_MICRO));
        }
        assert_eq!(histogram.fraction_from(edge as f64 / MICROS_PER_SECOND), Some(4.0 / 6.0));
        assert_eq!(histogram.fraction_from(0.0), Some(1.0));
    }
}
