//! The folder of a validation: whole or absent, as that of a run.

use super::csv::validation_csv;
use super::json::validation_json;
use super::page::page;
use super::parity::parity_charts;
use crate::report::folder::{self, FolderError, Kind};
use crate::validation::Validation;
use std::path::Path;

/// Rather more than the folder takes, in bytes: a few tables, and a chart for each.
const BYTES: u64 = 10_000_000;

/// Whether [`write_validation`] may write to a path: it is absent, an empty folder, or a folder of a
/// validation in which every file is as this program wrote it, with nothing else. Also finishes or removes what
/// a killed process left there, and finds out whether the system lets us write.
///
/// # Errors
/// Says what is in the way.
pub(crate) fn prepare_validation_target(dir: &Path) -> Result<(), FolderError> {
    folder::prepare(dir, Kind::Validation, BYTES)
}

/// Writes the rows as JSON and CSV, a parity chart per published table and unit and per quantity of latencies, a page that
/// shows them, and a manifest of them all aside, and puts them in the place of the target.
///
/// # Errors
/// The target is not ours to replace (see `prepare_validation_target`), or the disk
/// refuses; then the target is as it was.
pub fn write_validation(validation: &Validation, dir: &Path) -> Result<(), FolderError> {
    folder::replace(dir, Kind::Validation, |new| {
        folder::write(&new.join("validate.json"), &validation_json(validation))?;
        folder::write(&new.join("validate.csv"), &validation_csv(validation))?;
        let charts = parity_charts(validation);
        folder::write(&new.join("validate.html"), &page(validation, &charts))?;
        folder::write_charts(&charts, new)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use std::fs;

    #[test]
    fn writes_and_replaces_its_own_folder_only() {
        let parent = tempfile::tempdir().expect("a temporary folder");
        let dir = parent.path().join("validate");
        for _ in 0..2 {
            write_validation(&sample::validation(), &dir).expect("absent, then ours");
        }
        let mut charts: Vec<_> = fs::read_dir(dir.join("charts"))
            .expect("it is there")
            .map(|entry| entry.expect("readable").file_name().into_string().expect("ASCII"))
            .collect();
        charts.sort();
        insta::assert_snapshot!(charts.join("\n"), @"
        parity-01-Vendor-s-table.png
        parity-01-Vendor-s-table.svg
        parity-02-Another-table.png
        parity-02-Another-table.svg
        parity-03-Time-of-a-token-TPOT.png
        parity-03-Time-of-a-token-TPOT.svg
        parity-04-Time-to-the-first-token-TTFT.png
        parity-04-Time-to-the-first-token-TTFT.svg
        parity-05-Tokens-per-second.png
        parity-05-Tokens-per-second.svg
        ");
        fs::write(dir.join("notes.txt"), "mine").expect("writable");
        let refused = write_validation(&sample::validation(), &dir);
        assert!(matches!(refused, Err(FolderError::Foreign { entry, .. }) if entry == "notes.txt"));
        fs::remove_file(dir.join("notes.txt")).expect("there");
        fs::write(dir.join("validate.csv"), "mine").expect("writable");
        let refused = write_validation(&sample::validation(), &dir);
        assert!(matches!(refused, Err(FolderError::Changed { .. })), "{refused:?}");
    }

    #[test]
    fn the_folder_of_a_run_is_not_replaced() {
        let parent = tempfile::tempdir().expect("a temporary folder");
        let dir = parent.path().join("run");
        crate::report::write_folder(&sample::results(sample::Shape::default()), "", &dir)
            .expect("absent");
        let refused = prepare_validation_target(&dir);
        assert!(matches!(refused, Err(FolderError::OtherKind { .. })), "{refused:?}");
    }
}
