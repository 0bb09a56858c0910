//! Replications of a long run are kept beside its folder while it lasts, so that the same command goes on after any end.
//!
//! Outcomes go by what was simulated, not by where it stands in a file: a scenario of which some variants were changed
//! finds those of the others.

use super::failure::Failure;
use super::parts::beside;
use crate::experiment::{Store, Task};
use crate::journal::{Payloads, Place, Reader, Writer};
use crate::simulation::Outcome;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
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
    payloads: Mutex<Payloads>,
    writer: Mutex<Option<Writer>>,
    began: Instant,
}

impl Kept {
    /// What earlier attempts left beside `folder`. What another build of this program left is of no use, and removed.
    ///
    /// # Errors
    /// It cannot be read, or a sweep is not finished there.
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        let folder = beside(folder)?;
        if folder.join("sweep.yaml").exists() {
            let folder = folder.display();
            return Err(Failure::usage(format_args!(
                "{folder} keeps points of a sweep that is not finished: give --out"
            )));
        }
        let reader = match Reader::open(&folder, IDENTITY) {
            Err(error) if error.kind() == ErrorKind::InvalidData => remove(&folder)
                .and_then(|()| Reader::open(&folder, IDENTITY))
                .map_err(Failure::running)?,
            reader => reader.map_err(Failure::running)?,
        };
        let mut places = BTreeMap::new();
        let scanned = reader.scan(|found| {
            places.entry(String::from_utf8_lossy(found.key).into_owned()).or_insert(found.place);
        });
        scanned.map_err(Failure::running)?;
        let payloads = Mutex::new(reader.into_payloads());
        Ok(Self { folder, places, payloads, writer: Mutex::new(None), began: Instant::now() })
    }

    /// How many replications are there, of this scenario or of an earlier state of it.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Where they are, if there are any.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.folder.exists().then_some(&self.folder)
    }

    /// Takes all away, once the results are written. What cannot be removed stays.
    pub(super) fn remove(&self) {
        let _ = remove(&self.folder);
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
        ciborium::from_reader(&*payload).map_err(io::Error::other)
    }

    fn put(&self, task: &Task, outcome: &Outcome) -> io::Result<()> {
        if self.began.elapsed() < WORTH_KEEPING {
            return Ok(());
        }
        let mut payload = Vec::new();
        ciborium::into_writer(outcome, &mut payload).map_err(io::Error::other)?;
        let mut writer = lock(&self.writer);
        let writer = match &mut *writer {
            Some(writer) => writer,
            none => none.insert(Writer::create(&self.folder, "run", IDENTITY)?),
        };
        writer.append(task.key().as_bytes(), &payload)
    }
}

/// Removes the files of a journal, and its folder if nothing else is in it.
fn remove(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "journal") {
            fs::remove_file(path)?;
        }
    }
    fs::remove_dir(folder)
}
