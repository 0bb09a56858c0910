//! ServeGen's tables of production models: clients, their rates and bursts hour by hour, the rate of
//! all together, and lengths.
//!
//! CSV files with a row per client, window, step or field, and the column `model`; columns that are not
//! named here are not looked at. As derived from Xiang et al., ServeGen (2025).

mod clients;
mod lengths;
mod rates;
mod windows;

pub use clients::{ServeGenClient, servegen_clients};
pub use lengths::servegen_lengths;
pub use rates::{servegen_hours, servegen_rates};
pub use windows::{ServeGenWindow, servegen_windows};

use super::TraceError;
use super::error::{BadRow, RowProblem};
use super::file::{LineCounter, TraceFile};
use super::header::{Column, Header};
use super::row::{Fault, fault, whole_number};
use csv::ByteRecord;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

const BUFFER_BYTES: usize = 1 << 16;
/// A table above this is a mistake: its rows of a model are kept in memory.
const MAX_BYTES: u64 = 64 << 20;
/// How many bad rows are described; the others are counted.
const BAD_ROWS_SHOWN: usize = 20;

/// The columns of a table, and how to read a row of it.
trait Table: Sized {
    /// What a row says.
    type Row;

    /// Finds the columns by name.
    fn new(column: &dyn Fn(&str) -> Result<Column, TraceError>) -> Result<Self, TraceError>;

    /// Reads the next row of the model asked for; `None` if nothing is to be made of it.
    fn row(&mut self, record: &ByteRecord) -> Result<Option<Self::Row>, Fault>;
}

/// The rows of `model`, of which there must be at least one.
fn rows_of<T: Table>(path: &Path, model: &str) -> Result<Vec<T::Row>, TraceError> {
    let file = Arc::new(TraceFile::open_up_to(path, MAX_BYTES)?);
    let Some((header, mut rows)) = Header::read(&file, &["model"], BUFFER_BYTES)? else {
        return Err(TraceError::Empty { file: path.to_owned() });
    };
    let of = header.column("model")?;
    let mut table = T::new(&|name| header.column(name))?;
    let mut record = ByteRecord::new();
    let mut lines = LineCounter::new(file.clone());
    let (mut found, mut models) = (Vec::new(), BTreeSet::new());
    let (mut bad, mut row, mut count) = (Vec::new(), 0, 0);
    while rows.read_record(&mut record)? {
        row += 1;
        let name = of.text(&record);
        if name != model {
            models.insert(name);
            continue;
        }
        match table.row(&record) {
            Ok(read) => found.extend(read),
            Err(Fault { column, found, problem }) => {
                count += 1;
                if bad.len() < BAD_ROWS_SHOWN {
                    let byte = record.position().map_or(0, |position| position.byte());
                    let line = lines.line_at(byte).map_err(|error| file.error(&error.into()))?;
                    bad.push(BadRow { row, line, column, found, problem });
                }
            }
        }
    }
    if count > 0 {
        return Err(TraceError::BadRows { file: path.to_owned(), rows: bad, count, allowed: 0 });
    }
    if found.is_empty() {
        let problem = format!("no row is of model `{model}`, only of {}", list(&models));
        return Err(TraceError::Parameter { file: path.to_owned(), problem });
    }
    Ok(found)
}

fn list(names: &BTreeSet<String>) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A finite number, not negative.
fn number(record: &ByteRecord, column: &Column) -> Result<f64, Fault> {
    let number = column.text(record).parse().ok();
    let sound = number.filter(|number: &f64| number.is_finite() && *number >= 0.0);
    sound.ok_or_else(|| fault(record, column, RowProblem::NotNumber))
}

/// A number, where there is one.
fn known(record: &ByteRecord, column: &Column) -> Result<Option<f64>, Fault> {
    match &*column.text(record) {
        "" | "nan" => Ok(None),
        _ => number(record, column).map(Some),
    }
}

/// Which step of `step` seconds starts at the time in a row.
fn step_at(record: &ByteRecord, column: &Column, step: u64) -> Result<u64, Fault> {
    let seconds: Option<u64> = whole_number(column.bytes(record))
        .and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    let seconds = seconds.ok_or_else(|| fault(record, column, RowProblem::NotNumber))?;
    if seconds % step != 0 {
        return Err(fault(record, column, RowProblem::OffGrid(step)));
    }
    Ok(seconds / step)
}

/// What the tests of all tables have in common.
#[cfg(test)]
mod testing {
    use super::TraceError;
    use std::io::Write;
    use std::path::Path;

    /// What `read` makes of a file with this content; errors call it `table.csv`.
    pub(super) fn read<T>(
        content: &str,
        read: impl FnOnce(&Path) -> Result<T, TraceError>,
    ) -> Result<T, String> {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        write!(file, "{content}").expect("it is writable");
        let name = file.path().display().to_string();
        read(file.path()).map_err(|error| error.to_string().replace(&name, "table.csv"))
    }
}
