//! ServeGen's table of clients: who calls a production model, how fast, and in what bursts.
//!
//! A CSV with a row per client and the columns `model`, `client`, `mean_rate_rps`,
//! `rate_weighted_cv`, `frac_gamma`, `frac_weibull`, `mean_input_tok` and `mean_output_tok`; others
//! are not looked at. As derived from Xiang et al., ServeGen (2025).

use super::TraceError;
use super::error::{BadRow, RowProblem};
use super::file::{LineCounter, TraceFile};
use super::row::{Column, Fault, Rows, fault};
use csv::ByteRecord;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

const BUFFER_BYTES: usize = 1 << 16;
/// How many bad rows are described; the others are counted.
const BAD_ROWS_SHOWN: usize = 20;

/// A client of a production model.
#[derive(Clone, Debug, PartialEq)]
pub struct ServeGenClient {
    /// Its number in the table.
    pub name: String,
    /// Mean calls per second over the recording, above 0.
    pub rate: f64,
    /// Coefficient of variation of its gaps, by the hour, weighted by the rate.
    pub cv: f64,
    /// Whether a Weibull law fits its gaps in more hours than a gamma law does.
    pub weibull: bool,
    /// Mean prompt tokens, where its lengths were recorded.
    pub mean_input: Option<f64>,
    /// Mean output tokens, likewise.
    pub mean_output: Option<f64>,
}

/// Reads the clients of `model` who ever called, in the order of the table.
///
/// # Errors
/// When the file cannot be read, lacks a column, has a bad row, or knows no such model.
pub fn servegen_clients(path: &Path, model: &str) -> Result<Vec<ServeGenClient>, TraceError> {
    let file = Arc::new(TraceFile::open(path)?);
    let mut rows = Rows::new(file.clone(), 0, 0, BUFFER_BYTES);
    let mut record = ByteRecord::new();
    if !rows.read_record(&mut record)? {
        return Err(TraceError::Empty { file: path.to_owned() });
    }
    let columns = Columns::new(path, &record)?;
    let mut lines = LineCounter::new(file.clone());
    let (mut clients, mut models) = (Vec::new(), BTreeSet::new());
    let (mut bad, mut row, mut count) = (Vec::new(), 0, 0);
    while rows.read_record(&mut record)? {
        row += 1;
        let of = columns.model.text(&record);
        if of != model {
            models.insert(of);
            continue;
        }
        match columns.client(&record) {
            Ok(client) => clients.extend(client),
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
    if clients.is_empty() {
        let known = models.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let problem = format!("no client calls model `{model}`, only {known}");
        return Err(TraceError::Parameter { file: path.to_owned(), problem });
    }
    Ok(clients)
}

/// Where a client's figures are.
struct Columns {
    model: Column,
    client: Column,
    rate: Column,
    cv: Column,
    gamma: Column,
    weibull: Column,
    input: Column,
    output: Column,
}

impl Columns {
    fn new(path: &Path, header: &ByteRecord) -> Result<Self, TraceError> {
        let column = |name| Column::find(path, header, name);
        Ok(Self {
            model: column("model")?,
            client: column("client")?,
            rate: column("mean_rate_rps")?,
            cv: column("rate_weighted_cv")?,
            gamma: column("frac_gamma")?,
            weibull: column("frac_weibull")?,
            input: column("mean_input_tok")?,
            output: column("mean_output_tok")?,
        })
    }

    /// The client of a row, unless it never called.
    fn client(&self, record: &ByteRecord) -> Result<Option<ServeGenClient>, Fault> {
        let rate = number(record, &self.rate)?;
        if rate == 0.0 {
            return Ok(None);
        }
        Ok(Some(ServeGenClient {
            name: self.client.text(record),
            rate,
            cv: number(record, &self.cv)?,
            weibull: number(record, &self.weibull)? > number(record, &self.gamma)?,
            mean_input: known(record, &self.input)?,
            mean_output: known(record, &self.output)?,
        }))
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const HEADER: &str = "category,model,client,mean_rate_rps,rate_weighted_cv,frac_gamma,\
                          frac_weibull,mean_input_tok,mean_output_tok,mean_other\n";

    fn read(rows: &str, model: &str) -> Result<Vec<ServeGenClient>, String> {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        write!(file, "{HEADER}{rows}").expect("it is writable");
        let name = file.path().display().to_string();
        let found = servegen_clients(file.path(), model);
        found.map_err(|error| error.to_string().replace(&name, "clients.csv"))
    }

    #[test]
    fn reads_the_clients_of_one_model() {
        let rows = "language,large,0,0.5,10.8,0.177,0.823,322.1,108.4,\n\
                    language,small,0,9,1,1,0,1,1,\n\
                    language,large,1,2,0.7,0.9,0.1,nan,nan,\"{\"\"a\"\": 1, \"\"b\"\": 2}\"\n\
                    language,large,2,0,,0,0,nan,nan,";
        let client = |name: &str, rate, cv, weibull, mean_input, mean_output| ServeGenClient {
            name: name.to_owned(),
            rate,
            cv,
            weibull,
            mean_input,
            mean_output,
        };
        assert_eq!(
            read(rows, "large"),
            Ok(vec![
                client("0", 0.5, 10.8, true, Some(322.1), Some(108.4)),
                client("1", 2.0, 0.7, false, None, None),
            ])
        );
    }

    #[test]
    fn says_where_it_is_wrong() {
        let rows = "language,large,0,-1,1,1,0,1,1,\n\n\
                    language,large,1,0.5,inf,1,0,1,1,\n\
                    language,large,2,0.5\n";
        insta::assert_snapshot!(read(rows, "large").unwrap_err(), @r"
        error: trace row 1, column `mean_rate_rps`: `-1` is not a number from 0
          --> clients.csv:2
        error: trace row 2, column `rate_weighted_cv`: `inf` is not a number from 0
          --> clients.csv:4
        error: trace row 3, column `rate_weighted_cv`: the row ends before it
          --> clients.csv:5
        note: bad rows: 3, allowed: 0
        ");
        insta::assert_snapshot!(read("language,large,0,1,1,1,0,1,1,", "lagre").unwrap_err(), @r"
        error: no client calls model `lagre`, only `large`
          --> clients.csv
        ");
    }
}
