//! Runs the replications of all variants, in parallel, and gathers what they found.
//!
//! Each replication depends on nothing but its variant, the seed and its number, and outcomes are
//! folded in that order: any number of threads gives the same results.

use super::attribution::{attributions, parts};
use super::error::ExperimentError;
use super::fold::Fold;
use super::gather::{differences, long_bucket_note, paired, unfinished_note, variant_results};
use super::in_order::{Rounds, in_order};
use super::results::Results;
use crate::metrics::{MetricId, not_modelled};
use crate::scenario::{Scenario, Variant};
use crate::setup::Setup;
use crate::simulation::{Memory, Outcome, Prepared, SimulationError};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Version of the format of `summary.json`.
pub const SCHEMA: &str = "coopsim-summary-1";

/// How to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Worker threads; all cores when absent. Results do not depend on it.
    pub threads: Option<usize>,
    /// Whether to add paired differences against the first variant.
    pub differences: bool,
    /// Bytes of memory that it may take, as far as that can be told before; no limit when absent.
    pub memory: Option<u64>,
}

/// How far an experiment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Replications finished.
    pub done: u64,
    /// Replications in all.
    pub total: u64,
}

/// Runs all replications of all variants.
///
/// # Errors
/// When a trace cannot be read, a replica has no place, an audit fails, `cancelled` was set, or it would take
/// more memory than `options` allow.
pub fn run(
    scenario: &Scenario,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
    cancelled: &AtomicBool,
) -> Result<Results, ExperimentError> {
    let tasks = scenario.variants.len() * scenario.replications as usize;
    // More threads than replications would only wait; rayon takes 0 for all cores.
    let threads = options.threads.map_or(0, |threads| threads.min(tasks));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    pool.install(|| run_on_pool(scenario, options, progress, cancelled))
}

fn run_on_pool(
    scenario: &Scenario,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
    cancelled: &AtomicBool,
) -> Result<Results, ExperimentError> {
    let failed = |variant: &Variant, source| match source {
        SimulationError::Cancelled => ExperimentError::Cancelled,
        source => ExperimentError::Simulation { variant: variant.name.clone(), source },
    };
    let variants = scenario.variants.iter();
    let setups: Vec<_> = variants.map(|variant| variant.setup.in_order_of_names()).collect();
    let prepared = Prepared::all(&setups, cancelled)
        .map_err(|(variant, error)| failed(&scenario.variants[variant], error))?;
    if let Some(allowed) = options.memory.map(|bytes| bytes as f64) {
        let variants: Vec<_> = prepared.iter().map(Prepared::memory).collect();
        let threads = rayon::current_num_threads();
        let needed = Memory::of_all(&variants, scenario.replications, threads);
        if needed > allowed {
            return Err(ExperimentError::Memory { needed, allowed });
        }
    }
    let total = scenario.variants.len() as u64 * u64::from(scenario.replications);
    let done = AtomicU64::new(0);
    let replicate = |variant: usize, replication| {
        let outcome = prepared[variant]
            .run(scenario.seed, replication, cancelled)
            .map_err(|error| failed(&scenario.variants[variant], error))?;
        progress(Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, total });
        Ok::<_, ExperimentError>(outcome)
    };
    let compared = options.differences;
    let parts = compared.then(|| parts(&simulated(&prepared)));
    let mut fold = Fold::new(scenario.variants.len(), compared.then(paired), parts);
    let rounds = Rounds { rounds: scenario.replications, tasks: scenario.variants.len() };
    in_order(rounds, replicate, |outcomes: Vec<Outcome>| fold.add(&outcomes))?;
    Ok(gather(scenario, &prepared, &fold))
}

fn simulated<'a>(prepared: &[Prepared<'a>]) -> Vec<&'a Setup> {
    prepared.iter().map(|each| each.setup).collect()
}

fn gather(scenario: &Scenario, prepared: &[Prepared<'_>], fold: &Fold<'_>) -> Results {
    let variants = scenario.variants.iter().zip(prepared).zip(&fold.variants);
    let folds = scenario.variants.iter().zip(&fold.variants);
    let unfinished = folds.filter_map(|(variant, fold)| unfinished_note(variant, fold));
    let folds = scenario.variants.iter().zip(&fold.variants);
    let long = folds.filter_map(|(variant, fold)| long_bucket_note(variant, fold));
    let window = scenario.variants[0].setup.window;
    // The longest of the variants' means, where runs end with their calls.
    let makespans = fold.variants.iter().filter_map(|each| each.mean(0, MetricId::Makespan));
    let makespan = makespans.map(|makespan| makespan.mean).reduce(f64::max);
    Results {
        schema: SCHEMA.to_owned(),
        scenario: scenario.name.clone(),
        description: scenario.description.clone(),
        scenario_sha256: scenario.sha256.clone(),
        seed: scenario.seed,
        replications: scenario.replications,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        measured_s: makespan.unwrap_or_else(|| (window.horizon - window.warmup).as_secs_f64()),
        variants: variants
            .map(|((variant, prepared), fold)| variant_results(variant, prepared, fold))
            .collect(),
        differences: fold
            .paired
            .as_ref()
            .map_or(Vec::new(), |paired| differences(&scenario.variants, paired)),
        attributions: fold.parts.as_ref().map_or(Vec::new(), |parts| {
            attributions(&scenario.variants, &simulated(prepared), parts)
        }),
        not_modelled: not_modelled(),
        notes: scenario.notes.iter().cloned().chain(unfinished).chain(long).collect(),
    }
}
