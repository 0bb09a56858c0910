//! The fleet as it lives: who holds which accelerators since when, what is free, and what is down.
//!
//! Everything that is paid or measured by the hour is an exact area under a count, integrated here: nobody
//! multiplies a number of replicas by the time that has passed.

use super::nodes::Nodes;
use super::spec::ClusterSpec;
use crate::engine::{Gauge, SimTime};
use crate::ids::{ClusterId, DeploymentId, NodeId, TenantId};
use std::collections::{BTreeMap, BTreeSet};
use typed_index_collections::{TiSlice, TiVec};

/// What somebody wants to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Want {
    /// What for.
    pub deployment: DeploymentId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Where.
    pub cluster: ClusterId,
    /// How many accelerators, over all nodes.
    pub accelerators: u32,
}

/// A lease: no two ever have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseId(u64);

#[derive(Clone, Debug)]
struct Lease {
    want: Want,
    /// What it takes of which nodes.
    nodes: Vec<(NodeId, u32)>,
}

#[derive(Clone, Debug)]
struct Cluster {
    nodes: Nodes,
    in_service: Gauge,
    free: Gauge,
    down: Gauge,
    /// Of the free ones, those that are of no use to anyone who still wants some.
    stranded: Gauge,
    shared_nodes: Gauge,
}

/// All clusters, and what is leased of them.
#[derive(Clone, Debug)]
pub struct Fleet {
    clusters: TiVec<ClusterId, Cluster>,
    leases: BTreeMap<LeaseId, Lease>,
    /// Which leases have a part of which node.
    tenancies: BTreeSet<(ClusterId, NodeId, LeaseId)>,
    granted: u64,
    held: TiVec<DeploymentId, Gauge>,
    held_by: TiVec<TenantId, Gauge>,
}

/// Accelerator-nanoseconds of a cluster since the start of the simulation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClusterTime {
    /// In service: held, free or down.
    pub in_service: u128,
    /// Held by nobody, and not down.
    pub free: u128,
    /// On nodes that are down.
    pub down: u128,
    /// Free, and of no use to anyone who wanted some.
    pub stranded: u128,
    /// Node-nanoseconds of nodes with more than one tenant.
    pub shared_nodes: u128,
}

impl ClusterTime {
    /// What was added after `earlier`.
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            in_service: self.in_service - earlier.in_service,
            free: self.free - earlier.free,
            down: self.down - earlier.down,
            stranded: self.stranded - earlier.stranded,
            shared_nodes: self.shared_nodes - earlier.shared_nodes,
        }
    }
}

/// Everything that the fleet integrates, in accelerator-nanoseconds since the start of the simulation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FleetTime {
    /// By cluster.
    pub clusters: TiVec<ClusterId, ClusterTime>,
    /// Held for each deployment.
    pub held: TiVec<DeploymentId, u128>,
    /// Held by each tenant.
    pub held_by: TiVec<TenantId, u128>,
}

impl Fleet {
    /// All of `clusters` in service from `start` on, of which nothing is leased, for so many deployments and
    /// tenants.
    pub fn new(
        start: SimTime,
        clusters: &TiSlice<ClusterId, ClusterSpec>,
        deployments: usize,
        tenants: usize,
    ) -> Self {
        let cluster = |spec: &ClusterSpec| Cluster {
            nodes: Nodes::new(spec.nodes, spec.per_node),
            in_service: Gauge::of(start, spec.accelerators()),
            free: Gauge::of(start, spec.accelerators()),
            down: Gauge::default(),
            stranded: Gauge::default(),
            shared_nodes: Gauge::default(),
        };
        Self {
            clusters: clusters.iter().map(cluster).collect(),
            leases: BTreeMap::new(),
            tenancies: BTreeSet::new(),
            granted: 0,
            held: (0..deployments).map(|_| Gauge::default()).collect(),
            held_by: (0..tenants).map(|_| Gauge::default()).collect(),
        }
    }

    /// The nodes of a cluster, as placement sees them.
    pub fn nodes(&self, cluster: ClusterId) -> &Nodes {
        &self.clusters[cluster].nodes
    }

