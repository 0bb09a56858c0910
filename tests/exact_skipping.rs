//! Skipping equals stepping: a replica that jumps over whole decode runs gives, to the
//! nanosecond, the times of a twin that performs every iteration.

use coopsim::catalog::{Accelerator, Architecture, Efficiency, PeakFlops};
use coopsim::engine::{EventQueue, Rank, SimDuration, SimTime};
use coopsim::serving::{
    Batching, BatchingPolicy, Iteration, KvAdmission, Performance, Precision, Progress, Ramp,
    Request, RequestId, Requests, Role, RooflineSpec, TokenProfile, TokenReplica, TokenServing,
    Usage,
};
use coopsim::units::{Bytes, BytesPerSecond, FlopsPerSecond};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// A request to come.
#[derive(Clone, Copy, Debug)]
struct Arrival {
    at: SimTime,
    input: u32,
    output: u32,
}

/// What must agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Times {
    started: SimTime,
    first_token: SimTime,
    ended: SimTime,
}

/// The twin: performs every iteration, adding `d(i)` one at a time from the same anchors.
struct Stepper<'a> {
    profile: &'a TokenProfile,
    arrivals: &'a [Arrival],
    next: usize,
    waiting: VecDeque<usize>,
    running: Vec<Sequence>,
    times: Vec<Times>,
    iterations: u64,
    decoded: u64,
    decode_pairs: u64,
}

struct Sequence {
    index: usize,
    prefilled: u32,
    produced: u32,
}

/// A decode run so far: its members' number is constant, so its ramp is.
struct Steps {
    anchor: SimTime,
    ramp: Ramp,
    count: u64,
    picos: u128,
}

impl<'a> Stepper<'a> {
    fn run(profile: &'a TokenProfile, arrivals: &'a [Arrival]) -> Self {
        let mut stepper = Self {
            profile,
            arrivals,
            next: 0,
            waiting: VecDeque::new(),
            running: Vec::new(),
            times: vec![Times::default(); arrivals.len()],
            iterations: 0,
            decoded: 0,
            decode_pairs: 0,
        };
        let mut now = SimTime::ZERO;
        let mut steps = None;
        while let Some(after) = stepper.iterate(now, &mut steps) {
            now = after;
        }
        stepper
    }

    /// One boundary and the iteration after it. Returns that iteration's end.
    fn iterate(&mut self, now: SimTime, steps: &mut Option<Steps>) -> Option<SimTime> {
        while self.next < self.arrivals.len() && self.arrivals[self.next].at <= now {
            self.waiting.push_back(self.next);
            self.next += 1;
        }
        let (work, chunks) = self.compose(now);
        if self.running.is_empty() {
            *steps = None;
            return self.arrivals.get(self.next).map(|arrival| arrival.at);
        }
        self.iterations += 1;
        self.decoded += work.decodes;
        self.decode_pairs += work.context;
        let end = if work.prefill_tokens > 0 {
            *steps = None;
            now + SimDuration::from_nanos(self.profile.timing.iteration(&work) / 1000)
        } else {
            let run = steps.get_or_insert_with(|| Steps {
                anchor: now,
                ramp: self.profile.timing.ramp(work.decodes, work.context),
                count: 0,
                picos: 0,
            });
            run.picos += run.ramp.iteration(run.count);
            run.count += 1;
            run.anchor + SimDuration::from_nanos((run.picos / 1000) as u64)
        };
        if self.complete(end, &chunks) {
            *steps = None;
        }
        Some(end)
    }

    fn compose(&mut self, now: SimTime) -> (Iteration, Vec<u32>) {
        let mut work = Iteration::default();
        for sequence in self.running.iter().filter(|sequence| sequence.produced > 0) {
            work.decodes += 1;
            let input = self.arrivals[sequence.index].input;
            work.context += u64::from(input) + u64::from(sequence.produced);
        }
        let mut budget = self.profile.batching.token_budget - work.decodes as u32;
        while let Some(&index) = self.waiting.front() {
            let prefilling = self.running.iter().filter(|sequence| sequence.produced == 0);
            let wanted: u32 = prefilling
                .map(|sequence| self.arrivals[sequence.index].input - sequence.prefilled)
                .sum();
            let full = self.running.len() == self.profile.batching.max_batch as usize;
            if wanted >= budget || full || self.held() + self.need(index) > self.profile.kv_capacity
            {
                break;
            }
            self.waiting.pop_front();
            self.times[index].started = now;
            self.running.push(Sequence { index, prefilled: 0, produced: 0 });
        }
        let mut chunks = Vec::new();
        for sequence in &self.running {
            let left = self.arrivals[sequence.index].input - sequence.prefilled;
            let chunk = if sequence.produced > 0 { 0 } else { left.min(budget) };
            if chunk > 0 {
                budget -= chunk;
                let (q, o) = (u64::from(chunk), u64::from(sequence.prefilled));
                work.prefill_tokens += q;
                work.prefill_pairs += q * o + q * (q + 1) / 2;
                work.prefill_cached += o;
                work.prefill_sequences += 1;
            }
            chunks.push(chunk);
        }
        (work, chunks)
    }

