//! Outcomes that are kept: a store of this file's own, and what is found when a run goes on from it.

use coopsim::experiment::{self, ExperimentError, Options, Progress, Results, Store, Task};
use coopsim::report;
use coopsim::scenario::{self, Overrides, Scenario};
use coopsim::simulation::{Memory, Outcome};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::{fs, io};
use tempfile::TempDir;

const BASE: &str = include_str!("desk/base.yaml");
const VARIANTS: &str = "variants:
  - {name: calm, set: {'applications[0].arrivals.poisson.rate': 10/s}}
  - {name: busy, set: {'applications[0].arrivals.poisson.rate': 40/s}}
  - {name: alone, set: {market.choice: {fixed: {aurora-8b: 1}}}}
";
const TASKS: u64 = 3 * 4;

/// A file of JSON for each task.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn file(&self, task: &Task) -> PathBuf {
        self.0.path().join(format!("{}.json", task.key()))
    }

    fn len(&self) -> u64 {
        fs::read_dir(self.0.path()).expect("a folder").count() as u64
    }
}

impl Store for Folder {
    fn has(&self, task: &Task) -> bool {
        self.file(task).exists()
    }

    fn get(&self, task: &Task) -> io::Result<Outcome> {
        Ok(serde_json::from_slice(&fs::read(self.file(task))?)?)
    }

    fn put(&self, task: &Task, outcome: &Outcome) -> io::Result<()> {
        assert!(!self.has(task), "{task} is done once");
        fs::write(self.file(task), serde_json::to_vec(outcome)?)
    }
}

