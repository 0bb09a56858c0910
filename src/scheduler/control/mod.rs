//! Which replicas start and stop while the cloud runs.
//!
//! A controller reviews the fleet and gives orders; placement and filters say where, and whether there is room.
//! The capacity that a scenario plans is the first review, at time 0.

mod planned;

use crate::engine::{SimDuration, SimTime};
use crate::ids::{ClusterId, DeploymentId, NodeId};
pub use planned::Planned;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use typed_index_collections::TiSlice;

/// A deployment, as a controller sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeploymentView {
    /// Replicas that wait for hardware or load their weights.
    pub starting: u32,
    /// Replicas that take calls.
    pub serving: u32,
    /// Replicas that take no new calls and end those they have.
    pub draining: u32,
    /// Calls at its replicas, waiting ones included.
    pub in_system: u64,
}

/// The fleet, as a controller sees it.
#[derive(Clone, Copy, Debug)]
pub struct FleetView<'a> {
    /// When.
    pub now: SimTime,
    /// Every deployment.
    pub deployments: &'a TiSlice<DeploymentId, DeploymentView>,
    /// Accelerators of each cluster that nobody holds.
    pub free: &'a TiSlice<ClusterId, u64>,
}

/// What a controller wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// One more replica. Where nobody finds it a place, nothing happens.
    Start {
        /// Of which deployment.
        deployment: DeploymentId,
        /// On which node, if that is decided already.
        node: Option<NodeId>,
    },
    /// One replica fewer, the one that has the least to do: it takes no more calls, and gives its accelerators back
    /// when it has none left.
    Drain {
        /// Of which deployment.
        deployment: DeploymentId,
    },
}

/// Decides which replicas there are.
pub trait Controller {
    /// Gives orders, and says in what time to be asked again; `None` for never.
    fn review(&mut self, view: &FleetView<'_>, orders: &mut Vec<Order>) -> Option<SimDuration>;
}

/// Which replicas start and stop during the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Autoscaling {
    /// Those of the plan start with it, and stay.
    #[default]
    Fixed,
}

/// The controller of that name, where `plan` is what the scenario plans: replicas and their nodes, in the order in
/// which they are to be placed.
pub fn controller<'a>(
    name: Autoscaling,
    plan: impl Iterator<Item = (DeploymentId, NodeId)> + 'a,
) -> Box<dyn Controller + 'a> {
    match name {
        Autoscaling::Fixed => Box::new(Planned::new(plan)),
    }
}
