//! A run of iterations that only decode, with the same members: one event however long it is.

use super::decoding::Decoding;
use crate::engine::{SimDuration, SimTime};
use crate::serving::ramp::Ramp;
use crate::serving::usage::Usage;

/// Iterations that only decode, with the same members.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    anchor: SimTime,
    ramp: Ramp,
    /// The iteration whose end is the next event.
    pub target: u64,
    /// The iteration after which its members change, whoever arrives.
    change: u64,
    /// Iterations already in the books.
    pub booked: u64,
    /// What each iteration adds to [`Usage::touched`].
    touched: u64,
    /// What is in the books of the KV cache's growth, in token-picoseconds per sequence.
    grown: u128,
}

impl Run {
    /// A run from `anchor` until `change`, the iteration after which its members change.
    pub(super) fn new(anchor: SimTime, ramp: Ramp, change: u64, touched: u64) -> Self {
        let change = change.min(ramp.length());
        Self { anchor, ramp, target: change, change, booked: 0, touched, grown: 0 }
    }

    /// The iteration after which it ends if nobody is let in.
    pub(super) fn change(&self) -> u64 {
        self.change
    }

    /// When the next event happens.
    pub(super) fn end(&self) -> SimTime {
        self.anchor + self.ramp.end_of(self.target)
    }

    /// The first boundary at or after `now`, if it comes before the next event.
    pub(super) fn boundary_before_end(&self, now: SimTime) -> Option<u64> {
        let boundary = self.ramp.first_end_at_or_after(now.since(self.anchor));
        (boundary < self.target).then_some(boundary)
    }

    /// Books the iterations that ended before `now`.
    pub(super) fn book(
        &mut self,
        now: SimTime,
        decoding: &Decoding,
        growing: bool,
        usage: &mut Usage,
    ) {
        let elapsed = now.since(self.anchor);
        let ended = self.ramp.ended_before(elapsed).min(self.target);
        self.book_to(ended, elapsed, decoding, growing, usage);
    }

    /// Books the whole run at its end.
    pub(super) fn book_all(
        &mut self,
        now: SimTime,
        decoding: &Decoding,
        growing: bool,
        usage: &mut Usage,
    ) {
        self.book_to(self.target, now.since(self.anchor), decoding, growing, usage);
    }

    fn book_to(
        &mut self,
        ended: u64,
        elapsed: SimDuration,
        decoding: &Decoding,
        growing: bool,
        usage: &mut Usage,
    ) {
        let batch = decoding.len();
        let (from, count) = (self.booked, ended - self.booked);
        let first = decoding.context() + batch * from;
        usage.iterations += count;
        usage.touched += u128::from(self.touched) * u128::from(count);
        usage.decoded += batch * count;
        // From iteration to iteration the context grows by the batch: the mean is half of first and last.
        let first_and_last = 2 * first + batch * count.saturating_sub(1);
        usage.decode_pairs += u128::from(count) * u128::from(first_and_last) / 2;
        self.booked = ended;
        if growing {
            let grown = self.ramp.growth(ended, elapsed);
            usage.kv += u128::from(batch) * (grown - self.grown);
            self.grown = grown;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serving::request::{Request, Requests};

    #[test]
    fn reading_the_books_leaves_this_instants_boundaries_to_an_interruption() {
        let mut requests = Requests::default();
        let id = requests.insert(Request::new(SimTime::ZERO, 1, 1000, SimDuration::ZERO, 0));
        let mut decoding = Decoding::default();
        decoding.join(id, 0, 2, 999);
        // Boundaries at 4.8, 5.1, 5.4, 5.7 and 6 ns: the first of nanosecond 5 is the 17th.
        let ramp = Ramp::new(300, 0);
        let mut run = Run::new(SimTime::ZERO, ramp, 999, 0);
        let now = SimTime::from_nanos(5);
        let mut usage = Usage::default();
        run.book(now, &decoding, true, &mut usage);
        assert_eq!(usage.iterations, 16);
        run.target = run.boundary_before_end(now).expect("the run goes on");
        run.book_all(now, &decoding, true, &mut usage);
        assert_eq!(usage.iterations, 17);
    }
}
