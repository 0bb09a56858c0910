//! In proportion to expected demand, whole replicas at a time.
//!
//! The next replica goes to the model that is worst supplied: the one with the lowest ratio of
//! saturated service rate to expected demand. Every model with demand gets its first replica
//! before any gets its second, and the smallest ratio is as large as whole replicas allow.

use super::{Candidate, Capacity, CapacityPolicy, View};

pub(super) struct Proportional {
    /// Fraction of each cluster's accelerators to give out.
    pub fill: f64,
}

impl CapacityPolicy for Proportional {
    fn next(&self, view: &View) -> Option<usize> {
        let wants = |each: &&Candidate| {
            let cluster = view.clusters[each.cluster];
            let given = cluster.total - cluster.free + u64::from(each.accelerators);
            // A full cluster is for placement to find out, so that what is left counts as stranded.
            let allowed = self.fill >= 1.0 || given as f64 <= self.fill * cluster.total as f64;
            each.open && view.demand[each.model] > 0.0 && allowed
        };
        let supply = supply(view);
        let ratio = |model: usize| supply[model] / view.demand[model];
        let neediest = view
            .deployments
            .iter()
            .filter(wants)
            .map(|each| each.model)
            .min_by(|&one, &other| ratio(one).total_cmp(&ratio(other)))?;
        let emptiest =
            |&(_, each): &(usize, &Candidate)| free_fraction(view.clusters[each.cluster]);
        view.deployments
            .iter()
            .enumerate()
            .filter(|(_, each)| each.model == neediest && wants(each))
            .rev()
            // Of equal maxima the last counts, so reversed the first one listed wins.
            .max_by(|one, other| emptiest(one).total_cmp(&emptiest(other)))
            .map(|(index, _)| index)
    }
}

/// Calls a second that each model's placed replicas complete when saturated.
fn supply(view: &View) -> Vec<f64> {
    let mut supply = vec![0.0; view.demand.len()];
    for each in &view.deployments {
        supply[each.model] += f64::from(each.placed) * each.rate;
    }
    supply
}

fn free_fraction(cluster: Capacity) -> f64 {
    cluster.free as f64 / cluster.total as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives out replicas until nobody wants more; nodes never run out of room here.
    fn split(mut view: View, fill: f64) -> Vec<u32> {
        let policy = Proportional { fill };
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

    fn candidate(model: usize, cluster: usize, accelerators: u32, rate: f64) -> Candidate {
        Candidate { model, cluster, accelerators, rate, fixed: 0, placed: 0, open: true }
    }

    fn view(deployments: Vec<Candidate>, clusters: &[u64], demand: &[f64]) -> View {
        let clusters = clusters.iter().map(|&total| Capacity { total, free: total }).collect();
        View { deployments, clusters, demand: demand.to_vec() }
    }

    #[test]
    fn accelerators_follow_demand_and_cost() {
        // The second model needs twice the accelerators for the same calls.
        let deployments = vec![candidate(0, 0, 1, 1.0), candidate(1, 0, 2, 1.0)];
        assert_eq!(split(view(deployments, &[60], &[10.0, 10.0]), 1.0), [20, 20]);
    }

    #[test]
    fn no_demand_gets_nothing_and_a_little_gets_one() {
        let deployments = (0..3).map(|model| candidate(model, 0, 4, 1.0)).collect();
        assert_eq!(split(view(deployments, &[40], &[0.0, 1e-6, 9.0]), 1.0), [0, 1, 9]);
    }

    #[test]
    fn fill_leaves_the_rest_free_and_clusters_fill_evenly() {
        let deployments = vec![candidate(0, 0, 1, 1.0), candidate(0, 1, 1, 1.0)];
        assert_eq!(split(view(deployments, &[10, 10], &[5.0]), 0.5), [5, 5]);
    }
}
