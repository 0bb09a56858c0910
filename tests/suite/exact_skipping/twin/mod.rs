//! A replica that performs every iteration: the slow, plain reading of the rules that the real one
//! is held to. Whatever can be recomputed from the members is recomputed, each time.

mod boundary;
mod cache;
mod handover;
mod held;
mod reading;

use crate::exact_skipping::case::{Arrival, Case, Discipline, Outcome, Times};
use cache::PrefixCache;
use coopsim::engine::SimTime;
use coopsim::serving::{BatchingPolicy, Iteration, KvAdmission, Ramp, Role, TokenProfile};
use std::collections::{BTreeMap, VecDeque};

/// Performs a case to its end.
pub fn step(case: &Case) -> Twin<'_> {
    let mut twin = Twin::new(&case.profile, &case.arrivals);
    twin.discipline = case.discipline;
    let mut now = SimTime::ZERO;
    let mut next = 0;
    loop {
        twin.read_before(now, case.reading);
        while next < case.arrivals.len() && case.arrivals[next].at <= now {
            twin.arrive(next);
            next += 1;
        }
        match (twin.boundary(now), case.arrivals.get(next)) {
            (Some(next), _) => now = next.end,
            (None, Some(arrival)) => now = arrival.at,
            (None, None) => break,
        }
    }
    twin.read_before(case.reading, case.reading);
    twin
}

pub struct Twin<'a> {
    profile: &'a TokenProfile,
    arrivals: &'a [Arrival],
    /// Output tokens produced, by request: they outlast a preemption.
    produced: Vec<u64>,
    discipline: Discipline,
    /// Those who wait, who is next first.
    waiting: VecDeque<usize>,
    /// Of them, those at the head who were preempted.
    returned: usize,
    swapped: VecDeque<Member>,
    /// All admitted, in order of admission.
    members: Vec<Member>,
    /// Members of a static batch that have ended and still have their place, in order of end.
    ended: Vec<usize>,
    cache: PrefixCache,
    /// Whether this iteration decodes.
    decodes: bool,
    /// KV tokens moved to or from the host before this iteration.
    moved: u64,
    run: Option<Run>,
    current: Option<Current>,
    /// When it wakes, if it is idle and has called for a boundary.
    waking: Option<SimTime>,
    /// Up to when the KV tokens held are in the books, while there is no run.
    since: SimTime,
    /// Requests whose prompts were processed here and whose KV still is, for another to decode.
    leaving: Vec<Member>,
    /// Which of them have not been handed over yet.
    pub handed: Vec<usize>,
    /// Requests to decode whose KV is where their prompts were processed.
    elsewhere: BTreeMap<usize, Member>,
    /// Those with a place here, their KV on its way.
    incoming: Vec<Member>,
    /// Those whose KV has arrived since the last boundary.
    landed: Vec<Member>,
    /// Those whose KV has yet to set off.
    pub pulled: Vec<usize>,
    /// How many tokens of their prompts have to be moved here.
    pub lacking: BTreeMap<usize, u64>,
    pub outcome: Outcome,
    pub seen: Seen,
}

/// What the case made happen, to know that cases do.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The end of each iteration, in order.
    pub boundaries: Vec<SimTime>,
    /// Iterations that do not merely continue a decode run.
    pub changes: u64,
    /// How often each thing happened.
    pub counts: BTreeMap<&'static str, u64>,
}

impl Seen {
    pub fn note(&mut self, what: &'static str, happened: bool) {
        *self.counts.entry(what).or_default() += u64::from(happened);
    }
}

#[derive(Clone, Debug)]
struct Member {
    index: usize,
    stage: Stage,
    /// Tokens of its prompt: its input, and after a recompute what it had produced.
    prompt: u64,
    /// Tokens of its prompt whose KV was there when it was admitted.
    found: u64,
    /// Tokens of its prompt whose KV is there.
    offset: u64,
    /// Tokens of its prompt that this iteration processes.
    chunk: u64,
    /// While decoding: tokens that it attends to.
    context: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Prompt,
    Decoding,
    /// Ended, but in the iterations of its static batch still.
    Padding,
}

/// The iteration in progress.
#[derive(Clone, Copy, Debug)]
struct Current {
    work: Iteration,
    start: SimTime,
    end: SimTime,
    /// Whether it is known that something will change at its end.
    decisive: bool,
}

/// The next boundary.
#[derive(Clone, Copy, Debug)]
pub struct Next {
    pub end: SimTime,
    /// Whether it is known that something will change there.
    pub decisive: bool,
    /// Whether the iteration before it continues a run.
    pub continues: bool,
}

/// Iterations that only decode, with the same members.
struct Run {
    anchor: SimTime,
    ramp: Ramp,
    /// Iterations that have ended, and the picoseconds that they took.
    count: u64,
    picos: u128,
    /// The end of each iteration, in picoseconds after the anchor, and the KV tokens held in it.
    held: Vec<(u128, u64)>,
}

