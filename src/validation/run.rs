//! Runs all of it in parallel. Each simulation depends on nothing but the seed and what it is of,
//! and results are gathered in a fixed order: any number of threads gives the same rows.

use super::case::{Case, cases};
use super::coverage::Coverage;
use super::effort::Effort;
use super::error::ValidationError;
use super::judge::{FALSE_ALARMS, judge};
use super::latency::{MeasuredRows, compare_latency};
use super::pathwise::{Path, paths};
use super::published::published;
use super::rows::{Check, Latencies, Validation};
use crate::experiment::Progress;
use crate::scenario::Scenario;
use crate::simulation::Prepared;
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How to validate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Of all random numbers.
    pub seed: u64,
    /// Whether to shorten the runs: seconds instead of minutes, and wider intervals.
    pub quick: bool,
    /// Worker threads; all cores when absent. Results do not depend on it.
    pub threads: Option<usize>,
}

/// Simulates everything that theory or a publication knows the answer to, and rows of measured latencies.
///
/// # Errors
/// When an audit fails, threads cannot be started, or `cancelled` was set. A check that deviates is
/// not an error: see [`Validation::passed`].
pub fn validate(
    options: &Options,
    measured: &MeasuredRows,
    progress: &(dyn Fn(Progress) + Sync),
    cancelled: &AtomicBool,
) -> Result<Validation, ValidationError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads.unwrap_or(0)).build()?;
    pool.install(|| {
        Ok(Validation {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: options.seed,
            quick: options.quick,
            false_alarms: FALSE_ALARMS,
            checks: Theory::new(options, cancelled).run(progress)?,
            published: published(),
            latency: latencies(measured, cancelled)?,
        })
    })
}

fn latencies(
    measured: &MeasuredRows,
    cancelled: &AtomicBool,
) -> Result<Latencies, ValidationError> {
    let rows = compare_latency(&measured.rows, cancelled)?;
    let not_simulated = measured.rows.len() - rows.len();
    Ok(Latencies { origin: measured.origin.clone(), not_simulated, rows })
}

/// All that is checked against theory.
struct Theory<'a> {
    seed: u64,
    effort: Effort,
    cases: Vec<(Case, Scenario)>,
    paths: Vec<Path>,
    coverage: Coverage,
    cancelled: &'a AtomicBool,
}

/// A part of the work that runs on one thread.
enum Task {
    Replication { case: usize, number: u32 },
    Interval { number: u32 },
    Path { index: usize },
}

/// What a task found.
enum Found {
    /// A value for each of the case's probes.
    Values(Vec<Option<f64>>),
    Covers(bool),
    Check(Check),
}

impl<'a> Theory<'a> {
    fn new(options: &Options, cancelled: &'a AtomicBool) -> Self {
        let effort = if options.quick { Effort::QUICK } else { Effort::FULL };
        let scenario = |case: Case| {
            let (warmup, horizon) = effort.window(&case.queue, case.utilisation);
            let scenario = case.queue.scenario(warmup, horizon);
            (case, scenario)
        };
        Self {
            seed: options.seed,
            effort,
            cases: cases().into_iter().map(scenario).collect(),
            paths: paths(),
            coverage: Coverage::new(),
            cancelled,
        }
    }

    fn run(&self, progress: &(dyn Fn(Progress) + Sync)) -> Result<Vec<Check>, ValidationError> {
        let tasks = self.tasks();
        let (total, done) = (tasks.len() as u64, AtomicU64::new(0));
        let perform = |task: &Task| {
            let found = self.perform(task)?;
            progress(Progress { done: done.fetch_add(1, Ordering::Relaxed) + 1, total });
            Ok(found)
        };
        // `collect` keeps the order of the tasks.
        let found: Vec<Result<Found, ValidationError>> =
            tasks.par_iter().with_max_len(1).map(perform).collect();
        Ok(self.gather(found.into_iter().collect::<Result<_, _>>()?))
    }

    /// Long tasks first, so that no thread is left alone with one at the end.
    fn tasks(&self) -> Vec<Task> {
        let replications = |case| {
            (0..self.effort.replications).map(move |number| Task::Replication { case, number })
        };
        let mut tasks: Vec<Task> = (0..self.cases.len()).flat_map(replications).collect();
        tasks.extend((0..self.paths.len()).map(|index| Task::Path { index }));
        tasks.extend((0..self.effort.intervals).map(|number| Task::Interval { number }));
        tasks
    }

    fn perform(&self, task: &Task) -> Result<Found, ValidationError> {
        match *task {
            Task::Replication { case, number } => {
                let (case, scenario) = &self.cases[case];
                let run = Prepared::new(&scenario.variants[0].setup)
                    .and_then(|prepared| prepared.run(self.seed, number, self.cancelled));
                let outcome = run.map_err(|error| ValidationError::of(&scenario.name, error))?;
                let values = case.probes.iter().map(|probe| probe.reading.of(&outcome)).collect();
                Ok(Found::Values(values))
            }
            Task::Path { index } => {
                let found = self.paths[index].check(self.seed, self.effort.waits, self.cancelled);
                Ok(Found::Check(found.map_err(|error| ValidationError::of("waits", error))?))
            }
            Task::Interval { number } => {
                Ok(Found::Covers(self.coverage.covers(self.seed, number, self.cancelled)?))
            }
        }
    }

    /// From what the tasks found, in their order, to the checks.
    fn gather(&self, found: Vec<Found>) -> Vec<Check> {
        let (mut values, mut exact, mut covered) = (Vec::new(), Vec::new(), Vec::new());
        for found in found {
            match found {
                Found::Values(of_probes) => values.push(of_probes),
                Found::Check(check) => exact.push(check),
                Found::Covers(covers) => covered.push(covers),
            }
        }
        let judged = self.cases.iter().map(|(case, _)| case.probes.len()).sum();
        let mut checks = Vec::new();
        let by_case = values.chunks(self.effort.replications as usize);
        for ((case, _), replications) in self.cases.iter().zip(by_case) {
            for (index, probe) in case.probes.iter().enumerate() {
                let values: Vec<f64> = replications.iter().filter_map(|of| of[index]).collect();
                checks.push(judge(case, probe, &values, judged));
            }
        }
        checks.extend(exact);
        checks.push(Coverage::judge(&covered));
        checks
    }
}
