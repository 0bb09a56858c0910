//! The node with the least free capacity that still fits: leaves large gaps whole.

use super::PlacementPolicy;
use crate::cloud::Room;
use crate::ids::NodeId;

pub(super) struct BestFit;

impl PlacementPolicy for BestFit {
    fn place(&self, room: Room<'_>, accelerators: u32) -> Option<NodeId> {
        room.tightest(accelerators)
    }
}
