//! A reading of all books at one instant. A window's figures are differences of two.

use super::books::Counts;
use crate::economics::MicroUsd;
use crate::engine::SimTime;
use crate::serving::Usage;

/// Cumulative figures from the start of the simulation to `at`.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshot {
    pub at: SimTime,
    /// By cell: application × place.
    pub counts: Vec<Counts>,
    /// Requests in the system, by cell.
    pub in_flight: Vec<u64>,
    /// By deployment.
    pub usage: Vec<Usage>,
    /// By account of the ledger.
    pub balances: Vec<MicroUsd>,
    /// Energy at the meter, by cluster; `None` where power is not known.
    pub joules: Vec<Option<f64>>,
}
