//! When callers call next.

use crate::engine::SimTime;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const CALLER_BITS: u32 = u32::BITS;

/// Callers by the instant of the next call of each; ties go to the smaller number.
///
/// An entry packs `instant:64 | caller:32` into one number, so that ordering is one comparison: of the
/// thousands who think at once, a dozen pairs are compared for every call.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda(BinaryHeap<Reverse<u128>>);

impl Agenda {
    /// Notes that `caller` calls at `at`.
    pub(super) fn add(&mut self, at: SimTime, caller: u32) {
        self.0.push(Reverse(u128::from(at.as_nanos()) << CALLER_BITS | u128::from(caller)));
    }

    /// When the next call comes.
    pub(super) fn next_at(&self) -> Option<SimTime> {
        self.0.peek().map(|&Reverse(entry)| instant(entry))
    }

    /// Takes out the next call: its instant and whose it is.
    pub(super) fn take(&mut self) -> Option<(SimTime, u32)> {
        self.0.pop().map(|Reverse(entry)| (instant(entry), entry as u32))
    }
}

fn instant(entry: u128) -> SimTime {
    SimTime::from_nanos((entry >> CALLER_BITS) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_calls_come_first_and_then_smaller_numbers() {
        let mut agenda = Agenda::default();
        assert_eq!((agenda.next_at(), agenda.take()), (None, None));
        let calls = [(7, 0), (u64::MAX, 1), (5, u32::MAX), (5, 2), (0, 3)];
        let calls = calls.map(|(nanos, caller)| (SimTime::from_nanos(nanos), caller));
        calls.iter().for_each(|&(at, caller)| agenda.add(at, caller));
        let mut sorted = calls.to_vec();
        sorted.sort();
        assert_eq!(agenda.next_at(), Some(sorted[0].0));
        let taken: Vec<_> = std::iter::from_fn(|| agenda.take()).collect();
        assert_eq!(taken, sorted);
    }
}
