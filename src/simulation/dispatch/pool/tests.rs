//! The count of places against a look at every member.

use super::*;
use crate::engine::{Purpose, SimDuration, Streams};
use crate::ids::RequestId;
use crate::scheduler::Patience;
use crate::serving::ServiceDiscipline::{FirstComeFirstServed, ProcessorSharing};
use crate::serving::{Progress, Request, Requests, SlotReplica, SlotServing, Usage};
use proptest::prelude::*;
use rand::RngExt;

/// A pool whose replicas are driven by hand.
struct Bench {
    pool: Pool,
    replicas: Vec<Driven>,
    requests: Requests,
}

struct Driven {
    replica: SlotReplica,
    next: Option<SimTime>,
    /// Where it is in the pool, if it is.
    position: Option<usize>,
}

impl Bench {
    fn new(routing: Routing) -> Self {
        let stream = Streams::new(1, 0).stream(Purpose::Routing, "m");
        let pool = Pool::new(routing, stream, true);
        Self { pool, replicas: Vec::new(), requests: Requests::default() }
    }

    /// One more replica, ready after a while.
    fn join(&mut self, now: SimTime, serving: SlotServing, ready: u64) {
        let id = ReplicaId::new(self.replicas.len());
        let replica = SlotReplica::new(serving, now);
        let next = Some(now + SimDuration::from_nanos(ready));
        let position = Some(self.pool.join(id));
        self.replicas.push(Driven { replica, next, position });
    }

    fn leave(&mut self, number: usize) {
        if let Some(position) = self.replicas[number].position.take() {
            let moved: Vec<_> = self.pool.leave(position).collect();
            self.moved(moved);
        }
    }

    fn moved(&mut self, positions: impl IntoIterator<Item = (ReplicaId, usize)>) {
        for (replica, position) in positions {
            self.replicas[replica.index()].position = Some(position);
        }
    }

    /// Runs all boundaries before `now`: arrivals go first.
    fn run(&mut self, now: SimTime) {
        let pending = |bench: &Self| {
            let all = bench.replicas.iter().enumerate();
            all.filter_map(|(number, each)| Some((each.next?, number))).min()
        };
        while let Some((at, number)) = pending(self)
            && at < now
        {
            self.boundary(at, number);
        }
    }

    fn boundary(&mut self, now: SimTime, number: usize) {
        let position = self.replicas[number].position;
        if let Some(position) = position.filter(|&position| self.pool.loads.rank(position).0) {
            let moved = self.pool.make_ready(position);
            self.moved(moved);
        }
        let (mut progress, mut usage) = (Progress::default(), Usage::default());
        let driven = &mut self.replicas[number];
        driven.next = driven.replica.boundary(now, &mut self.requests, &mut usage, &mut progress);
        self.look_at(now, number);
        for id in progress.finished {
            let tokens = self.requests.remove(id).kv_tokens();
            if let Some(position) = self.replicas[number].position {
                self.pool.release(position, tokens);
            }
        }
    }

    fn look_at(&mut self, now: SimTime, number: usize) {
        let driven = &self.replicas[number];
        if let Some(position) = driven.position {
            self.pool.set_place(now, position, driven.replica.place_from(now));
        }
    }

    /// A call arrives: it goes where a look at all members would send it, and the same is drawn.
    fn call(&mut self, now: SimTime, input: u32, service: u64) {
        self.run(now);
        if self.pool.is_empty() {
            return;
        }
        let routed = self.pool.route(None);
        let has_place = |id: &ReplicaId| self.replicas[id.index()].replica.has_place(now);
        let before = self.pool.stream.clone();
        let scanned = self.pool.least_loaded(has_place);
        let mut after = std::mem::replace(&mut self.pool.stream, before);
        assert_eq!(self.pool.least_loaded_with_place(now), scanned);
        let mut found = self.pool.stream.clone();
        assert_eq!(found.random::<u64>(), after.random::<u64>(), "as much was drawn");
        let chosen = if has_place(&routed) { Some(routed) } else { scanned };
        if let Some(chosen) = chosen {
            let id = self.enqueue(now, chosen.index(), input, service);
            let position = self.replicas[chosen.index()].position.expect("it is a member");
            self.pool.assign(position, self.requests[id].kv_tokens());
            self.look_at(now, chosen.index());
        }
    }

    fn enqueue(&mut self, now: SimTime, number: usize, input: u32, service: u64) -> RequestId {
        let service = SimDuration::from_nanos(service);
        let id = self.requests.insert(Request::new(now, input, 1, service, 0));
        let driven = &mut self.replicas[number];
        driven.next = driven.replica.enqueue(now, id, &self.requests).or(driven.next);
        id
    }
}

const ROUTINGS: [Routing; 5] = [
    Routing::RoundRobin,
    Routing::LeastRequests,
    Routing::LeastTokens,
    Routing::PowerOfTwo,
    Routing::PrefixAffinity(Patience { tokens: 10, factor: 1.5 }),
];

proptest! {
    /// Time passes in steps of few nanoseconds, so that much happens at one instant; replicas come, become ready
    /// and go, and some have any number of places.
    #[test]
    fn it_finds_whom_a_look_at_all_members_finds(
        routing in 0..ROUTINGS.len(),
        sharing in any::<bool>(),
        steps in prop::collection::vec((0..40_u8, 0..4_u64, 0..30_u64, 1..4_u32), 1..300),
    ) {
        let discipline = if sharing { ProcessorSharing } else { FirstComeFirstServed };
        let mut bench = Bench::new(ROUTINGS[routing]);
        let mut now = SimTime::ZERO;
        for (kind, gap, length, input) in steps {
            now += SimDuration::from_nanos(gap / 2);
            match kind {
                0..3 => {
                    let max_waiting = [Some(0), Some(1), Some(2), None][(length % 4) as usize];
                    bench.join(now, SlotServing { slots: input, discipline, max_waiting }, length);
                }
                3 => {
                    bench.run(now);
                    let number = length as usize % bench.replicas.len().max(1);
                    if number < bench.replicas.len() {
                        bench.leave(number);
                    }
                }
                _ => bench.call(now, input, length),
            }
        }
    }
}
