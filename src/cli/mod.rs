//! Parses arguments and prints: the only layer that knows a terminal.

mod arguments;
mod catalog;
mod check;
mod completions;
mod failure;
mod format;
mod interrupt;
mod kept;
mod listing;
mod load;
mod memory;
mod output;
mod parts;
mod progress;
mod redraw;
mod run;
mod schema;
mod sweep;
mod validate;

use arguments::{Arguments, Command};
use clap::Parser;
use failure::Failure;
use std::io::IsTerminal;
use std::process::ExitCode;

/// Runs the program on the process's arguments.
///
/// Exit status: 0 done; 1 failed while running; 2 the command line or a scenario is wrong; 130
/// interrupted.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) if !usage.use_stderr() => usage.exit(),
        Err(usage) => {
            let message = usage.render();
            let message = if std::io::stderr().is_terminal() {
                message.ansi().to_string()
            } else {
                message.to_string()
            };
            return Failure::Usage(message).report();
        }
    };
    match execute(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn execute(command: Command) -> Result<(), Failure> {
    match command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Compare(arguments) => run::compare(&arguments),
        Command::Sweep(arguments) => sweep::sweep(&arguments),
        Command::Merge(arguments) => sweep::merge(&arguments),
        Command::Check(arguments) => check::check(&arguments),
        Command::Report(arguments) => redraw::redraw(&arguments),
        Command::Catalog(arguments) => catalog::catalog(&arguments),
        Command::Schema(arguments) => schema::schema(&arguments),
        Command::Validate(arguments) => validate::validate(&arguments),
        Command::Completions(arguments) => completions::completions(&arguments),
    }
}
