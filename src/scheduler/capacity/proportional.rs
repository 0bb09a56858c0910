//! In proportion to expected demand, whole replicas at a time, until the cloud is given out.
//!
//! The next replica goes to the model that is worst supplied: the one with the lowest ratio of
//! saturated service rate to expected demand. Every model with demand gets its first replica
//! before any gets its second, and the smallest ratio is as large as whole replicas allow.

use super::{CapacityPolicy, View, neediest};
use crate::ids::DeploymentId;

pub(super) struct Proportional {
    /// Fraction of each cluster's accelerators to give out.
    pub fill: f64,
}

impl CapacityPolicy for Proportional {
    fn next(&self, view: &View) -> Option<DeploymentId> {
        neediest(view, |each| {
            let cluster = view.clusters[each.cluster];
            let given = cluster.total - cluster.free + u64::from(each.accelerators);
            // A full cluster is for placement to find out, so that what is left counts as stranded.
            let allowed = self.fill >= 1.0 || given as f64 <= self.fill * cluster.total as f64;
            each.open && view.needed[each.model] > 0.0 && allowed
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{candidate, split, view};
    use super::*;

    const ALL: Proportional = Proportional { fill: 1.0 };

    #[test]
    fn accelerators_follow_demand_and_cost() {
        // The second model needs twice the accelerators for the same calls.
        let deployments = vec![candidate(0, 0, 1, 1.0), candidate(1, 0, 2, 1.0)];
        assert_eq!(split(view(deployments, &[60], &[10.0, 10.0]), &ALL), [20, 20]);
    }

    #[test]
    fn no_demand_gets_nothing_and_a_little_gets_one() {
        let deployments = (0..3).map(|model| candidate(model, 0, 4, 1.0)).collect();
        assert_eq!(split(view(deployments, &[40], &[0.0, 1e-6, 9.0]), &ALL), [0, 1, 9]);
    }

    #[test]
    fn fill_leaves_the_rest_free_and_clusters_fill_evenly() {
        let deployments = vec![candidate(0, 0, 1, 1.0), candidate(0, 1, 1, 1.0)];
        let half = Proportional { fill: 0.5 };
        assert_eq!(split(view(deployments, &[10, 10], &[5.0]), &half), [5, 5]);
    }
}
