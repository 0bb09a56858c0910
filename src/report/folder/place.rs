//! Where a folder is filled, and whether there is a way and room to do so: found out before anything is
//! simulated.

use super::aside::Aside;
use super::error::{FolderError, failed};
use super::listing::{entries, nearest, parent, resolve};
use super::manifest::Kind;
use super::recover;
use super::target::Claim;
use std::fs;
use std::path::Path;

/// Where the folder aside is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Beside the target, for which it is then exchanged.
    Beside,
    /// In the target, which is a mount point, or in a folder that is closed to us.
    Within,
}

impl Place {
    /// For a target that may be absent, without links.
    pub(super) fn of(dir: &Path) -> Self {
        let open = |folder: &Path| writable(folder).is_ok();
        let within =
            dir.is_dir() && (is_mount_point(dir) || !parent(dir).is_some_and(open) && open(dir));
        if within { Self::Within } else { Self::Beside }
    }

    /// Makes the folder aside, and those above it that are missing.
    pub(super) fn aside(self, dir: &Path) -> Result<Aside, FolderError> {
        let folder = match (self, parent(dir)) {
            (Self::Beside, Some(parent)) => parent,
            _ => dir,
        };
        fs::create_dir_all(folder).map_err(failed("create", folder))?;
        Aside::create_in(folder)
    }
}

/// How much a folder will hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Variants.
    pub(crate) variants: u64,
    /// Models, tenants, clusters and applications, over all variants.
    pub(crate) scopes: u64,
    /// Models times buckets of the time series, over all variants.
    pub(crate) points: u64,
}

impl Extent {
    /// Bytes on disk, rather too many: what the shipped scenarios take per variant, scope and point,
    /// rounded up.
    pub(crate) fn bytes(self) -> u64 {
        const FOLDER: u64 = 1_000_000;
        const VARIANT: u64 = 300_000;
        const SCOPE: u64 = 20_000;
        const POINT: u64 = 1_000;
        FOLDER
            .saturating_add(self.variants.saturating_mul(VARIANT))
            .saturating_add(self.scopes.saturating_mul(SCOPE))
            .saturating_add(self.points.saturating_mul(POINT))
    }
}

/// Recovers what was killed at a target, and fails unless a folder of this many bytes can be put there.
/// Leaves nothing behind.
///
/// # Errors
/// Says what is in the way: other people's files, the system's refusal to let us write, or too little room.
pub(in crate::report) fn prepare(dir: &Path, kind: Kind, bytes: u64) -> Result<(), FolderError> {
    recover(dir);
    Claim::whole(kind).check(dir, None)?;
    let dir = resolve(dir)?;
    let nearest = nearest(&dir);
    match Place::of(&dir) {
        Place::Within => {
            drop(Aside::create_in(&dir)?);
        }
        Place::Beside => {
            // Folders that are still missing are not made before they are needed.
            let above = if nearest == dir { parent(&dir).unwrap_or(&dir) } else { &nearest };
            if !above.is_dir() {
                return Err(FolderError::NotAFolder { path: above.to_owned() });
            }
            drop(Aside::create_in(above)?);
        }
    }
    if dir.is_dir() {
        all_writable(&dir)?;
    }
    has_room(&nearest, bytes)
}

/// Fails unless the files of a folder of ours can be moved and removed.
fn all_writable(dir: &Path) -> Result<(), FolderError> {
    writable(dir).map_err(failed("write to", dir))?;
    for name in entries(dir)? {
        let path = dir.join(name);
        if path.is_dir() {
            all_writable(&path)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn writable(folder: &Path) -> std::io::Result<()> {
    use rustix::fs::{Access, access};
    Ok(access(folder, Access::WRITE_OK | Access::EXEC_OK)?)
}

#[cfg(not(unix))]
fn writable(folder: &Path) -> std::io::Result<()> {
    match fs::metadata(folder)?.permissions().readonly() {
        true => Err(std::io::ErrorKind::PermissionDenied.into()),
        false => Ok(()),
    }
}

/// Whether a folder cannot be renamed since a file system is mounted there. Its files are then on another
/// device than the folder above, or the system says so (a folder may be mounted within its own device).
#[cfg(unix)]
fn is_mount_point(dir: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| fs::metadata(path).ok().map(|metadata| metadata.dev());
    parent(dir).is_none_or(|parent| device(parent) != device(dir)) || is_mount_root(dir)
}

#[cfg(not(unix))]
fn is_mount_point(dir: &Path) -> bool {
    parent(dir).is_none()
}

#[cfg(target_os = "linux")]
fn is_mount_root(dir: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    statx(CWD, dir, AtFlags::empty(), StatxFlags::empty())
        .is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn is_mount_root(_: &Path) -> bool {
    false
}

/// Fails if the file system at `path` says that it does not take so many bytes.
#[cfg(unix)]
fn has_room(path: &Path, needed: u64) -> Result<(), FolderError> {
    let Ok(found) = rustix::fs::statvfs(path) else { return Ok(()) };
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    if free < needed {
        return Err(FolderError::NoRoom { path: path.to_owned(), free, needed });
    }
    Ok(())
}

#[cfg(not(unix))]
fn has_room(_: &Path, _: u64) -> Result<(), FolderError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::folder::replace;
    use crate::report::folder::run::write;

    fn above() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary folder")
    }

    #[test]
    fn preparing_leaves_nothing_behind() {
        let above = above();
        prepare(&above.path().join("out/below"), Kind::Run, 1).expect("writable");
        assert!(entries(above.path()).expect("readable").is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn too_little_room_is_found() {
        let above = above();
        let dir = above.path().join("out");
        let full = prepare(&dir, Kind::Run, u64::MAX).expect_err("no disk is so large");
        assert!(matches!(full, FolderError::NoRoom { needed: u64::MAX, .. }), "{full}");
        assert!(!full.is_refusal());
        assert!(entries(above.path()).expect("readable").is_empty());
    }

    /// The shared memory of Linux is mounted in a folder of another device.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_mount_point_is_written_within() {
        for (folder, place) in [("/dev/shm", Place::Within), ("/", Place::Within)] {
            if is_mount_point(Path::new(folder)) {
                assert_eq!(Place::of(Path::new(folder)), place, "{folder}");
            }
        }
        assert_eq!(Place::of(above().path()), Place::Beside);
    }

    /// A folder that may be written to in one that may not. (The superuser may write to both.)
    #[cfg(unix)]
    #[test]
    fn a_target_in_a_closed_folder_is_written_within() {
        use std::os::unix::fs::PermissionsExt;
        let above = above();
        let dir = above.path().join("out");
        fs::create_dir(&dir).expect("created");
        let mode = |mode| {
            fs::set_permissions(above.path(), fs::Permissions::from_mode(mode)).expect("ours");
        };
        mode(0o555);
        let closed = writable(above.path()).is_err();
        for text in ["old", "new"] {
            prepare(&dir, Kind::Run, 1).expect("open");
            replace(&dir, Kind::Run, |new| write(&new.join("text"), text)).expect("open");
            assert_eq!(fs::read_to_string(dir.join("text")).expect("there"), text);
        }
        assert_eq!(Place::of(&dir) == Place::Within, closed);
        mode(0o755);
        assert_eq!(entries(&dir).expect("readable"), ["manifest.json", "text"]);
    }
}
