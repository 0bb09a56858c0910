//! Standard output for results, standard error for all else.

use super::failure::Failure;
use std::io::{ErrorKind, IsTerminal, Write};

/// Columns where there is no terminal to ask.
const DEFAULT_WIDTH: u16 = 80;
/// Beyond this a table is hard to follow by eye.
const MAX_WIDTH: u16 = 160;
/// Characters of a word in an error: as many as of what it quotes.
const MAX_WORD: usize = 200;
/// Characters of a line in an error.
const MAX_LINE: usize = 1000;

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

/// A message in which no word and no line is longer than people read: a path of ten thousand letters is cut, with
/// spaces in it or without.
pub(super) fn legible(message: &str) -> String {
    let words = message.split_inclusive(char::is_whitespace).map(|word| cut(word, MAX_WORD));
    let words: String = words.collect();
    words.split_inclusive('\n').map(|line| cut(line, MAX_LINE)).collect()
}

/// The first characters of a text, and its newline if it ends with one.
fn cut(text: &str, most: usize) -> String {
    let end = text.char_indices().nth(most).filter(|(end, _)| text[*end..].trim_end() != "");
    let Some((end, _)) = end else { return text.to_owned() };
    let space = &text[text.trim_end().len()..];
    format!("{}…{space}", &text[..end])
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