    /// Accelerators of a cluster that nobody holds, and that are not down.
    pub fn free(&self, cluster: ClusterId) -> u64 {
        self.clusters[cluster].nodes.free()
    }

    /// Accelerators held for a deployment.
    pub fn held(&self, deployment: DeploymentId) -> u64 {
        self.held[deployment].count()
    }

    /// Gives out what is wanted, all of it at once: on one node, or a gang on several, of which all but the
    /// last are taken whole.
    ///
    /// # Panics
    /// When `nodes` have not so many free, or there are more of them than it takes.
    pub fn grant(&mut self, now: SimTime, want: &Want, nodes: &[NodeId]) -> LeaseId {
        let cluster = &mut self.clusters[want.cluster];
        let mut left = want.accelerators;
        let mut taken = Vec::with_capacity(nodes.len());
        for &node in nodes {
            let part = if nodes.len() == 1 { left } else { left.min(cluster.nodes.per_node()) };
            assert!(part > 0, "a gang has no more nodes than it takes");
            cluster.nodes.take(node, want.tenant, part);
            taken.push((node, part));
            left -= part;
        }
        assert_eq!(left, 0, "a gang has all of its nodes or none");
        cluster.observe(now);
        self.held[want.deployment].add(now, u64::from(want.accelerators));
        self.held_by[want.tenant].add(now, u64::from(want.accelerators));
        let id = LeaseId(self.granted);
        self.granted += 1;
        self.tenancies.extend(taken.iter().map(|&(node, _)| (want.cluster, node, id)));
        self.leases.insert(id, Lease { want: *want, nodes: taken });
        id
    }

    /// Takes back what a lease holds, and says what that was.
    ///
    /// # Panics
    /// When it has ended before.
    pub fn end(&mut self, now: SimTime, lease: LeaseId) -> Want {
        let Lease { want, nodes } = self.leases.remove(&lease).expect("a lease ends once");
        let cluster = &mut self.clusters[want.cluster];
        for (node, part) in nodes {
            cluster.nodes.give_back(node, want.tenant, part);
            self.tenancies.remove(&(want.cluster, node, lease));
        }
        cluster.observe(now);
        self.held[want.deployment].remove(now, u64::from(want.accelerators));
        self.held_by[want.tenant].remove(now, u64::from(want.accelerators));
        want
    }

    /// A node breaks: every lease that has a part of it ends. Returns those, in the order in which they were
    /// granted. O((leases there) · log leases).
    pub fn fail(&mut self, now: SimTime, cluster: ClusterId, node: NodeId) -> Vec<LeaseId> {
        let there = (cluster, node, LeaseId(0))..=(cluster, node, LeaseId(u64::MAX));
        let hit: Vec<_> = self.tenancies.range(there).map(|&(_, _, lease)| lease).collect();
        hit.iter().for_each(|&lease| {
            self.end(now, lease);
        });
        let cluster = &mut self.clusters[cluster];
        cluster.nodes.set_down(node, true);
        cluster.observe(now);
        hit
    }

    /// A node is in service again.
    pub fn repair(&mut self, now: SimTime, cluster: ClusterId, node: NodeId) {
        let cluster = &mut self.clusters[cluster];
        cluster.nodes.set_down(node, false);
        cluster.observe(now);
    }

    /// Says how many of a cluster's free accelerators are of no use to anyone who wants some.
    pub fn strand(&mut self, now: SimTime, cluster: ClusterId, accelerators: u64) {
        self.clusters[cluster].stranded.set(now, accelerators);
    }

    /// All areas up to `now`.
    pub fn time(&self, now: SimTime) -> FleetTime {
        FleetTime {
            clusters: self.clusters.iter().map(|cluster| cluster.time(now)).collect(),
            held: self.held.iter().map(|gauge| gauge.area_at(now)).collect(),
            held_by: self.held_by.iter().map(|gauge| gauge.area_at(now)).collect(),
        }
    }
}

