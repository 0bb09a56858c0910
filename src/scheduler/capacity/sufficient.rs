//! As many replicas as each model needs, and no more: the rest of the cloud stays unsold.
//!
//! The next replica goes to the model that has the smallest part of what it needs. Where the cloud is
//! too small for all, they are so scaled down alike, as far as whole replicas allow.

use super::{CapacityPolicy, View, neediest};
use crate::ids::DeploymentId;

/// Of what is needed, so much may be missing for rounding.
const ROUNDING: f64 = 1e-9;

pub(super) struct Sufficient;

impl CapacityPolicy for Sufficient {
    fn next(&self, view: &View) -> Option<DeploymentId> {
        let supply = view.supply();
        neediest(view, |each| {
            each.open && supply[each.model] < view.needed[each.model] * (1.0 - ROUNDING)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{candidate, split, view};
    use super::*;

    #[test]
    fn each_gets_what_it_needs_and_the_rest_is_left() {
        let deployments =
            vec![candidate(0, 0, 1, 2.0), candidate(1, 0, 4, 1.0), candidate(2, 0, 1, 1.0)];
        // 10 / 2 is a whole number; 2.5 is not; who needs nothing gets nothing.
        let view = view(deployments, &[100], &[10.0, 2.5, 0.0]);
        assert_eq!(split(view, &Sufficient), [5, 3, 0]);
    }

    #[test]
    fn a_small_cloud_scales_all_down_alike() {
        let deployments = vec![candidate(0, 0, 1, 1.0), candidate(1, 0, 2, 1.0)];
        assert_eq!(split(view(deployments, &[30], &[20.0, 20.0]), &Sufficient), [10, 10]);
    }

    #[test]
    fn clusters_fill_evenly() {
        let deployments = vec![candidate(0, 0, 1, 1.0), candidate(0, 1, 1, 1.0)];
        assert_eq!(split(view(deployments, &[30, 10], &[20.0]), &Sufficient), [15, 5]);
    }
}
