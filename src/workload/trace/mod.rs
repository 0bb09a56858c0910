//! Replaying recorded calls: the file is scanned once, then streamed.

mod cursor;
mod error;
mod file;
mod header;
mod index;
mod replay;
mod row;
mod scale;
mod scan;
mod servegen;
mod timestamp;

pub use error::{BadRow, RowProblem, TraceError};
pub use replay::Replay;
pub use scan::{TraceSummary, scan};
pub use servegen::{
    ServeGenClient, ServeGenWindow, servegen_clients, servegen_hours, servegen_lengths,
    servegen_rates, servegen_windows,
};

use super::{Prefix, TraceSpec};
use crate::engine::{SimDuration, SimTime};
use csv::ByteRecord;
use file::TraceFile;
use index::{Entry, Index};
use row::{Layout, Rows};
use scale::TimeScale;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

/// Most superposed copies.
const MAX_COPIES: f64 = 10_000.0;
/// To read a few rows in the middle.
const SMALL_BUFFER_BYTES: usize = 1 << 12;

/// A trace that has been scanned and can be replayed any number of times, from any number of
/// threads: they share one file handle, and none holds the file in memory.
#[derive(Debug)]
pub struct Trace {
    spec: TraceSpec,
    time_scale: TimeScale,
    file: Arc<TraceFile>,
    layout: Layout,
    index: Index,
    summary: TraceSummary,
    /// The origin: the instant of the first row that has one, good or bad.
    first: u64,
    /// The instant of the last good row.
    last: u64,
}

impl Trace {
    /// Opens and scans the file of `spec`.
    ///
    /// # Errors
    /// As for [`scan`].
    pub fn open(spec: &TraceSpec) -> Result<Self, TraceError> {
        let time_scale = spec
            .checked_time_scale()
            .map_err(|problem| TraceError::Parameter { file: spec.file.clone(), problem })?;
        let file = Arc::new(TraceFile::open(&spec.file)?);
        let scan::Scan { summary, layout, index, first, last } = scan::scan_file(spec, &file)?;
        let spec = spec.clone();
        Ok(Self { spec, time_scale, file, layout, index, summary, first, last })
    }

    /// What is in the trace.
    pub fn summary(&self) -> &TraceSummary {
        &self.summary
    }

