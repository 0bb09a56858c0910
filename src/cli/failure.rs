//! Why the program stops, and the exit status that says so.

use super::output;
use crate::report::FolderError;
use crate::scenario::readable;
use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::process::ExitCode;

/// The exit status of a program that the user or the system stopped.
pub(super) const INTERRUPTED: u8 = 130;

/// Why a command did not do what was asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Something failed while running: exit status 1.
    Running(String),
    /// The command line or a scenario is wrong: exit status 2.
    Usage(String),
    /// The user or the system asked to stop: exit status 130.
    Interrupted,
}

/// Whether the system refuses a path since there is nothing of use, or since it can be nobody's: whoever named it
/// is mistaken, and nothing has failed.
pub(super) fn is_wrong_path(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::PermissionDenied
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput
    )
}

impl Failure {
    /// A failure while running, from an error that tells the whole story.
    pub(super) fn running(error: impl Display) -> Self {
        Self::Running(readable(&format!("error: {error}")))
    }

    /// A mistake on the command line.
    pub(super) fn usage(error: impl Display) -> Self {
        Self::Usage(readable(&format!("error: {error}")))
    }

    /// A folder that is not to be written to, or that could not be.
    pub(super) fn folder(error: &FolderError) -> Self {
        if error.is_refusal() { Self::usage(error) } else { Self::running(error) }
    }

    /// Tells the user, and gives the exit status.
    pub(super) fn report(&self) -> ExitCode {
        let (message, status) = match self {
            Self::Running(message) => (message.as_str(), 1),
            Self::Usage(message) => (message.as_str(), 2),
            Self::Interrupted => ("interrupted", INTERRUPTED),
        };
        output::complain(&output::legible(message));
        ExitCode::from(status)
    }
}
