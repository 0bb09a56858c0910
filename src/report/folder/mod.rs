//! The output folder: whole or as it was, and never in the place of someone else's files.
//!
//! A folder is filled aside, gets a manifest of its files, and is exchanged for the one that was there:
//! [`replace`] is the whole way. What a manifest does not list, as it lists it, is not ours to replace.

mod aside;
mod error;
mod exchange;
mod listing;
mod manifest;
mod place;
pub(super) mod run;
mod target;
mod within;

pub use error::FolderError;
pub use run::{check_target, redraw, write_folder};

pub(crate) use place::Extent;
pub(crate) use run::{held, prepare_target};

pub(super) use error::failed;
pub(super) use manifest::Kind;
pub(super) use place::prepare;
pub(super) use run::{holds, redraw_with, write, write_charts};

use aside::{Aside, NEW};
use listing::{is_absent, parent, resolve};
use manifest::{MANIFEST, Manifest};
use place::Place;
use std::fs;
use std::path::{Path, PathBuf};
use target::Claim;

/// Finishes what was killed while it replaced a folder, and removes what dead processes left beside
/// and in it. What cannot be removed stays.
pub(crate) fn recover(dir: &Path) {
    let Ok(dir) = resolve(dir) else { return };
    if let Some(parent) = parent(&dir) {
        aside::sweep(parent);
    }
    aside::sweep(&dir);
}

/// Fills a new folder, lists its files in a manifest, and puts it in the place of `dir`. Everything in
/// there must be ours.
///
/// # Errors
/// The target is not ours to replace, the folder cannot be filled, or the disk refuses; then the target is
/// as it was.
pub(super) fn replace(
    dir: &Path,
    kind: Kind,
    fill: impl FnOnce(&Path) -> Result<(), FolderError>,
) -> Result<(), FolderError> {
    let claim = Claim::whole(kind);
    claim.check(dir, None)?;
    exchange_for(dir, claim, |new| {
        fill(new)?;
        Manifest::of(new, kind)
    })
}

/// Puts a new folder, which `fill` fills and lists, in the place of one on which there is a claim.
fn exchange_for(
    dir: &Path,
    claim: Claim,
    fill: impl FnOnce(&Path) -> Result<Manifest, FolderError>,
) -> Result<(), FolderError> {
    let dir = resolve(dir)?;
    let place = Place::of(&dir);
    let aside = place.aside(&dir)?;
    let new = aside.join(NEW);
    fs::create_dir(&new).map_err(failed("create", &new))?;
    let manifest = fill(&new)?;
    write(&new.join(MANIFEST), &manifest.to_json())?;
    let put = match place {
        Place::Within => within::put(&aside, &dir, claim),
        Place::Beside => put_beside(&aside, &dir, claim),
    };
    match put {
        Err(error @ FolderError::Stranded { .. }) => {
            aside.leave();
            Err(error)
        }
        Err(refusal) if refusal.is_refusal() => Err(keep(&aside, &dir, refusal)),
        put => put,
    }
}

/// Exchanges the two folders. The old one is looked through again, first where it is, since filling took
/// its time, and then where nobody finds it any more: only then it is removed.
fn put_beside(aside: &Aside, dir: &Path, claim: Claim) -> Result<(), FolderError> {
    claim.check(dir, None)?;
    let new = aside.join(NEW);
    let old = exchange::put(&new, dir, &aside.join(""))?;
    let Some(old) = old else { return Ok(()) };
    claim.check(&old, None).or_else(|refusal| {
        let back = exchange::take_back(dir, &new, &old);
        back.map_err(|source| FolderError::Stranded {
            path: dir.to_owned(),
            kept: old.clone(),
            source,
        })?;
        Err(refusal)
    })
}

/// Keeps a new folder, which may not be put in its place, under the first free name beside that.
fn keep(aside: &Aside, dir: &Path, refusal: FolderError) -> FolderError {
    let new = aside.join(NEW);
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let names = (1..1000).map(|number| dir.with_file_name(format!("{name}-{number}")));
    let free: Option<PathBuf> = { names }.find(|path| is_absent(path));
    match free {
        Some(kept) if fs::rename(&new, &kept).is_ok() => {
            FolderError::Kept { refusal: Box::new(refusal), kept }
        }
        _ => refusal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use listing::entries;
    use std::io;

    /// A folder above and a target in it with one file, "old".
    fn scene() -> (tempfile::TempDir, PathBuf) {
        let above = tempfile::tempdir().expect("a temporary folder");
        let dir = above.path().join("out");
        replace(&dir, Kind::Run, |new| write(&new.join("text"), "old")).expect("an absent target");
        (above, dir)
    }

    fn text(dir: &Path) -> String {
        fs::read_to_string(dir.join("text")).expect("there")
    }

    /// Writes a file and then fails, as a full disk would.
    fn fail_halfway(new: &Path) -> Result<(), FolderError> {
        write(&new.join("text"), "half")?;
        Err(failed("write", &new.join("more"))(io::ErrorKind::StorageFull.into()))
    }

    #[test]
    fn a_failure_leaves_nothing_behind() {
        let above = tempfile::tempdir().expect("a temporary folder");
        let failed = replace(&above.path().join("out"), Kind::Run, fail_halfway);
        assert!(matches!(failed, Err(FolderError::Io { .. })));
        assert!(entries(above.path()).expect("readable").is_empty());
    }

    #[test]
    fn a_failure_leaves_the_older_folder_as_it_was() {
        let (above, dir) = scene();
        assert!(matches!(replace(&dir, Kind::Run, fail_halfway), Err(FolderError::Io { .. })));
        assert_eq!(text(&dir), "old");
        assert_eq!(entries(above.path()).expect("readable"), ["out"]);
        assert_eq!(entries(&dir).expect("readable"), ["manifest.json", "text"]);
    }

    /// Somebody puts a file into the folder while the new one is made: neither is lost.
    #[test]
    fn what_came_meanwhile_is_kept_and_so_are_the_results() {
        let (above, dir) = scene();
        let refused = replace(&dir, Kind::Run, |new| {
            write(&dir.join("notes"), "mine")?;
            write(&new.join("text"), "new")
        });
        let refused = refused.expect_err("not ours");
        assert!(matches!(&refused, FolderError::Kept { .. }), "{refused}");
        assert_eq!(entries(above.path()).expect("readable"), ["out", "out-1"]);
        assert_eq!((text(&dir), text(&above.path().join("out-1"))), ("old".into(), "new".into()));
        assert_eq!(entries(&dir).expect("readable"), ["manifest.json", "notes", "text"]);
    }
}
