//! Whether a path may be written to: only what a manifest lists, as it lists it, is ours to replace.

use super::aside;
use super::error::{FolderError, failed};
use super::listing::{entries, nearest};
use super::manifest::{Kind, MANIFEST, Manifest};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;

/// How often a folder is looked at that others keep replacing.
const MAX_LOOKS: u32 = 20;

/// What somebody says of a folder who wants to replace it.
#[derive(Clone, Copy)]
pub(super) struct Claim {
    kind: Kind,
    /// Which files may have been changed, since they stay.
    may_change: fn(&str) -> bool,
}

impl Claim {
    /// All files are as this program wrote them.
    pub(super) fn whole(kind: Kind) -> Self {
        Self { kind, may_change: |_| false }
    }

    /// All files are, but for those that stay.
    pub(super) fn but_for(kind: Kind, may_change: fn(&str) -> bool) -> Self {
        Self { kind, may_change }
    }

    /// Fails unless the path is absent, an empty folder, or a folder of this kind with the files of its
    /// manifest and nothing else. `except` is the name of something that is not looked at.
    pub(super) fn check(&self, dir: &Path, except: Option<&OsStr>) -> Result<(), FolderError> {
        if entries_of_target(dir)?.iter().all(|name| Some(name.as_os_str()) == except) {
            return Ok(());
        }
        let mut listed = manifest(dir, self.kind)?;
        for _ in 0..MAX_LOOKS {
            let manifests = &[&listed];
            let search = Search { dir, manifests, may_change: self.may_change, except };
            let Err(found) = search.strangers() else { return Ok(()) };
            // Another run may have put its folder here meanwhile: its files are not the first one's.
            match manifest(dir, self.kind)? {
                now if now == listed => return Err(found),
                now => listed = now,
            }
        }
        Err(FolderError::Busy { path: dir.to_owned(), entry: MANIFEST.to_owned() })
    }
}

/// The names in a target, none if it is absent.
pub(super) fn entries_of_target(dir: &Path) -> Result<Vec<std::ffi::OsString>, FolderError> {
    match fs::metadata(dir) {
        Ok(metadata) if metadata.is_dir() => entries(dir),
        Ok(_) => Err(FolderError::NotAFolder { path: dir.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !dir.is_symlink() => {
            Ok(Vec::new())
        }
        Err(_) if dir.is_symlink() => Err(FolderError::LeadsNowhere { path: dir.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::InvalidFilename => {
            Err(FolderError::BadName { path: dir.to_owned(), source: error })
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Err(FolderError::NotAFolder { path: nearest(dir) })
        }
        Err(error) => Err(failed("read", dir)(error)),
    }
}

/// The manifest of a folder of this kind.
pub(super) fn manifest(dir: &Path, kind: Kind) -> Result<Manifest, FolderError> {
    let path = || dir.to_owned();
    let manifest =
        Manifest::read(dir).map_err(|reason| FolderError::NotOurs { path: path(), reason })?;
    if manifest.holds == kind {
        Ok(manifest)
    } else {
        let (found, wanted) = (manifest.holds.words(), kind.words());
        Err(FolderError::OtherKind { path: path(), found, wanted })
    }
}

/// A search for what is not ours.
pub(super) struct Search<'a> {
    /// In this folder.
    pub(super) dir: &'a Path,
    /// The files that are, as one of these lists has them.
    pub(super) manifests: &'a [&'a Manifest],
    /// Which files may have been changed.
    pub(super) may_change: fn(&str) -> bool,
    /// An entry not to be looked at.
    pub(super) except: Option<&'a OsStr>,
}

impl Search<'_> {
    /// Fails if there is anything that is not ours.
    pub(super) fn strangers(&self) -> Result<(), FolderError> {
        self.look(self.dir, "")
    }

    /// Looks through a folder whose files have paths that begin with `below`.
    fn look(&self, folder: &Path, below: &str) -> Result<(), FolderError> {
        for name in entries(folder)? {
            if below.is_empty() && (name == MANIFEST || self.except == Some(&name)) {
                continue;
            }
            if below.is_empty() && aside::is_name(&name) {
                let entry = name.to_string_lossy().into_owned();
                return Err(FolderError::Busy { path: self.dir.to_owned(), entry });
            }
            self.entry(folder, below, &name)?;
        }
        Ok(())
    }

    fn entry(&self, folder: &Path, below: &str, name: &OsStr) -> Result<(), FolderError> {
        let path = folder.join(name);
        let relative = format!("{below}{}", name.to_string_lossy());
        let kind = fs::symlink_metadata(&path).map_err(failed("read", &path))?.file_type();
        if kind.is_dir() && self.manifests.iter().any(|manifest| manifest.has_folder(&relative)) {
            return self.look(&path, &format!("{relative}/"));
        }
        let mut listed = self.manifests.iter().filter_map(|list| list.file(&relative)).peekable();
        if !kind.is_file() || listed.peek().is_none() {
            return Err(FolderError::Foreign { path: self.dir.to_owned(), entry: relative });
        }
        if (self.may_change)(&relative) {
            return Ok(());
        }
        for file in listed {
            if file.is(&path)? {
                return Ok(());
            }
        }
        Err(FolderError::Changed { path: self.dir.to_owned(), entry: relative })
    }
}
