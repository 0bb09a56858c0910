//! Many deadlines behind one slot of the event queue, each of which can be cancelled.
//!
//! Patience, retries and cooldowns are many, and most of them are cancelled before they are due. A heap of
//! deadlines keeps them out of the event queue, whose size is the number of entities: only the earliest is
//! scheduled there. A cancelled one is forgotten when it comes to the top.

use super::SimTime;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A deadline that was set: no two ever have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId {
    place: u32,
    generation: u32,
}

/// Deadlines, each with something to do. Those of one instant are due in the order in which they were set.
#[derive(Clone, Debug)]
pub struct Timers<T> {
    heap: BinaryHeap<Reverse<(SimTime, u64, TimerId)>>,
    /// What is to be done, by place; nothing where it was cancelled or is done.
    places: Vec<(u32, Option<T>)>,
    free: Vec<u32>,
    sequence: u64,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new(), places: Vec::new(), free: Vec::new(), sequence: 0 }
    }
}

impl<T> Timers<T> {
    /// Sets a deadline. O(log deadlines).
    pub fn set(&mut self, at: SimTime, what: T) -> TimerId {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push((0, None));
            u32::try_from(self.places.len() - 1).expect("there are fewer than 2³² deadlines")
        });
        let (generation, slot) = &mut self.places[place as usize];
        *slot = Some(what);
        let id = TimerId { place, generation: *generation };
        self.sequence += 1;
        self.heap.push(Reverse((at, self.sequence, id)));
        id
    }

    /// Cancels a deadline; nothing happens if it was cancelled before, or has passed. O(1).
    pub fn cancel(&mut self, id: TimerId) -> Option<T> {
        self.take(id)
    }

    /// The earliest deadline.
    pub fn next_at(&mut self) -> Option<SimTime> {
        while let Some(&Reverse((at, _, id))) = self.heap.peek() {
            if self.places[id.place as usize].0 == id.generation {
                return Some(at);
            }
            self.heap.pop();
        }
        None
    }

    /// Takes what is due at `now` or was before, the earliest first.
    pub fn pop_due(&mut self, now: SimTime) -> Option<T> {
        if self.next_at()? > now {
            return None;
        }
        let Reverse((_, _, id)) = self.heap.pop().expect("there is a next one");
        self.take(id)
    }

    /// How many deadlines are set.
    pub fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// Whether none is set.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn take(&mut self, id: TimerId) -> Option<T> {
        let (generation, what) = &mut self.places[id.place as usize];
        if *generation != id.generation {
            return None;
        }
        *generation = generation.wrapping_add(1);
        self.free.push(id.place);
        what.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The slow twin is a list that is searched.
        #[test]
        fn agrees_with_its_slow_twin(operations in prop::collection::vec((0..4_u8, 0..20_u64), 1..200)) {
            let mut timers = Timers::default();
            let mut list: Vec<(SimTime, usize)> = Vec::new();
            let mut ids = Vec::new();
            let mut now = 0;
            for (count, (kind, number)) in operations.into_iter().enumerate() {
                match kind {
                    0 | 1 => {
                        let at = SimTime::from_nanos(now + number);
                        ids.push((timers.set(at, count), count));
                        list.push((at, count));
                    }
                    2 if !ids.is_empty() => {
                        let (id, what) = ids[number as usize % ids.len()];
                        let place = list.iter().position(|&(_, each)| each == what);
                        prop_assert_eq!(timers.cancel(id), place.map(|place| list.remove(place).1));
                    }
                    _ => {
                        now += number / 4;
                        let at = SimTime::from_nanos(now);
                        while let Some(due) = timers.pop_due(at) {
                            let next = list.iter().copied().min().expect("it was set");
                            prop_assert_eq!(due, next.1);
                            prop_assert!(next.0 <= at);
                            list.retain(|&(_, each)| each != due);
                        }
                        prop_assert!(list.iter().all(|&(due, _)| due > at));
                    }
                }
                prop_assert_eq!(timers.len(), list.len());
                prop_assert_eq!(timers.next_at(), list.iter().map(|&(at, _)| at).min());
            }
        }
    }
}
