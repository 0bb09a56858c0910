//! A replica that serves tokens in iterations.
//!
//! Everything happens at iteration boundaries: finish what ended, preempt where the KV cache would
//! overflow, choose the next iteration's members, start it. An iteration with prefill work is one
//! event. A run of iterations that only decode is also one event, at the first boundary at which
//! something changes: a sequence ends, the KV cache is full, or an arrival can be admitted. Skipping
//! is exact: see [`super::ramp`].

mod aside;
mod compose;
mod decoding;
mod holding;
mod places;
mod preempt;
mod prefix_cache;
mod recency;
mod run;
mod shared_text;

use super::profile::TokenProfile;
use super::ramp::picos_to_duration;
use super::replica::Progress;
use super::request::{Request, Requests};
use super::roofline::Iteration;
use super::spec::{BatchingPolicy, KvAdmission, Role};
use super::usage::{Activity, Meter, Usage};
use crate::engine::SimTime;
use crate::ids::RequestId;
use crate::scheduler::line::Queue;
use aside::Aside;
use decoding::Decoding;
use holding::Holding;
use prefix_cache::PrefixCache;
use run::Run;
use std::sync::Arc;

/// A replica that serves tokens in iterations.
// In this order: what every boundary looks at comes first, side by side. With thousands of replicas it is in no cache
// when its turn comes.
#[repr(C)]
#[derive(Debug)]
pub struct TokenReplica {
    phase: Phase,
    profile: Arc<TokenProfile>,
    meter: Meter,
    decoding: Decoding,
    /// Not admitted yet.
    waiting: Queue,
    /// Neither waiting nor in the batch.
    aside: Aside,
    /// Admissions so far, wrapping around.
    admissions: u32,
    /// Admitted, their prompts not yet processed to the end, in order of admission.
    prompts: Vec<Prompt>,
    /// What those hold who ended in the static batch that is still running.
    ended: Vec<Holding>,
    cache: PrefixCache,
}

#[derive(Clone, Copy, Debug)]
struct Prompt {
    request: RequestId,
    /// Number of its admission.
    admission: u32,
    /// Tokens processed before this iteration, or found in a cache.
    offset: u32,
    /// Tokens processed in this iteration.
    chunk: u32,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Loading weights, until the boundary that is already scheduled.
    Starting,
    /// Nothing to do, or nothing that has room.
    Idle,
    /// Idle with work, until the boundary that is scheduled for when the first in line is taken in: often this very
    /// instant, so that it sees every arrival of its instant.
    Waking(SimTime),
    /// One iteration with prefill work or moves of KV.
    Mixed(Iteration),
    Decoding(Run),
}

impl TokenReplica {
    /// A replica that starts loading its weights at `now`; the caller schedules the boundary at
    /// which it is ready.
    pub fn new(profile: Arc<TokenProfile>, now: SimTime) -> Self {
        Self {
            phase: Phase::Starting,
            profile,
            meter: Meter::new(now),
            decoding: Decoding::default(),
            waiting: Queue::default(),
            aside: Aside::default(),
            admissions: 0,
            prompts: Vec::new(),
            ended: Vec::new(),
            cache: PrefixCache::default(),
        }
    }

    /// The same, those who wait in a line of its own kind.
    pub fn with_line(self, line: Queue) -> Self {
        Self { waiting: line, ..self }
    }

    /// Whether a request of so many tokens could be served by an empty replica.
    pub fn fits(&self, input: u32, output: u32) -> bool {
        self.profile.fits(input, output)
    }

    /// Takes a request in. Returns the instant of the next boundary if that has changed.
    pub fn enqueue(&mut self, now: SimTime, id: RequestId, requests: &Requests) -> Option<SimTime> {
        let first = self.waiting.join(|| requests[id].waiting(id), id);
        let first = first && self.aside.returned().is_none();
        match self.phase {
            Phase::Idle => self.wake_for_head(now, requests),
            Phase::Waking(before) if first => {
                self.wake_for_head(now, requests).filter(|&at| at != before)
            }
            // Whoever waits ahead is either blocked until a sequence ends or has already called
            // for the next boundary.
            Phase::Decoding(_) if first => self.look_again(now, id, requests),
            _ => None,
        }
    }

