//! Loads of a pool of replicas with the least one at hand.

/// A segment tree of minima over loads: updates and the leftmost minimum in O(log n).
#[derive(Clone, Debug)]
pub struct LoadIndex {
    /// Node i's children are 2i and 2i+1; the leaves are the second half, in order.
    tree: Vec<u64>,
    leaves: usize,
}

impl LoadIndex {
    /// `members` loads of zero.
    pub fn new(members: usize) -> Self {
        let leaves = members.next_power_of_two();
        let mut tree = vec![u64::MAX; 2 * leaves];
        tree[leaves..leaves + members].fill(0);
        for node in (1..leaves).rev() {
            tree[node] = tree[2 * node].min(tree[2 * node + 1]);
        }
        Self { tree, leaves }
    }

    /// One member's load.
    pub fn get(&self, member: usize) -> u64 {
        self.tree[self.leaves + member]
    }

    /// Changes one member's load.
    pub fn set(&mut self, member: usize, load: u64) {
        let mut node = self.leaves + member;
        self.tree[node] = load;
        while node > 1 {
            node /= 2;
            let least = self.tree[2 * node].min(self.tree[2 * node + 1]);
            if self.tree[node] == least {
                break;
            }
            self.tree[node] = least;
        }
    }

    /// The first member with the least load.
    pub fn least(&self) -> usize {
        let mut node = 1;
        while node < self.leaves {
            node *= 2;
            if self.tree[node] != self.tree[node / 2] {
                node += 1;
            }
        }
        node - self.leaves
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_scanning(members in 1..70_usize, changes in prop::collection::vec((0..70_usize, 0..9_u64), 0..200)) {
            let mut index = LoadIndex::new(members);
            let mut loads = vec![0; members];
            for (member, load) in changes {
                index.set(member % members, load);
                loads[member % members] = load;
                let least = (0..members).min_by_key(|&member| loads[member]).unwrap();
                prop_assert_eq!(index.least(), least);
            }
        }
    }
}