fn scenario(text: &str) -> Scenario {
    let overrides = Overrides { replications: Some(4), ..Overrides::default() };
    scenario::load_text("stored", text.to_owned(), &overrides)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Runs until so many replications are done, or all.
fn run(store: &dyn Store, threads: usize, stop_after: u64) -> Result<Results, ExperimentError> {
    let options = Options { threads: Some(threads), differences: true, memory: None };
    let stop = AtomicBool::new(false);
    let progress = |Progress { done, .. }| {
        if done >= stop_after {
            stop.store(true, Ordering::Relaxed);
        }
    };
    let scenario = scenario(&format!("{BASE}{VARIANTS}"));
    experiment::run_with(store, &scenario, &options, &progress, &stop)
}

fn written(results: &Results) -> String {
    report::summary_json(results) + &report::timeseries_csv(results)
}

#[test]
fn a_run_goes_on_from_what_is_kept_and_gives_the_same_bytes() {
    let through = written(&run(&experiment::Nothing, 2, u64::MAX).expect("it runs"));
    for (threads, stop_after) in [(1, 1), (2, 5), (3, 8)] {
        let folder = Folder::new();
        let stopped = run(&folder, threads, stop_after);
        assert!(matches!(stopped, Err(ExperimentError::Cancelled)), "{stopped:?}");
        let kept = folder.len();
        assert!((stop_after..TASKS).contains(&kept), "{kept} after {stop_after}");
        assert_eq!(written(&run(&folder, threads, u64::MAX).expect("it goes on")), through);
        assert_eq!(folder.len(), TASKS);
        // Once more, and nothing is simulated: `put` would refuse.
        assert_eq!(written(&run(&folder, 1, u64::MAX).expect("all is there")), through);
    }
}

/// Tasks are known by what is simulated: not by the number of a case, nor by what stands beside it.
#[test]
fn a_case_is_found_again_in_another_scenario() {
    let folder = Folder::new();
    let run = |text: &str, seed: Option<u64>| {
        let overrides = Overrides { replications: Some(4), seed, ..Overrides::default() };
        let scenario =
            scenario::load_text("other", text.to_owned(), &overrides).expect("it is sound");
        let never = AtomicBool::new(false);
        experiment::run_with(&folder, &scenario, &Options::default(), &|_| (), &never)
            .expect("it runs");
        folder.len()
    };
    assert_eq!(run(&format!("{BASE}{VARIANTS}"), None), TASKS);
    // Two of the three, the other way round, and one that is new.
    let others = "variants:
  - {name: quiet, set: {'applications[0].arrivals.poisson.rate': 5/s}}
  - {name: by itself, set: {market.choice: {fixed: {aurora-8b: 1}}}}
  - {name: loud, set: {'applications[0].arrivals.poisson.rate': 40/s}}
";
    assert_eq!(run(&format!("{BASE}{others}"), None), TASKS + 4);
    assert_eq!(run(&format!("{BASE}{others}"), Some(77)), 2 * TASKS + 4);
}

/// A file whose content is another's.
#[test]
fn what_is_of_another_case_is_refused() {
    struct Mixed(Folder);
    impl Store for Mixed {
        fn has(&self, _: &Task) -> bool {
            true
        }

        fn get(&self, _: &Task) -> io::Result<Outcome> {
            let mut files = fs::read_dir(self.0.0.path())?;
            let file = files.next().expect("there are some")?;
            Ok(serde_json::from_slice(&fs::read(file.path())?)?)
        }

        fn put(&self, _: &Task, _: &Outcome) -> io::Result<()> {
            unreachable!("it has everything")
        }
    }

    let folder = Folder::new();
    let one_more = "tenants:\n  - {name: Zephyr, terms: first-party}\n";
    let other = scenario(&BASE.replace("tenants:\n", one_more));
    let never = AtomicBool::new(false);
    experiment::run_with(&folder, &other, &Options::default(), &|_| (), &never).expect("it runs");
    let error = run(&Mixed(folder), 1, u64::MAX).expect_err("it is another scenario");
    let told = "replication 0 of case 0 in epoch 0: what was kept is of another case";
    assert_eq!(error.to_string(), told);
}

/// Three cases that stay ready on one thread would be many more: these are made ready for each replication, and what
/// is found is the same.
#[test]
fn more_cases_than_stay_ready_give_the_same_results() {
    let many = Memory::READY_PER_THREAD + 2;
    let list = |from: usize| {
        let variant = |number: usize| {
            let rate = 1.0 + (number % many) as f64 / many as f64;
            format!(
                "  - {{name: v{}, set: {{'applications[0].arrivals.poisson.rate': {rate}/s}}}}\n",
                number % many
            )
        };
        (from..from + many).map(variant).collect::<String>()
    };
    let results = |from: usize| {
        let text = format!("{BASE}variants:\n{}", list(from));
        let set = vec!["window.horizon=20s".to_owned()];
        let overrides = Overrides { set, replications: Some(2), ..Overrides::default() };
        let scenario = scenario::load_text("many", text, &overrides).expect("it is sound");
        let options = Options { threads: Some(1), ..Options::default() };
        let never = AtomicBool::new(false);
        experiment::run(&scenario, &options, &|_| (), &never).expect("it runs").variants
    };
    // The last ones of one order are the first of the other.
    let (one, other) = (results(0), results(many - 2));
    assert_eq!(one[many - 2..], other[..2]);
    assert_eq!(one[..many - 2], other[2..]);
}

/// A disk that is full after some outcomes.
struct Full(AtomicU64);

impl Store for Full {
    fn has(&self, _: &Task) -> bool {
        false
    }

    fn get(&self, _: &Task) -> io::Result<Outcome> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn put(&self, _: &Task, _: &Outcome) -> io::Result<()> {
        match self.0.fetch_add(1, Ordering::Relaxed) {
            0..4 => Ok(()),
            _ => Err(io::ErrorKind::StorageFull.into()),
        }
    }
}

#[test]
fn what_cannot_be_kept_ends_the_run() {
    let error = run(&Full(AtomicU64::new(0)), 1, u64::MAX).expect_err("it is full");
    assert_eq!(error.to_string(), "replication 1 of case 1 in epoch 0: no storage space");
}
