//! What is there of a sweep that is not finished: a journal beside the folder that it will be.

use super::Failure;
use crate::cli::arguments::Shard;
use crate::cli::output;
use crate::cli::parts::{SUFFIX, beside};
use crate::journal::{self, Place, Reader, Writer};
use crate::scenario::{Sweep, readable};
use sha2::{Digest, Sha256};
use similar::TextDiff;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const SWEEP: &str = "sweep.yaml";
const BASE: &str = "scenario.yaml";
/// Lines of a difference that are shown.
const SHOWN: usize = 40;
/// Shards that are named.
const NAMED: usize = 8;

/// The journal of a sweep.
pub(super) struct Parts {
    /// Where it is.
    pub folder: PathBuf,
    /// Whether what was found in each replication is kept, too.
    pub replications: bool,
    identity: String,
    reader: Reader,
    /// Where the rows of each point are, if they are there.
    places: Vec<Option<Place>>,
    /// The first point that is there twice, and where.
    twice: Option<(u64, Place, Place)>,
}

/// The folder of results that somebody means who names it, or the journal beside it.
pub(super) fn folder_of(named: &Path) -> PathBuf {
    let name = named.file_name().map(|name| name.to_string_lossy().into_owned());
    match name.as_deref().and_then(|name| name.strip_suffix(SUFFIX)) {
        Some(name) => named.with_file_name(name),
        None => named.to_owned(),
    }
}

/// The sweep that shards beside a folder are of.
pub(super) fn sweep_file(folder: &Path) -> Result<PathBuf, Failure> {
    let parts = beside(folder)?;
    let file = parts.join(SWEEP);
    if file.is_file() {
        return Ok(file);
    }
    let (parts, folder) = (parts.display(), folder.display());
    Err(Failure::usage(format_args!(
        "there are no shards to merge: {parts} holds no {SWEEP} (`coopsim sweep FILE --shard I/N --out {folder}` makes them)"
    )))
}

