//! What can be wrong with a trace, and how it is said.

use super::super::TimestampFormat;
use super::super::tokens::MAX_CALL_TOKENS;
use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

/// How much of a text of the file is shown, in characters.
const SHOWN_CHARS: usize = 40;
/// How many names of columns are shown.
const COLUMNS_SHOWN: usize = 20;

/// A trace that cannot be replayed.
///
/// `Display` prints a diagnostic of several lines: what is wrong, then where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraceError {
    /// The file cannot be opened or read.
    Read {
        /// The file.
        file: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// A column that the scenario names is not in the header.
    MissingColumn {
        /// The file.
        file: PathBuf,
        /// The line of the header, counting from 1.
        line: u64,
        /// The name that was looked for.
        column: String,
        /// The names that the header has.
        found: Vec<String>,
    },
    /// Two columns have the same name, so that nobody can say which is meant.
    DuplicateColumn {
        /// The file.
        file: PathBuf,
        /// The line of the header, counting from 1.
        line: u64,
        /// The name.
        column: String,
    },
    /// There is no row that could be replayed.
    Empty {
        /// The file.
        file: PathBuf,
    },
    /// More rows are bad than the scenario allows.
    BadRows {
        /// The file.
        file: PathBuf,
        /// The first of them.
        rows: Vec<BadRow>,
        /// How many there are.
        count: u64,
        /// How many may be.
        allowed: u64,
    },
    /// The file is no longer what it was when it was scanned.
    Changed {
        /// The file.
        file: PathBuf,
    },
    /// A parameter of the replay is out of its range.
    Parameter {
        /// The file.
        file: PathBuf,
        /// Which, what was found and what is allowed.
        problem: String,
    },
}

/// A row of a trace that cannot be a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Its number, counting from 1 after the header.
    pub row: u64,
    /// The line of the file on which it starts, counting from 1.
    pub line: u64,
    /// The name of the column.
    pub column: String,
    /// The text found there, shortened; `None` if the row ends before the column.
    pub found: Option<String>,
    /// Why it will not do.
    pub problem: RowProblem,
}

/// Why a value in a trace will not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowProblem {
    /// It is not a whole number.
    NotTokens,
    /// It is zero tokens.
    NoTokens,
    /// It is more than `MAX_CALL_TOKENS`.
    TooManyTokens,
    /// It is not a number, or negative.
    NotNumber,
    /// It is no family of gaps that the table has.
    NotFamily,
    /// It is not a time at which a step of so many seconds can start.
    OffGrid(u64),
    /// It is not the number that comes next in the table.
    NotNext(u64),
    /// It is so many seconds or more.
    Beyond(u64),
    /// There is a row of it already.
    Again,
    /// It is below the quantile before.
    Decreases,
    /// It is more than the prompt has.
    MoreThanPrompt,
    /// It is not an instant in this format.
    NotInstant(TimestampFormat),
    /// It is an instant before that of the row above.
    Earlier,
    /// It stands behind the last column.
    Extra,
    /// It is none of these models.
    UnknownModel(Vec<String>),
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { file, reason } => {
                write!(f, "error: cannot read the trace: {reason}\n{}", Place(file, None))
            }
            Self::MissingColumn { file, line, column, found } => {
                write!(f, "error: the trace has no column `{column}`, only {}", columns(found))?;
                if let Some(near) = nearest(column, found) {
                    write!(f, "; did you mean `{near}`?")?;
                }
                write!(f, "\n{}", Place(file, Some(*line)))
            }
            Self::DuplicateColumn { file, line, column } => {
                let column = shown(column);
                write!(f, "error: the trace has two columns `{column}`: rename one of them")?;
                write!(f, "\n{}", Place(file, Some(*line)))
            }
            Self::Empty { file } => {
                write!(f, "error: the trace has no row to replay\n{}", Place(file, None))
            }
            Self::BadRows { file, rows, count, allowed } => {
                for row in rows {
                    writeln!(f, "error: {row}\n{}", Place(file, Some(row.line)))?;
                }
                let more = count - rows.len() as u64;
                if more > 0 {
                    writeln!(f, "error: and {more} more bad rows")?;
                }
                write!(f, "note: bad rows: {count}, allowed: {allowed}")
            }
            Self::Changed { file } => {
                write!(f, "error: the trace changed while it was replayed\n{}", Place(file, None))
            }
            Self::Parameter { file, problem } => {
                write!(f, "error: {problem}\n{}", Place(file, None))
            }
        }
    }
}

impl Error for TraceError {}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "trace row {}, column `{}`: ", self.row, self.column)?;
        match &self.found {
            None => write!(f, "the row ends before it"),
            Some(found) if found.is_empty() => write!(f, "there is no value"),
            Some(found) => write!(f, "`{found}` {}", self.problem),
        }
    }
}

/// Completes "`found` …".
impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTokens => write!(f, "is not a whole number of tokens"),
            Self::NoTokens => write!(f, "is too few: a call has at least 1 token"),
            Self::TooManyTokens => {
                write!(f, "is too many: a call has at most {MAX_CALL_TOKENS} tokens")
            }
            Self::NotNumber => write!(f, "is not a number from 0"),
            Self::NotFamily => write!(f, "is neither `Gamma` nor `Weibull`"),
            Self::OffGrid(step) => write!(f, "is not a multiple of {step} seconds"),
            Self::NotNext(next) => write!(f, "is out of place: {next} comes next"),
            Self::Beyond(end) => write!(f, "is too late: tables end at {end} seconds"),
            Self::Again => write!(f, "is there twice"),
            Self::Decreases => write!(f, "is less than the quantile before"),
            Self::MoreThanPrompt => write!(f, "is more than the prompt has"),
            Self::NotInstant(format) => write!(f, "is not {}", describe(*format)),
            Self::Earlier => write!(f, "is earlier than the row before"),
            Self::Extra => write!(f, "stands behind the last column: more values than columns"),
            Self::UnknownModel(known) => write!(f, "is not one of the models {}", list(known)),
        }
    }
}

fn describe(format: TimestampFormat) -> &'static str {
    match format {
        TimestampFormat::DateTime => {
            "an instant such as `2023-11-16 18:15:46.6805900` or `2024-05-10T00:00:00+02:00`"
        }
        TimestampFormat::Seconds => "a number of seconds",
        TimestampFormat::Milliseconds => "a number of milliseconds",
        TimestampFormat::Microseconds => "a number of microseconds",
        TimestampFormat::Nanoseconds => "a number of nanoseconds",
    }
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The names of columns: in what is not a CSV at all they may be many, long, and no text.
fn columns(names: &[String]) -> String {
    let first = names.iter().take(COLUMNS_SHOWN).map(|name| shown(name)).collect::<Vec<_>>();
    match names.len().saturating_sub(COLUMNS_SHOWN) {
        0 => list(&first),
        more => format!("{} and {more} more", list(&first)),
    }
}

/// A text of the file on one line, whatever is in it and however long it is.
pub(super) fn shown(text: &str) -> String {
    let text = text.replace(char::is_control, " ");
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn nearest<'a>(column: &str, found: &'a [String]) -> Option<&'a String> {
    let distance =
        |name: &str| strsim::damerau_levenshtein(&name.to_lowercase(), &column.to_lowercase());
    found
        .iter()
        .map(|name| (distance(name), name))
        .filter(|&(distance, name)| distance <= 2 && distance < name.len().min(column.len()))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// The line of a diagnostic that says where.
struct Place<'a>(&'a Path, Option<u64>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  --> {}", self.0.display())?;
        self.1.map_or(Ok(()), |line| write!(f, ":{line}"))
    }
}
