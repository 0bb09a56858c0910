//! A filled folder takes the place of another: in one step where the system can, otherwise in two
//! that the next run finishes if they are interrupted.

use super::aside::OLD;
use super::error::{FolderError, failed};
use super::listing::is_absent;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Puts a filled folder in the place of `dir`, and gives where the one that was there is now.
///
/// `aside` is the folder that the filled one is in.
pub(super) fn put(new: &Path, dir: &Path, aside: &Path) -> Result<Option<PathBuf>, FolderError> {
    if is_absent(dir) {
        return fs::rename(new, dir).map(|()| None).map_err(failed("write", dir));
    }
    // Whatever speaks against an exchange, the two steps find a reason to tell.
    if swap(new, dir).is_ok() {
        return Ok(Some(new.to_owned()));
    }
    in_two_steps(new, dir, aside).map(Some)
}

/// Takes a folder back that [`put`] put in the place of `old`.
pub(super) fn take_back(dir: &Path, new: &Path, old: &Path) -> io::Result<()> {
    if old == new {
        return swap(new, dir);
    }
    fs::rename(dir, new)?;
    fs::rename(old, dir)
}

/// Exchanges two folders at one instant.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn swap(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).map_err(io::Error::from)
}

/// Exchanges two folders at one instant: this system cannot.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn swap(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Moves the old folder away under its own name, by which the next run finds its place if this one
/// is killed before the second step.
fn in_two_steps(new: &Path, dir: &Path, aside: &Path) -> Result<PathBuf, FolderError> {
    let Some(name) = dir.file_name() else {
        return Err(failed("replace", dir)(io::ErrorKind::ResourceBusy.into()));
    };
    let waiting = aside.join(OLD);
    fs::create_dir(&waiting).map_err(failed("create", &waiting))?;
    let old = waiting.join(name);
    fs::rename(dir, &old).map_err(failed("move aside", dir))?;
    let Err(source) = fs::rename(new, dir) else { return Ok(old) };
    if fs::rename(&old, dir).is_err() {
        return Err(FolderError::Stranded { path: dir.to_owned(), kept: old, source });
    }
    Err(failed("write", dir)(source))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with the text "old" in the place and one with "new" in the folder aside.
    fn scene() -> (tempfile::TempDir, [PathBuf; 3]) {
        let parent = tempfile::tempdir().expect("a temporary folder");
        let paths = ["out", "aside/new", "aside"].map(|name| parent.path().join(name));
        for (folder, text) in paths.iter().zip(["old", "new"]) {
            fs::create_dir_all(folder).expect("created");
            fs::write(folder.join("text"), text).expect("writable");
        }
        (parent, paths)
    }

    fn text(folder: &Path) -> String {
        fs::read_to_string(folder.join("text")).expect("there")
    }

    #[test]
    fn in_one_step_or_two_the_new_one_is_there_and_the_old_one_aside() {
        for how in
            [put, |new: &Path, dir: &Path, aside: &Path| in_two_steps(new, dir, aside).map(Some)]
        {
            let (_parent, [dir, new, aside]) = scene();
            let old = how(&new, &dir, &aside).expect("writable").expect("there was one");
            assert_eq!((text(&dir), text(&old)), ("new".to_owned(), "old".to_owned()));
            take_back(&dir, &new, &old).expect("writable");
            assert_eq!((text(&dir), text(&new)), ("old".to_owned(), "new".to_owned()));
        }
    }

    #[test]
    fn an_absent_place_is_taken() {
        let (_parent, [dir, new, aside]) = scene();
        fs::remove_dir_all(&dir).expect("there");
        assert_eq!(put(&new, &dir, &aside).expect("writable"), None);
        assert_eq!(text(&dir), "new");
    }

    #[test]
    fn where_the_second_step_fails_the_first_is_undone() {
        let (_parent, [dir, new, aside]) = scene();
        fs::remove_dir_all(&new).expect("there");
        let failed = in_two_steps(&new, &dir, &aside).expect_err("nothing to put there");
        assert!(matches!(failed, FolderError::Io { .. }), "{failed}");
        assert_eq!(text(&dir), "old");
    }
}
