//! Writing into a folder that cannot be exchanged for another, such as a mount point.
//!
//! The new folder is filled inside the target first, in a hidden folder. Then its files move to their
//! places one by one, the manifest last. A run that is killed in between leaves the rest of them in
//! the hidden folder, and the next one goes on from there.

use super::aside::{Aside, NEW, WHOLE};
use super::error::{FolderError, failed};
use super::listing::entries;
use super::manifest::{MANIFEST, Manifest};
use super::target::{Claim, Search};
use std::fs;
use std::path::Path;

/// Moves a filled folder's files from a folder aside, in the target, to their places in it.
pub(super) fn put(aside: &Aside, dir: &Path, claim: Claim) -> Result<(), FolderError> {
    let (new, whole) = (aside.join(NEW), aside.join(WHOLE));
    claim.check(dir, aside.name())?;
    // From here on, whoever finds it goes on.
    fs::rename(&new, &whole).map_err(failed("rename", &new))?;
    take_places(&whole, dir)
}

/// Goes on where a process was killed while files moved to their places. Says whether nothing is left
/// to do.
pub(super) fn finish(aside: &Path, dir: &Path) -> bool {
    let whole = aside.join(WHOLE);
    // The manifest goes last: without it, all is done.
    let Ok(new) = Manifest::read(&whole) else { return true };
    let old = Manifest::read(dir).ok();
    let manifests: Vec<_> = std::iter::once(&new).chain(&old).collect();
    let search =
        Search { dir, manifests: &manifests, may_change: |_| false, except: aside.file_name() };
    search.strangers().is_ok() && take_places(&whole, dir).is_ok()
}

fn take_places(whole: &Path, dir: &Path) -> Result<(), FolderError> {
    remove_outdated(whole, dir)?;
    move_files(whole, dir)?;
    let (from, to) = (whole.join(MANIFEST), dir.join(MANIFEST));
    fs::rename(&from, &to).map_err(failed("write", &to))
}

/// Removes the files that only the older manifest lists.
fn remove_outdated(whole: &Path, dir: &Path) -> Result<(), FolderError> {
    let (Ok(new), Ok(old)) = (Manifest::read(whole), Manifest::read(dir)) else { return Ok(()) };
    for file in old.files.iter().filter(|file| new.file(&file.path).is_none()) {
        let path = dir.join(&file.path);
        if path.is_file() {
            fs::remove_file(&path).map_err(failed("remove", &path))?;
        }
        // Its folder may be another's, or not empty.
        if let Some(folder) = path.parent().filter(|folder| *folder != dir) {
            let _ = fs::remove_dir(folder);
        }
    }
    Ok(())
}

/// Moves everything but the manifest.
fn move_files(from: &Path, to: &Path) -> Result<(), FolderError> {
    for name in entries(from)? {
        let (source, target) = (from.join(&name), to.join(&name));
        if source.is_dir() {
            fs::create_dir_all(&target).map_err(failed("create", &target))?;
            move_files(&source, &target)?;
        } else if name != MANIFEST {
            fs::rename(&source, &target).map_err(failed("write", &target))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::folder::manifest::Kind;
    use crate::report::folder::{recover, write};
    use std::path::PathBuf;

    /// Fills a folder with files of these paths, each with the same text, and a manifest.
    fn fill(folder: &Path, paths: &[&str], text: &str) {
        for path in paths {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().expect("below")).expect("created");
            write(&path, text).expect("writable");
        }
        let manifest = Manifest::of(folder, Kind::Run).expect("readable");
        write(&folder.join(MANIFEST), &manifest.to_json()).expect("writable");
    }

    const OLD_FILES: [&str; 4] = ["charts/a.svg", "charts/b.svg", "gone/x", "summary.csv"];
    const NEW_FILES: [&str; 4] = ["charts/a.svg", "charts/c.svg", "page.html", "summary.csv"];

    /// A target with the old files, and what it must look like with the new ones.
    fn scene() -> (tempfile::TempDir, [PathBuf; 2]) {
        let above = tempfile::tempdir().expect("a temporary folder");
        let paths = ["out", "expected"].map(|name| above.path().join(name));
        fill(&paths[0], &OLD_FILES, "old");
        fill(&paths[1], &NEW_FILES, "new");
        (above, paths)
    }

    fn same(one: &Path, other: &Path) -> bool {
        let (Ok(names), Ok(others)) = (entries(one), entries(other)) else {
            return fs::read(one).ok() == fs::read(other).ok();
        };
        names == others && names.iter().all(|name| same(&one.join(name), &other.join(name)))
    }

    #[test]
    fn new_files_take_the_places_of_old_ones() {
        let (_above, [dir, expected]) = scene();
        let aside = Aside::create_in(&dir).expect("writable");
        fill(&aside.join(NEW), &NEW_FILES, "new");
        put(&aside, &dir, Claim::whole(Kind::Run)).expect("ours");
        drop(aside);
        assert!(same(&dir, &expected), "{:?}", entries(&dir));
    }

    #[test]
    fn others_files_stay() {
        let (_above, [dir, _]) = scene();
        let aside = Aside::create_in(&dir).expect("writable");
        fill(&aside.join(NEW), &NEW_FILES, "new");
        fs::write(dir.join("notes.txt"), "mine").expect("writable");
        let refused = put(&aside, &dir, Claim::whole(Kind::Run)).expect_err("not ours");
        assert!(matches!(refused, FolderError::Foreign { entry, .. } if entry == "notes.txt"));
    }

    /// Killed after any number of steps, the next run goes on.
    #[test]
    fn whoever_comes_next_goes_on() {
        // Removing what is outdated, then moving each file, then the manifest.
        let steps = |dir: &Path, whole: &Path, done: usize| {
            if done > 0 {
                remove_outdated(whole, dir).expect("writable");
            }
            for path in NEW_FILES.iter().chain(&[MANIFEST]).take(done.saturating_sub(1)) {
                fs::rename(whole.join(path), dir.join(path)).expect("writable");
            }
        };
        for done in 0..=NEW_FILES.len() + 2 {
            let (_above, [dir, expected]) = scene();
            let aside = dir.join(".coopsim-0123456789abcdef");
            fill(&aside.join(WHOLE), &NEW_FILES, "new");
            steps(&dir, &aside.join(WHOLE), done);
            recover(&dir);
            assert!(same(&dir, &expected), "after {done} steps: {:?}", entries(&dir));
        }
    }

    /// A folder that was not yet whole is forgotten.
    #[test]
    fn what_was_not_whole_goes() {
        let (_above, [dir, expected]) = scene();
        fill(&dir.join(".coopsim-0123456789abcdef").join(NEW), &NEW_FILES, "half");
        recover(&dir);
        fs::remove_dir_all(&expected).expect("there");
        fill(&expected, &OLD_FILES, "old");
        assert!(same(&dir, &expected), "{:?}", entries(&dir));
    }

    /// Somebody changed a file in between: that is not undone by a run which died.
    #[test]
    fn what_was_changed_in_between_stays() {
        let (_above, [dir, _]) = scene();
        let aside = dir.join(".coopsim-0123456789abcdef");
        fill(&aside.join(WHOLE), &NEW_FILES, "new");
        fs::write(dir.join("summary.csv"), "mine").expect("writable");
        recover(&dir);
        assert_eq!(fs::read_to_string(dir.join("summary.csv")).expect("there"), "mine");
        assert!(aside.join(WHOLE).is_dir(), "nothing is lost either");
    }
}
