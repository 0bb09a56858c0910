//! The plan of the scenario, carried out at the first review, and left alone.

use super::{Controller, FleetView, Order};
use crate::engine::SimDuration;
use crate::ids::{DeploymentId, NodeId};

/// Starts given replicas once.
#[derive(Clone, Debug)]
pub struct Planned<I>(Option<I>);

impl<I: IntoIterator<Item = (DeploymentId, NodeId)>> Planned<I> {
    /// The replicas of a plan and their nodes, in the order in which they are to be placed.
    pub fn new(replicas: I) -> Self {
        Self(Some(replicas))
    }
}

impl<I: IntoIterator<Item = (DeploymentId, NodeId)>> Controller for Planned<I> {
    fn review(&mut self, _: &FleetView<'_>, orders: &mut Vec<Order>) -> Option<SimDuration> {
        let replicas = self.0.take().into_iter().flatten();
        orders.extend(
            replicas.map(|(deployment, node)| Order::Start { deployment, node: Some(node) }),
        );
        None
    }
}
