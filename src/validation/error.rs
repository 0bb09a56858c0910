//! Why a validation could not be finished.

use crate::simulation::SimulationError;

/// Why a validation could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum ValidationError {
    /// A simulation failed: an audit does not balance.
    #[error("{case}: {source}")]
    Simulation {
        /// What was simulated.
        case: String,
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

impl ValidationError {
    /// A failed or cancelled simulation of `case`.
    pub(super) fn of(case: &str, source: SimulationError) -> Self {
        match source {
            SimulationError::Cancelled => Self::Cancelled,
            source => Self::Simulation { case: case.to_owned(), source },
        }
    }
}
