//! Each deployment's own number of replicas, the widest first: what wide replicas leave over can
//! still hold narrow ones, not the other way round.

use super::{CapacityPolicy, View};
use std::cmp::Reverse;

pub(super) struct Fixed;

impl CapacityPolicy for Fixed {
    fn next(&self, view: &View) -> Option<usize> {
        let waiting = |&index: &usize| {
            let each = &view.deployments[index];
            each.open && each.placed < each.fixed
        };
        let widest_first = |&index: &usize| Reverse(view.deployments[index].accelerators);
        (0..view.deployments.len()).filter(waiting).min_by_key(widest_first)
    }
}
