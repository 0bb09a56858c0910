//! Why an experiment could not be finished.

use crate::simulation::SimulationError;

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
    /// The threads could not be started.
    #[error("cannot start threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// Somebody asked to stop.
    #[error("interrupted")]
    Cancelled,
}
