//! A hidden folder to work in, which is never left behind for good.
//!
//! It holds a lock for as long as its process lives. Whoever gets the lock of another's folder knows that
//! its process is dead, puts back what that had moved away, and removes the rest.

use super::error::{FolderError, failed};
use super::listing::{entries, is_absent};
use super::within;
use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

const PREFIX: &str = ".coopsim-";
/// Characters after the prefix: letters and digits.
const RANDOM: usize = 16;
const LOCK: &str = "lock";
/// The folder that is being filled; after an exchange, the one that was replaced.
pub(super) const NEW: &str = "new";
/// Where the target waits while its replacement takes its place, under its own name.
pub(super) const OLD: &str = "old";
/// A filled folder whose files are on their way to their places.
pub(super) const WHOLE: &str = "whole";
/// Names that others' clean-up may take before it gives up.
const TRIES: u32 = 100;

/// Whether a name is one of these folders'.
pub(super) fn is_name(name: &OsStr) -> bool {
    let random = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
    random.is_some_and(|random| {
        random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// A folder of this process, removed with all that is in it when it goes out of scope, also after
/// an error.
#[derive(Debug)]
pub(super) struct Aside {
    path: PathBuf,
    /// None where the file system has no locks; then nobody removes the folders of others.
    lock: Option<File>,
}

impl Aside {
    pub(super) fn create_in(parent: &Path) -> Result<Self, FolderError> {
        for _ in 0..TRIES {
            let path = tempfile::Builder::new()
                .prefix(PREFIX)
                .rand_bytes(RANDOM)
                .tempdir_in(parent)
                .map_err(failed("create a folder in", parent))?
                .keep();
            match lock(&path) {
                Ok(Lock::Held(lock)) => return Ok(Self { path, lock: Some(lock) }),
                Ok(Lock::Unknown) => return Ok(Self { path, lock: None }),
                // Another process took it for a dead one's, in the moment before it was locked.
                Ok(Lock::Others) => {}
                Err(error) => {
                    let _ = fs::remove_dir_all(&path);
                    return Err(failed("create a file in", &path)(error));
                }
            }
        }
        let reason = io::Error::other("others remove it as soon as it is there");
        Err(failed("create a folder in", parent)(reason))
    }

    /// The path of something in it.
    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Its own name.
    pub(super) fn name(&self) -> Option<&OsStr> {
        self.path.file_name()
    }

    /// Leaves it as it is: whoever comes next puts back what is in it.
    pub(super) fn leave(mut self) {
        self.path = PathBuf::new();
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if !self.path.as_os_str().is_empty() {
            remove(&self.path, self.lock.take());
        }
    }
}

/// Finishes or removes what dead processes left in a folder. What cannot be removed stays: whoever
/// may, will.
pub(super) fn sweep(parent: &Path) {
    for name in entries(parent).unwrap_or_default() {
        let path = parent.join(&name);
        if !is_name(&name) || !is_ours(&path) {
            continue;
        }
        if let Ok(Lock::Held(lock)) = lock(&path)
            && put_back(&path, parent)
            && within::finish(&path, parent)
        {
            remove(&path, Some(lock));
        }
    }
}

/// Whether a folder holds nothing that these folders do not.
fn is_ours(path: &Path) -> bool {
    let is_folder = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    let known = |name: &OsStr| [LOCK, NEW, OLD, WHOLE].iter().any(|ours| name == *ours);
    is_folder && entries(path).is_ok_and(|names| names.iter().all(|name| known(name)))
}

/// Moves a target back that was moved away, if nothing took its place. Says whether nothing is left
/// that would be lost.
fn put_back(aside: &Path, parent: &Path) -> bool {
    let old = aside.join(OLD);
    let targets = if is_absent(&old) { Ok(Vec::new()) } else { entries(&old) };
    targets.is_ok_and(|names| {
        names.iter().all(|name| {
            let target = parent.join(name);
            !is_absent(&target) || fs::rename(old.join(name), target).is_ok()
        })
    })
}

/// Removes one of these folders. The lock goes last, so that what is left of it when the process is
/// killed here is known to be a dead one's.
fn remove(path: &Path, lock: Option<File>) {
    for name in [NEW, OLD, WHOLE] {
        let _ = fs::remove_dir_all(path.join(name));
    }
    if entries(path).is_ok_and(|left| left.iter().all(|name| name == LOCK)) {
        let _ = fs::remove_file(path.join(LOCK));
        drop(lock);
        let _ = fs::remove_dir(path);
    }
}

enum Lock {
    /// By this process.
    Held(File),
    /// By another one, or there is nothing left to lock.
    Others,
    /// There are no locks here.
    Unknown,
}

/// Takes the lock of a folder, if its process is dead or has not yet taken it.
fn lock(folder: &Path) -> io::Result<Lock> {
    let path = folder.join(LOCK);
    let opened = File::options().read(true).write(true).create(true).truncate(false).open(&path);
    let file = match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Lock::Others),
        opened => opened?,
    };
    match file.try_lock() {
        // Who had the lock before may have removed the file: then this locks nothing.
        Ok(()) if is_at(&file, &path) => Ok(Lock::Held(file)),
        Ok(()) | Err(TryLockError::WouldBlock) => Ok(Lock::Others),
        Err(TryLockError::Error(_)) => Ok(Lock::Unknown),
    }
}

/// Whether an open file is the one at a path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let inode = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(there)) => inode(open) == inode(there),
        _ => false,
    }
}

