//! Whether 95 % intervals cover a known mean in 95 % of cases.

use super::error::ValidationError;
use super::queue::{Law, Queue, System};
use super::rows::{Check, Verdict};
use super::theory;
use crate::metrics::{Mean, MetricId};
use crate::scenario::Scenario;
use crate::simulation::Prepared;
use rayon::prelude::*;
use std::sync::atomic::AtomicBool;

/// Of the intervals.
const LEVEL: f64 = 0.95;
/// Replications that an interval is made from.
const REPLICATIONS: u32 = 10;
/// A moderate load: the wait of a replication is then nearly normal.
const UTILISATION: f64 = 0.5;
/// Seconds, 30 relaxation times, and 1000 arrivals.
const WARMUP: f64 = 200.0;
const HORIZON: f64 = 2200.0;

/// Many experiments like those that users run, each with an interval of its own.
pub(super) struct Coverage {
    scenario: Scenario,
    expected: f64,
}

impl Coverage {
    /// M/M/1 at a moderate load.
    pub(super) fn new() -> Self {
        let system = System::Waiting { servers: 1, law: Law::Exponential };
        let scenario = Queue::new(system, UTILISATION).scenario(WARMUP, HORIZON);
        Self { scenario, expected: theory::pollaczek_khinchine(UTILISATION, 1.0) }
    }

    /// Whether the interval of experiment number `number` covers the mean wait.
    ///
    /// # Errors
    /// When the simulation fails or is cancelled.
    pub(super) fn covers(
        &self,
        seed: u64,
        number: u32,
        cancelled: &AtomicBool,
    ) -> Result<bool, ValidationError> {
        let failed = |error| ValidationError::of("coverage", error);
        let prepared = Prepared::new(&self.scenario.variants[0].setup).map_err(failed)?;
        let mut waits = Vec::new();
        for replication in number * REPLICATIONS..(number + 1) * REPLICATIONS {
            let outcome = prepared.run(seed, replication, cancelled).map_err(failed)?;
            waits.extend(outcome.values[0].get(MetricId::WaitMean));
        }
        let covers = |mean: Mean| Some((mean.mean - self.expected).abs() <= mean.ci95?);
        Ok(Mean::of(&waits).and_then(covers).unwrap_or(false))
    }

    /// The fraction that covers, judged: of 1,000 intervals between 93 and 97 %, of fewer as many
    /// standard deviations of a binomial count, 2.9, around 95 %. One seed in 270 is outside by
    /// chance.
    pub(super) fn judge(covered: &[bool]) -> Check {
        let count = covered.len() as f64;
        let fraction = covered.iter().filter(|&&covers| covers).count() as f64 / count;
        let range = 0.02 * (1000.0 / count).sqrt();
        // The limits themselves are allowed, however their difference rounds.
        let within = (fraction - LEVEL).abs() <= range + 1e-9;
        Check {
            section: "Coverage of 95 % intervals",
            name: format!("M/M/1, ρ = {UTILISATION}: {count} intervals"),
            expected: LEVEL,
            simulated: fraction,
            half_width: None,
            unit: "fraction",
            verdict: Verdict::of(within),
        }
    }
}

/// Simulates M/M/1 at a moderate load in `intervals` experiments of ten replications each, and
/// checks that about 95 % of their 95 % intervals cover the mean wait.
///
/// # Errors
/// When an audit fails, or `cancelled` was set.
pub fn check_coverage(
    seed: u64,
    intervals: u32,
    cancelled: &AtomicBool,
) -> Result<Check, ValidationError> {
    let coverage = Coverage::new();
    let covers = |number| coverage.covers(seed, number, cancelled);
    let covered: Result<Vec<bool>, _> = (0..intervals).into_par_iter().map(covers).collect();
    Ok(Coverage::judge(&covered?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_and_too_many_deviate() {
        let verdict = |covering: usize| {
            let covered: Vec<bool> = (0..1000).map(|number| number < covering).collect();
            Coverage::judge(&covered).verdict
        };
        for (covering, expected) in [
            (929, Verdict::Deviates),
            (930, Verdict::Agrees),
            (970, Verdict::Agrees),
            (971, Verdict::Deviates),
        ] {
            assert_eq!(verdict(covering), expected, "{covering}");
        }
    }
}