    fn need(&self, index: usize) -> u64 {
        u64::from(self.arrivals[index].input) + u64::from(self.arrivals[index].output)
    }

    fn held(&self) -> u64 {
        self.running.iter().map(|sequence| self.need(sequence.index)).sum()
    }

    /// Ends an iteration; whether the decode batch changed.
    fn complete(&mut self, now: SimTime, chunks: &[u32]) -> bool {
        let before = self.running.len();
        let mut joined = false;
        for (sequence, &chunk) in self.running.iter_mut().zip(chunks) {
            sequence.prefilled += chunk;
            let arrival = self.arrivals[sequence.index];
            if sequence.produced > 0 {
                sequence.produced += 1;
            } else if sequence.prefilled == arrival.input {
                sequence.produced = 1;
                self.times[sequence.index].first_token = now;
                joined = true;
            }
            if sequence.produced == arrival.output {
                self.times[sequence.index].ended = now;
            }
        }
        let arrivals = self.arrivals;
        self.running.retain(|sequence| sequence.produced < arrivals[sequence.index].output);
        joined || self.running.len() != before
    }
}

/// The real replica, driven through the real event queue.
fn skip(profile: &TokenProfile, arrivals: &[Arrival]) -> (Vec<Times>, Usage) {
    let mut queue = EventQueue::new();
    let (source, server) = (queue.add(), queue.add());
    let mut replica = TokenReplica::new(Arc::new(profile.clone()), SimTime::ZERO);
    let mut requests = Requests::default();
    let (mut usage, mut progress) = (Usage::default(), Progress::default());
    let mut index_of: HashMap<RequestId, usize> = HashMap::new();
    let mut times = vec![Times::default(); arrivals.len()];
    let mut next = 0;
    queue.schedule(server, SimTime::ZERO, Rank::Boundary);
    if let Some(first) = arrivals.first() {
        queue.schedule(source, first.at, Rank::Arrival);
    }
    while let Some((now, slot)) = queue.pop() {
        if slot == source {
            let Arrival { input, output, .. } = arrivals[next];
            let id = requests.insert(Request::new(now, input, output, SimDuration::ZERO, 0));
            index_of.insert(id, next);
            if let Some(at) = replica.enqueue(now, id, &requests) {
                queue.schedule(server, at, Rank::Boundary);
            }
            next += 1;
            if let Some(arrival) = arrivals.get(next) {
                queue.schedule(source, arrival.at, Rank::Arrival);
            }
            // Reading the books at any time must not disturb what follows.
            if next.is_multiple_of(3) {
                replica.book(now, &mut usage);
            }
        } else {
            let at = replica.boundary(now, &mut requests, &mut usage, &mut progress);
            for id in progress.finished.drain(..) {
                let request = requests.remove(id);
                times[index_of[&id]] = Times {
                    started: request.started.expect("it ended"),
                    first_token: request.first_token.expect("it ended"),
                    ended: now,
                };
            }
            progress.started.clear();
            if let Some(at) = at {
                queue.schedule(server, at, Rank::Boundary);
            }
        }
    }
    assert!(requests.is_empty());
    (times, usage)
}

