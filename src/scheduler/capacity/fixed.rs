//! Each deployment's own number of replicas.

use super::{CapacityPolicy, View};

pub(super) struct Fixed;

impl CapacityPolicy for Fixed {
    fn next(&self, view: &View) -> Option<usize> {
        view.deployments.iter().position(|each| each.open && each.placed < each.fixed)
    }
}
