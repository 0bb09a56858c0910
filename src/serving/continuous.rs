//! A replica under `continuous` batching with chunked prefill and `reserve` KV admission.
//!
//! Everything happens at iteration boundaries: finish what ended, choose the next iteration's
//! members, start it. An iteration with prefill work is one event. A run of iterations that only
//! decode is also one event, at the first boundary at which something changes: a sequence ends,
//! or an arrival can be admitted. Skipping is exact: see [`super::ramp`].

use super::profile::TokenProfile;
use super::ramp::{Ramp, picos_to_duration};
use super::replica::Progress;
use super::request::{RequestId, Requests};
use super::roofline::Iteration;
use super::usage::{Activity, Meter, Usage};
use crate::engine::SimTime;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;

/// A replica that serves tokens in iterations.
#[derive(Clone, Debug)]
pub struct TokenReplica {
    profile: Arc<TokenProfile>,
    meter: Meter,
    /// Not admitted yet, first come first served.
    waiting: VecDeque<RequestId>,
    /// Prompts with a chunk in this iteration; only the last can need more iterations.
    prompts: Vec<Prompt>,
    /// Decoding sequences by the step after which they end.
    decoding: BinaryHeap<Reverse<(u64, RequestId)>>,
    /// Iterations completed so far, except those of the present run.
    steps: u64,
    /// Sum of the decoding sequences' context lengths at `steps`.
    context: u64,
    phase: Phase,
}

#[derive(Clone, Copy, Debug)]
struct Prompt {
    request: RequestId,
    /// Tokens processed before this iteration.
    offset: u32,
    /// Tokens processed in this iteration.
    chunk: u32,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Loading weights, until the boundary that is already scheduled.
    Starting,
    Idle,
    /// Idle with work, until the boundary scheduled at this very instant, so that it sees every
    /// arrival of its instant.
    Waking,
    /// One iteration with prefill work.
    Mixed(Iteration),
    Decoding(Run),
}

/// Iterations that only decode, with the same members.
#[derive(Clone, Copy, Debug)]
struct Run {
    anchor: SimTime,
    ramp: Ramp,
    /// The iteration whose end is the next event.
    target: u64,
    /// Iterations already in the books.
    booked: u64,
}

impl TokenReplica {
    /// A replica that starts loading its weights at `now`; the caller schedules the boundary at
    /// which it is ready.
    pub fn new(profile: Arc<TokenProfile>, now: SimTime) -> Self {
        Self {
            profile,
            meter: Meter::new(now),
            waiting: VecDeque::new(),
            prompts: Vec::new(),
            decoding: BinaryHeap::new(),
            steps: 0,
            context: 0,
            phase: Phase::Starting,
        }
    }

    /// Whether the request could be held by an empty replica.
    pub fn fits(&self, kv_tokens: u64) -> bool {
        kv_tokens <= self.profile.kv_capacity
    }

    /// Takes a request in. Returns the instant of the next boundary if that has changed.
    pub fn enqueue(&mut self, now: SimTime, id: RequestId, requests: &Requests) -> Option<SimTime> {
        self.waiting.push_back(id);
        match self.phase {
            Phase::Idle => {
                self.phase = Phase::Waking;
                Some(now)
            }
            // Whoever waits ahead is either blocked until a sequence ends or has already called
            // for the next boundary.
            Phase::Decoding(run) if self.waiting.len() == 1 && self.admits(id, requests) => {
                self.interrupt(now, run)
            }
            _ => None,
        }
    }

    /// Moves a run's event forward to the first boundary at or after `now`.
    fn interrupt(&mut self, now: SimTime, mut run: Run) -> Option<SimTime> {
        let boundary = run.ramp.first_end_at_or_after(now.since(run.anchor));
        if boundary >= run.target {
            return None;
        }
        run.target = boundary;
        self.phase = Phase::Decoding(run);
        Some(run.anchor + run.ramp.end_of(boundary))
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
        match self.phase {
            Phase::Mixed(work) => self.end_mixed(now, &work, requests, usage, progress),
            Phase::Decoding(run) => self.end_run(run, requests, usage, progress),
            Phase::Starting | Phase::Idle | Phase::Waking => {}
        }
        let work = self.compose(now, requests, progress);
        self.start(now, work)
    }

    /// Books the iterations and the time up to `now`, without touching the run.
    pub fn book(&mut self, now: SimTime, usage: &mut Usage) {
        self.meter.settle(now, usage);
        if let Phase::Decoding(mut run) = self.phase {
            let ended = run.ramp.ended_by(now.since(run.anchor)).min(run.target);
            self.book_run(&mut run, ended, usage);
            self.phase = Phase::Decoding(run);
        }
    }

    /// Output tokens produced so far by requests that have not ended.
    pub fn partial_output_tokens(&self, requests: &Requests) -> u64 {
        let steps = self.steps
            + match self.phase {
                Phase::Decoding(run) => run.booked,
                _ => 0,
            };
        let produced = |&Reverse((end, id)): &Reverse<(u64, RequestId)>| {
            u64::from(requests[id].output) - (end - steps)
        };
        self.decoding.iter().map(produced).sum()
    }

