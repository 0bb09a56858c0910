//! How wrong the program is: simulations beside what theory and published measurements say.
//!
//! Gives plain rows. A [`Check`] compares a simulated quantity with an exact value from queueing
//! theory and has a verdict; a [`Published`] row compares a simulated throughput or latency with a
//! measured one, whose error is reported and judged by the reader. `report` prints and draws both.
//! Everything is simulated the way users' scenarios are: `queue` writes them as YAML.

mod accuracy;
mod case;
mod coverage;
mod effort;
mod error;
mod hash;
mod judge;
mod latency;
mod pathwise;
mod published;
mod queue;
mod rows;
mod run;
mod theory;

pub use crate::catalog::{ModelClass, UserBand};
pub use accuracy::{Accuracy, accuracy};
pub use coverage::check_coverage;
pub use error::ValidationError;
pub use latency::{
    Latency, LatencyAccuracy, LatencyRow, MeasuredError, MeasuredRows, Pair, Quantity, Simulated,
    Spread, compare_latency, known_errors, latency_accuracy, sample_of, simulate_latency, sound,
};
pub use published::{full_load, published, published_as};
pub use rows::{Check, Latencies, Published, Validation, Verdict};
pub use run::{Options, validate};
