//! The capacity plan: which replicas there are, on which nodes, before the first request.

use super::error::PlanningError;
use crate::cloud::{ClusterSpec, Nodes};
use crate::ids::{ClusterId, DeploymentId, ModelId, NodeId, ReplicaId};
use crate::scheduler::filter::{self, NodeView};
use crate::scheduler::{CapacitySplit, capacity, placement};
use crate::setup::{DeploymentSpec, Setup};
use std::sync::atomic::{AtomicBool, Ordering};
use typed_index_collections::{TiSlice, TiVec, ti_vec};

/// Where replicas run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Every replica, in the order in which it was placed.
    pub replicas: TiVec<ReplicaId, Placed>,
    /// Accelerators of each cluster that no replica holds.
    pub free: TiVec<ClusterId, u64>,
    /// Those of them that are of no use to any replica that still wants a place there.
    pub stranded: TiVec<ClusterId, u64>,
}

/// A replica's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Whose replica it is.
    pub deployment: DeploymentId,
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
    /// deployment, `needed` those that the replicas of each model are to complete.
    ///
    /// # Errors
    /// When a replica that the scenario fixes has no room, or `cancelled` was set.
    pub fn new(
        setup: &Setup,
        rates: &TiSlice<DeploymentId, f64>,
        needed: TiVec<ModelId, f64>,
        cancelled: &AtomicBool,
    ) -> Result<Self, PlanningError> {
        let capacity = capacity::policy(&setup.scheduler.capacity);
        let placement = placement::policy(setup.scheduler.placement);
        let filters = filter::usual();
        let nodes = |cluster: &ClusterSpec| Nodes::new(cluster.nodes, cluster.per_node);
        let mut nodes: TiVec<ClusterId, Nodes> = setup.clusters.iter().map(nodes).collect();
        let mut view = view(setup, rates, needed);
        let mut replicas = TiVec::new();
        while let Some(deployment) = capacity.next(&view) {
            if cancelled.load(Ordering::Relaxed) {
                return Err(PlanningError::Cancelled);
            }
            let candidate = &mut view.deployments[deployment];
            let cluster = candidate.cluster;
            let want = setup.want(deployment);
            let allowed =
                |residents| filter::all_allow(&filters, &want, &NodeView { cluster, residents });
            let node = placement.place(nodes[cluster].room(&allowed), candidate.accelerators);
            match node {
                Some(node) => {
                    nodes[cluster].take(node, want.tenant, candidate.accelerators);
                    candidate.placed += 1;
                    view.clusters[cluster].free = nodes[cluster].free();
                    replicas.push(Placed { deployment, node });
                }
                None if setup.scheduler.capacity == CapacitySplit::Fixed => {
                    return Err(no_room(setup, deployment, candidate.placed + 1).into());
                }
                None => candidate.open = false,
            }
        }
        let stranded = stranded(&view);
        let free = view.clusters.iter().map(|cluster| cluster.free).collect();
        Ok(Self { replicas, free, stranded })
    }

    /// Replicas of each deployment.
    pub fn counts(&self, setup: &Setup) -> TiVec<DeploymentId, u64> {
        let mut counts: TiVec<_, _> = ti_vec![0; setup.deployments.len()];
        self.replicas.iter().for_each(|placed| counts[placed.deployment] += 1);
        counts
    }
}

fn view(
    setup: &Setup,
    rates: &TiSlice<DeploymentId, f64>,
    needed: TiVec<ModelId, f64>,
) -> capacity::View {
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
    let name = |index: DeploymentId| {
        let spec = &setup.deployments[index];
        (&setup.models[spec.model].name, &setup.clusters[spec.cluster].name)
    };
    let mut order: Vec<DeploymentId> = setup.deployments.keys().collect();
    order.sort_by(|&one, &other| name(one).cmp(&name(other)));
    capacity::View {
        order,
        deployments: setup.deployments.iter().zip(rates).map(candidate).collect(),
        clusters: setup.clusters.iter().map(|spec| cluster(spec.accelerators())).collect(),
        needed,
    }
}

/// A closed deployment wanted a replica and found no node: what is left of its cluster is
/// fragments.
fn stranded(view: &capacity::View) -> TiVec<ClusterId, u64> {
    let wanted = |cluster: ClusterId| {
        view.deployments.iter().any(|each| each.cluster == cluster && !each.open)
    };
    let free = |(cluster, each): (ClusterId, &capacity::Capacity)| {
        if wanted(cluster) { each.free } else { 0 }
    };
    view.clusters.iter_enumerated().map(free).collect()
}