/// A number with commas.
pub(super) fn counted(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Parts {
    /// The journal beside `folder`, begun if there is none.
    ///
    /// # Errors
    /// It is of another sweep, and not to be begun afresh; or the disk refuses.
    pub(super) fn open(
        folder: &Path,
        sweep: &Sweep,
        replications: bool,
        fresh: bool,
    ) -> Result<Self, Failure> {
        let parts = beside(folder)?;
        refuse_foreign(&parts)?;
        if fresh {
            remove(&parts)
                .map_err(|error| Failure::running(format_args!("{}: {error}", parts.display())))?;
        }
        refuse_another(&parts, sweep)?;
        // Nothing is written beside what belongs to something else.
        Self::read(parts.clone(), sweep, replications)?;
        for (name, text) in [(BASE, &sweep.base), (SWEEP, &sweep.resolved)] {
            keep_text(&parts, name, text).map_err(|error| {
                let path = parts.join(name);
                Failure::running(format_args!("cannot write {}: {error}", path.display()))
            })?;
        }
        Self::read(parts, sweep, replications)
    }

    /// The journal of shards beside `folder`, in which every point is once.
    ///
    /// # Errors
    /// Points are missing or twice, or a file is of another sweep: which.
    pub(super) fn to_merge(folder: &Path, sweep: &Sweep) -> Result<Self, Failure> {
        let folder = beside(folder)?;
        let with = |replications| Self::read(folder.clone(), sweep, replications);
        let parts = with(false).or_else(|failure| with(true).map_err(|_| failure))?;
        parts.refuse_twice()?;
        parts.refuse_missing()?;
        Ok(parts)
    }

    fn read(folder: PathBuf, sweep: &Sweep, replications: bool) -> Result<Self, Failure> {
        let identity = identity(sweep, replications);
        let reader = Reader::open(&folder, &identity).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => Failure::usage(format_args!(
                "{error}: another sweep, a run that is not finished, another version of this program, or with or without --replications-csv (`sweep --fresh` begins anew)"
            )),
            _ => Failure::running(error),
        })?;
        let mut places = vec![None; sweep.points() as usize];
        let mut twice = None;
        let scanned = reader.scan(|found| {
            let Ok(point) = found.key.try_into().map(u64::from_le_bytes) else { return };
            let Some(place) = places.get_mut(point as usize) else { return };
            match place {
                Some(first) => {
                    twice.get_or_insert((point, *first, found.place));
                }
                None => *place = Some(found.place),
            }
        });
        for damaged in scanned.map_err(Failure::running)? {
            output::complain(&format!("warning: {damaged}"));
        }
        Ok(Self { folder, replications, identity, reader, places, twice })
    }

    /// Points that are not there, of a shard or of all.
    pub(super) fn missing(&self, shard: Option<Shard>) -> Vec<u64> {
        let all = 0..self.places.len() as u64;
        let is_missing = |point: &u64| self.places[*point as usize].is_none();
        all.filter(|&point| shard.is_none_or(|shard| shard.has(point))).filter(is_missing).collect()
    }

    /// A new file of the journal.
    pub(super) fn writer(&self, shard: Option<Shard>) -> Result<Writer, Failure> {
        let stem = shard
            .map_or("all".to_owned(), |Shard { number, of }| format!("shard-{number}-of-{of}"));
        Writer::create(&self.folder, &stem, &self.identity).map_err(Failure::running)
    }

    /// The rows of all points, in their order.
    pub(super) fn rows(&self) -> Result<impl Iterator<Item = io::Result<Vec<u8>>>, Failure> {
        let folder = self.folder.clone();
        let again = Reader::open(&folder, &self.identity).map_err(Failure::running)?;
        // Files that came meanwhile may stand before others in their order: places are those of now.
        let mut places = vec![None; self.places.len()];
        again
            .scan(|found| {
                let Ok(point) = found.key.try_into().map(u64::from_le_bytes) else { return };
                if let Some(place) = places.get_mut(point as usize) {
                    place.get_or_insert(found.place);
                }
            })
            .map_err(Failure::running)?;
        let mut payloads = again.into_payloads();
        Ok(places.into_iter().enumerate().map(move |(point, place)| match place {
            Some(place) => payloads.at(place),
            None => {
                let message = format!("{}: point {point} is not there", folder.display());
                Err(io::Error::new(io::ErrorKind::NotFound, message))
            }
        }))
    }

    /// Fails if a point is there twice. Whoever goes on with a sweep does not mind: both are the same.
    fn refuse_twice(&self) -> Result<(), Failure> {
        let Some((point, first, second)) = self.twice else { return Ok(()) };
        let [first, second] = [first, second].map(|place| self.reader.file(place).display());
        Err(Failure::usage(format_args!(
            "point {point} is in both {first} and {second}: remove one of them, or begin anew with --fresh"
        )))
    }

    fn refuse_missing(&self) -> Result<(), Failure> {
        let missing = self.missing(None);
        let Some(first) = missing.first() else { return Ok(()) };
        // Shards are known by the names of their files.
        let mut shards: BTreeMap<(u64, u64), usize> = BTreeMap::new();
        let of = self
            .reader
            .files()
            .iter()
            .filter_map(|file| shard_of(file))
            .map(|shard| shard.of)
            .max();
        for point in &missing {
            if let Some(of) = of {
                *shards.entry((of, point % of + 1)).or_default() += 1;
            }
        }
        let named: Vec<_> =
            shards.keys().take(NAMED).map(|(of, number)| format!("{number}/{of}")).collect();
        let more = if shards.len() > NAMED { " and others" } else { "" };
        let (missing, all) = (counted(missing.len() as u64), counted(self.places.len() as u64));
        let from = match named.is_empty() {
            true => String::new(),
            false => format!(", of shards {}{more}", named.join(", ")),
        };
        Err(Failure::usage(format_args!(
            "{missing} of {all} points are missing{from}; the first is {first}"
        )))
    }

    /// Takes it away, now that all is in the results. What cannot be removed stays.
    pub(super) fn remove(&self) {
        let _ = remove(&self.folder);
    }
}

