//! The event queue: a tournament over packed keys, with one pending event per entity.

use super::{SimTime, Tournament};

/// An entity that can have one pending event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u32);

impl Slot {
    /// The slot with this position, as given out by [`EventQueue::add`] in order from 0.
    pub const fn new(index: usize) -> Self {
        Self(index as u32)
    }

    /// The position of this slot.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What goes first among events at one instant.
///
/// A measurement ends what was before its instant, so that windows are half-open; a boundary must
/// see the arrivals of its own instant, whichever was scheduled first. Equal ranks keep the order
/// in which they were scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Something is read off.
    Measurement = 0,
    /// The scenario changes the system.
    Intervention = 1,
    /// Something breaks, or is repaired.
    Failure = 2,
    /// Customers and vendors reconsider.
    Epoch = 3,
    /// Capacity is reviewed.
    Review = 4,
    /// Something enters the system.
    Arrival = 5,
    /// Something inside the system reaches a decision.
    Boundary = 6,
}

const SLOT_BITS: u32 = 22;
const SEQUENCE_BITS: u32 = 39;
const RANK_SHIFT: u32 = SLOT_BITS + SEQUENCE_BITS;
const TIME_SHIFT: u32 = 64;
const LAST_SEQUENCE: u64 = (1 << SEQUENCE_BITS) - 1;
/// The key of a slot without a pending event: later than any real one, whose rank is below 7.
const NOTHING: u128 = u128::MAX;

/// Future events in order of (time, rank, sequence).
///
/// A key packs `time:64 | rank:3 | sequence:39 | slot:22` into one `u128`, so that ordering is one
/// comparison. Slots are the contenders of a [`Tournament`]: scheduling a slot again, or
/// cancelling it, overwrites its key. There are no stale keys to skip, and the queue's size is the
/// number of entities, never of requests.
///
/// The popped slot's key stays in place until the slot is scheduled again, which is nearly always
/// what its handler does next, or until the next pop: one replay instead of two.
#[derive(Clone, Debug)]
pub struct EventQueue {
    keys: Tournament<u128>,
    slots: usize,
    sequence: u64,
    /// The slot that was popped last, while its key is still in place.
    popped: Option<Slot>,
}

impl Default for EventQueue {
    fn default() -> Self {
        Self { keys: Tournament::new(1, NOTHING), slots: 0, sequence: 0, popped: None }
    }
}

impl EventQueue {
    /// How many entities can have events.
    pub const MAX_SLOTS: usize = 1 << SLOT_BITS;

    /// An empty queue without slots.
    pub fn new() -> Self {
        Self::default()
    }

    /// A new entity's slot.
    ///
    /// # Panics
    /// Beyond [`MAX_SLOTS`](Self::MAX_SLOTS) entities.
    pub fn add(&mut self) -> Slot {
        assert!(self.slots < Self::MAX_SLOTS, "at most 4,194,304 entities can have events");
        if self.slots == self.keys.capacity() {
            self.keys.grow();
        }
        self.slots += 1;
        Slot::new(self.slots - 1)
    }

    /// Makes `at` the time of `slot`'s only pending event, whatever it was before.
    pub fn schedule(&mut self, slot: Slot, at: SimTime, rank: Rank) {
        if self.sequence == LAST_SEQUENCE {
            self.renumber();
        }
        self.sequence += 1;
        let key = u128::from(at.as_nanos()) << TIME_SHIFT
            | (rank as u128) << RANK_SHIFT
            | u128::from(self.sequence) << SLOT_BITS
            | u128::from(slot.0);
        self.replace(slot, key);
    }

    /// Forgets `slot`'s pending event, if it has one.
    pub fn cancel(&mut self, slot: Slot) {
        self.replace(slot, NOTHING);
    }

    /// Takes the next event: its time and whose it is.
    pub fn pop(&mut self) -> Option<(SimTime, Slot)> {
        if let Some(slot) = self.popped {
            self.cancel(slot);
        }
        let key = self.keys.winner();
        if key == NOTHING {
            return None;
        }
        let slot = Self::slot_of(key);
        self.popped = Some(slot);
        Some((SimTime::from_nanos((key >> TIME_SHIFT) as u64), slot))
    }

    /// Numbers the pending events from 1 in their order, after days of processor time.
    #[cold]
    fn renumber(&mut self) {
        let keys = (0..self.slots).map(|slot| self.keys.get(slot));
        let mut pending: Vec<u128> = keys.filter(|&key| key != NOTHING).collect();
        pending.sort_unstable();
        self.sequence = 0;
        for key in pending {
            self.sequence += 1;
            let slot = Self::slot_of(key);
            let others = key & !(u128::from(LAST_SEQUENCE) << SLOT_BITS);
            self.keys.set(slot.index(), others | u128::from(self.sequence) << SLOT_BITS);
        }
    }