/// Whether an open file is the one at a path: elsewhere, whether there is one.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parent() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary folder")
    }

    /// A folder as a process leaves it that is killed: without a lock.
    fn killed(parent: &Path, name: &str) -> PathBuf {
        let path = parent.join(name);
        fs::create_dir_all(path.join(NEW).join("charts")).expect("created");
        fs::write(path.join(LOCK), "").expect("writable");
        path
    }

    const DEAD: &str = ".coopsim-0123456789abcdef";

    #[test]
    fn a_dead_process_s_folder_is_swept_and_a_living_one_s_is_not() {
        let parent = parent();
        let alive = Aside::create_in(parent.path()).expect("writable");
        fs::create_dir(alive.join(NEW)).expect("created");
        killed(parent.path(), DEAD);
        // Killed before it had a lock.
        fs::create_dir(parent.path().join(".coopsim-0000000000000000")).expect("created");
        sweep(parent.path());
        assert_eq!(entries(parent.path()).expect("readable"), [alive.name().expect("named")]);
        assert!(alive.join(NEW).is_dir());
        drop(alive);
        assert!(entries(parent.path()).expect("readable").is_empty());
    }

    #[test]
    fn others_folders_are_not_swept() {
        let parent = parent();
        for name in [".coopsim-", ".coopsim-notes", ".coopsim-0123456789abcde", ".git"] {
            killed(parent.path(), name);
        }
        fs::write(killed(parent.path(), DEAD).join("thesis.tex"), "mine").expect("writable");
        fs::write(parent.path().join(".coopsim-1111111111111111"), "a file").expect("writable");
        let before = entries(parent.path()).expect("readable");
        sweep(parent.path());
        assert_eq!(entries(parent.path()).expect("readable"), before);
        assert!(parent.path().join(DEAD).join(NEW).is_dir());
    }

    #[test]
    fn a_target_that_was_moved_away_is_put_back() {
        let parent = parent();
        let dead = killed(parent.path(), DEAD);
        fs::create_dir_all(dead.join(OLD).join("out")).expect("created");
        fs::write(dead.join(OLD).join("out/summary.json"), "old").expect("writable");
        sweep(parent.path());
        assert_eq!(entries(parent.path()).expect("readable"), ["out"]);
        let text = fs::read_to_string(parent.path().join("out/summary.json")).expect("there");
        assert_eq!(text, "old");
    }

    #[test]
    fn a_target_that_was_replaced_is_not_put_back() {
        let parent = parent();
        let dead = killed(parent.path(), DEAD);
        fs::create_dir_all(dead.join(OLD).join("out")).expect("created");
        fs::write(dead.join(OLD).join("out/summary.json"), "old").expect("writable");
        fs::create_dir(parent.path().join("out")).expect("created");
        fs::write(parent.path().join("out/summary.json"), "new").expect("writable");
        sweep(parent.path());
        assert_eq!(entries(parent.path()).expect("readable"), ["out"]);
        let text = fs::read_to_string(parent.path().join("out/summary.json")).expect("there");
        assert_eq!(text, "new");
    }

    /// Many who create and sweep at once never take a living one's folder.
    #[test]
    fn sweeping_and_creating_at_once() {
        let parent = parent();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let aside = Aside::create_in(parent.path()).expect("writable");
                        fs::create_dir(aside.join(NEW)).expect("nobody removed it");
                        sweep(parent.path());
                        assert!(aside.join(NEW).is_dir() && aside.join(LOCK).is_file());
                    }
                });
            }
        });
        assert!(entries(parent.path()).expect("readable").is_empty());
    }
}
