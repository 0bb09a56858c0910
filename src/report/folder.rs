//! The output folder: whole or absent, and never in the place of someone else's files.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::chart::{self, Chart};
use super::csv::{read_timeseries, summary_csv, timeseries_csv};
use super::html::page;
use super::json::{SCHEMA, summary_json};
use crate::experiment::Results;

const SUMMARY: &str = "summary.json";
const SERIES: &str = "timeseries.csv";
const PAGE: &str = "report.html";
pub(super) const CHARTS: &str = "charts";

/// What tells a folder that this program wrote.
pub(super) struct FolderKind {
    /// The file that is always there and names its format.
    pub(super) summary: &'static str,
    /// That format.
    pub(super) schema: &'static str,
    /// Everything that the program puts at the top of it.
    pub(super) files: &'static [&'static str],
    /// Whether a chart of this name, without extension, is one of its charts.
    pub(super) is_chart: fn(&str) -> bool,
}

/// The folder of a run; the last three files only when asked for.
const RUN: FolderKind = FolderKind {
    summary: SUMMARY,
    schema: SCHEMA,
    files: &[
        SUMMARY,
        "summary.csv",
        SERIES,
        PAGE,
        CHARTS,
        "scenario.yaml",
        "requests.csv",
        "requests.parquet",
        "trace.json",
    ],
    is_chart: is_chart_of_run,
};

/// Why a folder is not written or read. Nothing has changed on disk, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The target is a file.
    #[error("{} is a file, not a folder", path.display())]
    NotAFolder {
        /// The target.
        path: PathBuf,
    },
    /// The target holds what this program did not write.
    #[error(
        "{} holds {entry:?}, which coopsim did not write; choose another folder or move it away",
        path.display()
    )]
    Foreign {
        /// The target.
        path: PathBuf,
        /// The first such entry in the order of names, relative to the target.
        entry: String,
    },
    /// The target has files but no summary of ours among them.
    #[error("{} is not empty and has no {summary} of coopsim: {reason}", path.display())]
    NotOurs {
        /// The target.
        path: PathBuf,
        /// The summary that such a folder has.
        summary: &'static str,
        /// What is wrong with the summary.
        reason: String,
    },
    /// A file in the folder cannot be understood.
    #[error("{}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The old folder could not be put back after its replacement failed.
    #[error("cannot replace {}: {source}; its old content is in {}", path.display(), kept.display())]
    Stranded {
        /// The target.
        path: PathBuf,
        /// Where the old content is.
        kept: PathBuf,
        /// Why the replacement failed.
        source: io::Error,
    },
}

/// Adds what was tried, and with what, to the system's reason.
fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    move |source| FolderError::Io { action, path: path.to_owned(), source }
}

/// Whether [`write_folder`] may write to a path: it is absent, an empty folder, or a folder that
/// this program wrote, with nothing else in it.
///
/// # Errors
/// Says what is in the way.
pub fn check_target(dir: &Path) -> Result<(), FolderError> {
    check_target_of(dir, &RUN)
}

/// [`check_target`] for a kind of folder.
pub(super) fn check_target_of(dir: &Path, kind: &FolderKind) -> Result<(), FolderError> {
    match fs::metadata(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !dir.is_symlink() => Ok(()),
        Err(error) => Err(failed("read", dir)(error)),
        Ok(metadata) if !metadata.is_dir() => Err(FolderError::NotAFolder { path: dir.to_owned() }),
        Ok(_) => check_folder(dir, kind),
    }
}

fn check_folder(dir: &Path, kind: &FolderKind) -> Result<(), FolderError> {
    let entries = entries(dir)?;
    if entries.is_empty() {
        return Ok(());
    }
    let summary = dir.join(kind.summary);
    let named = if summary.is_file() {
        read_schema(&summary, kind.schema)
    } else {
        Err("the file is missing".to_owned())
    };
    if let Err(reason) = named {
        let path = dir.to_owned();
        return Err(FolderError::NotOurs { path, summary: kind.summary, reason });
    }
    let foreign = |entry: String| FolderError::Foreign { path: dir.to_owned(), entry };
    for entry in entries {
        if !kind.files.iter().any(|ours| OsStr::new(ours) == entry) {
            return Err(foreign(entry.to_string_lossy().into_owned()));
        }
        if entry.as_os_str() != CHARTS && dir.join(&entry).is_dir() {
            return Err(foreign(entry.to_string_lossy().into_owned()));
        }
    }
    let charts = dir.join(CHARTS);
    if charts.is_dir() {
        let ours = |entry: &OsStr| is_chart(entry, kind);
        let stranger = self::entries(&charts)?.into_iter().find(|entry| !ours(entry));
        if let Some(entry) = stranger {
            return Err(foreign(format!("{CHARTS}/{}", entry.to_string_lossy())));
        }
    }
    Ok(())
}

