//! Random scenarios over the whole schema: whatever a valid scenario says, a run ends, its audits hold, every
//! metric is in its range and sums of scopes equal the whole; the folder that it writes is drawn again to the
//! same bytes, and its `scenario.yaml` gives the same results on another number of threads.
//!
//! `COOPSIM_CASES=4000` makes it that many cases, `COOPSIM_CASE=17` only the one of that seed.

mod batching;
mod checks;
mod compose;
mod demand;
mod draw;
mod extremes;
mod laws;
mod reordered;
mod servegen;
mod supply;

use crate::cases::number;
use coopsim::experiment::{self, Options, Results};
use coopsim::report;
use coopsim::scenario::{self, Overrides, Scenario};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

/// Cases when nobody says.
const CASES: u64 = 60;
const EXTREMES: u64 = 200;
/// Of so many cases one's folder is drawn, unless somebody asks for their number: that takes longest.
const DRAWN: u64 = 4;
/// A case is done in a moment, also on a busy machine: what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a case ended.
enum Ending {
    Ran,
    /// The scenario was not valid after all, for this reason.
    Refused(String),
}

/// Whether somebody asked for a number of cases, or for one.
fn long() -> bool {
    number("COOPSIM_CASE").or(number("COOPSIM_CASES")).is_some()
}

#[test]
fn every_run_of_a_valid_scenario_holds_together() {
    static REFUSED: AtomicU64 = AtomicU64::new(0);
    let count = all(CASES, |seed| {
        tell(seed, &case(seed)?, &REFUSED);
        Ok(())
    });
    // They are drawn to be valid; a few do not fit their chips after all.
    assert!(REFUSED.load(Ordering::Relaxed) <= count / 10, "too many were not valid");
}

#[test]
fn the_order_of_lists_moves_no_bit() {
    static REFUSED: AtomicU64 = AtomicU64::new(0);
    let count = all(CASES, |seed| {
        tell(seed, &reordered::case(seed)?, &REFUSED);
        Ok(())
    });
    assert!(REFUSED.load(Ordering::Relaxed) <= count / 10, "too many were not valid");
}

fn tell(seed: u64, ending: &Ending, refused: &AtomicU64) {
    if let Ending::Refused(why) = ending {
        eprintln!("seed {seed} is not valid: {why}");
        refused.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn numbers_that_no_cloud_has_are_refused_or_run() {
    all(EXTREMES, extremes::case);
}

/// Holds `case` for all seeds, of which there are `usual` unless somebody says otherwise. Returns how many.
fn all(usual: u64, case: fn(u64) -> Result<(), String>) -> u64 {
    let seeds = match number("COOPSIM_CASE") {
        Some(seed) => seed..seed + 1,
        None => 0..number("COOPSIM_CASES").unwrap_or(usual),
    };
    let next = AtomicU64::new(seeds.start);
    let failed = Mutex::new(Vec::new());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            if let Err(why) = watched(seed, case) {
                eprintln!("seed {seed}: {why}");
                failed.lock().expect("unpoisoned").push(seed);
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));
    let failed = failed.into_inner().expect("unpoisoned");
    let count = seeds.end - seeds.start;
    assert!(
        failed.is_empty(),
        "{} of {count} cases failed; again: COOPSIM_CASE={} cargo test --test suite random_scenarios",
        failed.len(),
        failed[0]
    );
    count
}

/// Runs a case on a thread of its own, so that a panic or a hang is told with its seed.
fn watched(seed: u64, case: fn(u64) -> Result<(), String>) -> Result<(), String> {
    let (sender, receiver) = mpsc::channel();
    let runner = thread::spawn(move || {
        let ending = case(seed);
        let _ = sender.send(());
        ending
    });
    if receiver.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
        return Err(format!("it takes longer than {PATIENCE:?}"));
    }
    runner.join().unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panicked: {}", text.unwrap_or("without words")))
    })
}

fn case(seed: u64) -> Result<Ending, String> {
    let folder = tempfile::TempDir::new().map_err(|error| error.to_string())?;
    let text = serde_json::to_string_pretty(&compose::scenario(seed, folder.path()));
    let file = folder.path().join("x.yaml");
    fs::write(&file, text.expect("it is JSON")).map_err(|error| error.to_string())?;
    let scenario = match scenario::load(&file, &Overrides::default()) {
        Ok(scenario) => scenario,
        Err(refused) => return Ok(Ending::Refused(refused.to_string())),
    };
    let results = match run(&scenario, 1) {
        // Whether an objective can be met is known once it was tried.
        Err(refused) if refused.contains("cannot meet") => return Ok(Ending::Refused(refused)),
        outcome => outcome?,
    };
    checks::check(&results)?;
    if long() || seed.is_multiple_of(DRAWN) {
        drawn_again(&results, &scenario, &folder.path().join("out"))?;
    }
    let written = folder.path().join("scenario.yaml");
    fs::write(&written, &scenario.resolved).map_err(|error| error.to_string())?;
    let again = scenario::load(&written, &Overrides::default());
    let again = again.map_err(|error| format!("its own scenario.yaml: {error}"))?;
    if again.resolved != scenario.resolved {
        return Err("scenario.yaml resolves to something else".into());
    }
    // Compared as text, since that shows every bit of a number.
    let (one, other) = (format!("{results:?}"), format!("{:?}", run(&again, 2)?));
    if one != other {
        return Err("run again on two threads from its scenario.yaml it gives other results".into());
    }
    Ok(Ending::Ran)
}

/// Writes the folder and draws it again: the same bytes, with the scenario among them.
fn drawn_again(results: &Results, scenario: &Scenario, out: &Path) -> Result<(), String> {
    let failed = |error: report::FolderError| error.to_string();
    report::write_folder(results, &scenario.resolved, out).map_err(failed)?;
    let written = files(out);
    if written.get(&out.join("scenario.yaml")).map(Vec::as_slice)
        != Some(scenario.resolved.as_bytes())
    {
        return Err("the folder has another scenario.yaml".into());
    }
    report::redraw(out).map_err(failed)?;
    same_files(&written, &files(out))
}

fn run(scenario: &Scenario, threads: usize) -> Result<Results, String> {
    let differences = scenario.variants.len() > 1;
    let options = Options { threads: Some(threads), differences, memory: None };
    let running = AtomicBool::new(false);
    experiment::run(scenario, &options, &|_| (), &running).map_err(|error| error.to_string())
}

/// Every file of a folder with its content.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("it was written") {
            let path = entry.expect("it was written").path();
            match path.is_dir() {
                true => folders.push(path),
                false => drop(found.insert(path.clone(), fs::read(path).expect("a file"))),
            }
        }
    }
    found
}

fn same_files(
    one: &BTreeMap<PathBuf, Vec<u8>>,
    other: &BTreeMap<PathBuf, Vec<u8>>,
) -> Result<(), String> {
    if !one.keys().eq(other.keys()) {
        return Err("drawn again it has other files".into());
    }
    match one.iter().find(|(path, content)| other[*path] != **content) {
        Some((path, _)) => Err(format!("drawn again {} differs", path.display())),
        None => Ok(()),
    }
}
