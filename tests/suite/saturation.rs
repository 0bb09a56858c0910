//! What a replica does that never lacks work, estimated from the means of lengths and of their squares, held to
//! simulations: `demand` plans with the estimate, and `utilisation.load` counts with it. docs/model.md promises 12 %, and
//! no more than a quarter too much where KV memory limits the batch.

use coopsim::estimate::estimate;
use coopsim::experiment::{self, Options};
use coopsim::scenario::{self, Overrides, Scenario};
use std::sync::atomic::AtomicBool;

/// One replica of a model, called at a rate that is set.
const ONE: &str = "\
name: saturated
seed: 5
replications: 1
window: {horizon: 1h, drain: 0s}
cloud:
  regions:
    - name: r
      clusters: [{name: c, accelerator: H100-SXM, nodes: 1, capital: 2 USD/h}]
tenants: [{name: t, terms: {rental: {price: 3 USD/h}}}]
models:
  - {name: m, tenant: t, architecture: Llama-3.1-8B, deployments: [{cluster: c, replicas: 1KEYS}]}
applications:
  - name: a
    arrivals: {poisson: {rate: 1/s}}
    lengths: {input: INPUT, output: OUTPUT}
scheduler: {capacity: fixed}
";

/// Calls for which a simulation runs warm, and those it then counts: 2,000 of which, with a coefficient of
/// variation of 1, have a mean length that is known within 2.2 % (one standard error).
const WARM: f64 = 1500.0;
const COUNTED: f64 = 2000.0;

fn load(text: &str, set: &[String]) -> Scenario {
    let overrides = Overrides { set: set.to_vec(), ..Overrides::default() };
    let scenario = scenario::load_text("saturated.yaml", text.to_owned(), &overrides);
    scenario.unwrap_or_else(|error| panic!("{error}"))
}

/// Calls a second that a replica is estimated to complete, and that over what it does complete.
fn estimated(keys: &str, input: &str, output: &str) -> (f64, f64) {
    let text = ONE.replace("KEYS", keys).replace("INPUT", input).replace("OUTPUT", output);
    let plan = estimate(&load(&text, &[])).variants.remove(0).plan.expect("there is room");
    let able = 1.0 / plan.models[0].load.expect("there is a replica");
    let set = [
        format!("applications[0].arrivals.poisson.rate={}/s", 1.5 * able),
        format!("window.warmup={}s", WARM / able),
        format!("window.horizon={}s", (WARM + COUNTED) / able),
    ];
    let never = AtomicBool::new(false);
    let results = experiment::run(&load(&text, &set), &Options::default(), &|_| {}, &never);
    let results = results.expect("it runs");
    let served = results.variants[0].metrics["throughput.requests_per_s"].mean;
    (able, able / served)
}

fn spread(mean: u32) -> String {
    format!("{{lognormal: {{mean: {mean}, cv: 1}}}}")
}

/// All that are off by more than is promised.
fn off<'a>(cases: impl IntoIterator<Item = (String, &'a str, &'a str)>, most: f64) -> Vec<String> {
    let check = |(keys, input, output): (String, &str, &str)| {
        let (able, over) = estimated(&keys, input, output);
        let fine = (1.0 / 1.12..=most).contains(&over);
        let found = format!("{over:.3} × what is served ({able:.2}/s): {keys} {input} {output}");
        (!fine).then_some(found)
    };
    cases.into_iter().filter_map(check).collect()
}

/// Places, tokens, policies and lengths of all proportions, the token budget far above the batch and no larger than it.
#[test]
fn estimates_hold_whatever_ends_first_places_or_tokens() {
    let (short, usual, long) = (spread(100), spread(1000), spread(3000));
    let shapes = [(&usual, &short), (&short, &usual), (&usual, &usual), (&long, &short)];
    let limits = [
        (1, 1),
        (1, 2048),
        (16, 16),
        (16, 64),
        (16, 2048),
        (64, 64),
        (64, 256),
        (64, 8192),
        (128, 160),
    ];
    let mut cases = Vec::new();
    for (batch, budget) in limits {
        for policy in ["continuous", "prefill-first"] {
            for (input, output) in shapes {
                let keys = format!(
                    ", precision: fp8, batching: {policy}, max-batch: {batch}, token-budget: {budget}"
                );
                cases.push((keys, &**input, &**output));
            }
        }
    }
    let off = off(cases, 1.12);
    assert!(off.is_empty(), "{}", off.join("\n"));
}

/// Hosts that take long for a layer with prompts, which not every iteration has, or for an iteration, of which
/// prompts alone are some; and KV memory that ends before places do.
#[test]
fn estimates_hold_for_slow_hosts_and_where_memory_ends() {
    let (short, usual, long) = (spread(250), spread(1000), spread(4000));
    let constant = |tokens: u32| format!("{{constant: {tokens}}}");
    let (few, many) = (constant(200), constant(800));
    let cases = [
        (", precision: fp8, engine: {base: vllm, per-layer: 5ms}", &usual, &short),
        (", precision: fp8, engine: {base: sglang, iteration: 20ms}", &usual, &short),
        (
            ", precision: fp8, engine: {base: vllm, per-sequence: 1ms, max-batch: 64}",
            &usual,
            &short,
        ),
        (
            ", precision: fp8, max-batch: 256, engine: {base: vllm, iteration: 20ms, batching: prefill-first}",
            &few,
            &many,
        ),
        (", precision: fp8, engine: sglang, token-budget: 1024", &usual, &short),
        (", precision: fp8", &usual, &short),
        (", kv-admission: optimistic", &usual, &short),
        ("", &long, &usual),
        (", engine: {base: vllm, memory: 0.3}", &usual, &short),
        (", precision: fp8, max-batch: 256, engine: {base: vllm, per-layer: 5ms}", &usual, &short),
        (", batching: static, max-batch: 64", &few, &many),
        (", batching: static, max-batch: 8", &usual, &short),
    ];
    let off = off(cases.map(|(keys, input, output)| (keys.to_owned(), &**input, &**output)), 1.25);
    assert!(off.is_empty(), "{}", off.join("\n"));
}

/// Of two pools and the link between them the slowest decides: 1,000 tokens of 128 KiB pass a link of 1 GB/s 7.6 times a
/// second.
#[test]
fn a_slow_link_limits_two_pools() {
    let (usual, short) = (spread(1000), spread(250));
    let split = |keys: &str, decode: &str, link: &str| {
        let decode = format!("decode: {{cluster: c, replicas: 1, precision: fp8{decode}}}");
        format!(
            ", precision: fp8{keys}, batching: {{disaggregated: {{{decode}, link: {{transfer: {link}}}}}}}"
        )
    };
    let (rate, _) = estimated(&split("", "", "1GB/s"), &usual, &short);
    assert!((rate / 7.63 - 1.0).abs() < 0.01, "{rate}");
    let cases = [
        split("", "", "1GB/s"),
        split("", "", "50GB/s"),
        split(", max-batch: 1", "", "50GB/s"),
        split(", token-budget: 512, max-batch: 512", "", "50GB/s"),
        split("", ", max-batch: 8", "50GB/s"),
    ];
    let off = off(cases.map(|keys| (keys, &*usual, &*short)), 1.25);
    assert!(off.is_empty(), "{}", off.join("\n"));
}
