//! A tournament tree: many contenders that change one at a time, and the least at hand.

use std::hint::select_unpredictable;

/// Contenders by position, each with a key; the least key wins.
///
/// Every match of the knock-out keeps its two contenders' keys. Changing one contender replays
/// its matches up to the final, O(log contenders) conditional moves without a branch to
/// mispredict; the winner is read in O(1).
#[derive(Clone, Debug)]
pub struct Tournament<K> {
    /// Match i is between the winners of matches 2i and 2i+1; the last half are between
    /// contenders. Match 0 is not played.
    matches: Vec<[K; 2]>,
    winner: K,
    absent: K,
}

impl<K: Copy + Ord> Tournament<K> {
    /// Room for `contenders`, each with the key `absent`, which is above all others.
    pub fn new(contenders: usize, absent: K) -> Self {
        let matches = contenders.next_power_of_two().max(2);
        Self { matches: vec![[absent; 2]; matches], winner: absent, absent }
    }

    /// How many contenders there is room for.
    pub fn capacity(&self) -> usize {
        self.matches.len()
    }

    /// The least key.
    pub fn winner(&self) -> K {
        self.winner
    }

    /// A contender's key.
    pub fn get(&self, contender: usize) -> K {
        self.matches[(self.matches.len() + contender) / 2][contender % 2]
    }

    /// Changes a contender's key.
    pub fn set(&mut self, contender: usize, key: K) {
        let mut node = self.matches.len() + contender;
        let mut winner = key;
        while node > 1 {
            let side = node % 2;
            node /= 2;
            let contenders = &mut self.matches[node];
            contenders[side] = winner;
            let rival = contenders[1 - side];
            winner = select_unpredictable(rival < winner, rival, winner);
        }
        self.winner = winner;
    }

    /// Makes room for twice as many contenders.
    pub fn grow(&mut self) {
        let mut larger = Self::new(2 * self.capacity(), self.absent);
        (0..self.capacity()).for_each(|contender| larger.set(contender, self.get(contender)));
        *self = larger;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_scanning(
            contenders in 1..70_usize,
            changes in prop::collection::vec((0..70_usize, 0..9_u64), 0..200),
            grow_at in 0..200_usize,
        ) {
            let mut tournament = Tournament::new(contenders, u64::MAX);
            let mut keys = vec![u64::MAX; contenders];
            for (count, (contender, key)) in changes.into_iter().enumerate() {
                if count == grow_at {
                    tournament.grow();
                }
                let contender = contender % contenders;
                tournament.set(contender, key);
                keys[contender] = key;
                prop_assert_eq!(tournament.get(contender), key);
                prop_assert_eq!(Some(&tournament.winner()), keys.iter().min());
            }
        }
    }
}
