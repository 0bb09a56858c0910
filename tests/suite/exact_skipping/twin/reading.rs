//! The twin's books at any instant, as at the end of a measured window that calls outlast.

use super::{Run, Twin};
use crate::exact_skipping::case::Sums;
use coopsim::engine::SimTime;

impl Twin<'_> {
    /// Before anything happens at `now`: reads the books at `reading`, if that has come and they have not
    /// been read.
    pub fn read_before(&mut self, now: SimTime, reading: SimTime) {
        if reading <= now && self.outcome.read.is_none() {
            self.outcome.read = Some(self.read(reading));
        }
    }

    /// The books at `now`: of an iteration in progress they have its time and its memory so far, but none
    /// of its tokens.
    fn read(&mut self, now: SimTime) -> Sums {
        let mut sums = self.outcome.sums;
        if let Some(current) = &self.current {
            let elapsed = u128::from(now.since(current.start).as_nanos());
            match current.work.prefill_tokens {
                0 => sums.decode_time += elapsed,
                _ => sums.prefill_time += elapsed,
            }
        }
        sums.kv += match &self.run {
            Some(run) => run.kv_before(now, self.held()),
            None => u128::from(self.held()) * u128::from(now.since(self.since).as_nanos()) * 1000,
        };
        let skipped = self.run.as_ref().is_some_and(|run| run.count > 0);
        self.seen.note("read within a run", skipped);
        self.seen.note("read outside runs", self.current.is_some() && self.run.is_none());
        let ends = |current: &super::Current| current.end == now;
        self.seen.note("read at a boundary", self.current.as_ref().is_some_and(ends));
        sums
    }
}

impl Run {
    /// KV tokens held × picoseconds from its beginning to `now`, in whose iteration `held` are.
    pub(super) fn kv_before(&self, now: SimTime, held: u64) -> u128 {
        let end = u128::from(now.since(self.anchor).as_nanos()) * 1000;
        let (mut kv, mut start) = (0, 0);
        for (stop, held) in self.held.iter().copied().chain([(end, held)]) {
            // A boundary is up to a nanosecond before the sum that it is the end of.
            let stop = stop.min(end);
            kv += u128::from(held) * (stop - start);
            start = stop;
        }
        kv
    }
}
