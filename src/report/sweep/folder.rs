//! The folder of a sweep: whole or absent, as that of a run.

use super::found::Found;
use super::page::page;
use super::pictures::charts;
use super::rows::{FILES, PointText, TABLES};
use crate::report::folder::{self, FolderError, Kind, failed};
use crate::scenario::Sweep;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The page.
const PAGE: &str = "report.html";
/// What a folder of a sweep takes beside its tables, in bytes.
const BYTES: u64 = 10_000_000;

/// What is written of a sweep.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SweepFolder<'a> {
    /// The sweep.
    pub(crate) sweep: &'a Sweep,
    /// Whether there is a table of all replications.
    pub(crate) replications: bool,
    /// Whether there are charts.
    pub(crate) charts: bool,
}

/// What is to be said of a sweep that was written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SweepWritten {
    /// Points with warnings.
    pub(crate) warned: u64,
    /// Whether there is no number in it.
    pub(crate) is_empty: bool,
}

/// Whether [`write_sweep`] may write to a path, and whether there is room for so many `bytes` of tables.
///
/// # Errors
/// Says what is in the way.
pub(crate) fn prepare_sweep_target(dir: &Path, bytes: u64) -> Result<(), FolderError> {
    folder::prepare(dir, Kind::Sweep, bytes.saturating_add(BYTES))
}

/// Writes the tables, the sweep and its base, and a manifest of them all aside, and puts them in the place of the
/// target. `rows` gives what [`PointText::to_bytes`] made of each point, in their order.
///
/// # Errors
/// The target is not ours to replace, the disk refuses, or `rows` fails; then the target is as it was.
///
/// Returns what whoever asked for it should be told.
pub(crate) fn write_sweep(
    it: &SweepFolder<'_>,
    rows: impl Iterator<Item = io::Result<Vec<u8>>>,
    dir: &Path,
) -> Result<SweepWritten, FolderError> {
    let mut written = SweepWritten::default();
    folder::replace(dir, Kind::Sweep, |new| {
        folder::write(&new.join("sweep.yaml"), &it.sweep.resolved)?;
        folder::write(&new.join("scenario.yaml"), &it.sweep.base)?;
        write_tables(it, rows, new)?;
        written = draw(it.sweep, it.charts, new, new)?;
        Ok(())
    })?;
    Ok(written)
}

/// Draws the page and the charts of what is in `from` into `new`.
fn draw(
    sweep: &Sweep,
    with_charts: bool,
    from: &Path,
    new: &Path,
) -> Result<SweepWritten, FolderError> {
    let open = |file: &str| {
        let path = from.join(file);
        File::open(&path).map_err(failed("read", &path))
    };
    let found = Found::read(sweep, open(FILES[0])?, open(FILES[1])?);
    let found =
        found.map_err(|reason| FolderError::Malformed { path: from.join(FILES[1]), reason })?;
    let charts = if with_charts { charts(sweep, &found) } else { Vec::new() };
    folder::write(&new.join(PAGE), &page(sweep, &found, &charts))?;
    if !charts.is_empty() {
        folder::write_charts(&charts, new)?;
    }
    Ok(SweepWritten { warned: found.warned, is_empty: found.is_empty })
}

/// Whether a folder holds the results of a sweep.
pub(crate) fn is_sweep_folder(dir: &Path) -> bool {
    folder::holds(dir, Kind::Sweep)
}

/// The name of the sweep of which a folder holds results, if it does.
pub(crate) fn held_sweep(dir: &Path) -> Option<String> {
    if !is_sweep_folder(dir) {
        return None;
    }
    let text = fs::read_to_string(dir.join("sweep.yaml")).ok()?;
    let sweep: serde_json::Value = serde_yaml::from_str(&text).ok()?;
    sweep.get("name")?.as_str().map(str::to_owned)
}

/// Draws the page and the charts of a folder of a sweep again. Everything else stays.
///
/// # Errors
/// As for [`redraw`](crate::report::redraw).
pub(crate) fn redraw_sweep(sweep: &Sweep, dir: &Path) -> Result<(), FolderError> {
    folder::redraw_with(dir, Kind::Sweep, |new| draw(sweep, true, dir, new).map(drop))
}

fn write_tables(
    it: &SweepFolder<'_>,
    rows: impl Iterator<Item = io::Result<Vec<u8>>>,
    new: &Path,
) -> Result<(), FolderError> {
    let tables = if it.replications { TABLES } else { TABLES - 1 };
    let paths = FILES.map(|file| new.join(file));
    let mut files = Vec::new();
    for (path, head) in paths.iter().zip(PointText::heads(it.sweep)).take(tables) {
        let file = File::create(path).map_err(failed("create", path))?;
        let mut file = BufWriter::with_capacity(1 << 18, file);
        file.write_all(&head).map_err(failed("write", path))?;
        files.push(file);
    }
    for (number, bytes) in rows.enumerate() {
        let bytes = bytes.map_err(failed("read what was kept for", new))?;
        let is_its_own =
            |parts: &[&[u8]; TABLES]| parts[0].starts_with(format!("{number},").as_bytes());
        let parts = PointText::split(&bytes).filter(is_its_own).ok_or_else(|| {
            let error = io::Error::new(io::ErrorKind::InvalidData, "rows of a point are not whole");
            failed("read what was kept for", new)(error)
        })?;
        for ((file, path), part) in files.iter_mut().zip(&paths).zip(parts) {
            file.write_all(part).map_err(failed("write", path))?;
        }
    }
    for (file, path) in files.iter_mut().zip(&paths) {
        file.flush().map_err(failed("write", path))?;
    }
    Ok(())
}