    /// The first in line is another one than before, or is not taken in yet: the run ends where it can be admitted, or
    /// else where it would have ended without anybody waiting.
    fn look_again(
        &mut self,
        now: SimTime,
        head: RequestId,
        requests: &Requests,
    ) -> Option<SimTime> {
        // Who has arrived with its KV joins at the next boundary, whoever is first in line.
        if self.aside.has_arrived() {
            return None;
        }
        let admits = self.admits(&requests[head]);
        let at = now.max(self.taken_in(&requests[head]));
        let growth = self.growth();
        let Phase::Decoding(run) = &mut self.phase else { unreachable!("a run is looked at") };
        let before = run.target;
        run.target = run.change();
        if admits && let Some(boundary) = run.boundary_before_end(at) {
            let grown = boundary * growth;
            if grown == 0 || self.admits_after(&requests[head], grown) {
                let at = self.interrupt(boundary);
                return (boundary != before).then_some(at);
            }
        }
        let Phase::Decoding(run) = &self.phase else { unreachable!("it still runs") };
        (run.target != before).then(|| run.end())
    }

    /// From when on a request can be admitted: the host has taken it in.
    fn taken_in(&self, request: &Request) -> SimTime {
        request.arrived + self.profile.per_request
    }

    /// The first in line, if it is not taken in yet, and when it will be.
    fn head_to_come(&self, now: SimTime, requests: &Requests) -> Option<(RequestId, SimTime)> {
        let head = self.head()?;
        let at = self.taken_in(&requests[head]);
        (at > now).then_some((head, at))
    }

    /// Who is next to be admitted.
    fn head(&self) -> Option<RequestId> {
        self.aside.returned().or_else(|| self.waiting.head())
    }

    /// Takes out who is next: it is admitted.
    fn take_head(&mut self) {
        if self.aside.take_returned().is_none() {
            self.waiting.take_head();
        }
    }

    /// Whether anybody waits to be admitted.
    fn anybody_waits(&self) -> bool {
        self.head().is_some()
    }

    /// The KV of a request that has a place here has arrived. Returns the instant of the next boundary
    /// if that has changed.
    pub fn receive(&mut self, now: SimTime, id: RequestId, requests: &Requests) -> Option<SimTime> {
        self.aside.arrive(id);
        self.has_shared(&requests[id]);
        match self.phase {
            Phase::Idle => self.wake(now),
            Phase::Waking(at) if at > now => self.wake(now),
            Phase::Decoding(ref run) => {
                let boundary = run.boundary_before_end(now)?;
                Some(self.interrupt(boundary))
            }
            _ => None,
        }
    }

    /// The KV of a request whose prompt was processed here has been moved away. Returns the instant of
    /// the next boundary if that has changed.
    pub fn release(
        &mut self,
        now: SimTime,
        request: &Request,
        usage: &mut Usage,
    ) -> Option<SimTime> {
        self.meter.settle(now, usage);
        let prompt = u64::from(request.input);
        let holding = self.holding(request, prompt + 1);
        self.leave(&holding);
        match self.phase {
            Phase::Idle if self.anybody_waits() => self.wake(now),
            _ => None,
        }
    }

    fn wake(&mut self, at: SimTime) -> Option<SimTime> {
        self.phase = Phase::Waking(at);
        Some(at)
    }

    /// Wakes when the first in line is taken in, at once if nobody is to come.
    fn wake_for_head(&mut self, now: SimTime, requests: &Requests) -> Option<SimTime> {
        let at = self.head_to_come(now, requests).map_or(now, |(_, at)| at);
        self.wake(at)
    }

