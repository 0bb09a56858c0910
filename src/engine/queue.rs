//! The event queue: a heap of packed keys with one pending event per entity.

use super::SimTime;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

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
/// A boundary must see the arrivals of its own instant, whichever was scheduled first, and a
/// measurement everything that happened up to and at its instant. Equal ranks keep the order in
/// which they were scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Something enters the system.
    Arrival = 0,
    /// Something inside the system reaches a decision.
    Boundary = 1,
    /// Something is read off.
    Measurement = 2,
}

const SLOT_BITS: u32 = 20;
const SEQUENCE_BITS: u32 = 42;
const RANK_SHIFT: u32 = SLOT_BITS + SEQUENCE_BITS;
const TIME_SHIFT: u32 = 64;
/// The generation of a slot without a pending event. Real sequence numbers start at 1.
const NOTHING_PENDING: u64 = 0;

/// Future events in order of (time, rank, sequence).
///
/// A key packs `time:64 | rank:2 | sequence:42 | slot:20` into one `u128`, so that ordering is one
/// comparison. The sequence number is also the generation of its slot's event: scheduling a slot
/// again, or cancelling it, makes its earlier key stale, and stale keys are dropped when they
/// reach the top. The queue's length is thus bounded by entities and their recent
/// reschedulings, never by requests.
#[derive(Clone, Debug, Default)]
pub struct EventQueue {
    heap: BinaryHeap<Reverse<u128>>,
    generation: Vec<u64>,
    sequence: u64,
}

impl EventQueue {
    /// An empty queue without slots.
    pub fn new() -> Self {
        Self::default()
    }

    /// A new entity's slot.
    ///
    /// # Panics
    /// Beyond 2²⁰ entities.
    pub fn add(&mut self) -> Slot {
        let index = self.generation.len();
        assert!(index < 1 << SLOT_BITS, "at most 1,048,576 entities can have events");
        self.generation.push(NOTHING_PENDING);
        Slot::new(index)
    }

    /// Makes `at` the time of `slot`'s only pending event, whatever it was before.
    ///
    /// # Panics
    /// After 2⁴² schedulings (weeks of processor time).
    pub fn schedule(&mut self, slot: Slot, at: SimTime, rank: Rank) {
        self.sequence += 1;
        assert!(self.sequence < 1 << SEQUENCE_BITS, "event sequence numbers are used up");
        self.generation[slot.index()] = self.sequence;
        let key = u128::from(at.as_nanos()) << TIME_SHIFT
            | (rank as u128) << RANK_SHIFT
            | u128::from(self.sequence) << SLOT_BITS
            | u128::from(slot.0);
        self.heap.push(Reverse(key));
    }

    /// Forgets `slot`'s pending event, if it has one.
    pub fn cancel(&mut self, slot: Slot) {
        self.generation[slot.index()] = NOTHING_PENDING;
    }

    /// Whether `slot` has a pending event.
    pub fn is_pending(&self, slot: Slot) -> bool {
        self.generation[slot.index()] != NOTHING_PENDING
    }

    /// Takes the next event: its time and whose it is.
    pub fn pop(&mut self) -> Option<(SimTime, Slot)> {
        while let Some(Reverse(key)) = self.heap.pop() {
            let slot = Slot(key as u32 & ((1 << SLOT_BITS) - 1));
            let sequence = (key >> SLOT_BITS) as u64 & ((1 << SEQUENCE_BITS) - 1);
            let pending = &mut self.generation[slot.index()];
            if *pending == sequence {
                *pending = NOTHING_PENDING;
                return Some((SimTime::from_nanos((key >> TIME_SHIFT) as u64), slot));
            }
        }
        None
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
        assert_eq!(order, [1, 2, 0, 3]);
    }

    #[test]
    fn rescheduling_replaces_and_cancelling_forgets() {
        let (mut queue, slots) = queue_of(2);
        queue.schedule(slots[0], at(1), Rank::Boundary);
        queue.schedule(slots[0], at(9), Rank::Boundary);
        queue.schedule(slots[1], at(4), Rank::Boundary);
        queue.cancel(slots[1]);
        assert!(queue.is_pending(slots[0]) && !queue.is_pending(slots[1]));
        assert_eq!(queue.pop(), Some((at(9), slots[0])));
        assert_eq!(queue.pop(), None);
    }

    #[test]
    fn the_end_of_time_can_be_scheduled() {
        let (mut queue, slots) = queue_of(1);
        queue.schedule(slots[0], SimTime::MAX, Rank::Measurement);
        assert_eq!(queue.pop(), Some((SimTime::MAX, slots[0])));
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
