//! Why there is no plan.

use super::plan::NoRoom;
use crate::workload::TraceError;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanningError {
    /// A replica has no place.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// A trace cannot be read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// Somebody asked to stop.
    #[error("interrupted")]
    Cancelled,
}
