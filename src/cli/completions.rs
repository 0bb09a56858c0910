//! `coopsim completions`: scripts that complete the command line in a shell.

use super::arguments::{Arguments, CompletionsArguments};
use super::failure::Failure;
use super::output;
use clap::CommandFactory;

/// Prints the script.
pub(super) fn completions(arguments: &CompletionsArguments) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "coopsim", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}
