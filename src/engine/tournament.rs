//! A tournament tree: many contenders that change one at a time, and the best at hand.

/// Contenders in a match. With four the compiler finds the least of a match without branching;
/// with two it branches on who wins, which is a coin flip that a branch predictor loses, and a
/// change takes 2.5 times as long (measured with 100 contenders).
const MATCH: usize = 4;

/// What contenders are compared by.
pub trait Key: Copy + Ord {
    /// What the matches of such keys are aligned to, so that each is in one cache line: [`Line`] or [`HalfLine`].
    type Align: Copy + std::fmt::Debug;

    /// What goes on to the next round of those who met in a match: the least.
    fn best(contenders: [Self; MATCH]) -> Self {
        let [a, b, c, d] = contenders;
        a.min(b).min(c.min(d))
    }
}

impl Key for u128 {
    type Align = Line;
}

impl<T: Copy + Ord, U: Copy + Ord> Key for (T, U) {
    type Align = Line;
}

/// Nothing, at the beginning of a cache line.
#[repr(align(64))]
#[derive(Clone, Copy, Debug)]
pub struct Line;

/// Nothing, at the beginning of half a cache line.
#[repr(align(32))]
#[derive(Clone, Copy, Debug)]
pub struct HalfLine;

/// Those who meet.
#[derive(Clone, Copy, Debug)]
struct Match<K: Key> {
    keys: [K; MATCH],
    _align: [K::Align; 0],
}

/// Contenders by position, each with a key; the best key wins.
///
/// Every match of the knock-out keeps its contenders' keys. Changing one contender replays its
/// matches up to the final, O(log contenders); the winner is read in O(1).
#[derive(Clone, Debug)]
pub struct Tournament<K: Key> {
    /// Match i is among the winners of the matches 4i to 4i+3, or in the first round among
    /// contenders; the final is match 1.
    matches: Vec<Match<K>>,
    winner: K,
    absent: K,
    /// Room for contenders: a power of [`MATCH`].
    capacity: usize,
}

impl<K: Key> Tournament<K> {
    /// Room for `contenders`, each with the key `absent`, which loses against all others.
    pub fn new(contenders: usize, absent: K) -> Self {
        let mut capacity = MATCH;
        while capacity < contenders {
            capacity *= MATCH;
        }
        let all_absent = Match { keys: [absent; MATCH], _align: [] };
        let matches = vec![all_absent; 2 * capacity / MATCH];
        Self { matches, winner: absent, absent, capacity }
    }

    /// How many contenders there is room for.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// What the final left.
    pub fn winner(&self) -> K {
        self.winner
    }

    /// A contender's key.
    pub fn get(&self, contender: usize) -> K {
        let place = self.capacity + contender;
        self.matches[place / MATCH].keys[place % MATCH]
    }

    /// Changes a contender's key.
    pub fn set(&mut self, contender: usize, key: K) {
        let mut place = self.capacity + contender;
        let mut winner = key;
        while place > 1 {
            let contenders = &mut self.matches[place / MATCH].keys;
            contenders[place % MATCH] = winner;
            winner = K::best(*contenders);
            place /= MATCH;
        }
        self.winner = winner;
    }

    /// The same for contenders who seldom win: goes on up only as far as something changes.
    #[inline(always)]
    pub fn update(&mut self, contender: usize, key: K) {
        let mut place = self.capacity + contender;
        let mut winner = key;
        while place > 1 {
            let contenders = &mut self.matches[place / MATCH].keys;
            if contenders[place % MATCH] == winner {
                return;
            }
            contenders[place % MATCH] = winner;
            winner = K::best(*contenders);
            place /= MATCH;
        }
        self.winner = winner;
    }

    /// Walks from the final to a contender, O(log contenders): `follow` says of each match on the
    /// way which of its keys to go after.
    pub fn descend(&self, mut follow: impl FnMut(&[K; MATCH]) -> usize) -> usize {
        let mut place = 1;
        while place < self.capacity {
            place = place * MATCH + follow(&self.matches[place].keys);
        }
        place - self.capacity
    }

    /// Makes room for more contenders.
    pub fn grow(&mut self) {
        let mut larger = Self::new(self.capacity + 1, self.absent);
        (0..self.capacity).for_each(|contender| larger.set(contender, self.get(contender)));
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
            changes in prop::collection::vec((0..70_usize, 0..9_u128), 0..200),
            grow_at in 0..200_usize,
        ) {
            let mut tournament = Tournament::new(contenders, u128::MAX);
            let mut keys = vec![u128::MAX; contenders];
            for (count, (contender, key)) in changes.into_iter().enumerate() {
                if count == grow_at {
                    tournament.grow();
                }
                let contender = contender % contenders;
                tournament.set(contender, key);
                keys[contender] = key;
                prop_assert_eq!(tournament.get(contender), key);
                let least = tournament.winner();
                prop_assert_eq!(Some(&least), keys.iter().min());
                let walk = |keys: &[u128; MATCH]| keys.iter().position(|&key| key == least);
                let first = tournament.descend(|keys| walk(keys).unwrap());
                prop_assert_eq!(Some(first), keys.iter().position(|&key| key == least));
            }
        }
    }
}
