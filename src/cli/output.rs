//! Standard output for results, standard error for all else.

use super::failure::Failure;
use std::io::{ErrorKind, IsTerminal, Write};

/// Columns where there is no terminal to ask.
const DEFAULT_WIDTH: u16 = 80;
/// Beyond this a table is hard to follow by eye.
const MAX_WIDTH: u16 = 160;

/// Writes results. A reader that has seen enough (`| head`) is not a failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::running(format_args!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Tells the user something on standard error. If nobody can hear it, so be it.
pub(super) fn complain(message: &str) {
    let newline = if message.ends_with('\n') { "" } else { "\n" };
    let _ = write!(std::io::stderr().lock(), "{message}{newline}");
}

/// Columns for tables on standard output.
pub(super) fn width() -> u16 {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return DEFAULT_WIDTH;
    }
    match terminal_size::terminal_size_of(stdout) {
        Some((terminal_size::Width(columns), _)) => columns.clamp(DEFAULT_WIDTH / 2, MAX_WIDTH),
        None => DEFAULT_WIDTH,
    }
}
