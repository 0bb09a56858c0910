//! How accelerators are split among deployments.

mod fixed;
mod proportional;
mod sufficient;

use super::Goal;
use crate::ids::{ClusterId, DeploymentId, ModelId};
use typed_index_collections::{TiVec, ti_vec};

/// A deployment, as a capacity policy sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its model.
    pub model: ModelId,
    /// Its cluster.
    pub cluster: ClusterId,
    /// Accelerators that one replica holds.
    pub accelerators: u32,
    /// Calls a second that one replica completes when saturated.
    pub rate: f64,
    /// Replicas that the scenario fixes.
    pub fixed: u32,
    /// Replicas placed so far.
    pub placed: u32,
    /// Whether its last replica found a node; once false, it stays so.
    pub open: bool,
}

/// A cluster, as a capacity policy sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// All accelerators.
    pub total: u64,
    /// Accelerators not given out yet.
    pub free: u64,
}

/// What a capacity policy sees.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Every deployment.
    pub deployments: TiVec<DeploymentId, Candidate>,
    /// Their indices, in the order in which equals are served: one that does not depend on where they
    /// stand in a file.
    pub order: Vec<DeploymentId>,
    /// Every cluster.
    pub clusters: TiVec<ClusterId, Capacity>,
    /// Calls a second that the replicas of each model are to complete when saturated; 0 for a model
    /// that nobody calls. The whole cloud is given out in proportion to it, or as much as that.
    pub needed: TiVec<ModelId, f64>,
}

impl View {
    /// Every deployment with its index, in [`order`](Self::order).
    pub fn in_order(&self) -> impl Iterator<Item = (DeploymentId, &Candidate)> {
        self.order.iter().map(|&index| (index, &self.deployments[index]))
    }

    /// Calls a second that each model's placed replicas complete when saturated.
    pub fn supply(&self) -> TiVec<ModelId, f64> {
        let mut supply: TiVec<ModelId, f64> = ti_vec![0.0; self.needed.len()];
        for each in &self.deployments {
            supply[each.model] += f64::from(each.placed) * each.rate;
        }
        supply
    }
}

/// Chooses who gets the next replica.
pub trait CapacityPolicy {
    /// The deployment whose turn it is, among those that want more; open or not. `None` when
    /// nobody wants more.
    fn next(&self, view: &View) -> Option<DeploymentId>;
}

/// How accelerators are split among deployments.
#[derive(Clone, Debug, PartialEq)]
pub enum CapacitySplit {
    /// Each deployment's own `replicas`.
    Fixed,
    /// The whole cloud, in proportion to each model's expected demand.
    Proportional {
        /// Fraction of each cluster's accelerators to give out, 0 to 1.
        fill: f64,
    },
    /// As many as each model's expected demand needs.
    Demand {
        /// The part of what a replica can do when saturated that it is to do, above 0.
        target_load: f64,
    },
    /// The fewest with which each model meets all of these; at least one.
    Objective(Vec<Goal>),
}

impl CapacitySplit {
    /// As scenarios write it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Proportional { .. } => "proportional",
            Self::Demand { .. } => "demand",
            Self::Objective(_) => "objective",
        }
    }
}

/// What [`CapacitySplit::Demand`] aims at unless the scenario says otherwise.
pub const TARGET_LOAD: f64 = 0.7;

impl Default for CapacitySplit {
    fn default() -> Self {
        Self::Demand { target_load: TARGET_LOAD }
    }
}

/// The policy of that name.
pub fn policy(name: &CapacitySplit) -> Box<dyn CapacityPolicy> {
    match *name {
        CapacitySplit::Fixed => Box::new(fixed::Fixed),
        CapacitySplit::Proportional { fill } => Box::new(proportional::Proportional { fill }),
        CapacitySplit::Demand { .. } | CapacitySplit::Objective(_) => {
            Box::new(sufficient::Sufficient)
        }
    }
}

/// Of the deployments that `wants` accepts: one of the model that has the smallest part of what it
/// needs, on the cluster with the largest part free.
fn neediest(view: &View, wants: impl Fn(&Candidate) -> bool) -> Option<DeploymentId> {
    let supply = view.supply();
    let ratio = |model: ModelId| supply[model] / view.needed[model];
    let wanting = || view.in_order().filter(|(_, each)| wants(each));
    let model = wanting()
        .map(|(_, each)| each.model)
        .min_by(|&one, &other| ratio(one).total_cmp(&ratio(other)))?;
    let free = |each: &Candidate| {
        let cluster = view.clusters[each.cluster];
        cluster.free as f64 / cluster.total as f64
    };
    wanting()
        .filter(|(_, each)| each.model == model)
        .min_by(|(_, one), (_, other)| free(other).total_cmp(&free(one)))
        .map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives out replicas until nobody wants more; nodes never run out of room here.
    pub(super) fn split(mut view: View, policy: &dyn CapacityPolicy) -> Vec<u32> {
        while let Some(index) = policy.next(&view) {
            let each = &mut view.deployments[index];
            let cluster = &mut view.clusters[each.cluster];
            match cluster.free.checked_sub(u64::from(each.accelerators)) {
                Some(free) => {
                    cluster.free = free;
                    each.placed += 1;
                }
                None => each.open = false,
            }
        }
        view.deployments.iter().map(|each| each.placed).collect()
    }

    pub(super) fn candidate(
        model: usize,
        cluster: usize,
        accelerators: u32,
        rate: f64,
    ) -> Candidate {
        let (model, cluster) = (ModelId::new(model), ClusterId::new(cluster));
        Candidate { model, cluster, accelerators, rate, fixed: 0, placed: 0, open: true }
    }

    pub(super) fn view(deployments: Vec<Candidate>, clusters: &[u64], needed: &[f64]) -> View {
        let clusters = clusters.iter().map(|&total| Capacity { total, free: total }).collect();
        let deployments = TiVec::from(deployments);
        let order = deployments.keys().collect();
        View { deployments, order, clusters, needed: needed.to_vec().into() }
    }
}
