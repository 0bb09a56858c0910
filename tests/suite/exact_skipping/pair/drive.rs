//! The real replicas and link, driven through the real event queue in the order of the simulation.

use super::{Outcome, Pair};
use crate::exact_skipping::case::{Sums, Times};
use crate::exact_skipping::drive::sums;
use coopsim::engine::{EventQueue, Rank, SimDuration, SimTime, Slot};
use coopsim::ids::RequestId;
use coopsim::serving::{Decoder, Progress, Request, Requests, Sharing, TokenReplica, Usage};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the replicas made of it, with so many boundaries of the one that decodes.
pub struct Skipped {
    pub outcome: Outcome,
    pub boundaries: u64,
}

/// Serves everything to its end.
pub fn skip(pair: &Pair) -> Skipped {
    let mut drive = Drive::new(pair);
    while let Some((now, slot)) = drive.queue.pop() {
        if slot == drive.source {
            drive.arrive(now);
        } else if slot == drive.link {
            drive.deliver(now);
        } else if slot == drive.reader {
            drive.read(now);
        } else {
            drive.boundary(now, slot);
        }
    }
    assert!(drive.requests.is_empty(), "a request never ended");
    let [prefill, decode] = drive.hosts.map(|host| sums(&host.usage));
    let Drive { times, moved, read, .. } = drive;
    let outcome = Outcome { times, moved, read, prefill, decode };
    Skipped { outcome, boundaries: drive.decoder_boundaries }
}

const PREFILL: usize = 0;
const DECODE: usize = 1;

struct Drive<'a> {
    pair: &'a Pair,
    next: usize,
    queue: EventQueue,
    source: Slot,
    link: Slot,
    reader: Slot,
    read: [Option<Sums>; 2],
    hosts: [Host; 2],
    sharing: Sharing,
    requests: Requests,
    index_of: BTreeMap<RequestId, usize>,
    times: Vec<Times>,
    moved: Vec<Option<SimTime>>,
    progress: Progress,
    decoder_boundaries: u64,
}

struct Host {
    replica: TokenReplica,
    slot: Slot,
    usage: Usage,
}

impl<'a> Drive<'a> {
    fn new(pair: &'a Pair) -> Self {
        let mut queue = EventQueue::new();
        let source = queue.add();
        let hosts = [&pair.prefill, &pair.decode].map(|profile| {
            let replica = TokenReplica::new(Arc::new(profile.clone()), SimTime::ZERO);
            let slot = queue.add();
            queue.schedule(slot, SimTime::ZERO, Rank::Boundary);
            Host { replica, slot, usage: Usage::default() }
        });
        let (link, reader) = (queue.add(), queue.add());
        queue.schedule(reader, pair.reading, Rank::Measurement);
        let mut drive = Self {
            pair,
            next: 0,
            queue,
            source,
            link,
            reader,
            read: [None; 2],
            hosts,
            sharing: Sharing::new(pair.lanes, SimTime::ZERO),
            requests: Requests::default(),
            index_of: BTreeMap::new(),
            times: vec![Times::default(); pair.arrivals.len()],
            moved: vec![None; pair.arrivals.len()],
            progress: Progress::default(),
            decoder_boundaries: 0,
        };
        drive.schedule_arrival();
        drive
    }

    fn schedule_arrival(&mut self) {
        if let Some(arrival) = self.pair.arrivals.get(self.next) {
            self.queue.schedule(self.source, arrival.at, Rank::Arrival);
        }
    }

    fn arrive(&mut self, now: SimTime) {
        let arrival = self.pair.arrivals[self.next];
        let request = Request {
            cached: arrival.cached,
            shared: arrival.shared,
            turn: arrival.turn,
            routed_to: PREFILL as u32,
            ..Request::new(now, arrival.input, arrival.output, SimDuration::ZERO, 0)
        };
        let id = self.requests.insert(request);
        self.index_of.insert(id, self.next);
        self.next += 1;
        self.schedule_arrival();
        self.enqueue(now, PREFILL, id);
        // Reading the books at any time must not disturb what follows.
        if self.next.is_multiple_of(3) {
            self.hosts.iter_mut().for_each(|host| host.replica.book(now, &mut host.usage));
        }
    }

    fn read(&mut self, now: SimTime) {
        for (host, read) in self.hosts.iter_mut().zip(&mut self.read) {
            host.replica.book(now, &mut host.usage);
            *read = Some(sums(&host.usage));
        }
    }

    fn enqueue(&mut self, now: SimTime, host: usize, id: RequestId) {
        let at = self.hosts[host].replica.enqueue(now, id, &self.requests);
        self.call(host, at);
    }

    /// A replica calls for a boundary at this instant, if at any.
    fn call(&mut self, host: usize, at: Option<SimTime>) {
        if let Some(at) = at {
            self.queue.schedule(self.hosts[host].slot, at, Rank::Boundary);
        }
    }

    fn boundary(&mut self, now: SimTime, slot: Slot) {
        let number = usize::from(slot == self.hosts[DECODE].slot);
        self.decoder_boundaries += u64::from(number == DECODE);
        let mut progress = std::mem::take(&mut self.progress);
        let Host { replica, usage, .. } = &mut self.hosts[number];
        let at = replica.boundary(now, &mut self.requests, usage, &mut progress);
        self.call(number, at);
        for &id in &progress.finished {
            let Request { started, first_token, .. } = self.requests.remove(id);
            self.times[self.index_of[&id]] = Times { started, first_token, ended: Some(now) };
        }
        for &id in &progress.prefilled {
            self.requests[id].decoder = Some(Decoder::new(DECODE as u32));
            self.enqueue(now, DECODE, id);
        }
        for &id in &progress.pulled {
            let alone = self.pair.alone(self.requests[id].moved);
            self.bring_up_to(now);
            self.sharing.join(id, alone);
            self.schedule_transfer();
        }
        progress.clear();
        self.progress = progress;
    }

    fn deliver(&mut self, now: SimTime) {
        self.bring_up_to(now);
        self.schedule_transfer();
    }

    /// What has arrived over the link leaves the memory it came from.
    fn bring_up_to(&mut self, now: SimTime) {
        let mut arrived = Vec::new();
        self.sharing.advance(now, |id| arrived.push(id));
        for id in arrived {
            self.moved[self.index_of[&id]] = Some(now);
            self.requests[id].decoder = None;
            let Host { replica, usage, .. } = &mut self.hosts[PREFILL];
            let at = replica.release(now, &self.requests[id], usage);
            self.call(PREFILL, at);
            let at = self.hosts[DECODE].replica.receive(now, id, &self.requests);
            self.call(DECODE, at);
        }
    }

    fn schedule_transfer(&mut self) {
        match self.sharing.next_end() {
            Some(at) => self.queue.schedule(self.link, at, Rank::Arrival),
            None => self.queue.cancel(self.link),
        }
    }
}
