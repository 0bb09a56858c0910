//! The node with the least free capacity that still fits: leaves large gaps whole.

use super::PlacementPolicy;
use crate::cloud::{FreeCapacity, NodeId};

pub(super) struct BestFit;

impl PlacementPolicy for BestFit {
    fn place(&self, free: &FreeCapacity, accelerators: u32) -> Option<NodeId> {
        free.tightest(accelerators)
    }
}