impl Cluster {
    /// Brings the gauges to what the nodes say.
    fn observe(&mut self, now: SimTime) {
        self.free.set(now, self.nodes.free());
        self.down.set(now, self.nodes.down());
        self.shared_nodes.set(now, self.nodes.shared());
    }

    fn time(&self, now: SimTime) -> ClusterTime {
        ClusterTime {
            in_service: self.in_service.area_at(now),
            free: self.free.area_at(now),
            down: self.down.area_at(now),
            stranded: self.stranded.area_at(now),
            shared_nodes: self.shared_nodes.area_at(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::engine::SimDuration;
    use crate::units::BytesPerSecond;
    use typed_index_collections::ti_vec;

    const HERE: ClusterId = ClusterId::new(0);

    fn fleet() -> Fleet {
        let cluster = ClusterSpec {
            name: "c".into(),
            region: "r".into(),
            accelerator: catalog::accelerator("H100-SXM").expect("it is in the catalogue"),
            nodes: 3,
            per_node: 8,
            capital: None,
            pue: 1.0,
            electricity: None,
            load_bandwidth: BytesPerSecond(1e9),
            provisioning: SimDuration::ZERO,
        };
        Fleet::new(SimTime::ZERO, &ti_vec![cluster], 2, 2)
    }

    fn want(deployment: usize, accelerators: u32) -> Want {
        let (deployment, tenant) = (DeploymentId::new(deployment), TenantId::new(deployment));
        Want { deployment, tenant, cluster: HERE, accelerators }
    }

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    /// In accelerator-seconds.
    fn seconds(nanos: u128) -> u128 {
        assert_eq!(nanos % 1_000_000_000, 0);
        nanos / 1_000_000_000
    }

    #[test]
    fn what_is_held_is_integrated_and_comes_back() {
        let mut fleet = fleet();
        let first = fleet.grant(at(1), &want(0, 4), &[NodeId::new(0)]);
        let second = fleet.grant(at(2), &want(1, 2), &[NodeId::new(0)]);
        assert_eq!(fleet.free(HERE), 18);
        assert_eq!(fleet.end(at(5), first), want(0, 4));
        fleet.end(at(9), second);
        let time = fleet.time(at(10));
        let cluster = time.clusters[HERE];
        assert_eq!(time.held.iter().map(|&held| seconds(held)).collect::<Vec<_>>(), [16, 14]);
        assert_eq!(seconds(time.held_by[TenantId::new(1)]), 14);
        assert_eq!(seconds(cluster.shared_nodes), 3, "from 2 s to 5 s");
        assert_eq!(seconds(cluster.in_service), 240);
        assert_eq!(seconds(cluster.free), 240 - 30);
    }

    #[test]
    fn a_gang_has_all_of_its_nodes_or_none() {
        let mut fleet = fleet();
        let gang = fleet.grant(at(0), &want(0, 20), &[0, 1, 2].map(NodeId::new));
        assert_eq!(fleet.free(HERE), 4);
        assert_eq!(fleet.nodes(HERE).room(&|_| true).first(4), Some(NodeId::new(2)));
        fleet.end(at(1), gang);
        assert_eq!(fleet.free(HERE), 24);
    }

    #[test]
    fn a_node_that_fails_ends_what_is_there_and_comes_back_empty() {
        let mut fleet = fleet();
        let gang = fleet.grant(at(0), &want(0, 16), &[0, 1].map(NodeId::new));
        let other = fleet.grant(at(0), &want(1, 8), &[NodeId::new(2)]);
        assert_eq!(fleet.fail(at(4), HERE, NodeId::new(1)), [gang]);
        assert_eq!(fleet.free(HERE), 8);
        fleet.repair(at(7), HERE, NodeId::new(1));
        assert_eq!(fleet.free(HERE), 16);
        fleet.end(at(10), other);
        let cluster = fleet.time(at(10)).clusters[HERE];
        assert_eq!(seconds(cluster.down), 3 * 8);
        let held: u128 = fleet.time(at(10)).held.iter().sum();
        assert_eq!(cluster.in_service, held + cluster.free + cluster.down);
    }
}
