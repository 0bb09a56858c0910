//! One pass over a trace: is it good, how much is in it, and where to start in the middle.

use super::error::{BadRow, TraceError};
use super::file::{LineCounter, TraceFile};
use super::header::Header;
use super::index::Index;
use super::row::{Fault, Layout, Row};
use crate::engine::SimDuration;
use crate::workload::{SecondMoments, TraceSpec};
use csv::ByteRecord;
use std::sync::Arc;

/// How many bad rows are described; the others are counted.
const BAD_ROWS_SHOWN: usize = 20;
const SCAN_BUFFER_BYTES: usize = 1 << 16;

/// What is in a trace.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceSummary {
    /// Good rows.
    pub rows: u64,
    /// Rows that were skipped because they are bad.
    pub bad_rows: u64,
    /// The first of them.
    pub bad: Vec<BadRow>,
    /// From the first row that has an instant, good or bad, to the last good one; before any scaling.
    pub duration: SimDuration,
    /// Mean prompt tokens of a row.
    pub mean_input: f64,
    /// Mean output tokens of a row.
    pub mean_output: f64,
    /// Mean prompt tokens of a row that were cached; part of `mean_input`.
    pub mean_cached: f64,
    /// Second moments of a row's tokens.
    pub moments: SecondMoments,
    /// Prompt and output tokens of the row that has the fewest of both together, the first of several.
    pub shortest: (u32, u32),
    /// Likewise the most.
    pub longest: (u32, u32),
    /// Coefficient of variation of the gaps between rows; zero where there are no two gaps.
    pub gap_cv: f64,
    /// Rows that name each of [`TraceSpec::models`]; empty if the trace names none.
    pub rows_by_model: Vec<u64>,
}

/// Reads the whole of the trace once, in bounded memory, and says what is in it.
///
/// # Errors
/// When the file cannot be read, lacks a column, has no good row, or has more bad rows than
/// [`TraceSpec::bad_rows_allowed`].
pub fn scan(spec: &TraceSpec) -> Result<TraceSummary, TraceError> {
    Ok(super::Trace::open(spec)?.summary().clone())
}

/// All that a scan finds.
#[derive(Debug)]
pub(super) struct Scan {
    pub summary: TraceSummary,
    pub layout: Layout,
    pub index: Index,
    /// The origin: the instant of the first row that has one.
    pub first: u64,
    /// The instant of the last good row.
    pub last: u64,
}

pub(super) fn scan_file(spec: &TraceSpec, file: &Arc<TraceFile>) -> Result<Scan, TraceError> {
    let empty = || TraceError::Empty { file: spec.file.clone() };
    let wanted = spec.columns.names();
    let header = Header::read(file, &wanted, SCAN_BUFFER_BYTES)?;
    let (header, mut rows) = header.ok_or_else(empty)?;
    let layout = Layout::new(spec, &header)?;
    let mut record = ByteRecord::new();
    let mut origin = None;
    let mut totals = Totals::new(if spec.columns.model.is_some() { spec.models.len() } else { 0 });
    let mut index = Index::default();
    let mut faults = Faults::new(file.clone());
    while let Some(row) = rows.next(&layout, &mut record)? {
        let byte = record.position().map_or(0, |position| position.byte());
        origin = origin.or(rows.earliest());
        match row {
            Ok(row) => {
                index.add(row.at, byte);
                totals.add(&row);
            }
            Err(fault) => faults.add(totals.rows, byte, fault)?,
        }
    }
    if faults.count > spec.bad_rows_allowed {
        return Err(TraceError::BadRows {
            file: spec.file.clone(),
            rows: faults.shown,
            count: faults.count,
            allowed: spec.bad_rows_allowed,
        });
    }
    let (first, last) = origin.zip(totals.last).ok_or_else(empty)?;
    Ok(Scan { summary: totals.summary(faults, last - first), layout, index, first, last })
}

/// Bad rows so far.
struct Faults {
    count: u64,
    shown: Vec<BadRow>,
    lines: LineCounter,
    file: Arc<TraceFile>,
}

impl Faults {
    fn new(file: Arc<TraceFile>) -> Self {
        Self { count: 0, shown: Vec::new(), lines: LineCounter::new(file.clone()), file }
    }

    fn add(&mut self, good_rows: u64, byte: u64, fault: Fault) -> Result<(), TraceError> {
        self.count += 1;
        if self.shown.len() < BAD_ROWS_SHOWN {
            let Fault { column, found, problem } = fault;
            let line = self.lines.line_at(byte).map_err(|error| self.file.error(&error.into()))?;
            self.shown.push(BadRow { row: good_rows + self.count, line, column, found, problem });
        }
        Ok(())
    }
}

/// Sums over good rows.
struct Totals {
    rows: u64,
    input: u128,
    output: u128,
    cached: u128,
    moments: SecondMoments,
    by_model: Vec<u64>,
    /// The rows with the fewest and the most tokens.
    shortest: (u32, u32),
    longest: (u32, u32),
    /// The last instant.
    last: Option<u64>,
    /// Mean gap and sum of squared deviations, after Welford (1962).
    gap_mean: f64,
    gap_squares: f64,
}

impl Totals {
    fn new(models: usize) -> Self {
        Self {
            rows: 0,
            input: 0,
            output: 0,
            cached: 0,
            moments: SecondMoments::default(),
            by_model: vec![0; models],
            shortest: (u32::MAX, u32::MAX),
            longest: (0, 0),
            last: None,
            gap_mean: 0.0,
            gap_squares: 0.0,
        }
    }

    fn add(&mut self, row: &Row) {
        if let Some(last) = self.last {
            // `rows` rows so far, so this is the gap with that number.
            let gap = (row.at - last) as f64;
            let deviation = gap - self.gap_mean;
            self.gap_mean += deviation / self.rows as f64;
            self.gap_squares += deviation * (gap - self.gap_mean);
        }
        self.last = Some(row.at);
        self.rows += 1;
        self.input += u128::from(row.input);
        self.output += u128::from(row.output);
        self.cached += u128::from(row.cached);
        self.moments.add(row.input, row.output);
        let tokens = |(input, output): (u32, u32)| u64::from(input) + u64::from(output);
        let call = (row.input, row.output);
        if tokens(call) < tokens(self.shortest) {
            self.shortest = call;
        }
        if tokens(call) > tokens(self.longest) {
            self.longest = call;
        }
        if let Some(model) = row.model {
            self.by_model[model as usize] += 1;
        }
    }

    fn gap_cv(&self) -> f64 {
        let gaps = self.rows.saturating_sub(1);
        if gaps < 2 || self.gap_mean == 0.0 {
            return 0.0;
        }
        (self.gap_squares / (gaps - 1) as f64).sqrt() / self.gap_mean
    }

    fn summary(self, faults: Faults, nanos: u64) -> TraceSummary {
        let mean = |sum: u128| sum as f64 / self.rows as f64;
        TraceSummary {
            rows: self.rows,
            bad_rows: faults.count,
            bad: faults.shown,
            duration: SimDuration::from_nanos(nanos),
            mean_input: mean(self.input),
            mean_output: mean(self.output),
            mean_cached: mean(self.cached),
            moments: self.moments.over(self.rows as f64),
            shortest: self.shortest,
            longest: self.longest,
            gap_cv: self.gap_cv(),
            rows_by_model: self.by_model,
        }
    }
}