    /// Moves the run's event forward to an earlier boundary.
    fn interrupt(&mut self, boundary: u64) -> SimTime {
        let Phase::Decoding(run) = &mut self.phase else { unreachable!("a run is interrupted") };
        run.target = boundary;
        run.end()
    }

    /// Acts at the boundary that was scheduled for `now`. Returns the instant of the next one, or
    /// `None` when there is nothing to do.
    pub fn boundary(
        &mut self,
        now: SimTime,
        requests: &mut Requests,
        usage: &mut Usage,
        progress: &mut Progress,
    ) -> Option<SimTime> {
        self.meter.settle(now, usage);
        self.end(now, requests, usage, progress);
        if self.aside.has_arrived() {
            self.join_arrived(requests);
        }
        let mut work = Iteration::default();
        let crowded = self.growth() > self.room();
        if crowded {
            self.preempt(requests, usage, &mut work);
        } else if self.aside.swapped().is_some() {
            self.swap_in(requests, usage, &mut work);
        }
        self.compose(now, !crowded, requests, usage, progress, &mut work);
        self.start(now, work, requests)
    }

    /// Books the iterations and the time up to `now`, without touching the run.
    pub fn book(&mut self, now: SimTime, usage: &mut Usage) {
        self.meter.settle(now, usage);
        let growing = self.is_optimistic();
        if let Phase::Decoding(run) = &mut self.phase {
            run.book(now, &self.decoding, growing, usage);
        }
    }

    /// Output tokens produced by requests that decode here, beyond those that they count themselves.
    pub fn tokens_since_joining(&self, requests: &Requests) -> u64 {
        let further = match &self.phase {
            Phase::Decoding(run) => run.booked,
            _ => 0,
        };
        let produced = |member: decoding::Member| {
            let request = &requests[member.request];
            let left = self.decoding.left(member, further);
            u64::from(request.output - request.produced) - left
        };
        self.decoding.iter().map(produced).sum()
    }

    fn is_static(&self) -> bool {
        self.profile.batching.policy == BatchingPolicy::Static
    }

    /// Whether a sequence's holding of KV grows with its context. A static batch holds what its members
    /// declared: nobody could be preempted for another's sake.
    fn is_optimistic(&self) -> bool {
        matches!(self.profile.batching.admission, KvAdmission::Optimistic(_)) && !self.is_static()
    }

    /// KV tokens by which the holdings grow in a step.
    fn growth(&self) -> u64 {
        if self.is_optimistic() { self.decoding.len() } else { 0 }
    }

    /// KV tokens that no request holds.
    fn room(&self) -> u64 {
        self.profile.kv_capacity - self.meter.kv_held
    }

    /// Ends the iterations up to this boundary, if there were any.
    fn end(
        &mut self,
        now: SimTime,
        requests: &mut Requests,
        usage: &mut Usage,
        progress: &mut Progress,
    ) {
        let growing = self.is_optimistic();
        let (steps, mixed) = match &mut self.phase {
            Phase::Mixed(work) => {
                let tokens = work.prefill_tokens + work.decodes;
                usage.touched += u128::from(self.profile.timing.touched_units(tokens));
                usage.count(work);
                (u64::from(work.decodes > 0), true)
            }
            Phase::Decoding(run) => {
                run.book_all(now, &self.decoding, growing, usage);
                (run.target, false)
            }
            Phase::Starting | Phase::Idle | Phase::Waking(_) => return,
        };
        if steps > 0 {
            self.advance(steps);
            if self.decoding.until_first_end() == Some(0) {
                self.finish_decodes(requests, progress);
            }
        }
        if mixed {
            self.finish_prompts(now, requests, usage, progress);
        }
        self.end_static_batch();
    }

    /// Every decoding sequence has produced `steps` more tokens.
    fn advance(&mut self, steps: u64) {
        self.decoding.advance(steps);
        if self.is_optimistic() {
            self.meter.kv_held += steps * self.growth();
            self.make_room();
        }
    }

    fn finish_decodes(&mut self, requests: &Requests, progress: &mut Progress) {
        while let Some(id) = self.decoding.pop_ended() {
            self.decoding.take_off(requests[id].kv_tokens());
            self.finish(id, &requests[id], progress);
        }
    }

