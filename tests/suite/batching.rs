//! Batching policies and KV admission in whole simulations, from scenario files. That skipping is
//! exact under each of them is `exact_skipping`'s affair; here is what they do to a cloud. Every run is
//! audited: requests, Little's law, time and tokens balance exactly or there is no outcome.

use coopsim::catalog;
use coopsim::metrics::MetricId;
use coopsim::scenario::{Overrides, Scenario};
use coopsim::simulation::{Outcome, Prepared};
use std::sync::atomic::AtomicBool;

/// One accelerator for a small model, with a load that it carries.
const BASE: &str = "
name: batching
window: {warmup: 0s, horizon: 200s}
cloud:
  regions:
    - name: here
      clusters: [{name: h100, accelerator: H100-SXM, nodes: 4, load-bandwidth: 1TB/s}]
tenants: [{name: Vendor, terms: {rental: {price: 3 USD/h}}}]
models:
  - name: m
    tenant: Vendor
    architecture: Llama-3.1-8B
    deployments: [DEPLOYMENT]
applications:
  - name: chat
    arrivals: {poisson: {rate: RATE}}
    lengths: {input: {lognormal: {mean: 800, cv: 1, max: 8000}}, output: {exponential: {mean: 300}}}
scheduler: {capacity: fixed}
";

const DISAGGREGATED: &str = "{cluster: h100, replicas: 2, batching: {disaggregated: {decode: \
                             {cluster: h100, replicas: 2}, link: {transfer: 50GB/s, lanes: 2}}}}";

fn load_text(text: &str) -> Scenario {
    let overrides = Overrides { replications: Some(1), ..Overrides::default() };
    coopsim::scenario::load_text("x.yaml", text.to_owned(), &overrides)
        .unwrap_or_else(|error| panic!("{error}"))
}

fn run_text(text: &str) -> Outcome {
    let scenario = load_text(text);
    let prepared = Prepared::new(&scenario.variants[0].setup).expect("the replicas have room");
    prepared.run(1, 0, &AtomicBool::new(false)).unwrap_or_else(|error| panic!("{error}"))
}

fn run(deployment: &str, rate: &str) -> Outcome {
    run_text(&BASE.replace("DEPLOYMENT", deployment).replace("RATE", rate))
}

fn metric(outcome: &Outcome, id: MetricId) -> f64 {
    outcome.values[0].get(id).unwrap_or_else(|| panic!("no {}", id.definition().name))
}

#[test]
fn every_policy_serves_a_light_load_without_a_queue() {
    let taken_in = catalog::engine("vllm").expect("the default").per_request.as_secs_f64();
    for deployment in [
        "{cluster: h100, replicas: 4}",
        "{cluster: h100, replicas: 4, kv-admission: optimistic}",
        "{cluster: h100, replicas: 4, batching: prefill-first}",
        "{cluster: h100, replicas: 4, batching: prefill-first, kv-admission: optimistic, preemption: swap}",
        DISAGGREGATED,
    ] {
        let outcome = run(deployment, "10/s");
        let completed = metric(&outcome, MetricId::Completed);
        assert!(completed > 1900.0, "{deployment}: {completed}");
        assert_eq!(metric(&outcome, MetricId::Rejected), 0.0, "{deployment}");
        assert_eq!(metric(&outcome, MetricId::Preemptions), 0.0, "{deployment}");
        let wait = metric(&outcome, MetricId::WaitMean);
        let queued = wait - taken_in;
        assert!((0.0..0.02).contains(&queued), "{deployment}: {wait}");
    }
}

#[test]
fn optimism_without_need_to_preempt_changes_nothing_but_the_holding() {
    let reserve = run("{cluster: h100, replicas: 4}", "10/s");
    let optimistic = run("{cluster: h100, replicas: 4, kv-admission: optimistic}", "10/s");
    for id in [MetricId::TtftMean, MetricId::E2eP99, MetricId::DecodeBatch, MetricId::Busy] {
        assert_eq!(metric(&reserve, id), metric(&optimistic, id), "{}", id.definition().name);
    }
    assert!(metric(&optimistic, MetricId::Kv) < 0.9 * metric(&reserve, MetricId::Kv));
}

