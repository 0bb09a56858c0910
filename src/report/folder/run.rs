//! The folder of a run: its files, written, and drawn again.

use super::error::failed;
use super::manifest::{Kind, MANIFEST, Manifest};
use super::place::Extent;
use super::target::{self, Claim};
use super::{FolderError, exchange_for, prepare, replace};
use crate::experiment::{Results, SCHEMA};
use crate::report::chart::{self, Chart};
use crate::report::csv::{read_timeseries, summary_csv, timeseries_csv};
use crate::report::curve::csv::curve_csv;
use crate::report::exhibit::{EXHIBITS, Exhibit, charts, charts_by_variant};
use crate::report::html::page;
use crate::report::json::summary_json;
use crate::report::payoff::payoff_csv;
use crate::report::sound;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::{fs, io};

const SUMMARY: &str = "summary.json";
const SERIES: &str = "timeseries.csv";
const PAGE: &str = "report.html";
const CHARTS: &str = "charts";

/// Whether [`write_folder`] may write to a path: it is absent, an empty folder, or a folder of a run in
/// which every file is as this program wrote it, with nothing else.
///
/// # Errors
/// Says what is in the way.
pub fn check_target(dir: &Path) -> Result<(), FolderError> {
    Claim::whole(Kind::Run).check(dir, None)
}

/// [`check_target`] before a long simulation: also finishes or removes what a killed process left at the
/// target, and finds out whether the system lets us write there, and so much.
///
/// # Errors
/// Says what is in the way.
pub(crate) fn prepare_target(dir: &Path, extent: Extent) -> Result<(), FolderError> {
    prepare(dir, Kind::Run, extent.bytes())
}

/// What a folder of ours holds.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Held {
    /// The scenario's name.
    pub(crate) scenario: String,
    /// SHA-256 of the resolved scenario, in hexadecimal.
    pub(crate) scenario_sha256: String,
    variants: Vec<HeldVariant>,
    differences: Vec<serde::de::IgnoredAny>,
}

#[derive(Clone, Debug, serde::Deserialize)]
struct HeldVariant {
    name: String,
}

impl Held {
    /// The names of its variants.
    pub(crate) fn variants(&self) -> impl Iterator<Item = &str> {
        self.variants.iter().map(|variant| &*variant.name)
    }

    /// Whether the variants are compared.
    pub(crate) fn is_comparison(&self) -> bool {
        !self.differences.is_empty()
    }
}

/// What a folder of ours holds; `None` if it holds nothing that can be read.
pub(crate) fn held(dir: &Path) -> Option<Held> {
    target::manifest(dir, Kind::Run).ok()?;
    let text = fs::read_to_string(dir.join(SUMMARY)).ok()?;
    serde_json::from_str(&text).ok()
}

/// Writes the output folder: summary, tables, page, charts, the resolved scenario, and a manifest of
/// them all. Everything is written aside and then takes the place of an older folder of this program.
///
/// # Errors
/// The target is not ours to replace (see [`check_target`]), or the disk refuses; then the target
/// is as it was.
pub fn write_folder(results: &Results, scenario_yaml: &str, dir: &Path) -> Result<(), FolderError> {
    replace(dir, Kind::Run, |new| {
        let tables = || {
            write(&new.join(SUMMARY), &summary_json(results))?;
            write(&new.join("summary.csv"), &summary_csv(results))?;
            write(&new.join(SERIES), &timeseries_csv(results))?;
            if !results.payoffs.is_empty() {
                write(&new.join("payoff.csv"), &payoff_csv(results))?;
            }
            if let Some(curve) = curve_csv(results) {
                write(&new.join("curve.csv"), &curve)?;
            }
            write(&new.join("scenario.yaml"), scenario_yaml)
        };
        let (tables, drawn) = rayon::join(tables, || draw(EXHIBITS, results, new));
        tables.and(drawn)
    })
}

/// Draws the charts and the page of a folder again from its summary and time series, the same way:
/// whole or not at all. All other files stay, and those that somebody changed stay known as changed.
///
/// # Errors
/// The folder is not one of this program, its numbers cannot be read, its page or a chart was changed, or
/// the disk refuses.
pub fn redraw(dir: &Path) -> Result<(), FolderError> {
    let claim = Claim::but_for(Kind::Run, is_kept);
    let folders = folders_of_runs(dir);
    if !folders.is_empty() && !dir.join(MANIFEST).exists() {
        return Err(FolderError::Empty { path: dir.to_owned(), folders });
    }
    claim.check(dir, None)?;
    if target::entries_of_target(dir)?.is_empty() {
        return Err(FolderError::Empty { path: dir.to_owned(), folders });
    }
    let results = read(dir)?;
    redraw_with(dir, Kind::Run, |new| draw(EXHIBITS, &results, new))
}

