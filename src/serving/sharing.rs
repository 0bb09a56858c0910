//! Egalitarian processor sharing in virtual time.
//!
//! While n jobs share c servers, each is served at the rate `min(1, c/n)`. All are served alike, so
//! one number says how far: the virtual time `V`, the service that a job has received which was
//! there all along. A job of length x that joins at `V` ends when virtual time reaches `V + x`,
//! whatever happens meanwhile: a heap of those ends never has to be changed.
//!
//! `V` is an integer, in 2⁻³² ns. Each event rounds it down by less than one such unit, so that after
//! a thousand million events of a single busy period it is less than a quarter of a nanosecond behind;
//! it starts again from zero whenever nobody is served. An end is the first whole nanosecond at which
//! `V` has reached it, so an event never finds that it came too early.

use crate::engine::{SimDuration, SimTime};
use crate::ids::RequestId;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Virtual time has this many binary digits below the nanosecond.
const FRACTION_BITS: u32 = 32;

/// The jobs that share a replica's servers.
#[derive(Clone, Debug)]
pub struct Sharing {
    servers: u32,
    /// Virtual time `at` the last event, in 2⁻³² ns.
    virtual_time: u128,
    at: SimTime,
    /// Jobs by the virtual time at which they end, and then in the order in which they joined: their
    /// ids say nothing, since they are given out again and again.
    ends: BinaryHeap<Reverse<(u128, u64, RequestId)>>,
    /// Jobs that have joined so far.
    joined: u64,
}

impl Sharing {
    /// Nobody shares `servers` servers.
    pub fn new(servers: u32, now: SimTime) -> Self {
        Self { servers, virtual_time: 0, at: now, ends: BinaryHeap::new(), joined: 0 }
    }

    /// How many jobs there are.
    pub fn jobs(&self) -> usize {
        self.ends.len()
    }

    /// How many jobs end at or before `now`, which no event has ended yet.
    pub fn ended_by(&self, now: SimTime) -> usize {
        let reached = self.virtual_time_at(now);
        match self.ends.peek() {
            Some(&Reverse((end, ..))) if end <= reached => {
                self.ends.iter().filter(|Reverse((end, ..))| *end <= reached).count()
            }
            _ => 0,
        }
    }

    /// Serves everybody up to `now` and takes out whose service is complete: first those that would
    /// have been first, and of those that end together who joined first.
    pub fn advance(&mut self, now: SimTime, mut finish: impl FnMut(RequestId)) {
        self.virtual_time = self.virtual_time_at(now);
        self.at = now;
        while let Some(&Reverse((end, _, id))) = self.ends.peek()
            && end <= self.virtual_time
        {
            self.ends.pop();
            finish(id);
        }
        if self.ends.is_empty() {
            self.virtual_time = 0;
        }
    }

    /// Adds a job of length `service` at the instant of the last event.
    pub fn join(&mut self, id: RequestId, service: SimDuration) {
        let length = u128::from(service.as_nanos()) << FRACTION_BITS;
        self.ends.push(Reverse((self.virtual_time + length, self.joined, id)));
        self.joined += 1;
    }

    /// When the next job ends if nobody joins: the first nanosecond at which virtual time has
    /// reached its end. `None` without jobs, and past the end of time.
    pub fn next_end(&self) -> Option<SimTime> {
        let &Reverse((end, ..)) = self.ends.peek()?;
        let (served, sharers) = self.rate();
        let left = end - self.virtual_time;
        // At full speed the fraction cancels, and with it a division of 128 bits.
        let nanos = match served == sharers {
            true => left.div_ceil(1 << FRACTION_BITS),
            false => left.checked_mul(sharers)?.div_ceil(served << FRACTION_BITS),
        };
        self.at.checked_add(SimDuration::from_nanos(u64::try_from(nanos).ok()?))
    }

    /// Virtual time at `now` if nothing happens before.
    fn virtual_time_at(&self, now: SimTime) -> u128 {
        let (served, sharers) = self.rate();
        let elapsed = u128::from(now.since(self.at).as_nanos());
        self.virtual_time
            + match served == sharers {
                true => elapsed << FRACTION_BITS,
                false => ((elapsed * served) << FRACTION_BITS) / sharers,
            }
    }

    /// The rate at which each job is served, as a fraction.
    fn rate(&self) -> (u128, u128) {
        let jobs = self.ends.len() as u128;
        let servers = u128::from(self.servers);
        (servers.min(jobs.max(1)), jobs.max(1))
    }
}

#[cfg(test)]
mod tests;