/// Long outputs on an accelerator with little memory: optimism fills it, and has to give back.
#[test]
fn a_full_cache_preempts() {
    let small = "accelerator: {base: H100-SXM, hbm: 20GB}";
    let run = |words: &str| {
        let deployment = format!("{{cluster: h100, replicas: 4{words}}}");
        let text = BASE
            .replace("DEPLOYMENT", &deployment)
            .replace("RATE", "40/s")
            .replace("accelerator: H100-SXM", small);
        run_text(&text)
    };
    let reserve = run("");
    let recompute = run(", kv-admission: optimistic");
    let swap = run(", kv-admission: optimistic, preemption: swap");
    assert_eq!(metric(&reserve, MetricId::Preemptions), 0.0);
    for optimistic in [&recompute, &swap] {
        assert!(metric(optimistic, MetricId::Preemptions) > 100.0);
        // Memory holds what is there instead of what was declared: more sequences at once.
        let batch = |outcome| metric(outcome, MetricId::DecodeBatch);
        assert!(batch(optimistic) > 1.1 * batch(&reserve));
    }
    // What was computed for nothing is not counted as useful.
    let mfu_per_token =
        |outcome| metric(outcome, MetricId::Mfu) / metric(outcome, MetricId::OutputThroughput);
    assert!((mfu_per_token(&recompute) / mfu_per_token(&swap) - 1.0).abs() < 0.02);
}

/// A static batch waits for its longest member, so it serves less.
#[test]
fn static_batching_is_slower_than_continuous() {
    let saturated = |batching: &str| {
        let deployment =
            format!("{{cluster: h100, replicas: 1, batching: {batching}, max-batch: 64}}");
        metric(&run(&deployment, "40/s"), MetricId::OutputThroughput)
    };
    let (fixed, continuous) = (saturated("static"), saturated("continuous"));
    assert!(fixed < 0.6 * continuous, "{fixed} {continuous}");
}

/// Alone, a request takes what its prompt, the move of its KV and its output take; on a slow link it
/// waits for those before it.
#[test]
fn disaggregation_costs_the_move_of_the_cache() {
    let alone = |deployment: &str| {
        let text = BASE
            .replace("DEPLOYMENT", deployment)
            .replace("RATE", "0.001/s")
            .replace("horizon: 200s", "horizon: 200000s")
            .replace("{lognormal: {mean: 800, cv: 1, max: 8000}}", "{constant: 2000}")
            .replace("{exponential: {mean: 300}}", "{constant: 101}");
        run_text(&text)
    };
    let together = alone("{cluster: h100, replicas: 4}");
    let apart = alone(DISAGGREGATED);
    assert_eq!(metric(&apart, MetricId::TtftMean), metric(&together, MetricId::TtftMean));
    // Llama-3.1-8B: 131,072 bytes a token.
    let moved = 2000.0 * 131_072.0 / 50e9;
    let further = metric(&apart, MetricId::E2eMean) - metric(&together, MetricId::E2eMean);
    assert!((further - moved).abs() < 1e-8, "{further} {moved}");
    let slow_link = DISAGGREGATED.replace("transfer: 50GB/s, lanes: 2", "transfer: 0.5GB/s");
    // 0.1 GB of KV each over half a gigabyte a second, ten times a second: the link is the bottleneck.
    let slow = run(&slow_link, "10/s");
    assert!(metric(&slow, MetricId::InFlight) > 500.0);
}

#[test]
fn what_is_beyond_the_decoders_table_is_turned_away_before_its_prompt_is_processed() {
    let decode = "{cluster: h100, replicas: 2, max-batch: 8, performance: {profile: {\
                  kv-capacity: 100000, kv-per-token: 131072B, \
                  prefill: {points: [{tokens: 4096, time: 100ms}]}, \
                  decode: {points: [{batch: 8, context: 1000, time: 20ms}]}}}}";
    let deployment = DISAGGREGATED.replace("{cluster: h100, replicas: 2}", decode);
    let rejected = |input: &str| {
        let text = BASE
            .replace("DEPLOYMENT", &deployment)
            .replace("RATE", "1/s")
            .replace("{lognormal: {mean: 800, cv: 1, max: 8000}}", input)
            .replace("{exponential: {mean: 300}}", "{constant: 101}");
        let outcome = run_text(&text);
        metric(&outcome, MetricId::Rejected) / metric(&outcome, MetricId::Arrived)
    };
    assert_eq!(rejected("{constant: 899}"), 0.0);
    assert_eq!(rejected("{constant: 900}"), 1.0);
}

#[test]
fn runs_do_not_depend_on_the_thread_or_the_order_of_replications() {
    let scenario = load_text(&BASE.replace("DEPLOYMENT", DISAGGREGATED).replace("RATE", "40/s"));
    let prepared = Prepared::new(&scenario.variants[0].setup).expect("the replicas have room");
    let run = |number| prepared.run(7, number, &AtomicBool::new(false)).expect("it runs").values;
    let (first, second) = (run(0), run(1));
    assert_eq!([run(1), run(0)], [second, first]);
}