    /// SHA-256 of the file, read once more: whoever keeps results has to know whether they are of the same rows.
    ///
    /// # Errors
    /// It cannot be read any more.
    pub fn digest(&self) -> io::Result<[u8; 32]> {
        let mut file = File::open(&self.spec.file)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(hasher.finalize().into()),
                read => hasher.update(&buffer[..read]),
            }
        }
    }

    /// The rate at which the replay brings calls, per second, while it lasts; infinite if all rows
    /// have the same instant.
    pub fn calls_per_s(&self) -> f64 {
        let seconds = self.summary.duration.as_secs_f64() * self.spec.time_scale;
        self.summary.rows as f64 * self.spec.rate_scale / seconds
    }

    /// How many rows of the copy that is not shifted arrive before `end`, at the offset and time scale
    /// of `spec`, which may differ from those this trace was opened with.
    ///
    /// # Errors
    /// When the file cannot be read, or changed after it was scanned, or the time scale is out of range.
    pub fn rows_before(&self, end: SimDuration, spec: &TraceSpec) -> Result<u64, TraceError> {
        let scale = spec
            .checked_time_scale()
            .map_err(|problem| TraceError::Parameter { file: spec.file.clone(), problem })?;
        let early = |at: u64| self.arrives(at, scale, spec) < end;
        if early(self.last) {
            return Ok(self.summary.rows);
        }
        let start = self.index.last_where(early);
        let mut rows = self.rows_from(start, SMALL_BUFFER_BYTES);
        let mut record = ByteRecord::new();
        let mut count = start.row;
        loop {
            match rows.next_good(&self.layout, &mut record)? {
                Some(row) if early(row.at) => count += 1,
                Some(_) => return Ok(count),
                None => return Err(self.changed()),
            }
        }
    }

    /// The calls that arrive before `end`, at the offset and scales of `spec`: of the copy that is not shifted as they
    /// were recorded, of the others as if they were spread evenly.
    pub fn calls_before(&self, end: SimDuration, spec: &TraceSpec) -> f64 {
        // A trace that cannot be read any more says so when it is replayed.
        self.with_copies(end, spec, self.rows_before(end, spec).unwrap_or(0))
    }

    /// The calls that arrive from each of some instants to the next, as far as the index tells without a look into the
    /// file.
    pub(super) fn calls_between(&self, instants: &[SimTime]) -> Vec<f64> {
        let before = |at: &SimTime| {
            let end = at.saturating_since(SimTime::ZERO);
            let early = |row: u64| self.arrives(row, self.time_scale, &self.spec) < end;
            let rows = match early(self.last) {
                true => self.summary.rows,
                false => self.index.last_where(early).row,
            };
            self.with_copies(end, &self.spec, rows)
        };
        let before: Vec<f64> = instants.iter().map(before).collect();
        before.windows(2).map(|pair| (pair[1] - pair[0]).max(0.0)).collect()
    }

    /// When the last call arrives.
    pub(super) fn ends_at(&self) -> SimTime {
        SimTime::ZERO + self.arrives(self.last, self.time_scale, &self.spec)
    }

    /// When a row with the instant `at` arrives, of the copy that is not shifted; past the end of time at the end of it.
    fn arrives(&self, at: u64, scale: TimeScale, spec: &TraceSpec) -> SimDuration {
        let after = scale.apply(at - self.first).map(SimDuration::as_nanos);
        let arrives = after.and_then(|after| after.checked_add(spec.offset.as_nanos()));
        SimDuration::from_nanos(arrives.unwrap_or(u64::MAX))
    }

    /// The calls of all copies before `end`, of the first of which there are so many.
    fn with_copies(&self, end: SimDuration, spec: &TraceSpec, recorded: u64) -> f64 {
        let all = self.summary.rows as f64;
        let left = end.as_secs_f64() - spec.offset.as_secs_f64();
        let duration = self.summary.duration.as_secs_f64() * spec.time_scale;
        let even = match left {
            left if left <= 0.0 => 0.0,
            left if left < duration => all * left / duration,
            _ => all,
        };
        spec.rate_scale.min(1.0) * recorded as f64 + (spec.rate_scale - 1.0).max(0.0) * even
    }

    /// The rows from an entry of the index on.
    fn rows_from(&self, start: Entry, buffer_bytes: usize) -> Rows {
        let file = self.file.clone();
        Rows::new(file, self.layout.separator, start.byte, Some(start.at), buffer_bytes)
    }

    /// Whose the cached tokens are.
    pub fn prefix(&self) -> Prefix {
        self.spec.columns.prefix()
    }

    /// The models that rows name, with how many name each; none if the trace names no models.
    pub fn named_models(&self) -> impl Iterator<Item = (&str, u64)> {
        let names = self.spec.models.iter().map(String::as_str);
        names.zip(self.summary.rows_by_model.iter().copied())
    }

    /// How many copies are superposed.
    pub fn rate_scale(&self) -> f64 {
        self.spec.rate_scale
    }

    fn changed(&self) -> TraceError {
        TraceError::Changed { file: self.file.path().to_owned() }
    }
}

impl TraceSpec {
    /// Whether the parameters of the replay are in their ranges; does not look at the file.
    ///
    /// # Errors
    /// Says which parameter is wrong, what was found and what is allowed.
    pub fn validate(&self) -> Result<(), String> {
        self.checked_time_scale().map(|_| ())
    }

    /// The time scale, if all parameters are in their ranges.
    fn checked_time_scale(&self) -> Result<TimeScale, String> {
        let rate_scale = self.rate_scale;
        if !(rate_scale > 0.0 && rate_scale <= MAX_COPIES) {
            return Err(format!(
                "a trace's rate scale must be positive and at most {MAX_COPIES}, found {rate_scale}"
            ));
        }
        TimeScale::new(self.time_scale).ok_or_else(|| {
            let (least, most) = (TimeScale::RANGE.start(), TimeScale::RANGE.end());
            let found = self.time_scale;
            format!("a trace's time scale must be between {least} and {most}, found {found}")
        })
    }
}
