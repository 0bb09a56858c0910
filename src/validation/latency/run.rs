//! One replica under a load that was measured: users who call again as soon as they are answered, or one batch
//! that runs to its end.

use crate::engine::{SimDuration, SimTime};
use crate::ids::RequestId;
use crate::serving::{Progress, Request, Requests, TokenProfile, TokenReplica, Usage};
use rand::RngExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::VecDeque;
use std::sync::Arc;

/// Who calls, and with what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    /// Users, each with one call at a time.
    pub users: u32,
    /// Calls of them all.
    pub calls: u32,
    /// Prompt tokens of a call, nominally.
    pub input: u32,
    /// Output tokens of a call, nominally.
    pub output: u32,
    /// Whether lengths are drawn uniformly from 0.8 to 1.0 of the nominal ones.
    pub spread: bool,
}

/// What the calls saw, in seconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Times to the first token, in the order of the ends of calls.
    pub first_tokens: Vec<f64>,
    /// Times of each further token, of calls that have one.
    pub tokens: Vec<f64>,
    /// Output tokens per second from the start to the last call's end.
    pub tokens_per_s: f64,
}

/// Mean of `values`, NaN of none.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Users call a replica, all of them at once at first, and again as soon as they are answered, until all calls are made.
pub(super) fn closed_loop(profile: &Arc<TokenProfile>, load: &Load) -> Seen {
    let mut replica = TokenReplica::new(Arc::clone(profile), SimTime::ZERO);
    let mut requests = Requests::default();
    let mut calls = Calls::new(*load);
    for _ in 0..load.users.min(load.calls) {
        let id = requests.insert(calls.next(SimTime::ZERO).expect("fewer users than calls"));
        replica.enqueue(SimTime::ZERO, id, &requests);
    }
    let (mut usage, mut progress) = (Usage::default(), Progress::default());
    let mut seen = Seen::default();
    let mut ended = SimTime::ZERO;
    let mut next = Some(SimTime::ZERO);
    let mut answered: VecDeque<RequestId> = VecDeque::new();
    while let Some(now) = next {
        next = replica.boundary(now, &mut requests, &mut usage, &mut progress);
        ended = now;
        answered.extend(progress.finished.drain(..));
        progress.clear();
        while let Some(id) = answered.pop_front() {
            seen.add(&requests[id], now);
            requests.remove(id);
            if let Some(call) = calls.next(now) {
                let id = requests.insert(call);
                next = replica.enqueue(now, id, &requests).or(next);
            }
        }
    }
    seen.tokens_per_s = usage.output_tokens() as f64 / ended.since(SimTime::ZERO).as_secs_f64();
    seen
}

impl Seen {
    /// However many tokens an engine sends at a time, the first goes out by itself, and the last when it is there:
    /// TensorRT-LLM's `PyExecutor` answers in the first iteration of a request, vLLM's output processor for the first
    /// token, and both when it has finished.
    fn add(&mut self, request: &Request, ended: SimTime) {
        let first = request.first_token.expect("it has ended");
        self.first_tokens.push(first.since(request.arrived).as_secs_f64());
        if request.output > 1 {
            let others = f64::from(request.output - 1);
            self.tokens.push(ended.since(first).as_secs_f64() / others);
        }
    }
}

/// The calls that are still to be made.
struct Calls {
    load: Load,
    left: u32,
    random: ChaCha8Rng,
}

impl Calls {
    fn new(load: Load) -> Self {
        Self { load, left: load.calls, random: ChaCha8Rng::seed_from_u64(1) }
    }

    fn next(&mut self, now: SimTime) -> Option<Request> {
        self.left = self.left.checked_sub(1)?;
        let (input, output) = (self.length(self.load.input), self.length(self.load.output));
        Some(Request::new(now, input, output, SimDuration::ZERO, 0))
    }

    fn length(&mut self, nominal: u32) -> u32 {
        if !self.load.spread {
            return nominal;
        }
        let least = (0.8 * f64::from(nominal)) as u32;
        self.random.random_range(least..=nominal).max(1)
    }
}
