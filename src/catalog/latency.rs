//! Latency that was measured: a sample of rows, and how far all rows are from their simulations.

use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

static ERRORS: LazyLock<Vec<LatencyError>> = LazyLock::new(|| {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(include_str!("latency-errors.csv").as_bytes());
    let rows = reader.deserialize();
    rows.map(|row| row.unwrap_or_else(|error| panic!("an embedded catalogue: {error}"))).collect()
});

/// Whether each token meets all weights of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelClass {
    /// It does.
    Dense,
    /// It meets those of a few experts.
    Mixture,
}

impl ModelClass {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Dense, Self::Mixture];

    /// Models of this class, in a sentence.
    pub fn models(self) -> &'static str {
        match self {
            Self::Dense => "dense models",
            Self::Mixture => "mixtures of experts",
        }
    }
}

/// How many users, each with one call at a time, a replica has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum UserBand {
    /// At most 4.
    #[serde(rename = "1-4")]
    Few,
    /// From 5 to 32.
    #[serde(rename = "5-32")]
    Some,
    /// More.
    #[serde(rename = "33-")]
    Many,
}

impl UserBand {
    /// All, the fewest first.
    pub const ALL: [Self; 3] = [Self::Few, Self::Some, Self::Many];

    /// The band of so many users, or of a mean number of them.
    pub fn of(users: f64) -> Self {
        match users {
            few if few < 4.5 => Self::Few,
            some if some < 32.5 => Self::Some,
            _ => Self::Many,
        }
    }

    /// As a reader sees it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Few => "1–4",
            Self::Some => "5–32",
            Self::Many => "33 or more",
        }
    }
}

/// How far simulated times of a token (TPOT) are from measured ones, of one chip, class of model and number of users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatencyError {
    /// The chip, as the catalogue names it.
    pub accelerator: String,
    /// The class of model.
    pub class: ModelClass,
    /// How many users.
    pub users: UserBand,
    /// How many rows were measured.
    pub rows: u32,
    /// Median of the absolute relative errors, in per cent.
    pub median: f64,
    /// Their 90th percentile, in per cent.
    pub p90: f64,
    /// Median of the relative errors with their sign, in per cent: above zero simulated tokens take too long.
    pub bias: f64,
}

/// The errors of all chips, classes of models and numbers of users that were measured.
pub fn latency_errors() -> &'static [LatencyError] {
    &ERRORS
}

/// A fair sample of measured rows, as CSV after lines of comment that begin with `#`.
pub fn latency_sample() -> &'static str {
    include_str!("latency.csv")
}
