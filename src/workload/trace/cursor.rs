//! One copy of a trace: all its rows, turned around the circle of its duration.

use super::row::{Row, Rows};
use super::{Trace, TraceError};
use csv::ByteRecord;

/// Rows decoded at once. With thousands of copies, each visit to a copy's CSV reader and buffer
/// misses the cache many times, a visit to its decoded rows once.
const BATCH_ROWS: usize = 32;

/// Reads every good row of a trace exactly once, starting anywhere.
///
/// A copy shifted by `s` has its rows at `x + s` for rows at `x` after the origin, modulo the
/// duration. It therefore begins in the file with the first row at `duration − s` or later, goes on
/// to the end, and then takes the rows before from the beginning.
#[derive(Debug)]
pub(super) struct Cursor {
    rows: Rows,
    /// Rows decoded ahead, the next one last.
    batch: Vec<Row>,
    /// The instant in the file that is the start of the copy. Wraps below zero.
    origin: u64,
    /// Good rows still to decode before the end of the file.
    until_end: u64,
    /// Good rows to take from the beginning after that.
    from_beginning: u64,
    buffer_bytes: usize,
}

impl Cursor {
    /// The copy that is not shifted.
    pub(super) fn unshifted(trace: &Trace, buffer_bytes: usize) -> Self {
        let start = trace.index.first();
        Self {
            rows: trace.rows_from(start, buffer_bytes),
            batch: Vec::with_capacity(BATCH_ROWS),
            origin: trace.first,
            until_end: trace.summary.rows,
            from_beginning: 0,
            buffer_bytes,
        }
    }

    /// The copy shifted by `shift` nanoseconds, less than the duration, and its first row.
    pub(super) fn shifted(
        trace: &Trace,
        shift: u64,
        buffer_bytes: usize,
        record: &mut ByteRecord,
    ) -> Result<(Self, Row), TraceError> {
        let origin = trace.last - shift;
        let start = trace.index.before(origin);
        let mut rows = trace.rows_from(start, buffer_bytes);
        let mut before = start.row;
        let first = loop {
            match rows.next_good(&trace.layout, record)? {
                Some(row) if row.at >= origin => break row,
                Some(_) => before += 1,
                None => return Err(trace.changed()),
            }
        };
        let until_end =
            trace.summary.rows.checked_sub(before + 1).ok_or_else(|| trace.changed())?;
        let batch = Vec::with_capacity(BATCH_ROWS);
        Ok((Self { rows, batch, origin, until_end, from_beginning: before, buffer_bytes }, first))
    }

    /// How long after the start of the copy `row`, the last one read, arrives, in nanoseconds.
    pub(super) fn position(&self, row: &Row) -> u64 {
        row.at.wrapping_sub(self.origin)
    }

    /// The next row, or `None` when the copy is complete.
    pub(super) fn next(
        &mut self,
        trace: &Trace,
        record: &mut ByteRecord,
    ) -> Result<Option<Row>, TraceError> {
        if let Some(row) = self.batch.pop() {
            return Ok(Some(row));
        }
        if self.until_end == 0 {
            if self.from_beginning == 0 {
                return Ok(None);
            }
            self.rewind(trace);
        }
        self.decode(trace, record)?;
        Ok(self.batch.pop())
    }

    /// Fills the empty batch, which never straddles the end of the file: its rows have one origin.
    fn decode(&mut self, trace: &Trace, record: &mut ByteRecord) -> Result<(), TraceError> {
        let count = self.until_end.min(BATCH_ROWS as u64);
        for _ in 0..count {
            match self.rows.next_good(&trace.layout, record)? {
                Some(row) if row.at <= trace.last => self.batch.push(row),
                _ => return Err(trace.changed()),
            }
        }
        self.batch.reverse();
        self.until_end -= count;
        Ok(())
    }

    fn rewind(&mut self, trace: &Trace) {
        let start = trace.index.first();
        self.rows = trace.rows_from(start, self.buffer_bytes);
        let duration = trace.last - trace.first;
        self.origin = self.origin.wrapping_sub(duration);
        self.until_end = std::mem::take(&mut self.from_beginning);
    }
}