    /// Prompts whose last chunk was processed yield a token. The tokens of an iteration go to prompts in order
    /// of admission, so that whoever comes after one that is not at its end has had none.
    fn finish_prompts(
        &mut self,
        now: SimTime,
        requests: &mut Requests,
        usage: &mut Usage,
        progress: &mut Progress,
    ) {
        let mut ended = 0;
        while let Some(prompt) = self.prompts.get_mut(ended) {
            prompt.offset += prompt.chunk;
            let Prompt { request: id, admission, offset, .. } = *prompt;
            let request = &mut requests[id];
            if offset < request.prompt() {
                break;
            }
            ended += 1;
            request.first_token.get_or_insert(now);
            request.produced += 1;
            self.has_shared(request);
            usage.first_tokens += 1;
            if request.produced == request.output {
                self.finish(id, request, progress);
            } else if self.profile.role == Role::Prefill {
                progress.prefilled.push(id);
            } else {
                self.join(id, admission, request);
            }
        }
        if ended == self.prompts.len() {
            self.prompts.clear();
        } else {
            self.prompts.drain(..ended);
        }
    }

    /// A sequence decodes from now on.
    fn join(&mut self, id: RequestId, admission: u32, request: &Request) {
        self.decoding.join(id, admission, request.context(), request.output - request.produced);
    }

    fn join_arrived(&mut self, requests: &Requests) {
        for id in self.aside.take_arrived() {
            let admission = self.next_admission();
            self.join(id, admission, &requests[id]);
        }
    }

    /// A request has produced all its tokens.
    fn finish(&mut self, id: RequestId, request: &Request, progress: &mut Progress) {
        progress.finished.push(id);
        let tokens = request.kv_tokens();
        let holding = self.holding(request, tokens);
        if self.is_static() {
            self.decoding.pad(tokens);
            self.ended.push(holding);
        } else {
            self.leave(&holding);
        }
    }

    fn end_static_batch(&mut self) {
        if self.is_static() && self.decoding.len() == 0 && self.prompts.is_empty() {
            self.decoding.drop_padding();
            for holding in std::mem::take(&mut self.ended) {
                self.leave(&holding);
            }
        }
    }

    /// Gives the memory that requests took back from the prefix cache.
    fn make_room(&mut self) {
        if self.profile.prefix_cache {
            let room = self.room();
            self.cache.shrink(room);
        }
    }

    fn next_admission(&mut self) -> u32 {
        let admission = self.admissions;
        self.admissions = self.admissions.wrapping_add(1);
        admission
    }

    fn start(&mut self, now: SimTime, work: Iteration, requests: &Requests) -> Option<SimTime> {
        if work.prefill_tokens > 0 || work.swapped > 0 {
            let picos = self.profile.iteration(&work);
            self.phase = Phase::Mixed(work);
            self.meter.activity =
                if work.prefill_tokens > 0 { Activity::Prefill } else { Activity::Decode };
            return Some(now + picos_to_duration(u128::from(picos)));
        }
        let Some(first_end) = self.decoding.until_first_end() else {
            self.phase = Phase::Idle;
            self.meter.activity = Activity::Idle;
            let (_, at) = self.head_to_come(now, requests)?;
            return self.wake(at);
        };
        let exhaustion = self.room().checked_div(self.growth()).unwrap_or(u64::MAX);
        let ramp = self.profile.timing.ramp(work.decodes, work.context);
        let touched = self.profile.timing.touched_units(work.decodes);
        let run = Run::new(now, ramp, first_end.min(exhaustion), touched);
        self.phase = Phase::Decoding(run);
        self.meter.activity = Activity::Decode;
        let sooner = match self.head_to_come(now, requests) {
            Some((head, _)) => self.look_again(now, head, requests),
            None => None,
        };
        Some(sooner.unwrap_or_else(|| run.end()))
    }
}
