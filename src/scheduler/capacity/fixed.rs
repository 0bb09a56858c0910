//! Each deployment's own number of replicas, the widest first: what wide replicas leave over can
//! still hold narrow ones, not the other way round.

use super::{CapacityPolicy, View};
use crate::ids::DeploymentId;
use std::cmp::Reverse;

pub(super) struct Fixed;

impl CapacityPolicy for Fixed {
    fn next(&self, view: &View) -> Option<DeploymentId> {
        let waiting = view.in_order().filter(|(_, each)| each.open && each.placed < each.fixed);
        waiting.min_by_key(|(_, each)| Reverse(each.accelerators)).map(|(index, _)| index)
    }
}
