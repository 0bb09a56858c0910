//! Replications of a long run are kept beside its folder while it lasts, so that the same command goes on after any end.
//!
//! Outcomes go by what was simulated, not by where it stands in a file: a scenario of which some variants were changed
//! finds those of the others.

use super::failure::Failure;
use super::output;
use super::parts::beside;
use crate::experiment::{Store, Task};
use crate::journal::{Payloads, Place, Reader, Writer};
use crate::simulation::Outcome;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Whatever ends sooner is not worth a file. It is the one thing here that a clock decides, and no result depends on it.
const WORTH_KEEPING: Duration = Duration::from_secs(3);
/// What the files are of: outcomes as this program reads them.
const IDENTITY: &str = concat!("outcomes ", env!("COOPSIM_SOURCES"));

/// What is there of a run that is not finished.
pub(super) struct Kept {
    folder: PathBuf,
    places: BTreeMap<String, Place>,
    files: Vec<PathBuf>,
    payloads: Mutex<Payloads>,
    writer: Mutex<Keeping>,
    /// Replications that were found here.
    found: AtomicU64,
    worth_keeping: Duration,
    began: Instant,
}

/// Whether outcomes are kept.
enum Keeping {
    NotYet,
    Yes(Writer),
    /// There is no room, or no right to write there. It is a help, not a duty: the run goes on.
    Refused,
}

impl Kept {
    /// What earlier attempts of this build of the program left beside `folder`. What others left there is left alone.
    ///
    /// # Errors
    /// It cannot be read, or a sweep is not finished there.
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        Self::after(folder, WORTH_KEEPING)
    }

    /// Likewise, but outcomes are kept after another time.
    fn after(folder: &Path, worth_keeping: Duration) -> Result<Self, Failure> {
        let folder = beside(folder)?;
        if folder.join("sweep.yaml").exists() {
            let folder = folder.display();
            return Err(Failure::usage(format_args!(
                "{folder} keeps points of a sweep that is not finished: give --out"
            )));
        }
        let reader = Reader::of(&folder, IDENTITY).map_err(Failure::running)?;
        let files = reader.files().to_vec();
        let mut places = BTreeMap::new();
        let scanned = reader.scan(|found| {
            places.entry(String::from_utf8_lossy(found.key).into_owned()).or_insert(found.place);
        });
        for damaged in scanned.map_err(Failure::running)? {
            output::complain(&format!("warning: {damaged}"));
        }
        Ok(Self {
            folder,
            places,
            files,
            payloads: Mutex::new(reader.into_payloads()),
            writer: Mutex::new(Keeping::NotYet),
            found: AtomicU64::new(0),
            worth_keeping,
            began: Instant::now(),
        })
    }

    /// How many replications were there already.
    pub(super) fn found(&self) -> u64 {
        self.found.load(Ordering::Relaxed)
    }

    /// Where what is done is kept, if it is; all of it is on disk then.
    pub(super) fn settled(&self) -> Option<&Path> {
        match &mut *lock(&self.writer) {
            Keeping::Yes(writer) => writer.sync().is_ok().then_some(&*self.folder),
            _ if self.files.is_empty() => None,
            _ => Some(&self.folder),
        }
    }

    /// Takes away what this build of the program kept, once the results are written. What cannot be removed stays.
    pub(super) fn remove(&self) {
        let own = match &*lock(&self.writer) {
            Keeping::Yes(writer) => Some(writer.path().to_owned()),
            _ => None,
        };
        for file in self.files.iter().chain(&own) {
            let _ = fs::remove_file(file);
        }
        if !self.files.is_empty() || own.is_some() {
            // Unless others keep something there, too.
            let _ = fs::remove_dir(&self.folder);
        }
    }
}

