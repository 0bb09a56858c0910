//! Free capacity, indexed so that placement never scans nodes.

use std::collections::BTreeSet;

/// A node of a cluster, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// How many accelerators are free on each node of a cluster.
#[derive(Clone, Debug)]
pub struct FreeCapacity {
    free: Vec<u32>,
    /// Nodes by how many of their accelerators are free.
    nodes: Vec<BTreeSet<NodeId>>,
    total: u64,
}

impl FreeCapacity {
    /// `nodes` empty nodes of `per_node` accelerators.
    pub fn new(nodes: u32, per_node: u32) -> Self {
        let mut by_free = vec![BTreeSet::new(); per_node as usize + 1];
        by_free[per_node as usize] = (0..nodes).map(NodeId).collect();
        Self {
            free: vec![per_node; nodes as usize],
            nodes: by_free,
            total: u64::from(nodes) * u64::from(per_node),
        }
    }

    /// Free accelerators on all nodes.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The first node, by position, with at least `accelerators` free. O(per node · log nodes).
    pub fn first(&self, accelerators: u32) -> Option<NodeId> {
        self.with_room(accelerators).filter_map(|nodes| nodes.first()).min().copied()
    }

    /// The node with the fewest free accelerators that has at least `accelerators`; the first one
    /// by position among equals. O(per node + log nodes).
    pub fn tightest(&self, accelerators: u32) -> Option<NodeId> {
        self.with_room(accelerators).find_map(|nodes| nodes.first()).copied()
    }

    /// Takes `accelerators` on a node.
    ///
    /// # Panics
    /// When they are not free: a policy must choose among those that are.
    pub fn take(&mut self, node: NodeId, accelerators: u32) {
        let free = self.free[node.0 as usize];
        let left = free.checked_sub(accelerators).expect("a replica was placed on a full node");
        self.nodes[free as usize].remove(&node);
        self.nodes[left as usize].insert(node);
        self.free[node.0 as usize] = left;
        self.total -= u64::from(accelerators);
    }

    fn with_room(&self, accelerators: u32) -> impl Iterator<Item = &BTreeSet<NodeId>> {
        self.nodes.iter().skip(accelerators as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_index_agrees_with_scanning(requests in prop::collection::vec((1..9_u32, any::<bool>()), 0..80)) {
            let mut index = FreeCapacity::new(12, 8);
            let mut free = [8_u32; 12];
            for (need, tight) in requests {
                let fitting = || (0..12_u32).filter(|&node| free[node as usize] >= need);
                let first = fitting().next().map(NodeId);
                let tightest = fitting().min_by_key(|&node| (free[node as usize], node)).map(NodeId);
                prop_assert_eq!(index.first(need), first);
                prop_assert_eq!(index.tightest(need), tightest);
                if let Some(node) = if tight { tightest } else { first } {
                    index.take(node, need);
                    free[node.0 as usize] -= need;
                }
                prop_assert_eq!(index.total(), free.iter().map(|&free| u64::from(free)).sum::<u64>());
            }
        }
    }
}
