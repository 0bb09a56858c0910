//! Differences that are nothing but the rounding of floating-point numbers.

/// Rounding leaves at most this part of the numbers that something is computed from: thousands of times what
/// a single operation does, since metrics are sums.
const ROUNDING: f64 = 1e-12;

/// A difference or a part of one; zero where it is within the rounding of numbers of this `size`.
pub(super) fn beyond_rounding(difference: f64, size: f64) -> f64 {
    if difference.abs() <= ROUNDING * size { 0.0 } else { difference }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_small_counts_beside_what_is_smaller() {
        let noise = 0.1 + 0.2 - 0.3;
        assert!(noise != 0.0);
        assert_eq!(beyond_rounding(noise, 0.3), 0.0);
        assert_eq!(beyond_rounding(noise, 1e-16), noise);
        assert_eq!(beyond_rounding(-4.4e-16, 133.7), 0.0);
        assert_eq!(beyond_rounding(0.0, 0.0), 0.0);
    }
}