/// Locks what no thread leaves half-changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store for Kept {
    fn has(&self, task: &Task) -> bool {
        self.places.contains_key(&task.key())
    }

    fn get(&self, task: &Task) -> io::Result<Outcome> {
        let place = self.places.get(&task.key());
        let place = place.ok_or_else(|| io::Error::from(ErrorKind::NotFound))?;
        let payload = lock(&self.payloads).at(*place)?;
        let outcome = ciborium::from_reader(&*payload).map_err(io::Error::other)?;
        self.found.fetch_add(1, Ordering::Relaxed);
        Ok(outcome)
    }

    fn put(&self, task: &Task, outcome: &Outcome) -> io::Result<()> {
        if self.began.elapsed() < self.worth_keeping {
            return Ok(());
        }
        let mut payload = Vec::new();
        ciborium::into_writer(outcome, &mut payload).map_err(io::Error::other)?;
        let mut keeping = lock(&self.writer);
        let kept = match &mut *keeping {
            Keeping::Refused => return Ok(()),
            Keeping::Yes(writer) => writer.append(task.key().as_bytes(), &payload),
            Keeping::NotYet => Writer::create(&self.folder, "run", IDENTITY).and_then(|writer| {
                *keeping = Keeping::Yes(writer);
                match &mut *keeping {
                    Keeping::Yes(writer) => writer.append(task.key().as_bytes(), &payload),
                    _ => Ok(()),
                }
            }),
        };
        if let Err(error) = kept {
            output::complain(&format!("warning: what is done is not kept: {error}"));
            *keeping = Keeping::Refused;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{self, ExperimentError, Options, Progress, Results};
    use crate::report::summary_json;
    use crate::scenario::{self, Overrides, Scenario};
    use std::sync::atomic::AtomicBool;

    const SCENARIO: &str = "\
name: queue
replications: 6
window: {warmup: 10s, horizon: 40s}
cloud: {regions: [{name: here, clusters: [{name: only, accelerator: {name: server}, nodes: 2, accelerators-per-node: 1}]}]}
tenants: [{name: House, terms: first-party}]
models: [{name: m, tenant: House, deployments: [{cluster: only, accelerators: 1, replicas: 1, performance: {service-time: {distribution: {exponential: {mean: 1s}}, slots: 10}}}]}]
applications: [{name: callers, arrivals: {poisson: {rate: 8/s}}}]
scheduler: {capacity: fixed}
";

    fn scenario(text: &str) -> Scenario {
        let loaded = scenario::load_text("kept", text.to_owned(), &Overrides::default());
        loaded.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Runs until so many replications are done, or all.
    fn run(kept: &Kept, scenario: &Scenario, most: u64) -> Result<Results, ExperimentError> {
        let cancelled = AtomicBool::new(false);
        let stop = |progress: Progress| {
            if progress.done >= most {
                cancelled.store(true, Ordering::Relaxed);
            }
        };
        let options = Options { threads: Some(1), differences: false, memory: None };
        experiment::run_with(kept, scenario, &options, &stop, &cancelled)
    }

    #[test]
    fn a_run_that_was_stopped_goes_on_and_finds_the_same() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = parent.path().join("out");
        let open = || Kept::after(&folder, Duration::ZERO).expect("it can be read");
        let scenario = scenario(SCENARIO);
        let whole = run(&open(), &scenario, u64::MAX).expect("it runs");
        let kept = open();
        assert_eq!(kept.places.len(), 6);
        kept.remove();
        assert!(run(&open(), &scenario, 3).is_err(), "it was stopped");
        let again = open();
        let resumed = run(&again, &scenario, u64::MAX).expect("it runs");
        assert!((1..6).contains(&again.found()), "{}", again.found());
        assert_eq!(summary_json(&resumed), summary_json(&whole));
        again.remove();
        assert!(!parent.path().join("out.parts").exists(), "nothing is left over");
    }

    #[test]
    fn what_another_build_kept_is_left_alone_and_a_folder_that_cannot_be_is_no_failure() {
        let parent = tempfile::tempdir().expect("a folder");
        let parts = parent.path().join("out.parts");
        fs::create_dir(&parts).expect("there is room");
        fs::write(parts.join("run-1.journal"), "coopsim-journal-1 outcomes of another\n")
            .expect("there is room");
        let kept = Kept::after(&parent.path().join("out"), Duration::ZERO).expect("it can be read");
        run(&kept, &scenario(SCENARIO), u64::MAX).expect("it runs");
        assert_eq!(kept.found(), 0);
        kept.remove();
        let left: Vec<_> = fs::read_dir(&parts).expect("it is there").collect();
        assert_eq!(left.len(), 1, "the other's");
        // A file where the folder would be.
        fs::write(parent.path().join("p.parts"), "").expect("there is room");
        let kept = Kept::after(&parent.path().join("p"), Duration::ZERO);
        if let Ok(kept) = kept {
            run(&kept, &scenario(SCENARIO), u64::MAX).expect("it runs all the same");
        }
    }
}
