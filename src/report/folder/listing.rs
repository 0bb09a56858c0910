//! What is in a folder, and folders that may not be there yet.

use super::error::{FolderError, failed};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder's entries by name.
pub(super) fn entries(dir: &Path) -> Result<Vec<OsString>, FolderError> {
    let mut names = fs::read_dir(dir)
        .and_then(|entries| {
            entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()
        })
        .map_err(failed("list", dir))?;
    names.sort();
    Ok(names)
}

/// Whether nothing has this name, not even a link to nowhere.
pub(super) fn is_absent(path: &Path) -> bool {
    fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// The folder that a path is in.
pub(super) fn parent(path: &Path) -> Option<&Path> {
    path.parent().map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
}

/// The path itself or the nearest one above it at which there is something.
pub(super) fn nearest(path: &Path) -> PathBuf {
    let mut here = path;
    while fs::metadata(here).is_err() {
        match parent(here) {
            Some(above) if above != here => here = above,
            _ => break,
        }
    }
    here.to_owned()
}

/// The folder behind links, if it is there: a link to a folder stays a link.
pub(super) fn resolve(dir: &Path) -> Result<PathBuf, FolderError> {
    if dir.exists() {
        fs::canonicalize(dir).map_err(failed("resolve", dir))
    } else {
        Ok(dir.to_owned())
    }
}
