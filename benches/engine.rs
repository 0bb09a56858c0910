//! The engine alone: its event queue, and an M/M/10 queue with nothing else around it.

mod common {
    pub(crate) mod cpu;
    pub(crate) mod heap;
}

use common::cpu::{CpuTime, criterion, measure};
use common::heap::HeapQueue;
use coopsim::engine::{EventQueue, Purpose, Rank, SimDuration, SimTime, Slot, Stream, Streams};
use criterion::Criterion;
use rand_distr::{Distribution, Exp1};
use std::collections::VecDeque;

const EVENTS: u64 = 1_000_000;
const CUSTOMERS: u64 = 1_000_000;
const SERVERS: usize = 10;
const UTILISATION: f64 = 0.9;
/// Erlang C for ten servers, each busy for 1 s on average, at that utilisation.
const MEAN_WAIT_S: f64 = 0.668732;

fn main() {
    let mut criterion = criterion();
    for entities in [100, 10_000] {
        hold(&mut criterion, entities);
        hold_in_heap(&mut criterion, entities);
    }
    measure(&mut criterion, "engine", "M/M/10", CUSTOMERS, || Mm10::new().run(CUSTOMERS));
    criterion.final_summary();
}

/// The hold model: take the next event and schedule its entity again, a random gap later.
fn hold(criterion: &mut Criterion<CpuTime>, entities: usize) {
    let gaps = gaps();
    let mut queue = EventQueue::new();
    for &gap in &gaps[..entities] {
        let slot = queue.add();
        queue.schedule(slot, SimTime::ZERO + gap, Rank::Boundary);
    }
    let mut next = gaps.iter().copied().cycle();
    measure(criterion, "event queue", &format!("{entities} entities"), EVENTS, || {
        for gap in next.by_ref().take(EVENTS as usize) {
            let (now, slot) = queue.pop().expect("every entity has an event");
            queue.schedule(slot, now + gap, Rank::Boundary);
        }
    });
}

/// The same with a heap and generations in the queue's place.
fn hold_in_heap(criterion: &mut Criterion<CpuTime>, entities: usize) {
    let gaps = gaps();
    let mut queue = HeapQueue::default();
    for &gap in &gaps[..entities] {
        let slot = queue.add();
        queue.schedule(slot, SimTime::ZERO + gap);
    }
    let mut next = gaps.iter().copied().cycle();
    measure(criterion, "heap with generations", &format!("{entities} entities"), EVENTS, || {
        for gap in next.by_ref().take(EVENTS as usize) {
            let (now, slot) = queue.pop().expect("every entity has an event");
            queue.schedule(slot, now + gap);
        }
    });
}

/// Gaps drawn beforehand, so that only the queue is measured.
fn gaps() -> Vec<SimDuration> {
    let mut stream = Streams::new(1, 0).stream(Purpose::Arrivals, "hold");
    (0..1 << 16).map(|_| seconds(&mut stream)).collect()
}

/// An exponential duration with a mean of one second.
fn seconds(stream: &mut Stream) -> SimDuration {
    SimDuration::from_secs_f64(Exp1.sample(stream))
}

/// Ten servers and one line, first come, first served.
struct Mm10 {
    queue: EventQueue,
    gaps: Stream,
    services: Stream,
    arrival: Slot,
    idle: Vec<Slot>,
    /// When those who wait arrived.
    waiting: VecDeque<SimTime>,
    arrived: u64,
    started: u64,
    wait_nanos: u64,
}

impl Mm10 {
    fn new() -> Self {
        let streams = Streams::new(1, 0);
        let mut queue = EventQueue::new();
        let arrival = queue.add();
        let idle = (0..SERVERS).map(|_| queue.add()).collect();
        Self {
            queue,
            gaps: streams.stream(Purpose::Arrivals, "customers"),
            services: streams.stream(Purpose::Service, "servers"),
            arrival,
            idle,
            waiting: VecDeque::new(),
            arrived: 0,
            started: 0,
            wait_nanos: 0,
        }
    }

    /// Serves `customers`, and checks that they waited as long as theory says.
    fn run(mut self, customers: u64) {
        self.queue.schedule(self.arrival, SimTime::ZERO, Rank::Arrival);
        while let Some((now, slot)) = self.queue.pop() {
            if slot == self.arrival {
                self.on_arrival(now, customers);
            } else {
                self.on_end(now, slot);
            }
        }
        assert_eq!(self.started, customers);
        let mean_wait_s = self.wait_nanos as f64 / 1e9 / customers as f64;
        // A million customers tell the mean to about one per cent.
        let error = mean_wait_s / MEAN_WAIT_S - 1.0;
        assert!(error.abs() < 0.05, "a mean wait of {mean_wait_s} s is not an M/M/10's");
    }

    fn on_arrival(&mut self, now: SimTime, customers: u64) {
        self.arrived += 1;
        if self.arrived < customers {
            let gap: f64 = Exp1.sample(&mut self.gaps);
            let mean_s = 1.0 / (SERVERS as f64 * UTILISATION);
            let next = now + SimDuration::from_secs_f64(gap * mean_s);
            self.queue.schedule(self.arrival, next, Rank::Arrival);
        }
        match self.idle.pop() {
            Some(server) => self.serve(now, now, server),
            None => self.waiting.push_back(now),
        }
    }

    fn on_end(&mut self, now: SimTime, server: Slot) {
        match self.waiting.pop_front() {
            Some(arrived) => self.serve(now, arrived, server),
            None => self.idle.push(server),
        }
    }

    fn serve(&mut self, now: SimTime, arrived: SimTime, server: Slot) {
        self.started += 1;
        self.wait_nanos += now.since(arrived).as_nanos();
        let end = now + seconds(&mut self.services);
        self.queue.schedule(server, end, Rank::Boundary);
    }
}
