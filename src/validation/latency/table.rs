//! Tables of measured rows: how they are read, and which of their rows are judged.

use super::LatencyRow;
use super::fault::fault;
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
    /// The file cannot be read, is not such a table, or has no row, or one that makes no sense.
    pub fn of_file(path: &Path) -> Result<Self, MeasuredError> {
        let rows = read(std::fs::File::open(path).map_err(csv::Error::from)?)?;
        if rows.is_empty() {
            return Err(MeasuredError::Empty);
        }
        Ok(Self { origin: WHOLE.to_owned(), rows: sound(rows) })
    }
}

/// Why a table of measurements cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MeasuredError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] csv::Error),
    /// It says nothing.
    #[error("no row: expected measurements below the heads of columns")]
    Empty,
    /// A row makes no sense.
    #[error("line {line}: {problem}")]
    Row {
        /// Where it stands.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
}

/// Rows as CSV, after lines of comment that begin with `#`.
fn read(table: impl io::Read) -> Result<Vec<LatencyRow>, MeasuredError> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(table);
    let heads = reader.headers()?.clone();
    let read = |record: Result<csv::StringRecord, csv::Error>| {
        let record = record?;
        let row: LatencyRow = record.deserialize(Some(&heads))?;
        let line = record.position().map_or(0, csv::Position::line);
        match fault(&row) {
            Some(problem) => Err(MeasuredError::Row { line, problem }),
            None => Ok(row),
        }
    };
    reader.records().map(read).collect()
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

    /// Each of these made a comparison out of nothing, or took all memory.
    #[test]
    fn rows_that_make_no_sense_are_refused_with_their_line() {
        let row = MeasuredRows::sample().rows.remove(0);
        for (column, wrong) in [
            ("tensor", LatencyRow { tensor: 0, ..row.clone() }),
            ("tpot_ms", LatencyRow { tpot_ms: Some(-1.0), ..row.clone() }),
            ("tpot_ms", LatencyRow { tpot_ms: Some(f64::NAN), ..row.clone() }),
            ("ttft_ms", LatencyRow { ttft_ms: Some(f64::INFINITY), ..row.clone() }),
            ("concurrency", LatencyRow { concurrency: Some(1e9), ..row.clone() }),
            ("input_tokens", LatencyRow { input_tokens: 0, ..row.clone() }),
            ("engine", LatencyRow { engine: "foo".to_owned(), ..row.clone() }),
        ] {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.serialize(&row).expect("memory holds it");
            writer.serialize(&wrong).expect("memory holds it");
            let table = writer.into_inner().expect("memory holds it");
            let error = read(&*table).expect_err("a row makes no sense").to_string();
            assert!(error.starts_with("line 3: ") && error.contains(column), "{error}");
        }
    }

    #[test]
    fn doubtful_rows_are_left_out() {
        let row = MeasuredRows::sample().rows.remove(0);
        assert_eq!(sound(vec![row.clone()]).len(), 1);
        assert_eq!(sound(vec![LatencyRow { doubt: "why".to_owned(), ..row }]), []);
    }
}
