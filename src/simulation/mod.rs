//! The composed model: what happens to calls, replicas and money, event by event.
//!
//! [`Prepared`] holds what all replications of a variant share. [`Prepared::run`] performs one replication:
//! `run` has the loop, `agenda` the events, and each part of the cloud a module that owns its state: `traffic`
//! (who calls), `dispatch` (where calls go), `fleet` (replicas and what they hold) and `accounts` (what is
//! counted and billed). Every run is audited (`audit`) before it is measured (`measure`).

mod accounts;
mod agenda;
mod audit;
mod dispatch;
mod drain;
mod error;
mod fleet;
mod fluid;
mod measure;
mod memory;
mod outcome;
mod pilot;
mod policies;
mod prepared;
mod run;
mod traffic;
mod warning;

pub use accounts::Trend;
pub use audit::AuditFailure;
pub use error::SimulationError;
pub use measure::{Row, Scope, Values, scopes, series_keys};
pub use memory::Memory;
pub use outcome::Outcome;
pub use pilot::{Known, Pilots};
pub use policies::Policies;
pub use prepared::Prepared;
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
        self.run_with(Policies::of(self), seed, replication, cancelled)
    }

    /// Likewise, with policies of the caller's own.
    ///
    /// # Errors
    /// As for [`run`](Self::run).
    pub fn run_with<'p>(
        &'p self,
        policies: Policies<'p>,
        seed: u64,
        replication: u32,
        cancelled: &AtomicBool,
    ) -> Result<Outcome, SimulationError> {
        run::Simulation::new(self, policies, seed, replication)?.run(cancelled)
    }
}
