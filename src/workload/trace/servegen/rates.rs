//! The tables of rates: of all clients together, in steps of ten minutes and by the hour of the day.

use super::{Table, number, rows_of, step_at};
use crate::workload::TraceError;
use crate::workload::trace::error::RowProblem;
use crate::workload::trace::header::Column;
use crate::workload::trace::row::{Fault, fault};
use csv::ByteRecord;
use std::path::Path;

/// Length of a step of the table of rates.
const STEP_SECS: u64 = 600;

/// Reads the rate of `model` in calls per second, in steps of ten minutes without a gap: the columns
/// `t_s`, from 0, and `total_rate_rps`.
///
/// # Errors
/// When the file cannot be read, lacks a column or a step, has a bad row, or knows no such model.
pub fn servegen_rates(path: &Path, model: &str) -> Result<Vec<f64>, TraceError> {
    rows_of::<Rates>(path, model)
}

/// Reads the rate of `model` by the hour, relative to its mean: the columns `hour`, from 0, and
/// `mean_rate_rel_to_overall`.
///
/// # Errors
/// When the file cannot be read, lacks a column, has a bad row or other rows than 24, or knows no such
/// model.
pub fn servegen_hours(path: &Path, model: &str) -> Result<Vec<f64>, TraceError> {
    let factors = rows_of::<Hours>(path, model)?;
    if factors.len() != 24 {
        let problem = format!("model `{model}` has {} hours, expected 24", factors.len());
        return Err(TraceError::Parameter { file: path.to_owned(), problem });
    }
    Ok(factors)
}

struct Rates {
    start: Column,
    rate: Column,
    /// The step that comes next.
    next: u64,
}

impl Table for Rates {
    type Row = f64;

    fn new(column: &dyn Fn(&str) -> Result<Column, TraceError>) -> Result<Self, TraceError> {
        Ok(Self { start: column("t_s")?, rate: column("total_rate_rps")?, next: 0 })
    }

    fn row(&mut self, record: &ByteRecord) -> Result<Option<f64>, Fault> {
        let step = step_at(record, &self.start, STEP_SECS)?;
        if step != self.next {
            let next = RowProblem::NotNext(self.next * STEP_SECS);
            return Err(fault(record, &self.start, next));
        }
        self.next += 1;
        number(record, &self.rate).map(Some)
    }
}

struct Hours {
    hour: Column,
    factor: Column,
    /// The hour that comes next.
    next: u64,
}

impl Table for Hours {
    type Row = f64;

    fn new(column: &dyn Fn(&str) -> Result<Column, TraceError>) -> Result<Self, TraceError> {
        Ok(Self { hour: column("hour")?, factor: column("mean_rate_rel_to_overall")?, next: 0 })
    }

    fn row(&mut self, record: &ByteRecord) -> Result<Option<f64>, Fault> {
        if step_at(record, &self.hour, 1)? != self.next {
            return Err(fault(record, &self.hour, RowProblem::NotNext(self.next)));
        }
        self.next += 1;
        number(record, &self.factor).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::read;
    use super::*;

    fn rates(rows: &str) -> Result<Vec<f64>, String> {
        let header = "model,t_s,total_rate_rps,active_clients,top1_client_share\n";
        read(&format!("{header}{rows}"), |path| servegen_rates(path, "large"))
    }

    fn hours(rows: &str) -> Result<Vec<f64>, String> {
        let header = "model,hour,mean_rate_rel_to_overall,p10_rel,p90_rel,n\n";
        read(&format!("{header}{rows}"), |path| servegen_hours(path, "large"))
    }

    #[test]
    fn reads_the_steps_of_one_model() {
        let rows =
            "large,0,212.78,43,0.4\nsmall,0,1,1,1\nlarge,600,0,0,nan\nlarge,1200,187.7,43,0.5";
        assert_eq!(rates(rows), Ok(vec![212.78, 0.0, 187.7]));
        let all: String = (0..24).map(|hour| format!("large,{hour},{}.5,1,1,84\n", hour)).collect();
        assert_eq!(hours(&all), Ok((0..24).map(|hour| f64::from(hour) + 0.5).collect()));
    }

    #[test]
    fn says_where_it_is_wrong() {
        let wrong = [
            rates("large,0,1,1,1\nlarge,1200,1,1,1\nlarge,700,1,1,1\nlarge,600,-1,1,1\n"),
            hours("large,1,1,1,1,1\n"),
            hours("large,0,1,1,1,1\n"),
            hours("small,0,1,1,1,1\n"),
        ];
        let wrong = wrong.map(Result::unwrap_err).join("\n");
        insta::assert_snapshot!(wrong, @"
        error: trace row 2, column `t_s`: `1200` is out of place: 600 comes next
          --> table.csv:3
        error: trace row 3, column `t_s`: `700` is not a multiple of 600 seconds
          --> table.csv:4
        error: trace row 4, column `total_rate_rps`: `-1` is not a number from 0
          --> table.csv:5
        note: bad rows: 3, allowed: 0
        error: trace row 1, column `hour`: `1` is out of place: 0 comes next
          --> table.csv:2
        note: bad rows: 1, allowed: 0
        error: model `large` has 1 hours, expected 24
          --> table.csv
        error: no row is of model `large`, only of `small`
          --> table.csv
        ");
    }
}