/// Writes what a journal is of, whole or not at all, unless it is there: several may begin at the same time.
fn keep_text(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let path = folder.join(name);
    if path.exists() {
        return Ok(());
    }
    let aside = folder.join(format!("{name}.{}", std::process::id()));
    fs::write(&aside, text)?;
    fs::rename(&aside, &path)
}

/// Whether a file in the folder of a journal is one of its own, or one that was being written when its writer was killed.
fn is_own(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy());
    let is_text = |name: &str| [SWEEP, BASE].iter().any(|own| name.starts_with(own));
    journal::is_one(path) || name.is_some_and(|name| is_text(&name))
}

/// Fails if the folder where points would be kept holds anything that no sweep has put there.
fn refuse_foreign(folder: &Path) -> Result<(), Failure> {
    let refuse = |what: &str| {
        let folder = folder.display();
        Err(Failure::usage(format_args!(
            "{folder} is where points are kept while a sweep runs, and {what}: name another folder with --out, or move it away"
        )))
    };
    match fs::symlink_metadata(folder) {
        Ok(metadata) if metadata.is_symlink() => return refuse("is a link"),
        Ok(metadata) if !metadata.is_dir() => return refuse("is a file"),
        Ok(_) => {}
        Err(_) => return Ok(()),
    }
    let entries = fs::read_dir(folder).map_err(|error| {
        Failure::running(format_args!("cannot read {}: {error}", folder.display()))
    })?;
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut foreign: Vec<_> = paths.filter(|path| !is_own(path)).collect();
    foreign.sort();
    match foreign.first().and_then(|path| path.file_name()) {
        Some(name) => refuse(&format!("holds `{}`", name.to_string_lossy())),
        None => Ok(()),
    }
}

/// The shard that a file is of, by its name.
fn shard_of(file: &Path) -> Option<Shard> {
    let name = file.file_stem()?.to_str()?.strip_prefix("shard-")?;
    let (number, rest) = name.split_once("-of-")?;
    let (of, _) = rest.split_once('-')?;
    Some(Shard { number: number.parse().ok()?, of: of.parse().ok()? })
}

/// Removes the files of a journal, and its folder if nothing else is in it.
fn remove(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        if is_own(&path) {
            fs::remove_file(path)?;
        }
    }
    fs::remove_dir(folder)
}

/// What the rows of a journal depend on: the sweep, its base, the program, and what is kept.
fn identity(sweep: &Sweep, replications: bool) -> String {
    let mut hasher = Sha256::new();
    for text in [&*sweep.resolved, &sweep.base, &sweep.inputs, env!("COOPSIM_SOURCES")] {
        hasher.update(text.len().to_le_bytes());
        hasher.update(text);
    }
    hasher.update([u8::from(replications)]);
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Fails if a journal is of a sweep that says something else, and shows what.
fn refuse_another(parts: &Path, sweep: &Sweep) -> Result<(), Failure> {
    let mut shown = String::new();
    for (name, text) in [(SWEEP, &sweep.resolved), (BASE, &sweep.base)] {
        let Ok(kept) = fs::read_to_string(parts.join(name)) else { continue };
        if kept != *text {
            let kept_name = format!("{} (kept)", parts.join(name).display());
            let diff = TextDiff::from_lines(&*kept, text);
            let diff = diff.unified_diff().context_radius(1).header(&kept_name, name).to_string();
            let lines = diff.lines().take(SHOWN);
            shown += &lines.map(|line| format!("{}\n", readable(line))).collect::<String>();
        }
    }
    if shown.is_empty() {
        return Ok(());
    }
    let parts = parts.display();
    let message = readable(&format!(
        "error: {parts} keeps points of a sweep that says something else: run that to its end, name another folder with \
         --out, or begin anew with --fresh"
    ));
    Err(Failure::Usage(format!("{message}\n{shown}")))
}
