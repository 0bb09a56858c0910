//! Where conversations are in the list of what is kept: a hash table for numbers that are all different.
//!
//! Every turn of a conversation asks it twice or three times. It is never gone through, so that its order
//! reaches nothing.

/// 2⁶⁴ over the golden ratio: consecutive numbers, and multiples, are spread evenly (Knuth, The Art of
/// Computer Programming, vol. 3, 6.4).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
/// Slots that the smallest table has, as a power of two; without conversations there is none, since most replicas
/// never have any.
const LEAST_BITS: u32 = 4;

/// Places by the numbers of conversations: open addressing with linear probing, at most half full.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    slots: Vec<Option<Slot>>,
    /// The table has 2^bits slots, if it has any.
    bits: u32,
    filled: usize,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    session: u64,
    place: u32,
}

impl Places {
    fn with_bits(bits: u32) -> Self {
        Self { slots: vec![None; 1 << bits], bits, filled: 0 }
    }

    /// Where a conversation is.
    pub(super) fn get(&self, session: u64) -> Option<u32> {
        if self.filled == 0 {
            return None;
        }
        self.slots[self.find(session)].map(|slot| slot.place)
    }

    /// Notes where a conversation is now. Returns where it was.
    pub(super) fn insert(&mut self, session: u64, place: u32) -> Option<u32> {
        if 2 * self.filled >= self.slots.len() {
            self.grow();
        }
        let index = self.find(session);
        let former = self.slots[index].replace(Slot { session, place });
        self.filled += usize::from(former.is_none());
        former.map(|slot| slot.place)
    }

    /// Forgets a conversation. Returns where it was.
    pub(super) fn remove(&mut self, session: u64) -> Option<u32> {
        if self.filled == 0 {
            return None;
        }
        let index = self.find(session);
        let former = self.slots[index].take()?;
        self.filled -= 1;
        self.close(index);
        Some(former.place)
    }

    /// Moves those back who were put after a slot that is empty now because it was taken.
    fn close(&mut self, mut gap: usize) {
        let mask = self.slots.len() - 1;
        let mut index = gap;
        loop {
            index = (index + 1) & mask;
            let Some(slot) = self.slots[index] else { return };
            let distance = |from: usize| index.wrapping_sub(from) & mask;
            if distance(self.home(slot.session)) >= distance(gap) {
                self.slots[gap] = self.slots[index].take();
                gap = index;
            }
        }
    }

    /// The slot of a conversation, or the empty one where it would be.
    fn find(&self, session: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut index = self.home(session);
        while let Some(slot) = &self.slots[index]
            && slot.session != session
        {
            index = (index + 1) & mask;
        }
        index
    }

    /// The slot that a conversation would have in an empty table.
    fn home(&self, session: u64) -> usize {
        (session.wrapping_mul(SPREAD) >> (u64::BITS - self.bits)) as usize
    }

    fn grow(&mut self) {
        let mut larger = Self::with_bits((self.bits + 1).max(LEAST_BITS));
        for slot in self.slots.iter().flatten() {
            larger.insert(slot.session, slot.place);
        }
        *self = larger;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Like an ordered map, with numbers that collide, many times over.
    #[test]
    fn it_is_a_map() {
        let (mut places, mut map) = (Places::default(), BTreeMap::new());
        let mut number = 1_u64;
        for step in 0..20_000_u32 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let session = number >> 54 << ((number >> 8) % 3 * 10);
            if number >> 32 & 3 == 0 {
                assert_eq!(places.remove(session), map.remove(&session));
            } else if number >> 32 & 3 == 1 && step % 5000 < 3000 {
                assert_eq!(places.insert(session, step), map.insert(session, step));
            } else {
                assert_eq!(places.get(session), map.get(&session).copied());
            }
            assert_eq!(places.filled, map.len());
        }
    }
}
