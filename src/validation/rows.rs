//! What a validation found: plain rows, for printing and drawing.

use super::latency::Latency;
use serde::Serialize;

/// Everything that a validation found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Validation {
    /// Of this program.
    pub version: String,
    /// Of all random numbers.
    pub seed: u64,
    /// Whether runs were shortened.
    pub quick: bool,
    /// Probability that a program without a fault fails any of the checks that have an interval.
    pub false_alarms: f64,
    /// Against theory, in the order of their sections.
    pub checks: Vec<Check>,
    /// Against published measurements, in the order of their tables.
    pub published: Vec<Published>,
    /// Against measured latencies.
    pub latency: Latencies,
}

/// Measured latencies, simulated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Latencies {
    /// Where the rows are from.
    pub origin: String,
    /// How many could not be simulated: the catalogue lacks their model, or it does not fit.
    pub not_simulated: usize,
    /// The others, in the order of their table.
    pub rows: Vec<Latency>,
}

impl Validation {
    /// Whether every check against theory agrees. Published rows have no verdict.
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.verdict == Verdict::Agrees)
    }
}

/// A quantity that theory knows, simulated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// The theory.
    pub section: &'static str,
    /// The case and the quantity.
    pub name: String,
    /// What theory says.
    pub expected: f64,
    /// What was simulated: a mean over replications.
    pub simulated: f64,
    /// Half-width of the 95 % Student-t interval over replications; `None` where nothing is random.
    pub half_width: Option<f64>,
    /// Of both values, and of the half-width.
    pub unit: &'static str,
    /// Whether the two agree.
    pub verdict: Verdict,
}

/// Whether a simulated value agrees with theory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The difference is within what chance explains.
    Agrees,
    /// It is not: the program is wrong.
    Deviates,
}

impl Verdict {
    /// Agreement if `agrees`.
    pub fn of(agrees: bool) -> Self {
        if agrees { Self::Agrees } else { Self::Deviates }
    }
}

/// A published measurement, simulated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Published {
    /// Where it was published.
    pub table: String,
    /// The chip, as the catalogue names it.
    pub accelerator: String,
    /// The model.
    pub model: String,
    /// What was run, such as `1000/1000 TP2`.
    pub case: String,
    /// The measured value, positive.
    pub published: f64,
    /// The simulated value.
    pub simulated: f64,
    /// Of both.
    pub unit: &'static str,
    /// Whether factors were fitted without this row.
    pub held_out: bool,
}

impl Published {
    /// Relative error of the simulated value, signed: 0.1 is 10 % too high.
    pub fn error(&self) -> f64 {
        self.simulated / self.published - 1.0
    }
}
