//! The folder of a validation: whole or absent, as that of a run.

use super::csv::validation_csv;
use super::json::{SCHEMA, validation_json};
use crate::report::chart;
use crate::report::folder::{self, FolderError, FolderKind};
use crate::validation::Validation;
use std::path::Path;

const KIND: FolderKind = FolderKind {
    summary: "validate.json",
    schema: SCHEMA,
    files: &["validate.json", "validate.csv", folder::CHARTS],
    is_chart: |stem| stem.starts_with("parity-"),
};

/// Whether [`write_validation`] may write to a path: it is absent, an empty folder, or a folder
/// that it wrote, with nothing else in it.
///
/// # Errors
/// Says what is in the way.
pub fn check_validation_target(dir: &Path) -> Result<(), FolderError> {
    folder::check_target_of(dir, &KIND)
}

/// Writes the rows as JSON and CSV, and a parity chart per published table and unit, beside the
/// target, and renames that.
///
/// # Errors
/// The target is not ours to replace (see [`check_validation_target`]), or the disk
/// refuses; then the target is as it was.
pub fn write_validation(validation: &Validation, dir: &Path) -> Result<(), FolderError> {
    check_validation_target(dir)?;
    folder::replace(dir, |new| {
        folder::write(&new.join(KIND.summary), &validation_json(validation))?;
        folder::write(&new.join("validate.csv"), &validation_csv(validation))?;
        folder::write_charts(&chart::parity_charts(&validation.published), new)
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
        let mut charts: Vec<_> = fs::read_dir(dir.join(folder::CHARTS))
            .expect("it is there")
            .map(|entry| entry.expect("readable").file_name().into_string().expect("ASCII"))
            .collect();
        charts.sort();
        insta::assert_snapshot!(charts.join("\n"), @"
        parity-01-Vendor-s-table.png
        parity-01-Vendor-s-table.svg
        parity-02-Another-table.png
        parity-02-Another-table.svg
        ");
        fs::write(dir.join("notes.txt"), "mine").expect("writable");
        let refused = write_validation(&sample::validation(), &dir);
        assert!(matches!(refused, Err(FolderError::Foreign { entry, .. }) if entry == "notes.txt"));
    }

    #[test]
    fn the_folder_of_a_run_is_not_replaced() {
        let parent = tempfile::tempdir().expect("a temporary folder");
        let dir = parent.path().join("run");
        crate::report::write_folder(&sample::results(sample::Shape::default()), "", &dir)
            .expect("absent");
        let refused = check_validation_target(&dir);
        assert!(matches!(refused, Err(FolderError::NotOurs { .. })), "{refused:?}");
    }
}