fn profile() -> impl Strategy<Value = TokenProfile> {
    let efficiency =
        (0..3_000_u64, 0..20_u64, 0..50_u64).prop_map(|(overhead, each, reduce)| Efficiency {
            prefill: 0.8,
            decode: 0.6,
            memory: 0.9,
            link: 0.47,
            usable_memory: 0.95,
            allreduce_latency: SimDuration::from_nanos(reduce * 1000),
            overhead: SimDuration::from_nanos(overhead * 1000),
            overhead_per_sequence: SimDuration::from_nanos(each * 1000),
        });
    // Memory from so fast that decoding is bound by compute to so slow that it never is; in
    // between, runs cross from one to the other.
    let chip =
        (efficiency, 11.0..13.5_f64, 12.0..15.5_f64).prop_map(|(efficiency, memory, peak)| {
            Accelerator {
                name: "chip".into(),
                peak: PeakFlops {
                    bf16: Some(FlopsPerSecond(10_f64.powf(peak))),
                    ..PeakFlops::default()
                },
                hbm: Bytes(80e9),
                hbm_bandwidth: BytesPerSecond(10_f64.powf(memory)),
                link_bandwidth: Some(BytesPerSecond(450e9)),
                per_node: Some(8),
                idle_power: None,
                peak_power: None,
                efficiency,
            }
        });
    let model = (1..100_u32, 1..9_u32).prop_map(|(layers, heads)| Architecture {
        name: "model".into(),
        parameters: f64::from(layers) * 1e7,
        layers,
        hidden: 1024,
        heads: heads * 8,
        kv_heads: heads,
        head_dim: 128,
    });
    let limits = (1..40_u32, 0..3000_u32, prop_oneof![800..3000_u64, 3000..100_000_u64]);
    (chip, model, 1..9_u32, limits).prop_map(
        |(accelerator, architecture, tensor, (max_batch, budget, kv_capacity))| {
            let spec = TokenServing {
                performance: Performance::Roofline(RooflineSpec {
                    accelerator,
                    architecture,
                    tensor,
                    weights: Precision::Bf16,
                    kv: Precision::Bf16,
                }),
                host_bandwidth: BytesPerSecond(25e9),
                prefix_cache: false,
                role: Role::Whole,
                batching: Batching {
                    policy: BatchingPolicy::Continuous,
                    admission: KvAdmission::Reserve,
                    max_batch,
                    token_budget: max_batch + budget,
                },
            };
            TokenProfile { kv_capacity, ..TokenProfile::new(&spec) }
        },
    )
}

/// Bursts, ties, long gaps; single-token outputs and prompts; nothing over 800 tokens of KV.
fn arrivals() -> impl Strategy<Value = Vec<Arrival>> {
    let gap = prop_oneof![3 => Just(0_u64), 2 => 1..1000_u64, 4 => 1000..50_000_000_u64, 1 => 0..5_000_000_000_u64];
    let input = prop_oneof![Just(1_u32), 1..20_u32, 1..400_u32];
    let output = prop_oneof![Just(1_u32), 1..20_u32, 1..400_u32];
    prop::collection::vec((gap, input, output), 0..60).prop_map(|gaps| {
        let mut at = SimTime::ZERO;
        let arrive = |(gap, input, output)| {
            at += SimDuration::from_nanos(gap);
            Arrival { at, input, output }
        };
        gaps.into_iter().map(arrive).collect()
    })
}

/// Moves some arrivals onto boundaries of the twin's run, so that ties are real ones.
fn onto_boundaries(
    profile: &TokenProfile,
    mut arrivals: Vec<Arrival>,
    picks: &[usize],
) -> Vec<Arrival> {
    let times = Stepper::run(profile, &arrivals).times;
    let count = arrivals.len();
    for pick in picks.iter().filter(|_| count > 0).map(|pick| pick % count) {
        arrivals[pick].at = times[pick].first_token;
    }
    arrivals.sort_by_key(|arrival| arrival.at);
    arrivals
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn skipping_equals_stepping(
        profile in profile(),
        arrivals in arrivals(),
        picks in prop::collection::vec(0..60_usize, 0..6),
    ) {
        let arrivals = onto_boundaries(&profile, arrivals, &picks);
        let slow = Stepper::run(&profile, &arrivals);
        let (fast, usage) = skip(&profile, &arrivals);
        prop_assert_eq!(&fast, &slow.times);
        prop_assert_eq!(usage.iterations, slow.iterations);
        prop_assert_eq!(usage.decoded, slow.decoded);
        prop_assert_eq!(usage.decode_pairs, slow.decode_pairs);
    }
}

#[test]
fn a_request_alone_takes_its_unloaded_time() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..200 {
        let strategy = (profile(), 1..400_u32, 1..400_u32);
        let (profile, input, output) = strategy.new_tree(&mut runner).unwrap().current();
        let arrival = Arrival { at: SimTime::from_nanos(5), input, output };
        let ended = skip(&profile, &[arrival]).0[0].ended;
        assert_eq!(ended.since(arrival.at), profile.unloaded(input, output, 0));
    }
}