fn no_room(setup: &Setup, deployment: DeploymentId, replica: u32) -> NoRoom {
    let spec = &setup.deployments[deployment];
    NoRoom {
        cluster: setup.clusters[spec.cluster].name.clone(),
        model: setup.models[spec.model].name.clone(),
        replica,
        wanted: spec.replicas,
        accelerators: spec.accelerators,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::economics::{TenantSpec, Terms};
    use crate::engine::{SimDuration, SimTime};
    use crate::ids::TenantId;
    use crate::scheduler::SchedulerSpec;
    use crate::serving::ServiceDiscipline;
    use crate::setup::{ModelSpec, ServingSpec, Window};
    use crate::units::{Bytes, BytesPerSecond};
    use crate::workload::Distribution;

    /// Two nodes of eight, and a model per entry of `sizes`, each of its own tenant.
    fn setup(sizes: &[u32], capacity: CapacitySplit) -> Setup {
        let cluster = ClusterSpec {
            name: "c".into(),
            region: "r".into(),
            accelerator: catalog::accelerator("H100-SXM").expect("it is in the catalogue"),
            nodes: 2,
            per_node: 8,
            capital: None,
            pue: 1.0,
            electricity: None,
            load_bandwidth: BytesPerSecond(1e9),
            provisioning: SimDuration::ZERO,
        };
        let second = Distribution::Constant(1.0);
        let deployment = |(model, &accelerators): (usize, &u32)| DeploymentSpec {
            model: ModelId::new(model),
            cluster: ClusterId::new(0),
            accelerators,
            weights: Bytes(0.0),
            serving: ServingSpec::ServiceTime {
                distribution: second.clone(),
                slots: 1,
                discipline: ServiceDiscipline::default(),
                max_waiting: None,
            },
            replicas: 2,
            handover: None,
        };
        let names = || (0..sizes.len()).map(|model| format!("m{model}"));
        let tenant = |name| TenantSpec { name, terms: Terms::FirstParty };
        let model = |(tenant, name)| ModelSpec { name, tenant: TenantId::new(tenant), price: None };
        Setup {
            window: Window {
                start: SimTime::ZERO,
                warmup: SimDuration::ZERO,
                length: SimDuration::from_secs(1),
                ends_with_calls: false,
                drain: SimDuration::ZERO,
                bucket: SimDuration::from_secs(1),
            },
            clusters: ti_vec![cluster],
            tenants: names().map(tenant).collect(),
            models: names().enumerate().map(model).collect(),
            deployments: sizes.iter().enumerate().map(deployment).collect(),
            applications: TiVec::new(),
            scheduler: SchedulerSpec { capacity, ..SchedulerSpec::default() },
        }
    }

    fn plan(sizes: &[u32], capacity: CapacitySplit) -> Result<Plan, PlanningError> {
        let setup = setup(sizes, capacity);
        let rates = ti_vec![1.0; sizes.len()];
        Plan::new(&setup, &rates, ti_vec![1.0; sizes.len()], &AtomicBool::new(false))
    }

    #[test]
    fn what_no_replica_can_use_is_stranded() {
        let plan = plan(&[3], CapacitySplit::Proportional { fill: 1.0 }).unwrap();
        assert_eq!(plan.replicas.len(), 4);
        assert_eq!((plan.free.raw, plan.stranded.raw), (vec![4], vec![4]));
    }

    #[test]
    fn what_is_left_free_on_purpose_is_not_stranded() {
        let plan = plan(&[3], CapacitySplit::Proportional { fill: 0.5 }).unwrap();
        assert_eq!((plan.free.raw, plan.stranded.raw), (vec![10], vec![0]));
    }

    #[test]
    fn planning_stops_when_asked() {
        let setup = setup(&[1], CapacitySplit::Fixed);
        let stopped = Plan::new(&setup, &ti_vec![1.0], ti_vec![1.0], &AtomicBool::new(true));
        assert!(matches!(stopped, Err(PlanningError::Cancelled)));
    }

    #[test]
    fn a_fixed_replica_without_a_node_is_an_error() {
        let error = plan(&[5, 5], CapacitySplit::Fixed).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no node of cluster `c` has room for replica 1 of 2 of model `m1` (5 accelerators)"
        );
    }
}
