//! The real replica, driven through the real event queue.

use crate::exact_skipping::case::{Arrival, Case, Outcome, Sums, Times};
use crate::exact_skipping::lines::line;
use coopsim::engine::{EventQueue, Rank, SimDuration, SimTime, Slot};
use coopsim::ids::RequestId;
use coopsim::serving::{Activity, Progress, Request, Requests, TokenReplica, Usage};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the replica made of a case, in so many boundaries.
pub struct Skipped {
    pub outcome: Outcome,
    pub boundaries: u64,
}

/// Serves a case to its end.
pub fn skip(case: &Case) -> Skipped {
    let mut drive = Drive::new(case);
    while let Some((now, slot)) = drive.queue.pop() {
        if slot == drive.source {
            drive.arrive(now);
        } else if slot == drive.reader {
            drive.replica.book(now, &mut drive.usage);
            drive.read = Some(sums(&drive.usage));
        } else {
            drive.boundary(now);
        }
    }
    assert!(drive.requests.is_empty(), "a request never ended");
    let outcome = Outcome { times: drive.times, read: drive.read, sums: sums(&drive.usage) };
    Skipped { outcome, boundaries: drive.boundaries }
}

struct Drive<'a> {
    arrivals: &'a [Arrival],
    next: usize,
    queue: EventQueue,
    source: Slot,
    server: Slot,
    reader: Slot,
    read: Option<Sums>,
    replica: TokenReplica,
    requests: Requests,
    index_of: BTreeMap<RequestId, usize>,
    times: Vec<Times>,
    usage: Usage,
    progress: Progress,
    boundaries: u64,
}

impl<'a> Drive<'a> {
    fn new(case: &'a Case) -> Self {
        let mut queue = EventQueue::new();
        let (source, server, reader) = (queue.add(), queue.add(), queue.add());
        queue.schedule(reader, case.reading, Rank::Measurement);
        queue.schedule(server, SimTime::ZERO, Rank::Boundary);
        if let Some(first) = case.arrivals.first() {
            queue.schedule(source, first.at, Rank::Arrival);
        }
        Self {
            arrivals: &case.arrivals,
            next: 0,
            queue,
            source,
            server,
            reader,
            read: None,
            replica: TokenReplica::new(Arc::new(case.profile.clone()), SimTime::ZERO)
                .with_line(line(case.discipline)),
            requests: Requests::default(),
            index_of: BTreeMap::new(),
            times: vec![Times::default(); case.arrivals.len()],
            usage: Usage::default(),
            progress: Progress::default(),
            boundaries: 0,
        }
    }

    fn arrive(&mut self, now: SimTime) {
        let arrival = self.arrivals[self.next];
        let request = Request {
            cached: arrival.cached,
            shared: arrival.shared,
            turn: arrival.turn,
            ..Request::new(now, arrival.input, arrival.output, SimDuration::ZERO, 0)
        };
        let id = self.requests.insert(request);
        self.index_of.insert(id, self.next);
        if let Some(at) = self.replica.enqueue(now, id, &self.requests) {
            self.queue.schedule(self.server, at, Rank::Boundary);
        }
        self.next += 1;
        if let Some(arrival) = self.arrivals.get(self.next) {
            self.queue.schedule(self.source, arrival.at, Rank::Arrival);
        }
        // Reading the books at any time must not disturb what follows.
        if self.next.is_multiple_of(3) {
            self.replica.book(now, &mut self.usage);
        }
    }

    fn boundary(&mut self, now: SimTime) {
        self.boundaries += 1;
        let (requests, usage) = (&mut self.requests, &mut self.usage);
        let at = self.replica.boundary(now, requests, usage, &mut self.progress);
        for id in self.progress.finished.drain(..) {
            let request = self.requests.remove(id);
            self.times[self.index_of[&id]] = Times {
                started: request.started,
                first_token: request.first_token,
                ended: Some(now),
            };
        }
        self.progress.clear();
        if let Some(at) = at {
            self.queue.schedule(self.server, at, Rank::Boundary);
        }
    }
}

pub fn sums(usage: &Usage) -> Sums {
    Sums {
        iterations: usage.iterations,
        decoded: usage.decoded,
        decode_pairs: usage.decode_pairs,
        prefilled: usage.prefilled,
        prefill_pairs: usage.prefill_pairs,
        yielded: usage.first_tokens,
        preemptions: usage.preemptions,
        dropped: usage.dropped,
        dropped_pairs: usage.dropped_pairs,
        cache_hits: usage.cache_hits,
        prefill_time: usage.time(Activity::Prefill),
        decode_time: usage.time(Activity::Decode),
        kv: usage.kv,
    }
}
