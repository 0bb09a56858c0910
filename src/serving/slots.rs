//! A replica of `service-time` slots: an ordinary queue, in which each call takes a given time of
//! service. First come, first served it is a G/G/c queue, with limited waiting room G/G/c/(c + N);
//! under processor sharing it is G/G/c-PS.

use super::replica::Progress;
use super::request::Requests;
use super::sharing::Sharing;
use super::spec::{ServiceDiscipline, SlotServing};
use super::usage::{Activity, Usage};
use crate::engine::SimTime;
use crate::ids::RequestId;
use crate::scheduler::line::Queue;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A replica that serves several requests at once, each for its own time.
#[derive(Debug)]
pub struct SlotReplica {
    serving: SlotServing,
    ready: bool,
    since: SimTime,
    waiting: Queue,
    service: Service,
}

/// Who is served.
#[derive(Clone, Debug)]
enum Service {
    /// Each in a slot of its own, by the instant at which it ends.
    InTurn(BinaryHeap<Reverse<(SimTime, RequestId)>>),
    /// Everybody, the slots shared.
    Shared(Sharing),
}

impl SlotReplica {
    /// A replica that starts at `now`; the caller schedules the boundary at which it is ready.
    pub fn new(serving: SlotServing, now: SimTime) -> Self {
        let service = match serving.discipline {
            ServiceDiscipline::FirstComeFirstServed => Service::InTurn(BinaryHeap::new()),
            ServiceDiscipline::ProcessorSharing => {
                Service::Shared(Sharing::new(serving.slots, now))
            }
        };
        Self { serving, ready: false, since: now, waiting: Queue::default(), service }
    }

    /// The same, those who wait in a line of its own kind.
    pub fn with_line(self, line: Queue) -> Self {
        Self { waiting: line, ..self }
    }

    /// Whether one more request may come in at `now`: there are never more than slots and waiting
    /// places. A request whose service ends at this very instant has left.
    pub fn has_place(&self, now: SimTime) -> bool {
        let Some(places) = self.places() else { return true };
        let present = self.present();
        present < places || present - self.service.ended_by(now) < places
    }

    /// How many requests may be here, if that is limited.
    fn places(&self) -> Option<usize> {
        let waiting = self.serving.max_waiting?;
        Some(self.serving.slots as usize + waiting as usize)
    }

    fn present(&self) -> usize {
        self.waiting.len() + self.service.len()
    }

    /// From when on one more request may come in, if nothing happens until then but that time passes: `now` if it
    /// may already, and the end of time if that cannot be told before the next boundary.
    pub fn place_from(&self, now: SimTime) -> SimTime {
        if self.has_place(now) {
            return now;
        }
        // Too many are present while those whose service ends at this instant have yet to leave.
        let full = self.places().is_some_and(|places| self.present() == places);
        self.service.next_end().filter(|_| full).unwrap_or(SimTime::MAX)
    }

    /// Takes a request in. Returns the instant of the next boundary if that has changed.
    pub fn enqueue(&mut self, now: SimTime, id: RequestId, requests: &Requests) -> Option<SimTime> {
        self.waiting.join(|| requests[id].waiting(id), id);
        (self.ready && self.service.takes_another(self.serving.slots)).then_some(now)
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
        self.service.advance(now, progress);
        while self.service.takes_another(self.serving.slots)
            && let Some(id) = self.waiting.take_head()
        {
            let request = &mut requests[id];
            request.started = Some(now);
            progress.started.push(id);
            match &mut self.service {
                Service::InTurn(ends) => ends.push(Reverse((now + request.service, id))),
                Service::Shared(sharing) => sharing.join(id, request.service),
            }
        }
        self.service.next_end()
    }

    /// Books the time up to `now`: under processor sharing n requests keep `min(n, slots)` slots
    /// busy.
    pub fn book(&mut self, now: SimTime, usage: &mut Usage) {
        let elapsed = u128::from(now.since(self.since).as_nanos());
        let slots = u128::from(self.serving.slots);
        if self.ready {
            let busy = slots.min(self.service.len() as u128);
            usage.time[Activity::Decode as usize] += elapsed * busy;
            usage.time[Activity::Idle as usize] += elapsed * (slots - busy);
        } else {
            usage.time[Activity::Starting as usize] += elapsed * slots;
        }
        self.since = now;
    }
}

impl Service {
    fn len(&self) -> usize {
        match self {
            Self::InTurn(ends) => ends.len(),
            Self::Shared(sharing) => sharing.jobs(),
        }
    }

    /// Whether a request that waits could be served now.
    fn takes_another(&self, slots: u32) -> bool {
        match self {
            Self::InTurn(ends) => ends.len() < slots as usize,
            Self::Shared(_) => true,
        }
    }

    /// When the next one is served, if nobody joins.
    fn next_end(&self) -> Option<SimTime> {
        match self {
            Self::InTurn(ends) => ends.peek().map(|&Reverse((end, _))| end),
            Self::Shared(sharing) => sharing.next_end(),
        }
    }

    /// How many have been served by `now` and are still here.
    fn ended_by(&self, now: SimTime) -> usize {
        match self {
            Self::InTurn(ends) => match ends.peek() {
                Some(&Reverse((end, _))) if end <= now => {
                    ends.iter().filter(|Reverse((end, _))| *end <= now).count()
                }
                _ => 0,
            },
            Self::Shared(sharing) => sharing.ended_by(now),
        }
    }

    /// Serves up to `now` and reports who is done.
    fn advance(&mut self, now: SimTime, progress: &mut Progress) {
        match self {
            Self::InTurn(ends) => {
                while let Some(&Reverse((end, id))) = ends.peek()
                    && end <= now
                {
                    ends.pop();
                    progress.finished.push(id);
                }
            }
            Self::Shared(sharing) => sharing.advance(now, |id| progress.finished.push(id)),
        }
    }
}

#[cfg(test)]
mod tests;
