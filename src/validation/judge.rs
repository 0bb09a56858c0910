//! When a simulated mean agrees with theory.

use super::case::{Case, Probe};
use super::rows::{Check, Verdict};
use crate::metrics::Mean;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Probability that a program without a fault fails any check that has an interval.
pub(super) const FALSE_ALARMS: f64 = 1e-3;

/// Compares a quantity's values in the replications of `case` with its expectation, as one of
/// `checks`: by Bonferroni's inequality each may raise a false alarm for that part of
/// [`FALSE_ALARMS`]. A quantity with fewer than two values is not known and does not agree.
pub(super) fn judge(case: &Case, probe: &Probe, values: &[f64], checks: usize) -> Check {
    let mean = Mean::of(values);
    let agrees = mean.is_some_and(|mean| {
        mean.ci95.is_some_and(|ci95| {
            let limit = ci95 * widening(mean.n, FALSE_ALARMS / checks as f64);
            (mean.mean - probe.expected).abs() <= limit
        })
    });
    Check {
        section: case.section,
        name: format!("{}, ρ = {}: {}", case.queue.system.kendall(), case.utilisation, probe.name),
        expected: probe.expected,
        simulated: mean.map_or(f64::NAN, |mean| mean.mean),
        half_width: mean.and_then(|mean| mean.ci95),
        unit: probe.unit,
        verdict: Verdict::of(agrees),
    }
}

/// How much wider than a 95 % interval over `n` values one is that misses with probability `alpha`.
fn widening(n: u32, alpha: f64) -> f64 {
    let t = StudentsT::new(0.0, 1.0, f64::from(n) - 1.0).expect("at least two values");
    t.inverse_cdf(1.0 - alpha / 2.0) / t.inverse_cdf(0.975)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::case::cases;

    fn verdict(values: &[f64]) -> Verdict {
        let case = &cases()[0];
        let probe = Probe { expected: 1.0, ..case.probes[0].clone() };
        judge(case, &probe, values, 50).verdict
    }

    #[test]
    fn a_value_beyond_chance_deviates() {
        assert_eq!(verdict(&[0.9, 1.0, 1.1, 1.05]), Verdict::Agrees);
        // t = 19 with 3 degrees of freedom: beyond the 95 % interval (3.2), within the budget (32).
        assert_eq!(verdict(&[1.1, 1.11, 1.12, 1.13]), Verdict::Agrees);
        assert_eq!(verdict(&[1.1, 1.101, 1.102, 1.103]), Verdict::Deviates);
    }

    #[test]
    fn what_is_not_known_does_not_agree() {
        assert_eq!(verdict(&[]), Verdict::Deviates);
        assert_eq!(verdict(&[1.0]), Verdict::Deviates, "one value has no interval");
    }

    /// Student's t with 19 degrees of freedom: 2.093 at 95 %, 3.883 at 99.9 %.
    #[test]
    fn wider_intervals_miss_less() {
        assert!((widening(20, 0.05) - 1.0).abs() < 1e-9);
        assert!((widening(20, 0.001) - 3.883 / 2.093).abs() < 1e-3);
    }
}
