//! The measurements of Splitwise (Patel et al., ISCA 2024), given as a `profile`, come out of a
//! simulated replica again: time to first token against prompt size, time between tokens against
//! batch.
//!
//! Each row is the median of five runs that process `batch` prompts at once and then decode them
//! together, `token_size` tokens in all; `token_time` is the mean of the iterations after the first, over
//! contexts that grow from the prompt's length. All rows used here have the same growth, so
//! decodes are given against the batch alone.
//!
//! The power-capped rows are left out: they are the others with prefill times multiplied by 1.3. So is a
//! measurement that contradicts itself, its end-to-end time being more than 5 % away from prompt
//! time + tokens × token time; these are listed.

use coopsim::engine::{SimDuration, SimTime};
use coopsim::serving::{
    Batching, BatchingPolicy, GivenReplica, KvAdmission, Performance, Progress, Request, Requests,
    Role, TableSpec, TokenProfile, TokenReplica, TokenServing, Usage,
};
use coopsim::units::BytesPerSecond;
use std::collections::BTreeMap;
use std::sync::Arc;

const TOLERANCE: f64 = 0.02;
/// Output tokens of the rows that vary prompt and batch.
const OUTPUT: u32 = 128;
/// Prompt tokens of the rows that vary the batch.
const PROMPT: u32 = 512;

/// Model, accelerator and number of accelerators.
type System = (String, String, String);
/// Prompt tokens and batch.
type Case = (u32, u32);

/// Seconds.
#[derive(Clone, Copy, Debug)]
struct Times {
    prompt: f64,
    token: f64,
    end_to_end: f64,
}

/// `None`, and a word about it, without the data.
fn measurements() -> Option<BTreeMap<System, BTreeMap<Case, Times>>> {
    let file = crate::data::file("serving/splitwise_perf_model.csv")?;
    let mut runs = BTreeMap::<System, BTreeMap<Case, Vec<Times>>>::new();
    let mut reader = csv::Reader::from_path(file).expect("a readable file");
    for row in reader.deserialize::<BTreeMap<String, String>>() {
        let row = row.expect("a sound row");
        let number = |key: &str| row[key].parse::<f64>().expect("a number");
        if number("token_size") != f64::from(OUTPUT) || row["hardware"].ends_with("pcap") {
            continue;
        }
        let system =
            (row["model"].clone(), row["hardware"].clone(), row["tensor_parallel"].clone());
        let case = (number("prompt_size") as u32, number("batch_size") as u32);
        let seconds = |key| number(key) / 1e3;
        let times = Times {
            prompt: seconds("prompt_time"),
            token: seconds("token_time"),
            end_to_end: seconds("e2e_time"),
        };
        runs.entry(system).or_default().entry(case).or_default().push(times);
    }
    let medians = |cases: BTreeMap<Case, Vec<Times>>| {
        let of = |(case, runs): (Case, Vec<Times>)| (case, median(&runs));
        cases.into_iter().map(of).collect()
    };
    Some(runs.into_iter().map(|(system, cases)| (system, medians(cases))).collect())
}

