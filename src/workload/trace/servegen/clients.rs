//! The table of clients: how fast they call on average, in what bursts, and how much.

use super::{Table, known, number, rows_of};
use crate::workload::TraceError;
use crate::workload::trace::header::Column;
use crate::workload::trace::row::Fault;
use csv::ByteRecord;
use std::path::Path;

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
    rows_of::<Columns>(path, model)
}

/// Where a client's figures are.
struct Columns {
    client: Column,
    rate: Column,
    cv: Column,
    gamma: Column,
    weibull: Column,
    input: Column,
    output: Column,
}

impl Table for Columns {
    type Row = ServeGenClient;

    fn new(column: &dyn Fn(&str) -> Result<Column, TraceError>) -> Result<Self, TraceError> {
        Ok(Self {
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
    fn row(&mut self, record: &ByteRecord) -> Result<Option<ServeGenClient>, Fault> {
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

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    const HEADER: &str = "category,model,client,mean_rate_rps,rate_weighted_cv,frac_gamma,\
                          frac_weibull,mean_input_tok,mean_output_tok,mean_other\n";

    fn read(rows: &str, model: &str) -> Result<Vec<ServeGenClient>, String> {
        testing::read(&format!("{HEADER}{rows}"), |path| servegen_clients(path, model))
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
          --> table.csv:2
        error: trace row 2, column `rate_weighted_cv`: `inf` is not a number from 0
          --> table.csv:4
        error: trace row 3, column `rate_weighted_cv`: the row ends before it
          --> table.csv:5
        note: bad rows: 3, allowed: 0
        ");
        insta::assert_snapshot!(read("language,large,0,1,1,1,0,1,1,", "lagre").unwrap_err(), @r"
        error: no row is of model `lagre`, only of `large`
          --> table.csv
        ");
    }
}
