//! Loads of a pool of replicas with the least one at hand.

use crate::engine::Tournament;

const MEMBER_BITS: u32 = 22;
const ABSENT: u64 = u64::MAX;

/// Loads by member, as contenders of a [`Tournament`]: a key packs `load:42 | member:22`, so that
/// the first of equally loaded members wins.
#[derive(Clone, Debug)]
pub struct LoadIndex(Tournament<u64>);

impl LoadIndex {
    /// Loads of `members` replicas, all zero.
    ///
    /// # Panics
    /// Beyond 2²² members.
    pub fn new(members: usize) -> Self {
        assert!(members <= 1 << MEMBER_BITS, "at most 4,194,304 replicas can be routed to");
        let mut index = Self(Tournament::new(members, ABSENT));
        (0..members).for_each(|member| index.set(member, 0));
        index
    }

    /// One member's load.
    pub fn get(&self, member: usize) -> u64 {
        self.0.get(member) >> MEMBER_BITS
    }

    /// Changes one member's load, below 2⁴².
    pub fn set(&mut self, member: usize, load: u64) {
        debug_assert!(load < 1 << (u64::BITS - MEMBER_BITS), "loads are below 2^42: {load}");
        self.0.set(member, load << MEMBER_BITS | member as u64);
    }

    /// The first member with the least load.
    pub fn least(&self) -> usize {
        (self.0.winner() & ((1 << MEMBER_BITS) - 1)) as usize
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
