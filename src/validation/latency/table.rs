//! Tables of measured rows: how they are read, and which of their rows are judged.

use super::LatencyRow;
use crate::catalog;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// Rows of one configuration at several dates that are further apart than this contradict each other: software got
/// faster, and a date says nothing to a simulation.
const CONTRADICTION: f64 = 1.15;
/// What the whole table is called, wherever its folder is.
const WHOLE: &str = "serving/latency.csv";

/// Rows that can be judged, and where they are from.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasuredRows {
    /// As a reader is told.
    pub origin: String,
    /// The rows.
    pub rows: Vec<LatencyRow>,
}

impl MeasuredRows {
    /// The sample in the catalogue.
    pub fn sample() -> Self {
        let rows = read(catalog::latency_sample().as_bytes())
            .unwrap_or_else(|error| panic!("an embedded catalogue: {error}"));
        Self { origin: "the sample in the catalogue".to_owned(), rows: sound(rows) }
    }

    /// The whole table, in a file.
    ///
    /// # Errors
    /// The file cannot be read, or is not such a table.
    pub fn of_file(path: &Path) -> Result<Self, csv::Error> {
        let rows = read(std::fs::File::open(path)?)?;
        Ok(Self { origin: WHOLE.to_owned(), rows: sound(rows) })
    }
}

/// Rows as CSV, after lines of comment that begin with `#`.
fn read(table: impl io::Read) -> Result<Vec<LatencyRow>, csv::Error> {
    csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(table).deserialize().collect()
}

/// The rows that are clean, and of which none contradicts another.
pub fn sound(rows: Vec<LatencyRow>) -> Vec<LatencyRow> {
    let clean: Vec<LatencyRow> = rows.into_iter().filter(LatencyRow::is_clean).collect();
    let mut spans: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for row in &clean {
        if let Some(time) = row.tpot_ms {
            let span = spans.entry(configuration(row)).or_insert((time, time));
            *span = (span.0.min(time), span.1.max(time));
        }
    }
    let agrees = |row: &LatencyRow| {
        spans.get(&configuration(row)).is_none_or(|(least, most)| most / least <= CONTRADICTION)
    };
    clean.into_iter().filter(agrees).collect()
}

/// What rows share that differ in nothing but their dates.
fn configuration(row: &LatencyRow) -> String {
    let LatencyRow { source, input_tokens, output_tokens, concurrency, lengths, .. } = row;
    format!("{source} {} {input_tokens} {output_tokens} {concurrency:?} {lengths}", row.group())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_contradict_each_other_are_left_out() {
        let sample = MeasuredRows::sample().rows;
        let row = sample.iter().find(|row| row.tpot_ms.is_some()).expect("a time");
        let later = |factor: f64| LatencyRow {
            date: "later".to_owned(),
            tpot_ms: row.tpot_ms.map(|time| factor * time),
            ..row.clone()
        };
        assert_eq!(sound(vec![row.clone(), later(1.1)]).len(), 2);
        assert_eq!(sound(vec![row.clone(), later(1.2)]), []);
    }

    #[test]
    fn doubtful_rows_are_left_out() {
        let row = MeasuredRows::sample().rows.remove(0);
        assert_eq!(sound(vec![row.clone()]).len(), 1);
        assert_eq!(sound(vec![LatencyRow { doubt: "why".to_owned(), ..row }]), []);
    }
}
