//! How many replicas a scenario can have: each is an entity of the simulation with an event of its own.

use super::Supply;
use crate::cloud::ClusterSpec;
use crate::scenario::schema::Cloud;
use crate::scenario::section::Checker;
use crate::scenario::section::cloud::paths;
use crate::scheduler::{CapacitySplit, SchedulerSpec};

/// Most replicas of a variant: so many as to leave the event queue room for everything else.
pub(in crate::scenario) const MAX_REPLICAS: u32 = 3_000_000;

/// Requires the replicas, or as many as the clusters have room for where their number is computed, to be not
/// too many.
pub(in crate::scenario) fn not_too_many(
    cloud: &Cloud,
    clusters: &[Option<ClusterSpec>],
    supply: &Supply,
    scheduler: &SchedulerSpec,
    check: &mut Checker,
) -> bool {
    let mut all = 0;
    if scheduler.capacity == CapacitySplit::Fixed {
        for (path, deployment) in supply.paths.iter().zip(&supply.deployments) {
            all += deployment.as_ref().map_or(0, |spec| u64::from(spec.replicas));
            if all > u64::from(MAX_REPLICAS) {
                let message = format!("{all} replicas so far are too many: at most {MAX_REPLICAS}");
                check.refuse(&path.key("replicas"), message);
                return false;
            }
        }
        return true;
    }
    for (index, (path, ..)) in paths(cloud).iter().enumerate() {
        let Some(cluster) = &clusters[index] else { continue };
        let here = supply.deployments.iter().flatten().filter(|spec| spec.cluster.index() == index);
        let Some(narrowest) = here.map(|spec| spec.accelerators.max(1)).min() else { continue };
        all += cluster.accelerators() / u64::from(narrowest);
        if all > u64::from(MAX_REPLICAS) {
            let message = format!(
                "{} nodes of {} accelerators make room for {all} replicas in all so far: at most {MAX_REPLICAS}",
                cluster.nodes, cluster.per_node
            );
            check.refuse(&path.key("nodes"), message);
            return false;
        }
    }
    true
}
