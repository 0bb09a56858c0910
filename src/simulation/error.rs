//! Why a simulation could not be started or finished.

use super::audit::AuditFailure;
use crate::planning::Unreachable;
use crate::planning::{NoRoom, PlanningError};
use crate::workload::TraceError;

/// Why a simulation could not be started or finished.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// A replica has no place.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// No number of replicas is enough.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// A trace cannot be read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The books do not balance: the program is wrong, and so would be its numbers.
    #[error(transparent)]
    Audit(#[from] AuditFailure),
    /// Somebody asked to stop.
    #[error("interrupted")]
    Cancelled,
}

impl From<PlanningError> for SimulationError {
    fn from(error: PlanningError) -> Self {
        match error {
            PlanningError::NoRoom(error) => Self::NoRoom(error),
            PlanningError::Trace(error) => Self::Trace(error),
            PlanningError::Cancelled => Self::Cancelled,
        }
    }
}
