//! Runs the replications of all variants, in parallel, and gathers what they found.
//!
//! Each replication depends on nothing but its variant, the seed and its number, and outcomes are
//! folded in that order: any number of threads gives the same results.

use super::axes::Axes;
use super::cases::Cases;
use super::comparison::Comparison;
use super::error::ExperimentError;
use super::fold::{CaseFold, Fold};
use super::gather::{long_bucket_note, unfinished_note, variant_results};
use super::in_order::in_order;
use super::measured::error_notes;
use super::payoff::Tables;
use super::results::{Results, VariantResults};
use super::store::{Nothing, Store};
use super::task::{Task, Tasks};
use crate::ids::CaseId;
use crate::metrics::{MetricId, not_modelled};
use crate::scenario::Scenario;
use crate::setup::Setup;
use crate::simulation::{Memory, Outcome, Prepared, SimulationError};
use rayon::prelude::*;
use std::io;
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

/// Runs all replications of all variants, and keeps nothing of them but the results.
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
    run_with(&Nothing, scenario, options, progress, cancelled)
}

/// Likewise, but for the replications that `store` has, and keeps the others there: a run that was interrupted
/// goes on where it was, and gives the same results.
///
/// # Errors
/// As for [`run`], and when an outcome cannot be kept, or what was kept cannot be read or is of another scenario.
pub fn run_with(
    store: &dyn Store,
    scenario: &Scenario,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
    cancelled: &AtomicBool,
) -> Result<Results, ExperimentError> {
    let tasks = scenario.variants.len() * scenario.replications as usize;
    // More threads than replications would only wait; rayon takes 0 for all cores.
    let threads = options.threads.map_or(0, |threads| threads.min(tasks));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    pool.install(|| run_on_pool(store, scenario, options, progress, cancelled))
}

fn run_on_pool(
    store: &dyn Store,
    scenario: &Scenario,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
    cancelled: &AtomicBool,
) -> Result<Results, ExperimentError> {
    let axes = Axes::of(scenario);
    let setup = |case| scenario.variants[axes.variant(case)].setup.in_order_of_names();
    let setups: Vec<_> = axes.cases().map(setup).collect();
    let cases = Cases::new(&setups, scenario.seed, cancelled)
        .map_err(|(case, error)| failed(&axes, case, error))?;
    within_memory(&cases, scenario.replications, options)?;
    let tasks = Tasks { cases: setups.len(), replications: scenario.replications };
    let task = |place| tasks.at(place, |case| cases.content(case));
    let done = AtomicU64::new(0);
    let perform = |place| {
        let task = task(place);
        let simulate = || {
            let run = |it: &Prepared<'_>| it.run(scenario.seed, task.replication, cancelled);
            let outcome = cases.with(task.case, cancelled, run).flatten();
            outcome.map_err(|error| failed(&axes, task.case, error))
        };
        let outcome = kept(store, task, &setups[task.case.index()], simulate)?;
        progress(Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, total: tasks.count() });
        Ok::<_, ExperimentError>(outcome)
    };
    let comparison = |baseline: CaseId, case: CaseId| {
        let [first, other] = [baseline, case].map(CaseId::index);
        let names = [baseline, case].map(|case| &*scenario.variants[axes.variant(case)].name);
        options
            .differences
            .then(|| Comparison::new(names, [first, other].map(|index| &setups[index])))
    };
    let payoffs = scenario.product.as_ref().map(Tables::new);
    let mut fold = Fold::new(&axes, payoffs, comparison);
    let ahead = 1 + Memory::AHEAD_PER_THREAD * rayon::current_num_threads() as u64;
    in_order(tasks.count(), ahead, perform, |place, outcome| fold.add(&task(place), outcome))?;
    gather(scenario, &axes, &cases, &fold, cancelled)
}

/// The outcome of a task: what `store` has, or what `simulate` finds, which is then kept.
fn kept(
    store: &dyn Store,
    task: Task,
    setup: &Setup,
    simulate: impl FnOnce() -> Result<Outcome, ExperimentError>,
) -> Result<Outcome, ExperimentError> {
    let failed = |source| ExperimentError::Store { task, source };
    if store.has(&task) {
        let outcome = store.get(&task).map_err(failed)?;
        if !outcome.is_of(setup) {
            let message = "what was kept is of another case";
            return Err(failed(io::Error::new(io::ErrorKind::InvalidData, message)));
        }
        return Ok(outcome);
    }
    let outcome = simulate()?;
    store.put(&task, &outcome).map_err(failed)?;
    Ok(outcome)
}

fn failed(axes: &Axes, case: CaseId, source: SimulationError) -> ExperimentError {
    match source {
        SimulationError::Cancelled => ExperimentError::Cancelled,
        source => ExperimentError::Simulation { variant: axes.values(case).join(": "), source },
    }
}

/// Fails if it would take more memory than is allowed.
fn within_memory(
    cases: &Cases<'_>,
    replications: u32,
    options: &Options,
) -> Result<(), ExperimentError> {
    let Some(allowed) = options.memory.map(|bytes| bytes as f64) else { return Ok(()) };
    let threads = rayon::current_num_threads();
    let needed = Memory::of_all(&cases.memory, replications, threads);
    if needed > allowed { Err(ExperimentError::Memory { needed, allowed }) } else { Ok(()) }
}

fn gather(
    scenario: &Scenario,
    axes: &Axes,
    cases: &Cases<'_>,
    fold: &Fold<'_>,
    cancelled: &AtomicBool,
) -> Result<Results, ExperimentError> {
    let variant = |case| &scenario.variants[axes.variant(case)];
    let folds = || fold.cases.iter_enumerated().map(|(case, fold)| (variant(case), fold));
    let unfinished = unfinished_note(scenario, fold);
    let long = folds().filter_map(|(variant, fold)| long_bucket_note(variant, fold));
    let results = |(case, fold): (usize, &CaseFold<'_>)| {
        let case = CaseId::new(case);
        let results = |it: &Prepared<'_>| variant_results(variant(case), it, fold);
        let results = cases.with(case, cancelled, results);
        results.map_err(|error| failed(axes, case, error))
    };
    let variants: Vec<_> = fold.cases.raw.par_iter().enumerate().map(results).collect();
    let compared = || fold.cases.iter().filter_map(|each| each.compared.as_ref());
    let window = scenario.variants[0].setup.window;
    // The longest of the variants' means, where runs end with their calls.
    let makespans = fold.cases.iter().filter_map(|each| each.mean(0, MetricId::Makespan));
    let makespan = makespans.map(|makespan| makespan.mean).reduce(f64::max);
    let variants: Vec<VariantResults> = variants.into_iter().collect::<Result<_, _>>()?;
    let errors = error_notes(folds().map(|(variant, _)| variant).zip(&variants));
    Ok(Results {
        schema: SCHEMA.to_owned(),
        scenario: scenario.name.clone(),
        description: scenario.description.clone(),
        scenario_sha256: scenario.sha256.clone(),
        seed: scenario.seed,
        replications: scenario.replications,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        measured_s: makespan.unwrap_or_else(|| window.length.as_secs_f64()),
        axes: axes.shown().to_vec(),
        variants,
        payoffs: fold.payoffs.as_ref().map(Tables::payoffs).unwrap_or_default(),
        differences: compared().flat_map(Comparison::differences).collect(),
        attributions: compared().flat_map(Comparison::attributions).collect(),
        not_modelled: not_modelled(),
        notes: scenario.notes.iter().cloned().chain(unfinished).chain(long).chain(errors).collect(),
    })
}
