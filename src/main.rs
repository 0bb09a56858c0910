//! The `coopsim` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    coopsim::cli::main()
}
