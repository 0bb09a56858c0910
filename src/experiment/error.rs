//! Why an experiment could not be finished.

use super::task::Task;
use crate::simulation::SimulationError;
use crate::units;
use std::io;

/// Why an experiment could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum ExperimentError {
    /// A replication failed.
    #[error("variant `{variant}`: {source}")]
    Simulation {
        /// The variant's name.
        variant: String,
        /// What went wrong.
        source: SimulationError,
    },
    /// An outcome could not be kept, or what was kept could not be read.
    #[error("{task}: {source}")]
    Store {
        /// Of what.
        task: Task,
        /// Why.
        source: io::Error,
    },
    /// It would take more memory than it is allowed.
    #[error(
        "it would take about {} of memory, and {} are available", units::amount_of_bytes(*needed), units::amount_of_bytes(*allowed)
    )]
    Memory {
        /// Bytes, roughly.
        needed: f64,
        /// Bytes.
        allowed: f64,
    },
    /// The threads could not be started.
    #[error("cannot start threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// Somebody asked to stop.
    #[error("interrupted")]
    Cancelled,
}
