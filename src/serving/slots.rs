//! A replica of `service-time` slots: with first come, first served an ordinary G/G/c queue.

use super::replica::Progress;
use super::request::{RequestId, Requests};
use super::usage::{Activity, Usage};
use crate::engine::SimTime;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// A replica that serves several requests at once, each for its own time.
#[derive(Clone, Debug)]
pub struct SlotReplica {
    slots: u32,
    ready: bool,
    since: SimTime,
    waiting: VecDeque<RequestId>,
    serving: BinaryHeap<Reverse<(SimTime, RequestId)>>,
}

impl SlotReplica {
    /// A replica that starts at `now`; the caller schedules the boundary at which it is ready.
    pub fn new(slots: u32, now: SimTime) -> Self {
        Self {
            slots,
            ready: false,
            since: now,
            waiting: VecDeque::new(),
            serving: BinaryHeap::new(),
        }
    }

    /// Takes a request in. Returns the instant of the next boundary if that has changed.
    pub fn enqueue(&mut self, now: SimTime, id: RequestId) -> Option<SimTime> {
        self.waiting.push_back(id);
        (self.ready && self.has_room()).then_some(now)
    }

    /// Ends and starts service at the boundary that was scheduled for `now`.
    pub fn boundary(
        &mut self,
        now: SimTime,
        requests: &mut Requests,
        usage: &mut Usage,
        progress: &mut Progress,
    ) -> Option<SimTime> {
        self.book(now, usage);
        self.ready = true;
        while let Some(&Reverse((end, id))) = self.serving.peek()
            && end <= now
        {
            self.serving.pop();
            progress.finished.push(id);
        }
        while self.has_room()
            && let Some(id) = self.waiting.pop_front()
        {
            let request = &mut requests[id];
            request.started = Some(now);
            progress.started.push(id);
            self.serving.push(Reverse((now + request.service, id)));
        }
        self.serving.peek().map(|&Reverse((end, _))| end)
    }

    /// Books the time up to `now`.
    pub fn book(&mut self, now: SimTime, usage: &mut Usage) {
        let elapsed = u128::from(now.since(self.since).as_nanos());
        let slots = u128::from(self.slots);
        if self.ready {
            let busy = self.serving.len() as u128;
            usage.time[Activity::Decode as usize] += elapsed * busy;
            usage.time[Activity::Idle as usize] += elapsed * (slots - busy);
        } else {
            usage.time[Activity::Starting as usize] += elapsed * slots;
        }
        self.since = now;
    }

    fn has_room(&self) -> bool {
        self.serving.len() < self.slots as usize
    }
}