fn is_chart(name: &OsStr, kind: &FolderKind) -> bool {
    let name = name.to_string_lossy();
    let stem = name.strip_suffix(".svg").or_else(|| name.strip_suffix(".png"));
    stem.is_some_and(kind.is_chart)
}

fn is_chart_of_run(stem: &str) -> bool {
    chart::FILES.contains(&stem)
        || stem.strip_prefix("utilisation-").is_some_and(|rest| {
            rest.split_once('-').is_some_and(|(number, _)| {
                !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
            })
        })
}

/// A folder's entries by name.
fn entries(dir: &Path) -> Result<Vec<std::ffi::OsString>, FolderError> {
    let mut names = fs::read_dir(dir)
        .and_then(|entries| {
            entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()
        })
        .map_err(failed("list", dir))?;
    names.sort();
    Ok(names)
}

/// Fails unless a summary names our format.
fn read_schema(summary: &Path, schema: &str) -> Result<(), String> {
    #[derive(serde::Deserialize)]
    struct Head {
        schema: String,
    }
    let text = fs::read_to_string(summary).map_err(|error| error.to_string())?;
    let head: Head = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    if head.schema == schema {
        Ok(())
    } else {
        Err(format!("its schema is {:?}, not {schema:?}", head.schema))
    }
}

/// Writes the output folder: summary, tables, page, charts and the resolved scenario. Everything is
/// written beside the target and then renamed, in the place of an older folder of this program.
///
/// # Errors
/// The target is not ours to replace (see [`check_target`]), or the disk refuses; then the target
/// is as it was.
pub fn write_folder(results: &Results, scenario_yaml: &str, dir: &Path) -> Result<(), FolderError> {
    check_target(dir)?;
    replace(dir, |new| {
        write(&new.join(SUMMARY), &summary_json(results))?;
        write(&new.join("summary.csv"), &summary_csv(results))?;
        write(&new.join(SERIES), &timeseries_csv(results))?;
        write(&new.join("scenario.yaml"), scenario_yaml)?;
        draw(results, new)
    })
}

/// Draws the charts and the page of a folder again from its summary and time series, the same way:
/// whole or not at all. All other files stay.
///
/// # Errors
/// The folder is not one of this program, its numbers cannot be read, or the disk refuses.
pub fn redraw(dir: &Path) -> Result<(), FolderError> {
    // An empty or absent folder is a fine target, but has nothing to draw.
    let results = read(dir)?;
    check_target(dir)?;
    let kept: Vec<_> =
        entries(dir)?.into_iter().filter(|name| name != CHARTS && name != PAGE).collect();
    replace(dir, |new| {
        for name in &kept {
            let (from, to) = (dir.join(name), new.join(name));
            // A second name is enough; where the file system has none, a copy.
            fs::hard_link(&from, &to)
                .or_else(|_| fs::copy(&from, &to).map(drop))
                .map_err(failed("keep", &from))?;
        }
        draw(&results, new)
    })
}

/// The results of a folder.
fn read(dir: &Path) -> Result<Results, FolderError> {
    let path = dir.join(SUMMARY);
    let text = fs::read_to_string(&path).map_err(failed("read", &path))?;
    let malformed = |path: PathBuf| move |reason| FolderError::Malformed { path, reason };
    read_schema(&path, SCHEMA).map_err(malformed(path.clone()))?;
    let mut results: Results =
        serde_json::from_str(&text).map_err(|error| malformed(path.clone())(error.to_string()))?;
    let path = dir.join(SERIES);
    let text = fs::read_to_string(&path).map_err(failed("read", &path))?;
    read_timeseries(&text, &mut results).map_err(malformed(path))?;
    Ok(results)
}

