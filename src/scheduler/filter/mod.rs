//! Which nodes somebody may be placed on at all, whatever the placement policy prefers.

mod shared;

use crate::cloud::{Residents, Want};
use crate::ids::ClusterId;

/// A node, as a filter sees it. Nodes that look alike are decided on together, so that no filter makes placement
/// scan a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeView {
    /// Its cluster.
    pub cluster: ClusterId,
    /// Who is there.
    pub residents: Residents,
}

/// Keeps nodes from who must not be there.
pub trait Filter {
    /// Whether what is wanted may be placed on such a node.
    fn allows(&self, want: &Want, node: &NodeView) -> bool;
}

/// The filters of every scenario: rivals share nodes.
pub fn usual() -> Vec<Box<dyn Filter>> {
    vec![Box::new(shared::Shared)]
}

/// Whether all of `filters` allow it.
pub fn all_allow(filters: &[Box<dyn Filter + '_>], want: &Want, node: &NodeView) -> bool {
    filters.iter().all(|filter| filter.allows(want, node))
}
