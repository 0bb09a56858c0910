//! The first node that fits.

use super::PlacementPolicy;
use crate::cloud::{FreeCapacity, NodeId};

pub(super) struct FirstFit;

impl PlacementPolicy for FirstFit {
    fn place(&self, free: &FreeCapacity, accelerators: u32) -> Option<NodeId> {
        free.first(accelerators)
    }
}
