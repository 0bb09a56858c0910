//! Where what is not finished is kept: in a folder beside the one that it will be.

use super::failure::Failure;
use std::path::{Path, PathBuf};

/// What follows the name of the folder.
pub(super) const SUFFIX: &str = ".parts";

/// The folder beside `folder`.
///
/// # Errors
/// There is no room beside it: it is the root of all folders.
pub(super) fn beside(folder: &Path) -> Result<PathBuf, Failure> {
    let absolute = std::path::absolute(folder).map_err(Failure::usage)?;
    let Some(name) = absolute.file_name() else {
        let folder = folder.display();
        return Err(Failure::usage(format_args!(
            "{folder} has no room beside it: name another folder"
        )));
    };
    if name.to_string_lossy().ends_with(SUFFIX) {
        let folder = folder.display();
        return Err(Failure::usage(format_args!(
            "{folder}: names that end with {SUFFIX} are for what is not finished: name another folder"
        )));
    }
    let mut name = name.to_owned();
    name.push(SUFFIX);
    // As short as it was given: people read it.
    match folder.file_name() {
        Some(_) => Ok(folder.with_file_name(name)),
        None => Ok(absolute.with_file_name(name)),
    }
}
