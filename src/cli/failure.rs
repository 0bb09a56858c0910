//! Why the program stops, and the exit status that says so.

use super::output;
use crate::report::FolderError;
use std::fmt::Display;
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

impl Failure {
    /// A failure while running, from an error that tells the whole story.
    pub fn running(error: impl Display) -> Self {
        Self::Running(format!("error: {error}"))
    }

    /// A mistake on the command line.
    pub fn usage(error: impl Display) -> Self {
        Self::Usage(format!("error: {error}"))
    }

    /// A folder that is not to be written to, or that could not be.
    pub fn folder(error: &FolderError) -> Self {
        if error.is_refusal() { Self::usage(error) } else { Self::running(error) }
    }

    /// Tells the user, and gives the exit status.
    pub fn report(&self) -> ExitCode {
        let (message, status) = match self {
            Self::Running(message) => (message.as_str(), 1),
            Self::Usage(message) => (message.as_str(), 2),
            Self::Interrupted => ("interrupted", INTERRUPTED),
        };
        output::complain(message);
        ExitCode::from(status)
    }
}
