//! Which node a replica goes to.

mod best_fit;
mod first_fit;

use crate::cloud::Room;
use crate::ids::NodeId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Chooses a node for a replica.
pub trait PlacementPolicy {
    /// A node of those in `room` with `accelerators` free, or `None` when none has them.
    fn place(&self, room: Room<'_>, accelerators: u32) -> Option<NodeId>;
}

/// Which node a replica goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// The node with the least free capacity that still fits.
    #[default]
    BestFit,
    /// The first node that fits.
    FirstFit,
}

/// The policy of that name.
pub fn policy(name: Placement) -> Box<dyn PlacementPolicy> {
    match name {
        Placement::BestFit => Box::new(best_fit::BestFit),
        Placement::FirstFit => Box::new(first_fit::FirstFit),
    }
}
