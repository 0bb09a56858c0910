//! Moments of Zipf's law.

/// Terms summed one by one before the Euler–Maclaurin formula takes over: what it leaves out is
/// then below a double's precision for the exponents allowed.
const TERMS: u32 = 1000;

/// E[Nᵏ] where P(N = n) is proportional to n^−exponent for n from 1 to `max`.
pub(super) fn moment(k: i32, exponent: f64, max: u32) -> f64 {
    harmonic(max, exponent - f64::from(k)) / harmonic(max, exponent)
}

/// The generalised harmonic number Σ n^−s over n from 1 to `max`.
pub(super) fn harmonic(max: u32, s: f64) -> f64 {
    let term = |n: u32| f64::from(n).powf(-s);
    let head = (1..=max.min(TERMS)).rev().map(term).sum::<f64>();
    if max <= TERMS {
        return head;
    }
    let (from, to) = (f64::from(TERMS), f64::from(max));
    let integral = if (s - 1.0).abs() < 1e-9 {
        (to / from).ln()
    } else {
        from.powf(1.0 - s) * ((1.0 - s) * (to / from).ln()).exp_m1() / (1.0 - s)
    };
    let first = |n: f64| -s * n.powf(-s - 1.0);
    let third = |n: f64| -s * (s + 1.0) * (s + 2.0) * n.powf(-s - 3.0);
    head + integral + (term(max) - term(TERMS)) / 2.0 + (first(to) - first(from)) / 12.0
        - (third(to) - third(from)) / 720.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_agree_with_adding_up() {
        for s in [-2.0, -1.0, -0.3, 0.0, 0.5, 1.0, 1.1, 2.5, 10.0] {
            for max in [1, 7, 1000, 1001, 1500, 200_000] {
                let slow = (1..=max).rev().map(|n| f64::from(n).powf(-s)).sum::<f64>();
                let found = harmonic(max, s);
                assert!((found - slow).abs() <= 1e-11 * slow, "{max} {s}: {found} is not {slow}");
            }
        }
    }
}
