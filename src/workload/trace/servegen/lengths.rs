//! The table of quantiles: how long the calls of a model are.

use super::{Table, list, number, rows_of};
use crate::workload::trace::error::RowProblem;
use crate::workload::trace::header::Column;
use crate::workload::trace::row::{Fault, fault};
use crate::workload::{Distribution, TraceError};
use csv::ByteRecord;
use std::path::Path;

/// The columns of quantiles, with their probabilities.
const QUANTILES: [(&str, f64); 10] = [
    ("p1", 0.01),
    ("p5", 0.05),
    ("p10", 0.1),
    ("p25", 0.25),
    ("p50", 0.5),
    ("p75", 0.75),
    ("p90", 0.9),
    ("p95", 0.95),
    ("p99", 0.99),
    ("p99.9", 0.999),
];

/// Reads a law of tokens: the row of `model` with this `field` (`input_tokens`, `output_tokens` and
/// so on), its quantiles `p1` to `p99.9` and its `mean`.
///
/// The law has the table's quantiles, and in whole tokens the table's mean. Nothing is known outside the
/// quantiles: what is below `p1` counts as `p1`, what is above `p99.9` as `p99.9`. Between two
/// quantiles a straight line would overstate the mean, by up to 16 % in the published table, since long lengths are rarer than
/// short ones there, too. So the line has a corner at half the probability, at the same part of the way
/// up between any two quantiles: that part which gives the mean.
///
/// # Errors
/// When the file cannot be read, lacks a column, has a bad row or knows no such model or field, when
/// all lengths are 0, or when no part of the way gives the mean.
pub fn servegen_lengths(path: &Path, model: &str, field: &str) -> Result<Distribution, TraceError> {
    let rows = rows_of::<Columns>(path, model)?;
    let wrong = |problem| Err(TraceError::Parameter { file: path.to_owned(), problem });
    let Some(row) = rows.iter().find(|row| row.field == field) else {
        let known = rows.into_iter().map(|row| row.field).collect();
        let known = list(&known);
        return wrong(format!("model `{model}` has no field `{field}`, only {known}"));
    };
    if row.values.last().is_none_or(|&most| most < 1.0) {
        return wrong(format!("`{field}` of model `{model}` is not a number of tokens"));
    }
    match row.law() {
        Ok(law) => Ok(law),
        Err((least, most)) => wrong(format!(
            "the mean of `{field}` of model `{model}`, {}, does not go with its quantiles: they \
             allow {least:.1} to {most:.1}",
            row.mean
        )),
    }
}

/// A row of the table.
struct Row {
    field: String,
    mean: f64,
    /// In the order of [`QUANTILES`].
    values: Vec<f64>,
}

impl Row {
    /// The law with these quantiles and this mean; otherwise the means that can be had.
    fn law(&self) -> Result<Distribution, (f64, f64)> {
        let mean = |part| self.bent(part).mean_tokens();
        let (least, most) = (mean(0.0), mean(1.0));
        if !(least..=most).contains(&self.mean) {
            return Err((least, most));
        }
        // The mean rises with the part. Halving sixty times leaves nothing between the ends.
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if mean(middle) < self.mean {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(self.bent(high))
    }

    /// The law that is, at half the probability between two quantiles, this part of the way up.
    fn bent(&self, part: f64) -> Distribution {
        let probabilities = QUANTILES.map(|(_, probability)| probability);
        let known: Vec<_> = probabilities.into_iter().zip(self.values.iter().copied()).collect();
        let ((_, lowest), (_, highest)) = (known[0], known[known.len() - 1]);
        let mut points = vec![(0.0, lowest), known[0]];
        for pair in known.windows(2) {
            let ((p, low), (q, high)) = (pair[0], pair[1]);
            // Rounding must not lead past the upper value.
            points.push(((p + q) / 2.0, (low + part * (high - low)).min(high)));
            points.push((q, high));
        }
        points.push((1.0, highest));
        Distribution::Quantiles(points)
    }
}

struct Columns {
    field: Column,
    mean: Column,
    quantiles: Vec<Column>,
}

impl Table for Columns {
    type Row = Row;

    fn new(column: &dyn Fn(&str) -> Result<Column, TraceError>) -> Result<Self, TraceError> {
        let quantiles = QUANTILES.iter().map(|(name, _)| column(name)).collect::<Result<_, _>>()?;
        Ok(Self { field: column("field")?, mean: column("mean")?, quantiles })
    }

    fn row(&mut self, record: &ByteRecord) -> Result<Option<Row>, Fault> {
        let mut values: Vec<f64> = Vec::new();
        for column in &self.quantiles {
            let value = number(record, column)?;
            if values.last().is_some_and(|&before| value < before) {
                return Err(fault(record, column, RowProblem::Decreases));
            }
            values.push(value);
        }
        let (field, mean) = (self.field.text(record), number(record, &self.mean)?);
        Ok(Some(Row { field, mean, values }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::read;
    use super::*;

    fn lengths(rows: &str, field: &str) -> Result<Distribution, String> {
        let header = "model,field,mean,p1,p5,p10,p25,p50,p75,p90,p95,p99,p99.9,weight_note\n";
        read(&format!("{header}{rows}"), |path| servegen_lengths(path, "large", field))
    }

    #[test]
    fn has_the_tables_quantiles_and_mean() {
        let rows = "large,input,120,18,19,19,20,40,53,322,573,1478,2998,x\n\
                    large,output,1,0,0,0,0,0,0,0,0,0,0,x";
        let law = lengths(rows, "input").unwrap();
        assert_eq!(law.validate(), Ok(()));
        assert!((law.mean_tokens() - 120.0).abs() < 1e-9, "{}", law.mean_tokens());
        let Distribution::Quantiles(points) = law else { panic!("a table") };
        for point in [(0.0, 18.0), (0.01, 18.0), (0.5, 40.0), (0.999, 2998.0), (1.0, 2998.0)] {
            assert!(points.contains(&point), "{point:?} is not in {points:?}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let rows = "large,input,1000,18,19,19,20,40,53,322,573,1478,2998,x\n\
                    large,images,0,0,0,0,0,0,0,0,0,0,0,x\n";
        let falls = "large,input,100,18,19,17,20,40,53,322,573,many,2998,x\n";
        let wrong = [
            lengths(rows, "input"),
            lengths(rows, "images"),
            lengths(rows, "outputs"),
            lengths(falls, "input"),
        ];
        let wrong = wrong.map(Result::unwrap_err).join("\n");
        insta::assert_snapshot!(wrong, @"
        error: the mean of `input` of model `large`, 1000, does not go with its quantiles: they allow 110.8 to 166.4
          --> table.csv
        error: `images` of model `large` is not a number of tokens
          --> table.csv
        error: model `large` has no field `outputs`, only `images`, `input`
          --> table.csv
        error: trace row 1, column `p10`: `17` is less than the quantile before
          --> table.csv:2
        note: bad rows: 1, allowed: 0
        ");
    }
}
