//! Two twins that perform every iteration, and a link between them.

use super::link::Link;
use super::{Outcome, Pair};
use crate::exact_skipping::case::Times;
use crate::exact_skipping::twin::{Next, Seen, Twin};
use coopsim::engine::SimTime;

/// Performs a pair to its end.
pub fn step(pair: &Pair) -> Twins<'_> {
    let mut twins = Twins::new(pair);
    while let Some((now, who)) = twins.next() {
        twins.read_before(now);
        match who {
            Who::Source => twins.arrive(now),
            Who::Link => twins.deliver(now),
            Who::Prefill => twins.prefill(now),
            Who::Decode => twins.decode(now),
        }
    }
    twins.read_before(pair.reading);
    assert!(twins.prefill.is_empty() && twins.decode.is_empty(), "a request never ended");
    twins
}

pub struct Twins<'a> {
    pair: &'a Pair,
    pub prefill: Twin<'a>,
    pub decode: Twin<'a>,
    link: Link,
    arrived: usize,
    moved: Vec<Option<SimTime>>,
    /// What is to come, of everybody at most one thing.
    pending: Vec<Event>,
    /// How many things have been scheduled.
    scheduled: u64,
    /// The number of the decoder's last boundary that did not continue a run.
    run_number: u64,
    pub seen: Seen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Source,
    Link,
    Prefill,
    Decode,
}

/// What goes first at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Something comes in.
    Arrival,
    /// A boundary at which it is known that something changes.
    Decisive,
    /// Any other: whatever happens at its instant, it sees.
    Passing,
}

/// In order of what happens first: at one instant by rank, and then what was known first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Event {
    at: SimTime,
    rank: Rank,
    number: u64,
    who: Who,
}

impl<'a> Twins<'a> {
    fn new(pair: &'a Pair) -> Self {
        let mut twins = Self {
            pair,
            prefill: Twin::new(&pair.prefill, &pair.arrivals),
            decode: Twin::new(&pair.decode, &pair.arrivals),
            link: Link::new(pair.lanes),
            arrived: 0,
            moved: vec![None; pair.arrivals.len()],
            pending: Vec::new(),
            scheduled: 0,
            run_number: 0,
            seen: Seen::default(),
        };
        twins.schedule(Who::Prefill, Rank::Decisive, Some(SimTime::ZERO));
        twins.schedule(Who::Decode, Rank::Decisive, Some(SimTime::ZERO));
        twins.schedule_source();
        twins
    }

    pub fn outcome(&self) -> Outcome {
        let (prefill, decode) = (&self.prefill.outcome, &self.decode.outcome);
        let both = |(prefilled, decoded): (&Times, &Times)| Times {
            ended: prefilled.ended.or(decoded.ended),
            ..*prefilled
        };
        Outcome {
            times: prefill.times.iter().zip(&decode.times).map(both).collect(),
            moved: self.moved.clone(),
            read: [prefill.read, decode.read],
            prefill: prefill.sums,
            decode: decode.sums,
        }
    }

    fn next(&mut self) -> Option<(SimTime, Who)> {
        let &event = self.pending.iter().min()?;
        self.pending.retain(|other| other.who != event.who);
        let ties = |other: &Event| other.at == event.at && other.rank == Rank::Decisive;
        let tied = event.rank == Rank::Decisive && self.pending.iter().any(ties);
        self.seen.note("replicas tied", tied && event.at > SimTime::ZERO);
        Some((event.at, event.who))
    }

    /// Before anything happens at `now`: reads the books of both, if that is due.
    fn read_before(&mut self, now: SimTime) {
        self.prefill.read_before(now, self.pair.reading);
        self.decode.read_before(now, self.pair.reading);
    }

    fn arrive(&mut self, now: SimTime) {
        let index = self.arrived;
        self.arrived += 1;
        self.schedule_source();
        let at = self.prefill.enqueue(now, index);
        self.call(Who::Prefill, at);
    }

    fn prefill(&mut self, now: SimTime) {
        let next = self.prefill.boundary(now);
        self.schedule(Who::Prefill, Rank::Decisive, next.map(|next| next.end));
        for index in std::mem::take(&mut self.prefill.handed) {
            let at = self.decode.take_over(now, index, &self.prefill);
            self.call(Who::Decode, at);
        }
    }

    fn decode(&mut self, now: SimTime) {
        if let Some(Next { end, decisive, continues }) = self.decode.boundary(now) {
            // The end of a run has been known since the run began.
            if !continues {
                self.scheduled += 1;
                self.run_number = self.scheduled;
            }
            let rank = if decisive { Rank::Decisive } else { Rank::Passing };
            self.pending.push(Event { at: end, rank, number: self.run_number, who: Who::Decode });
        }
        for index in std::mem::take(&mut self.decode.pulled) {
            let moved = self.link.advance(now);
            assert!(moved.is_empty(), "transfers end before boundaries");
            let lacking = self.decode.lacking[&index];
            self.link.start(index, self.pair.alone(u32::try_from(lacking).expect("of a prompt")));
            self.schedule(Who::Link, Rank::Arrival, self.link.next_end());
        }
    }

    fn deliver(&mut self, now: SimTime) {
        self.seen.note("link shared", self.link.is_shared());
        let moved = self.link.advance(now);
        self.seen.note("transfers tied", moved.len() > 1);
        for transfer in moved {
            self.moved[transfer.index] = Some(now);
            let at = self.prefill.release(now, transfer.index);
            self.call(Who::Prefill, at);
            let at = self.decode.receive(now, transfer.index);
            self.call(Who::Decode, at);
        }
        self.schedule(Who::Link, Rank::Arrival, self.link.next_end());
    }

    fn schedule_source(&mut self) {
        let next = self.pair.arrivals.get(self.arrived).map(|arrival| arrival.at);
        self.schedule(Who::Source, Rank::Arrival, next);
    }

    /// A replica calls for a boundary at this instant, if at any.
    fn call(&mut self, who: Who, at: Option<SimTime>) {
        if at.is_some() {
            self.schedule(who, Rank::Decisive, at);
        }
    }

    /// Makes this the only thing to come of somebody.
    fn schedule(&mut self, who: Who, rank: Rank, at: Option<SimTime>) {
        self.pending.retain(|event| event.who != who);
        if let Some(at) = at {
            self.scheduled += 1;
            self.pending.push(Event { at, rank, number: self.scheduled, who });
        }
    }
}
