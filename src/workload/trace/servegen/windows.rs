//! The table of windows: how fast the largest clients call, and in what bursts, hour by hour.

use super::{Table, number, rows_of, step_at};
use crate::workload::trace::error::RowProblem;
use crate::workload::trace::header::Column;
use crate::workload::trace::row::{Fault, fault};
use crate::workload::{Family, TraceError};
use csv::ByteRecord;
use std::collections::BTreeSet;
use std::path::Path;

/// Length of a window.
const WINDOW_SECS: u64 = 3_600;
/// Windows of a client, at most: those of a leap year.
const MAX_WINDOWS: u64 = 8_784;

/// What a client does in an hour of the recording. It does nothing in hours without a row.
#[derive(Clone, Debug, PartialEq)]
pub struct ServeGenWindow {
    /// The client's number, as in the table of clients.
    pub client: String,
    /// Which hour, counting from 0.
    pub hour: usize,
    /// Calls per second.
    pub rate: f64,
    /// Coefficient of variation of the gaps, as measured.
    pub cv: f64,
    /// The family that fits the gaps.
    pub family: Family,
}

/// Reads the windows of the clients of `model`, in the order of the table: its columns `client`,
/// `t_s`, `rate_rps`, `cv` and `family`.
///
/// The shape and the scale of the fitted law, which the table has too, are not used: a fit by likelihood
/// has neither the rate nor the coefficient of variation that were measured.
///
/// # Errors
/// When the file cannot be read, lacks a column, has a bad row or two of the same window, or knows no
/// such model.
pub fn servegen_windows(path: &Path, model: &str) -> Result<Vec<ServeGenWindow>, TraceError> {
    rows_of::<Columns>(path, model)
}

/// Where a window's figures are.
struct Columns {
    client: Column,
    start: Column,
    rate: Column,
    cv: Column,
    family: Column,
    /// The windows that were there.
    seen: BTreeSet<(String, u64)>,
}

impl Table for Columns {
    type Row = ServeGenWindow;

    fn new(column: &dyn Fn(&str) -> Result<Column, TraceError>) -> Result<Self, TraceError> {
        Ok(Self {
            client: column("client")?,
            start: column("t_s")?,
            rate: column("rate_rps")?,
            cv: column("cv")?,
            family: column("family")?,
            seen: BTreeSet::new(),
        })
    }

    fn row(&mut self, record: &ByteRecord) -> Result<Option<ServeGenWindow>, Fault> {
        let client = self.client.text(record);
        let hour = step_at(record, &self.start, WINDOW_SECS)?;
        if hour >= MAX_WINDOWS {
            let most = RowProblem::Beyond(MAX_WINDOWS * WINDOW_SECS);
            return Err(fault(record, &self.start, most));
        }
        if !self.seen.insert((client.clone(), hour)) {
            return Err(fault(record, &self.start, RowProblem::Again));
        }
        let family = match &*self.family.text(record) {
            "Gamma" => Family::Gamma,
            "Weibull" => Family::Weibull,
            _ => return Err(fault(record, &self.family, RowProblem::NotFamily)),
        };
        let (rate, cv) = (number(record, &self.rate)?, number(record, &self.cv)?);
        Ok(Some(ServeGenWindow { client, hour: hour as usize, rate, cv, family }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::read;
    use super::*;

    const HEADER: &str = "model,client,t_s,rate_rps,cv,family,arg1,arg2\n";

    #[test]
    fn reads_the_windows_of_one_model() {
        let rows = "large,61,0,87.203,2.093,Gamma,0.22817,0.050252\n\
                    small,61,0,1,1,Gamma,1,1\n\
                    large,61,7200,0.5,3,Weibull,0.4282,0.0040959";
        let window = |hour, rate, cv, family| ServeGenWindow {
            client: "61".to_owned(),
            hour,
            rate,
            cv,
            family,
        };
        let found = read(&format!("{HEADER}{rows}"), |path| servegen_windows(path, "large"));
        let expected =
            vec![window(0, 87.203, 2.093, Family::Gamma), window(2, 0.5, 3.0, Family::Weibull)];
        assert_eq!(found, Ok(expected));
    }

    #[test]
    fn says_where_it_is_wrong() {
        let rows = "large,1,1800,1,1,Gamma,1,1\n\
                    large,1,0,fast,1,Gamma,1,1\n\
                    large,1,3600,1,1,Pareto,1,1\n\
                    large,1,7200,1,1,Gamma,1,1\n\
                    large,1,7200,1,1,Gamma,1,1\n\
                    large,1,soon,1,1,Gamma,1,1\n\
                    large,1,36000000000,1,1,Gamma,1,1\n";
        let found = read(&format!("{HEADER}{rows}"), |path| servegen_windows(path, "large"));
        insta::assert_snapshot!(found.unwrap_err(), @"
        error: trace row 1, column `t_s`: `1800` is not a multiple of 3600 seconds
          --> table.csv:2
        error: trace row 2, column `rate_rps`: `fast` is not a number from 0
          --> table.csv:3
        error: trace row 3, column `family`: `Pareto` is neither `Gamma` nor `Weibull`
          --> table.csv:4
        error: trace row 5, column `t_s`: `7200` is there twice
          --> table.csv:6
        error: trace row 6, column `t_s`: `soon` is not a number from 0
          --> table.csv:7
        error: trace row 7, column `t_s`: `36000000000` is too late: tables end at 31622400 seconds
          --> table.csv:8
        note: bad rows: 6, allowed: 0
        ");
    }
}