    fn slot_of(key: u128) -> Slot {
        Slot(key as u32 & ((1 << SLOT_BITS) - 1))
    }

    fn replace(&mut self, slot: Slot, key: u128) {
        if self.popped == Some(slot) {
            self.popped = None;
            self.keys.set(slot.index(), key);
        } else {
            // It need not be anywhere near the top.
            self.keys.update(slot.index(), key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(nanos: u64) -> SimTime {
        SimTime::from_nanos(nanos)
    }

    fn queue_of(slots: usize) -> (EventQueue, Vec<Slot>) {
        let mut queue = EventQueue::new();
        let slots = (0..slots).map(|_| queue.add()).collect();
        (queue, slots)
    }

    #[test]
    fn equal_times_run_by_rank_then_in_the_order_scheduled() {
        let (mut queue, slots) = queue_of(4);
        queue.schedule(slots[3], at(5), Rank::Measurement);
        queue.schedule(slots[2], at(5), Rank::Boundary);
        queue.schedule(slots[0], at(5), Rank::Boundary);
        queue.schedule(slots[1], at(5), Rank::Arrival);
        let order: Vec<_> =
            std::iter::from_fn(|| queue.pop()).map(|(_, slot)| slot.index()).collect();
        assert_eq!(order, [3, 1, 2, 0]);
    }

    #[test]
    fn rescheduling_replaces_and_cancelling_forgets() {
        let (mut queue, slots) = queue_of(2);
        queue.schedule(slots[0], at(1), Rank::Boundary);
        queue.schedule(slots[0], at(9), Rank::Boundary);
        queue.schedule(slots[1], at(4), Rank::Boundary);
        queue.cancel(slots[1]);
        assert_eq!(queue.pop(), Some((at(9), slots[0])));
        assert_eq!(queue.pop(), None);
    }

    #[test]
    fn the_end_of_time_can_be_scheduled() {
        let (mut queue, slots) = queue_of(1);
        queue.schedule(slots[0], SimTime::MAX, Rank::Measurement);
        assert_eq!(queue.pop(), Some((SimTime::MAX, slots[0])));
    }

    #[test]
    fn the_order_outlives_the_numbers() {
        let (mut queue, slots) = queue_of(4);
        queue.sequence = LAST_SEQUENCE - 2;
        queue.schedule(slots[2], at(5), Rank::Boundary);
        queue.schedule(slots[0], at(5), Rank::Boundary);
        // Numbers are used up here.
        queue.schedule(slots[3], at(5), Rank::Boundary);
        queue.schedule(slots[1], at(5), Rank::Arrival);
        assert_eq!(queue.sequence, 4);
        let order: Vec<_> =
            std::iter::from_fn(|| queue.pop()).map(|(_, slot)| slot.index()).collect();
        assert_eq!(order, [1, 2, 0, 3]);
    }

    #[test]
    fn the_last_slot_is_told_from_the_others() {
        let mut queue = EventQueue::new();
        let last = (0..EventQueue::MAX_SLOTS).map(|_| queue.add()).last().expect("there are some");
        queue.schedule(last, at(1), Rank::Arrival);
        assert_eq!(queue.pop(), Some((at(1), last)));
    }

    /// The slow twin: a list of pending events, searched for its minimum.
    #[derive(Default)]
    struct SlowQueue {
        pending: Vec<(SimTime, Rank, u64, Slot)>,
        sequence: u64,
    }

    impl SlowQueue {
        fn schedule(&mut self, slot: Slot, at: SimTime, rank: Rank) {
            self.cancel(slot);
            self.sequence += 1;
            self.pending.push((at, rank, self.sequence, slot));
        }

        fn cancel(&mut self, slot: Slot) {
            self.pending.retain(|event| event.3 != slot);
        }

        fn pop(&mut self) -> Option<(SimTime, Slot)> {
            let next = self.pending.iter().copied().min()?;
            self.cancel(next.3);
            Some((next.0, next.3))
        }
    }

    proptest! {
        #[test]
        fn agrees_with_its_slow_twin(operations in prop::collection::vec((0..8_u8, 0..6_usize, 0..20_u64), 1..200)) {
            let (mut fast, slots) = queue_of(6);
            let mut slow = SlowQueue::default();
            for (kind, slot, time) in operations {
                match kind {
                    0..4 => {
                        let rank = [Rank::Arrival, Rank::Boundary, Rank::Measurement][kind as usize % 3];
                        fast.schedule(slots[slot], at(time), rank);
                        slow.schedule(slots[slot], at(time), rank);
                    }
                    4 => {
                        fast.cancel(slots[slot]);
                        slow.cancel(slots[slot]);
                    }
                    _ => prop_assert_eq!(fast.pop(), slow.pop()),
                }
            }
        }
    }
}
