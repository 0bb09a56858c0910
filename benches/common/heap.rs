//! What the event queue is measured against: a binary heap of the same packed keys, with
//! cancellation by generation.

use coopsim::engine::SimTime;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const SLOT_BITS: u32 = 20;
const TIME_SHIFT: u32 = 64;

/// Events in order of (time, sequence). A slot's generation is the sequence number of its pending
/// event; scheduling it again leaves a stale key, which is dropped when it reaches the top.
#[derive(Default)]
pub(crate) struct HeapQueue {
    heap: BinaryHeap<Reverse<u128>>,
    generation: Vec<u64>,
    sequence: u64,
}

impl HeapQueue {
    /// A new entity's slot.
    pub(crate) fn add(&mut self) -> usize {
        self.generation.push(0);
        self.generation.len() - 1
    }

    /// Makes `at` the time of the slot's only pending event.
    pub(crate) fn schedule(&mut self, slot: usize, at: SimTime) {
        self.sequence += 1;
        self.generation[slot] = self.sequence;
        let time = u128::from(at.as_nanos()) << TIME_SHIFT;
        self.heap.push(Reverse(time | u128::from(self.sequence) << SLOT_BITS | slot as u128));
    }

    /// Takes the next event: its time and whose it is.
    pub(crate) fn pop(&mut self) -> Option<(SimTime, usize)> {
        while let Some(Reverse(key)) = self.heap.pop() {
            let slot = key as usize & ((1 << SLOT_BITS) - 1);
            if self.generation[slot] == key as u64 >> SLOT_BITS {
                return Some((SimTime::from_nanos((key >> TIME_SHIFT) as u64), slot));
            }
        }
        None
    }
}
