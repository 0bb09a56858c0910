//! Random scenarios over the whole schema: whatever a valid scenario says, a run ends, its audits hold, every
//! metric is in its range and sums of scopes equal the whole; the folder that it writes is drawn again to the
//! same bytes, and its `scenario.yaml` gives the same results on another number of threads.
//!
//! `COOPSIM_CASES=4000` makes it that many cases, `COOPSIM_CASE=17` only the one of that seed.

mod batching;
mod checks;
pub mod compose;
mod demand;
mod draw;
mod extremes;
mod files;
mod hardware;
mod laws;
mod performance;
mod reordered;
mod servegen;
mod supply;
mod trace;

use crate::cases::{all, number};
use coopsim::experiment::{self, Options, Results};
use coopsim::report;
use coopsim::scenario::{self, Overrides, Scenario};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Cases when nobody says.
const CASES: u64 = 60;
const EXTREMES: u64 = 200;
/// Of so many cases one's folder is drawn, unless somebody asks for their number: that takes longest.
const DRAWN: u64 = 4;

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
    let count = all("random_scenarios", CASES, |seed| {
        tell(seed, &case(seed)?, &REFUSED);
        Ok(())
    });
    // They are drawn to be valid; a few do not fit their chips after all.
    assert!(REFUSED.load(Ordering::Relaxed) <= count / 10, "too many were not valid");
}

#[test]
fn the_order_of_lists_moves_no_bit() {
    static REFUSED: AtomicU64 = AtomicU64::new(0);
    let count = all("random_scenarios", CASES, |seed| {
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
    all("random_scenarios", EXTREMES, extremes::case);
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