/// The page and the charts.
fn draw(results: &Results, new: &Path) -> Result<(), FolderError> {
    let mut charts = chart::charts(results);
    write(&new.join(PAGE), &page(results, &charts))?;
    charts.extend(chart::charts_by_variant(results));
    write_charts(&charts, new)
}

/// Charts as SVG and PNG in a new folder of theirs.
pub(super) fn write_charts(charts: &[Chart], new: &Path) -> Result<(), FolderError> {
    let folder = new.join(CHARTS);
    fs::create_dir(&folder).map_err(failed("create", &folder))?;
    for Chart { file, picture, .. } in charts {
        write(&folder.join(format!("{file}.svg")), &chart::svg(picture))?;
        let path = folder.join(format!("{file}.png"));
        chart::write_png(picture, &path).map_err(failed("write", &path))?;
    }
    Ok(())
}

pub(super) fn write(path: &Path, text: &str) -> Result<(), FolderError> {
    fs::write(path, text).map_err(failed("write", path))
}

/// Fills a new folder beside the target, then exchanges the two by renaming.
pub(super) fn replace(
    dir: &Path,
    fill: impl FnOnce(&Path) -> Result<(), FolderError>,
) -> Result<(), FolderError> {
    // A link to a folder stays a link.
    let dir = if dir.exists() {
        fs::canonicalize(dir).map_err(failed("resolve", dir))?
    } else {
        dir.to_owned()
    };
    let parent = match dir.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Err(FolderError::NotAFolder { path: dir }),
    };
    fs::create_dir_all(parent).map_err(failed("create", parent))?;
    // Removed with all that is in it when it goes out of scope, also after an error.
    let aside = tempfile::Builder::new()
        .prefix(".coopsim-")
        .tempdir_in(parent)
        .map_err(failed("create a folder in", parent))?;
    // Inside, since the temporary folder itself is closed to other users.
    let (new, old) = (aside.path().join("new"), aside.path().join("old"));
    fs::create_dir(&new).map_err(failed("create", &new))?;
    fill(&new)?;
    let replaces = dir.exists();
    if replaces {
        fs::rename(&dir, &old).map_err(failed("move aside", &dir))?;
    }
    let Err(source) = fs::rename(&new, &dir) else {
        return Ok(());
    };
    if replaces && fs::rename(&old, &dir).is_err() {
        let kept = aside.keep().join("old");
        return Err(FolderError::Stranded { path: dir, kept, source });
    }
    Err(failed("write", &dir)(source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    const SMALL: sample::Shape =
        sample::Shape { variants: 1, models: 1, replications: 2, buckets: 2 };

    /// Writes a file and then fails, as a full disk would.
    fn fail_halfway(new: &Path) -> Result<(), FolderError> {
        write(&new.join(SUMMARY), "half")?;
        Err(failed("write", &new.join(PAGE))(io::ErrorKind::StorageFull.into()))
    }

    #[test]
    fn a_failure_leaves_nothing_behind() {
        let parent = tempfile::tempdir().expect("a temporary folder");
        let dir = parent.path().join("out");
        assert!(matches!(replace(&dir, fail_halfway), Err(FolderError::Io { .. })));
        assert!(entries(parent.path()).expect("readable").is_empty());
    }

    #[test]
    fn a_failure_leaves_the_older_folder_as_it_was() {
        let parent = tempfile::tempdir().expect("a temporary folder");
        let dir = parent.path().join("out");
        write_folder(&sample::results(SMALL), "", &dir).expect("an absent target");
        let before = fs::read(dir.join(SUMMARY)).expect("there");
        assert!(matches!(replace(&dir, fail_halfway), Err(FolderError::Io { .. })));
        assert_eq!(fs::read(dir.join(SUMMARY)).expect("there"), before);
        assert_eq!(entries(parent.path()).expect("readable"), ["out"]);
        assert_eq!(entries(&dir).expect("readable").len(), 6);
    }

    #[test]
    fn only_our_charts_are_charts() {
        for name in ["queue.svg", "latency.png", "utilisation.svg", "utilisation-01-a.b.png"] {
            assert!(is_chart(OsStr::new(name), &RUN), "{name}");
        }
        for name in ["queue.pdf", "holiday.png", "utilisation-mine.svg", "utilisation-.svg", ".svg"]
        {
            assert!(!is_chart(OsStr::new(name), &RUN), "{name}");
        }
    }
}