impl<'a> Twin<'a> {
    pub fn new(profile: &'a TokenProfile, arrivals: &'a [Arrival]) -> Self {
        let times = vec![Times::default(); arrivals.len()];
        Self {
            profile,
            arrivals,
            produced: vec![0; arrivals.len()],
            discipline: Discipline::FirstComeFirstServed,
            waiting: VecDeque::new(),
            returned: 0,
            swapped: VecDeque::new(),
            members: Vec::new(),
            ended: Vec::new(),
            cache: PrefixCache::default(),
            decodes: false,
            moved: 0,
            run: None,
            current: None,
            waking: None,
            since: SimTime::ZERO,
            leaving: Vec::new(),
            handed: Vec::new(),
            elsewhere: BTreeMap::new(),
            incoming: Vec::new(),
            landed: Vec::new(),
            pulled: Vec::new(),
            lacking: BTreeMap::new(),
            outcome: Outcome { times, ..Outcome::default() },
            seen: Seen::default(),
        }
    }

    /// A request takes its place among those who wait.
    fn arrive(&mut self, index: usize) {
        let tokens = |index: usize| self.input(index) + self.output(index);
        let waiting = self.waiting.iter().skip(self.returned);
        let before = match self.discipline {
            Discipline::FirstComeFirstServed => waiting.count(),
            Discipline::ShortestFirst => {
                waiting.filter(|&&other| tokens(other) <= tokens(index)).count()
            }
            Discipline::LastComeFirstServed => 0,
        };
        self.seen.note("overtaking", self.returned + before < self.waiting.len());
        self.waiting.insert(self.returned + before, index);
    }

    /// A preempted request waits to start again, before all others.
    fn come_back(&mut self, index: usize) {
        self.waiting.push_front(index);
        self.returned += 1;
    }

    /// Who is next, and waits no longer.
    fn take_head(&mut self) -> usize {
        self.returned = self.returned.saturating_sub(1);
        self.waiting.pop_front().expect("someone waits")
    }

    fn policy(&self) -> BatchingPolicy {
        self.profile.batching.policy
    }

    fn reserves(&self) -> bool {
        self.profile.batching.admission == KvAdmission::Reserve
    }

    fn capacity(&self) -> u64 {
        self.profile.kv_capacity
    }

    fn budget(&self) -> u64 {
        u64::from(self.profile.batching.token_budget)
    }

    fn input(&self, index: usize) -> u64 {
        u64::from(self.arrivals[index].input)
    }

    fn output(&self, index: usize) -> u64 {
        u64::from(self.arrivals[index].output)
    }

    fn only_prefills(&self) -> bool {
        self.profile.role == Role::Prefill
    }

    /// Sequences that decode.
    fn decoding(&self) -> u64 {
        self.members.iter().filter(|member| member.stage != Stage::Prompt).count() as u64
    }

    fn has_place(&self) -> bool {
        let sequences = self.members.len() + self.incoming.len() + self.landed.len();
        sequences < self.profile.batching.max_batch as usize
    }

    /// KV tokens that there must be for the request to be admitted.
    fn needed(&self, index: usize) -> u64 {
        if self.only_prefills() {
            self.held() + self.cost(index, self.input(index) + 1)
        } else if self.reserves() {
            self.held() + self.cost(index, self.input(index) + self.output(index))
        } else {
            // What comes with its KV has a place in it for its next token's.
            let yields = u64::from(!self.elsewhere.contains_key(&index));
            let context = self.input(index) + self.produced[index] + yields;
            self.held() + self.decoding() + self.cost(index, context)
        }
    }

    /// Whether the request could be admitted now, if its turn has come.
    fn admits(&self, index: usize) -> bool {
        self.has_place() && self.needed(index) <= self.capacity()
    }

    /// From when on the request may be admitted.
    fn taken_in(&self, index: usize) -> SimTime {
        self.arrivals[index].at + self.profile.per_request
    }

    /// Whether the first one waiting is let in now.
    fn admits_head(&self, now: SimTime) -> bool {
        let head = self.waiting.front();
        head.is_some_and(|&head| self.taken_in(head) <= now && self.admits(head))
    }

    /// Lets the first one waiting in.
    fn admit(&mut self, now: SimTime) -> &mut Member {
        let index = self.take_head();
        let offset = self.prefix(index);
        self.outcome.sums.cache_hits += offset - self.declared(index);
        self.note_found(index);
        if let Some(turn) = self.turn(index) {
            self.cache.remove(turn.session);
        }
        self.outcome.times[index].started.get_or_insert(now);
        let prompt = self.input(index) + self.produced[index];
        let stage = Stage::Prompt;
        let found = offset;
        self.members.push(Member { index, stage, prompt, found, offset, chunk: 0, context: 0 });
        self.evict();
        self.seen.note("admission within a run", self.run.is_some());
        let waited = self.run.as_ref().is_some_and(|run| self.arrivals[index].at < run.anchor);
        let waited =
            waited && self.run.as_ref().is_some_and(|run| self.taken_in(index) > run.anchor);
        self.seen.note("admission of who was not taken in within a run", waited);
        self.seen.note("declared prefix", self.declared(index) > 0);
        self.seen.note("memory filled by an admission", self.held() == self.capacity());
        self.seen.note("admission again", self.produced[index] > 0);
        self.members.last_mut().expect("just admitted")
    }
}
