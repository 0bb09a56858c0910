//! Multiplying integer time by a factor, rounded once and correctly.

use crate::engine::SimDuration;

/// A positive factor as the exact fraction that a double is: `mantissa / 2^shift`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeScale {
    mantissa: u64,
    shift: u32,
}

impl TimeScale {
    /// Smallest and largest factor.
    pub(super) const RANGE: std::ops::RangeInclusive<f64> = 1e-6..=1e6;

    /// The factor `scale`; `None` outside [`RANGE`](Self::RANGE).
    pub(super) fn new(scale: f64) -> Option<Self> {
        if !Self::RANGE.contains(&scale) {
            return None;
        }
        // In this range the number is normal, and its last digit is worth 2⁻³³ or less.
        let bits = scale.to_bits();
        let fraction_bits = f64::MANTISSA_DIGITS - 1;
        let exponent = (bits >> fraction_bits) as u32;
        let mantissa = bits & ((1 << fraction_bits) - 1) | 1 << fraction_bits;
        let bias = f64::MAX_EXP as u32 - 1;
        Some(Self { mantissa, shift: bias + fraction_bits - exponent })
    }

    /// `nanos` times the factor, rounded half up; `None` past the end of time.
    pub(super) fn apply(self, nanos: u64) -> Option<SimDuration> {
        // 64 and 53 bits: the product fits, and so does the half.
        let product = u128::from(nanos) * u128::from(self.mantissa);
        let rounded = (product + (1 << (self.shift - 1))) >> self.shift;
        u64::try_from(rounded).ok().map(SimDuration::from_nanos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_changes_nothing() {
        let one = TimeScale::new(1.0).expect("in range");
        for nanos in [0, 1, 999_999_999, (1 << 53) + 1, u64::MAX] {
            assert_eq!(one.apply(nanos), Some(SimDuration::from_nanos(nanos)));
        }
    }

    #[test]
    fn rounds_the_exact_product() {
        let apply = |scale, nanos| {
            TimeScale::new(scale).expect("in range").apply(nanos).map(SimDuration::as_nanos)
        };
        assert_eq!(apply(0.5, 3), Some(2));
        assert_eq!(apply(0.5, (1 << 60) + 2), Some((1 << 59) + 1));
        assert_eq!(apply(2.0, (1 << 60) + 1), Some((1 << 61) + 2));
        assert_eq!(apply(1e-6, 1_499_999), Some(1));
        assert_eq!(apply(1e6, 123), Some(123_000_000));
        assert_eq!(apply(1e6, u64::MAX), None);
        for nanos in 0..10_000u64 {
            assert_eq!(apply(1.37, nanos), Some((1.37 * nanos as f64 + 0.5) as u64), "{nanos}");
        }
    }

    #[test]
    fn refuses_what_is_out_of_range() {
        for scale in [0.0, -1.0, 1e-7, 1e7, f64::NAN, f64::INFINITY] {
            assert_eq!(TimeScale::new(scale), None, "{scale}");
        }
    }
}
