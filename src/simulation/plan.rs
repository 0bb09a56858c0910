//! The capacity plan: which replicas there are, on which nodes, before the first request.

use super::setup::{DeploymentSpec, Setup};
use crate::cloud::{FreeCapacity, NodeId};
use crate::scheduler::{CapacitySplit, capacity, placement};
use std::collections::BTreeMap;

/// Where replicas run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Every replica, in the order in which it was placed.
    pub replicas: Vec<Placed>,
    /// Accelerators of each cluster that no replica holds.
    pub free: Vec<u64>,
    /// Those of them that are of no use to any replica that still wants a place there.
    pub stranded: Vec<u64>,
    /// Nodes shared by replicas of different tenants.
    pub shared_nodes: u64,
}

/// A replica's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// An index into [`Setup::deployments`].
    pub deployment: usize,
    /// A node of the deployment's cluster.
    pub node: NodeId,
}

/// A `fixed` replica that no node has room for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no node of cluster `{cluster}` has room for replica {replica} of {wanted} of model `{model}` \
     ({accelerators} accelerators)"
)]
pub struct NoRoom {
    cluster: String,
    model: String,
    replica: u32,
    wanted: u32,
    accelerators: u32,
}

impl Plan {
    /// Gives out replicas one by one: the capacity policy says whose turn it is, the placement
    /// policy where it goes. `rates` are calls a second of a saturated replica of each
    /// deployment, `demand` expected calls a second of each model.
    ///
    /// # Errors
    /// When a replica that the scenario fixes has no room.
    pub fn new(setup: &Setup, rates: &[f64], demand: Vec<f64>) -> Result<Self, NoRoom> {
        let capacity = capacity::policy(setup.scheduler.capacity);
        let placement = placement::policy(setup.scheduler.placement);
        let mut free: Vec<FreeCapacity> = setup
            .clusters
            .iter()
            .map(|cluster| FreeCapacity::new(cluster.nodes, cluster.per_node))
            .collect();
        let mut view = view(setup, rates, demand);
        let mut replicas = Vec::new();
        while let Some(deployment) = capacity.next(&view) {
            let candidate = &mut view.deployments[deployment];
            let cluster = candidate.cluster;
            match placement.place(&free[cluster], candidate.accelerators) {
                Some(node) => {
                    free[cluster].take(node, candidate.accelerators);
                    candidate.placed += 1;
                    view.clusters[cluster].free = free[cluster].total();
                    replicas.push(Placed { deployment, node });
                }
                None if setup.scheduler.capacity == CapacitySplit::Fixed => {
                    return Err(no_room(setup, deployment, candidate.placed + 1));
                }
                None => candidate.open = false,
            }
        }
        let stranded = stranded(&view);
        let shared_nodes = shared_nodes(setup, &replicas);
        let free = view.clusters.iter().map(|cluster| cluster.free).collect();
        Ok(Self { replicas, free, stranded, shared_nodes })
    }

    /// Replicas of each deployment.
    pub fn counts(&self, deployments: usize) -> Vec<u64> {
        let mut counts = vec![0; deployments];
        self.replicas.iter().for_each(|placed| counts[placed.deployment] += 1);
        counts
    }
}

fn view(setup: &Setup, rates: &[f64], demand: Vec<f64>) -> capacity::View {
    let candidate = |(spec, &rate): (&DeploymentSpec, &f64)| capacity::Candidate {
        model: spec.model,
        cluster: spec.cluster,
        accelerators: spec.accelerators,
        rate,
        fixed: spec.replicas,
        placed: 0,
        open: true,
    };
    let cluster = |total| capacity::Capacity { total, free: total };
    capacity::View {
        deployments: setup.deployments.iter().zip(rates).map(candidate).collect(),
        clusters: setup.clusters.iter().map(|spec| cluster(spec.accelerators())).collect(),
        demand,
    }
}

/// A closed deployment wanted a replica and found no node: what is left of its cluster is
/// fragments.
fn stranded(view: &capacity::View) -> Vec<u64> {
    let wanted =
        |cluster: usize| view.deployments.iter().any(|each| each.cluster == cluster && !each.open);
    let free = |(cluster, each): (usize, &capacity::Capacity)| {
        if wanted(cluster) { each.free } else { 0 }
    };
    view.clusters.iter().enumerate().map(free).collect()
}

fn shared_nodes(setup: &Setup, replicas: &[Placed]) -> u64 {
    let mut tenants: BTreeMap<(usize, NodeId), Vec<usize>> = BTreeMap::new();
    for placed in replicas {
        let spec = &setup.deployments[placed.deployment];
        let residents = tenants.entry((spec.cluster, placed.node)).or_default();
        residents.push(setup.models[spec.model].tenant);
    }
    let shared = |residents: &&Vec<usize>| residents.iter().any(|&tenant| tenant != residents[0]);
    tenants.values().filter(shared).count() as u64
}

fn no_room(setup: &Setup, deployment: usize, replica: u32) -> NoRoom {
    let spec = &setup.deployments[deployment];
    NoRoom {
        cluster: setup.clusters[spec.cluster].name.clone(),
        model: setup.models[spec.model].name.clone(),
        replica,
        wanted: spec.replicas,
        accelerators: spec.accelerators,
    }
}
