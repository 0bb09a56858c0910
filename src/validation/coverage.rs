//! Whether 95 % intervals cover a known mean in 95 % of cases.

use super::effort::Effort;
use super::queue::{Law, Queue, System};
use super::rows::{Check, Verdict};
use super::theory;
use crate::metrics::{Mean, MetricId};
use crate::scenario::Scenario;
use crate::simulation::{Prepared, SimulationError};
use std::sync::atomic::AtomicBool;

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
    pub fn new() -> Self {
        let system = System::Waiting { servers: 1, law: Law::Exponential };
        let scenario = Queue::new(system, UTILISATION).scenario(WARMUP, HORIZON);
        Self { scenario, expected: theory::pollaczek_khinchine(UTILISATION, 1.0) }
    }

    /// Whether the interval of experiment number `number` covers the mean wait.
    ///
    /// # Errors
    /// When the simulation fails or is cancelled.
    pub fn covers(
        &self,
        seed: u64,
        number: u32,
        cancelled: &AtomicBool,
    ) -> Result<bool, SimulationError> {
        let prepared = Prepared::new(&self.scenario.variants[0].setup)?;
        let mut waits = Vec::new();
        for replication in number * REPLICATIONS..(number + 1) * REPLICATIONS {
            let outcome = prepared.run(seed, replication, cancelled)?;
            waits.extend(outcome.values[0].get(MetricId::WaitMean));
        }
        let covers = |mean: Mean| Some((mean.mean - self.expected).abs() <= mean.ci95?);
        Ok(Mean::of(&waits).and_then(covers).unwrap_or(false))
    }

    /// The fraction that covers, judged: [`Effort::coverage_range`] says how near it must be.
    pub fn judge(effort: &Effort, covered: &[bool]) -> Check {
        let fraction =
            covered.iter().filter(|&&covers| covers).count() as f64 / covered.len() as f64;
        // The limits themselves are allowed, however their difference rounds.
        let within = (fraction - 0.95).abs() <= effort.coverage_range + 1e-9;
        Check {
            section: "Coverage of 95 % intervals",
            name: format!("M/M/1, ρ = {UTILISATION}: {} intervals", covered.len()),
            expected: 0.95,
            simulated: fraction,
            half_width: None,
            unit: "fraction",
            verdict: Verdict::of(within),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_and_too_many_deviate() {
        let verdict = |covering: usize| {
            let covered: Vec<bool> = (0..1000).map(|number| number < covering).collect();
            Coverage::judge(&Effort::FULL, &covered).verdict
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
