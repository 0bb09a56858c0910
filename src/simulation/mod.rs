//! The composed model: state, one event enum, one handler per event, audits.
//!
//! [`Prepared`] holds what all replications of a variant share. [`Prepared::run`] performs one
//! replication in `run`, whose loop takes an event from the queue and hands it to its handler:
//! an arrival, a replica's boundary, or a reading of the books. Every run is audited (`audit`)
//! before it is measured (`measure`).

mod audit;
mod books;
mod calls;
mod demand;
mod draft;
mod drain;
mod error;
mod event;
mod handover;
mod latencies;
mod load;
mod measure;
mod memory;
mod order;
mod outcome;
mod pilot;
mod plan;
mod pool;
mod prepared;
mod reach;
mod reading;
mod run;
mod setup;
mod signs;
mod snapshot;
mod too_long;
mod trend;
mod warning;

pub use audit::AuditFailure;
pub use demand::{Demand, Offered};
pub use error::SimulationError;
pub use measure::{Row, Scope, Values};
pub use memory::Memory;
pub use outcome::{Outcome, scopes, series_keys};
pub use pilot::Unreachable;
pub use plan::{NoRoom, Placed, Plan};
pub use prepared::Prepared;
pub use setup::{
    ApplicationSpec, DeploymentSpec, Handover, LinkSpec, MAX_BUCKETS, ModelSpec, ServingSpec,
    Setup, Slo, Window,
};
pub use trend::Trend;
pub use warning::Warning;

use std::sync::atomic::AtomicBool;

impl Prepared<'_> {
    /// Runs one replication. Equal arguments give equal outcomes.
    ///
    /// # Errors
    /// When a trace changed on disk, an audit fails, or `cancelled` was set.
    pub fn run(
        &self,
        seed: u64,
        replication: u32,
        cancelled: &AtomicBool,
    ) -> Result<Outcome, SimulationError> {
        run::Simulation::new(self, seed, replication)?.run(cancelled)
    }
}
