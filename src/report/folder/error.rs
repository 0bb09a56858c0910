//! Why a folder is not written or read.

use std::io;
use std::path::{Path, PathBuf};

/// Why a folder is not written or read. Nothing has changed on disk, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The target, or what it should be in, is a file.
    #[error("{} is a file, not a folder", path.display())]
    NotAFolder {
        /// The file.
        path: PathBuf,
    },
    /// The target is a link to something that is not there.
    #[error("{} is a link that leads nowhere", path.display())]
    LeadsNowhere {
        /// The link.
        path: PathBuf,
    },
    /// No file system has a folder of this name.
    #[error("{} cannot be a folder: {source}", path.display())]
    BadName {
        /// The target.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The target holds what this program did not write.
    #[error(
        "{} holds {entry:?}, which coopsim did not write; choose another folder or move it away",
        path.display()
    )]
    Foreign {
        /// The target.
        path: PathBuf,
        /// The first such entry in the order of names, relative to the target.
        entry: String,
    },
    /// The target holds a file that somebody changed after this program wrote it.
    #[error(
        "{} holds {entry:?}, which was changed since coopsim wrote it; choose another folder or move it away",
        path.display()
    )]
    Changed {
        /// The target.
        path: PathBuf,
        /// The first such file in the order of names, relative to the target.
        entry: String,
    },
    /// The target has files, and nothing says that they are ours.
    #[error(
        "{} is not empty and has no {} of coopsim that says which files it wrote: {reason}; \
         choose another folder or move it away",
        path.display(), super::manifest::MANIFEST
    )]
    NotOurs {
        /// The target.
        path: PathBuf,
        /// What is wrong with the manifest.
        reason: String,
    },
    /// The target is a folder of ours, but of another command.
    #[error(
        "{} holds {found}, not {wanted}; choose another folder or move it away", path.display()
    )]
    OtherKind {
        /// The target.
        path: PathBuf,
        /// What it is.
        found: &'static str,
        /// What it should have been.
        wanted: &'static str,
    },
    /// There is nothing at the target, or nothing in it but folders of results.
    #[error("{} holds no results{}", path.display(), within(folders))]
    Empty {
        /// The target.
        path: PathBuf,
        /// Those of its folders that hold results, in the order of names.
        folders: Vec<PathBuf>,
    },
    /// Another process is writing into the target at this moment.
    #[error("another coopsim is writing into {}, by way of {entry:?}", path.display())]
    Busy {
        /// The target.
        path: PathBuf,
        /// The other one's own folder in it.
        entry: String,
    },
    /// The target's file system is too full.
    #[error(
        "{} has room for {} MB, and the output may take {} MB",
        path.display(), free.div_ceil(1_000_000), needed.div_ceil(1_000_000)
    )]
    NoRoom {
        /// The target, or the nearest folder above it that is there.
        path: PathBuf,
        /// What its file system still takes, in bytes.
        free: u64,
        /// The estimate of what is to be written, in bytes.
        needed: u64,
    },
    /// A file in the folder cannot be understood.
    #[error("{}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// While the new folder was made, something happened to the old one that forbids to replace it.
    #[error("{refusal}; the new results are in {}", kept.display())]
    Kept {
        /// What forbids it.
        refusal: Box<FolderError>,
        /// Where the new folder is instead.
        kept: PathBuf,
    },
    /// The old folder could not be put back after its replacement failed.
    #[error(
        "cannot replace {}: {source}; its old content is in {}, and the next run puts it back",
        path.display(), kept.display()
    )]
    Stranded {
        /// The target.
        path: PathBuf,
        /// Where the old content is.
        kept: PathBuf,
        /// Why the replacement failed.
        source: io::Error,
    },
}

impl FolderError {
    /// Whether the folder was not a good one to name, rather than something having failed.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::NotAFolder { .. }
                | Self::LeadsNowhere { .. }
                | Self::BadName { .. }
                | Self::Foreign { .. }
                | Self::Changed { .. }
                | Self::NotOurs { .. }
                | Self::OtherKind { .. }
                | Self::Empty { .. }
                | Self::Busy { .. }
                | Self::Malformed { .. }
        )
    }
}

/// Adds what was tried, and with what, to the system's reason.
pub(in crate::report) fn failed(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> FolderError {
    move |source| FolderError::Io { action, path: path.to_owned(), source }
}

/// Which folders may have been meant: a few of them.
fn within(folders: &[PathBuf]) -> String {
    const NAMED: usize = 4;
    let names: Vec<_> = folders.iter().take(NAMED).map(|each| each.display().to_string()).collect();
    match (folders.len(), names.join(", ")) {
        (0, _) => String::new(),
        (1, name) => format!(" itself: did you mean {name}?"),
        (count, names) if count > NAMED => format!(" itself: name one of {names}, …"),
        (_, names) => format!(" itself: name one of {names}"),
    }
}
