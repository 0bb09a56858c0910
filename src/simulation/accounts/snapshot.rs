//! A reading of all books at one instant. A window's figures are differences of two.

use super::cell::Counts;
use crate::cloud::FleetTime;
use crate::economics::MicroUsd;
use crate::engine::SimTime;
use crate::ids::{CellId, ClusterId, DeploymentId};
use crate::serving::Usage;
use typed_index_collections::TiVec;

/// Cumulative figures from the start of the simulation to `at`.
#[derive(Clone, Debug, Default)]
pub(in crate::simulation) struct Snapshot {
    pub at: SimTime,
    /// Of the cells that were open then.
    pub counts: TiVec<CellId, Counts>,
    /// Requests in the system.
    pub in_flight: TiVec<CellId, u64>,
    pub usage: TiVec<DeploymentId, Usage>,
    /// Who held what.
    pub fleet: FleetTime,
    /// By account of the ledger.
    pub balances: Vec<MicroUsd>,
    /// Energy at the meter, by cluster; `None` where power is not known.
    pub joules: TiVec<ClusterId, Option<f64>>,
}
