//! Whole scenarios, from files to results: loading, simulating, gathering.

mod common {
    pub(crate) mod cpu;
    pub(crate) mod scenarios;
    pub(crate) mod traces;
}

use common::cpu::{CpuTime, criterion, measure};
use common::scenarios::{requests, scenario};
use coopsim::experiment::{self, Options, Results};
use coopsim::scenario::{Scenario, Variant};
use coopsim::simulation::Prepared;
use criterion::Criterion;
use std::sync::atomic::AtomicBool;

const HEADLINE: &str = "scenarios/one-winner-vs-split.yaml";
/// The windows of the scenarios, shortened; without warm-up, so that every request is counted.
const TEN_MINUTES: &str = "window={warmup: 0s, horizon: 10m, bucket: 1m}";
const TEN_HOURS: &str = "window={warmup: 0s, horizon: 10h}";
const TRACE_ROWS: u32 = 20_000;
const VARIANTS: u64 = 220;

fn main() {
    let mut criterion = criterion();
    measure(&mut criterion, "scenario", "load the headline", 1, || scenario(HEADLINE, &[]));
    measure_run(&mut criterion, "compare the headline", &scenario(HEADLINE, &[TEN_MINUTES]));
    measure_run(&mut criterion, "M/M/10", &scenario("scenarios/mm10.yaml", &[TEN_HOURS]));
    replay(&mut criterion);
    many_variants(&mut criterion);
    criterion.final_summary();
}

/// The Azure scenario's fleet variant, on a made-up trace.
fn replay(criterion: &mut Criterion<CpuTime>) {
    let trace = common::traces::hour_of_calls(TRACE_ROWS);
    let file = format!("applications[0].trace.file={}", trace.path().display());
    let set = ["window={warmup: 0s, horizon: 65m}", &file];
    let mut scenario = scenario("scenarios/azure-conversations.yaml", &set);
    scenario.variants.retain(|variant| variant.name == "fleet");
    measure_run(criterion, "replay a trace ×20", &scenario);
}

/// A second of each of many variants, compared: nearly all is planning, folding and gathering.
fn many_variants(criterion: &mut Criterion<CpuTime>) {
    let set = ["window={warmup: 0s, horizon: 1s}", "scheduler.capacity={demand: {}}"];
    let mut scenario = scenario(HEADLINE, &set);
    let first = scenario.variants.remove(0);
    let variant = |number| Variant { name: format!("v{number}"), ..first.clone() };
    scenario.variants = (0..VARIANTS).map(variant).collect();
    measure(criterion, "scenario", "variants of a second", VARIANTS, || run(&scenario));
}

/// Measures all variants of `scenario`, with differences, on one thread.
fn measure_run(criterion: &mut Criterion<CpuTime>, name: &str, scenario: &Scenario) {
    let count = |setup| requests(&Prepared::new(setup).unwrap_or_else(|error| panic!("{error}")));
    let requests = scenario.variants.iter().map(|variant| count(&variant.setup)).sum();
    measure(criterion, "scenario", name, requests, || run(scenario));
}

fn run(scenario: &Scenario) -> Results {
    let options = Options { threads: Some(1), differences: true, memory: None };
    experiment::run(scenario, &options, &|_| {}, &AtomicBool::new(false))
        .unwrap_or_else(|error| panic!("{error}"))
}