    fn book_run(&self, run: &mut Run, ended: u64, usage: &mut Usage) {
        let batch = self.decoding.len() as u64;
        let (from, count) = (run.booked, ended - run.booked);
        let first = self.context + batch * from;
        usage.iterations += count;
        usage.decoded += batch * count;
        usage.decode_pairs += count * first + batch * (count * count.saturating_sub(1) / 2);
        run.booked = ended;
    }

    fn end_run(
        &mut self,
        mut run: Run,
        requests: &Requests,
        usage: &mut Usage,
        progress: &mut Progress,
    ) {
        let target = run.target;
        self.book_run(&mut run, target, usage);
        self.advance(target);
        self.finish_decodes(requests, progress);
    }

    fn end_mixed(
        &mut self,
        now: SimTime,
        work: &Iteration,
        requests: &mut Requests,
        usage: &mut Usage,
        progress: &mut Progress,
    ) {
        usage.iterations += 1;
        usage.decoded += work.decodes;
        usage.decode_pairs += work.context;
        usage.prefilled += work.prefill_tokens;
        usage.prefill_pairs += work.prefill_pairs;
        self.advance(1);
        self.finish_decodes(requests, progress);
        self.finish_prompts(now, requests, usage, progress);
    }

    /// Every decoding sequence has produced `steps` more tokens.
    fn advance(&mut self, steps: u64) {
        self.steps += steps;
        self.context += steps * self.decoding.len() as u64;
    }

    fn finish_decodes(&mut self, requests: &Requests, progress: &mut Progress) {
        while let Some(&Reverse((end, id))) = self.decoding.peek() {
            if end > self.steps {
                break;
            }
            self.decoding.pop();
            let tokens = requests[id].kv_tokens();
            self.context -= tokens;
            self.meter.kv_held -= tokens;
            progress.finished.push(id);
        }
    }

    /// Prompts whose last chunk was processed yield their first token; a partial one stays.
    fn finish_prompts(
        &mut self,
        now: SimTime,
        requests: &mut Requests,
        usage: &mut Usage,
        progress: &mut Progress,
    ) {
        let mut prompts = std::mem::take(&mut self.prompts);
        prompts.retain_mut(|prompt| {
            let request = &mut requests[prompt.request];
            prompt.offset += prompt.chunk;
            if prompt.offset < request.input {
                return true;
            }
            request.first_token = Some(now);
            usage.first_tokens += 1;
            if request.output == 1 {
                self.meter.kv_held -= request.kv_tokens();
                progress.finished.push(prompt.request);
            } else {
                let end = self.steps + u64::from(request.output) - 1;
                self.decoding.push(Reverse((end, prompt.request)));
                self.context += u64::from(request.input) + 1;
            }
            false
        });
        self.prompts = prompts;
    }

    /// Chooses the next iteration's members: all decodes, then the prompt that is partly done,
    /// then admissions in order of arrival, within the token budget.
    fn compose(
        &mut self,
        now: SimTime,
        requests: &mut Requests,
        progress: &mut Progress,
    ) -> Iteration {
        let decodes = self.decoding.len() as u64;
        let mut work = Iteration { decodes, context: self.context, ..Iteration::default() };
        let mut budget = self.profile.batching.token_budget - decodes as u32;
        for prompt in &mut self.prompts {
            prompt.chunk = budget.min(requests[prompt.request].input - prompt.offset);
            budget -= prompt.chunk;
            work.add_chunk(u64::from(prompt.chunk), u64::from(prompt.offset));
        }
        while budget > 0
            && let Some(&id) = self.waiting.front()
            && self.admits(id, requests)
        {
            self.waiting.pop_front();
            let request = &mut requests[id];
            request.started = Some(now);
            progress.started.push(id);
            self.meter.kv_held += request.kv_tokens();
            let chunk = budget.min(request.input);
            budget -= chunk;
            self.prompts.push(Prompt { request: id, offset: 0, chunk });
            work.add_chunk(u64::from(chunk), 0);
        }
        work
    }

    /// Whether the next iteration has room for this request beside those already admitted.
    fn admits(&self, id: RequestId, requests: &Requests) -> bool {
        let sequences = self.decoding.len() + self.prompts.len();
        sequences < self.profile.batching.max_batch as usize
            && self.meter.kv_held + requests[id].kv_tokens() <= self.profile.kv_capacity
    }

    fn start(&mut self, now: SimTime, work: Iteration) -> Option<SimTime> {
        if work.prefill_tokens > 0 {
            let picos = self.profile.timing.iteration(&work);
            self.phase = Phase::Mixed(work);
            self.meter.activity = Activity::Prefill;
            return Some(now + picos_to_duration(u128::from(picos)));
        }
        let Some(&Reverse((end, _))) = self.decoding.peek() else {
            self.phase = Phase::Idle;
            self.meter.activity = Activity::Idle;
            return None;
        };
        let ramp = self.profile.timing.ramp(work.decodes, work.context);
        let target = end - self.steps;
        self.phase = Phase::Decoding(Run { anchor: now, ramp, target, booked: 0 });
        self.meter.activity = Activity::Decode;
        Some(now + ramp.end_of(target))
    }
}
