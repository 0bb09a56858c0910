//! The first node that fits.

use super::PlacementPolicy;
use crate::cloud::Room;
use crate::ids::NodeId;

pub(super) struct FirstFit;

impl PlacementPolicy for FirstFit {
    fn place(&self, room: Room<'_>, accelerators: u32) -> Option<NodeId> {
        room.first(accelerators)
    }
}