/// Draws page and charts of a folder again; all other files stay.
pub(in crate::report) fn redraw_with(
    dir: &Path,
    kind: Kind,
    draw: impl FnOnce(&Path) -> Result<(), FolderError>,
) -> Result<(), FolderError> {
    let claim = Claim::but_for(kind, is_kept);
    claim.check(dir, None)?;
    let manifest = target::manifest(dir, kind)?;
    exchange_for(dir, claim, |new| {
        for file in manifest.files.iter().filter(|file| is_kept(&file.path)) {
            keep(&dir.join(&file.path), &new.join(&file.path))?;
        }
        draw(new)?;
        Manifest::of(new, kind).map(|listed| listed.keeping(&manifest, is_kept))
    })
}

/// Whether a folder holds what this program wrote of a kind.
pub(in crate::report) fn holds(dir: &Path, kind: Kind) -> bool {
    target::manifest(dir, kind).is_ok()
}

/// The folders in a folder that hold results of runs, in the order of names.
fn folders_of_runs(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut folders: Vec<_> =
        entries.filter(|folder| target::manifest(folder, Kind::Run).is_ok()).collect();
    folders.sort();
    folders
}

/// Whether drawing again leaves a file as it is.
fn is_kept(path: &str) -> bool {
    path != PAGE && !Path::new(path).starts_with(CHARTS)
}

/// Gives a file that is there a second name. Where the file system has none, a copy.
fn keep(from: &Path, to: &Path) -> Result<(), FolderError> {
    if !from.is_file() {
        return Ok(());
    }
    fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(drop)).map_err(failed("keep", from))
}

/// The results of a folder.
fn read(dir: &Path) -> Result<Results, FolderError> {
    let path = dir.join(SUMMARY);
    let text = read_text(&path)?;
    let malformed = |path: PathBuf| move |reason| FolderError::Malformed { path, reason };
    read_schema(&text).map_err(malformed(path.clone()))?;
    let mut results: Results =
        serde_json::from_str(&text).map_err(|error| malformed(path.clone())(error.to_string()))?;
    sound::check(&results).map_err(malformed(path))?;
    let path = dir.join(SERIES);
    let text = read_text(&path)?;
    read_timeseries(&text, &mut results).map_err(malformed(path))?;
    Ok(results)
}

/// The text of a file that has to be there.
fn read_text(path: &Path) -> Result<String, FolderError> {
    fs::read_to_string(path).map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "the file is missing",
            io::ErrorKind::InvalidData => "it is not text in UTF-8",
            _ => return failed("read", path)(error),
        };
        FolderError::Malformed { path: path.to_owned(), reason: reason.to_owned() }
    })
}

/// Fails unless a summary names our format.
fn read_schema(text: &str) -> Result<(), String> {
    #[derive(serde::Deserialize)]
    struct Head {
        schema: String,
    }
    let head: Head = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if head.schema == SCHEMA {
        Ok(())
    } else {
        Err(format!("its schema is {:?}, not {SCHEMA:?}", head.schema))
    }
}

/// The page with these exhibits, and the files of their charts, in a new folder.
pub(in crate::report) fn draw(
    exhibits: &[&dyn Exhibit],
    results: &Results,
    new: &Path,
) -> Result<(), FolderError> {
    let mut charts = charts(exhibits, results);
    write(&new.join(PAGE), &page(results, &charts))?;
    charts.extend(charts_by_variant(exhibits, results));
    write_charts(&charts, new)
}

/// Charts as SVG and PNG in a new folder of theirs.
pub(in crate::report) fn write_charts(charts: &[Chart], new: &Path) -> Result<(), FolderError> {
    let folder = new.join(CHARTS);
    fs::create_dir(&folder).map_err(failed("create", &folder))?;
    let draw = |Chart { file, drawing }: &Chart| {
        write(&folder.join(format!("{file}.svg")), &chart::svg(&drawing.picture))?;
        let path = folder.join(format!("{file}.png"));
        chart::write_png(&drawing.picture, &path).map_err(failed("write", &path))
    };
    // All are tried before the first error is looked at: which it is does not depend on threads.
    charts.par_iter().map(draw).collect::<Vec<_>>().into_iter().collect()
}

pub(in crate::report) fn write(path: &Path, text: &str) -> Result<(), FolderError> {
    fs::write(path, text).map_err(failed("write", path))
}