fn median(runs: &[Times]) -> Times {
    let of = |part: fn(&Times) -> f64| {
        let mut values: Vec<_> = runs.iter().map(part).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Times { prompt: of(|t| t.prompt), token: of(|t| t.token), end_to_end: of(|t| t.end_to_end) }
}

fn contradicts_itself(times: &Times) -> bool {
    let sum = times.prompt + times.token * f64::from(OUTPUT - 1);
    (sum - times.end_to_end).abs() > 0.05 * times.end_to_end
}

/// The profile of one system: prompts alone as far as they go, then several at once.
fn table(cases: &BTreeMap<Case, Times>) -> TableSpec {
    let mut prefill = BTreeMap::new();
    let mut decode = BTreeMap::<u32, BTreeMap<u32, SimDuration>>::new();
    let longest = cases.keys().filter(|(_, batch)| *batch == 1).map(|(prompt, _)| *prompt).max();
    for (&(prompt, batch), times) in cases {
        let tokens = prompt * batch;
        if batch == 1 || Some(tokens) > longest {
            prefill.insert(tokens, SimDuration::from_secs_f64(times.prompt));
        }
        if prompt == PROMPT {
            let row = decode.entry(batch).or_default();
            row.insert(1, SimDuration::from_secs_f64(times.token));
        }
    }
    let replica = GivenReplica { accelerators: 1, kv_capacity: 100_000, ..Default::default() };
    TableSpec { prefill, decode, by_context: false, extrapolate: false, replica }
}

fn profile(table: TableSpec) -> Arc<TokenProfile> {
    let batching = Batching {
        policy: BatchingPolicy::Continuous,
        admission: KvAdmission::Reserve,
        max_batch: table.largest_batch(),
        token_budget: table.largest_prefill(),
    };
    Arc::new(TokenProfile::new(&TokenServing {
        performance: Performance::Profile(table),
        batching,
        host_bandwidth: BytesPerSecond(25e9),
        prefix_cache: false,
        role: Role::Whole,
    }))
}

/// Time to first token and between tokens, in seconds, of `batch` requests that come at once to an
/// idle replica.
fn serve(profile: &Arc<TokenProfile>, prompt: u32, batch: u32) -> (f64, f64) {
    let mut replica = TokenReplica::new(Arc::clone(profile), SimTime::ZERO);
    let mut requests = Requests::default();
    let (mut usage, mut progress) = (Usage::default(), Progress::default());
    let ready = replica.boundary(SimTime::ZERO, &mut requests, &mut usage, &mut progress);
    assert_eq!(ready, None);
    let now = SimTime::from_nanos(1_000_000_000);
    let mut next = None;
    for _ in 0..batch {
        assert!(replica.fits(prompt, OUTPUT));
        let id = requests.insert(Request::new(now, prompt, OUTPUT, SimDuration::ZERO, 0));
        next = replica.enqueue(now, id, &requests).or(next);
    }
    let mut end = now;
    while let Some(at) = next {
        end = at;
        next = replica.boundary(at, &mut requests, &mut usage, &mut progress);
    }
    assert_eq!(progress.finished.len(), batch as usize);
    let first = requests[progress.finished[0]].first_token.expect("it has ended");
    let between = end.since(first).as_secs_f64() / f64::from(OUTPUT - 1);
    (first.since(now).as_secs_f64(), between)
}

fn close(what: &str, found: f64, measured: f64) {
    assert!(
        (found / measured - 1.0).abs() <= TOLERANCE,
        "{what}: {found} s, measured {measured} s"
    );
}

/// Requires `found` to be between two measurements, to the nanosecond.
fn between(what: &str, found: f64, ends: (f64, f64)) {
    let (low, high) = (ends.0.min(ends.1) - 2e-9, ends.0.max(ends.1) + 2e-9);
    assert!((low..=high).contains(&found), "{what}: {found} s is not between {low} and {high}");
}

#[test]
fn measurements_come_out_of_a_replica_again() {
    let Some(systems) = measurements() else { return };
    let mut left_out = Vec::new();
    let mut met = 0;
    for (system, mut cases) in systems {
        cases.retain(|(prompt, batch), times| {
            let keep = !contradicts_itself(times);
            if !keep {
                let (model, chip, tensor) = &system;
                left_out.push(format!("{model} {tensor} x {chip}: {batch} prompts of {prompt}"));
            }
            keep
        });
        let profile = profile(table(&cases));
        let all = || cases.iter().map(|(case, times)| (*case, *times));
        let prompts: Vec<_> = all().filter(|((_, batch), _)| *batch == 1).collect();
        for &((prompt, _), times) in &prompts {
            close(
                &format!("{system:?}, prompt {prompt}"),
                serve(&profile, prompt, 1).0,
                times.prompt,
            );
            met += 1;
        }
        for pair in prompts.windows(2) {
            let ((low, _), (high, _)) = (pair[0].0, pair[1].0);
            for part in 1..4 {
                let prompt = low + (high - low) * part / 4;
                let ends = (pair[0].1.prompt, pair[1].1.prompt);
                between(
                    &format!("{system:?}, prompt {prompt}"),
                    serve(&profile, prompt, 1).0,
                    ends,
                );
            }
        }
        let batches: Vec<_> = all().filter(|((prompt, _), _)| *prompt == PROMPT).collect();
        for &((_, batch), times) in &batches {
            let found = serve(&profile, PROMPT, batch).1;
            close(&format!("{system:?}, batch {batch}"), found, times.token);
            met += 1;
        }
        for pair in batches.windows(2) {
            let ((_, low), (_, high)) = (pair[0].0, pair[1].0);
            for batch in low + 1..high {
                let ends = (pair[0].1.token, pair[1].1.token);
                let found = serve(&profile, PROMPT, batch).1;
                between(&format!("{system:?}, batch {batch}"), found, ends);
            }
        }
    }
    assert_eq!(met, 8 * 14 - left_out.len(), "eight systems, seven prompts and seven batches");
    insta::assert_snapshot!(left_out.join("\n"), @r"
    llama2-70b 2 x a100-80gb: 32 prompts of 512
    llama2-70b 2 x a100-80gb: 64 prompts of 512
    llama2-70b 2 x h100-80gb: 64 prompts of 512
    ");
}
