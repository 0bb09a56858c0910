//! The superposition of a trace's copies, in order of time.

use super::cursor::Cursor;
use super::row::Row;
use super::{Trace, TraceError};
use crate::engine::{SimTime, Stream};
use crate::workload::Call;
use csv::ByteRecord;
use rand::RngExt;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::sync::Arc;

/// Memory for the read buffers of all copies together, and the bounds for one.
const BUFFERS_BYTES: usize = 1 << 22;
const MIN_BUFFER_BYTES: usize = 1 << 11;
const MAX_BUFFER_BYTES: usize = 1 << 16;

/// A trace played back: calls in order of time, then nothing more.
///
/// A rate scale of k superposes k copies. The first is as recorded; each other is shifted by an
/// independent uniform part of the duration and wrapped around, so that all have exactly the
/// trace's rows inside one duration. A fraction of a copy takes each row with that probability.
#[derive(Debug)]
pub struct Replay {
    trace: Arc<Trace>,
    from: SimTime,
    copies: Vec<Superposed>,
    /// Each unfinished copy's next row by (position, copy): ties go to the earlier copy.
    next: BinaryHeap<Reverse<(u64, usize)>>,
    /// The probability that a row of the last copy is taken.
    thinning: Option<f64>,
    record: ByteRecord,
    stream: Stream,
}

#[derive(Debug)]
struct Superposed {
    /// `None` once the copy is complete, which frees its buffer.
    cursor: Option<Cursor>,
    /// The row that is due next.
    row: Row,
}

impl Replay {
    /// Starts all copies of `trace`, whose calls before `from` are left out; shifts and thinning come from `stream`.
    ///
    /// # Errors
    /// When the file cannot be read, or changed after it was scanned.
    pub fn new(trace: Arc<Trace>, from: SimTime, mut stream: Stream) -> Result<Self, TraceError> {
        let scale = trace.spec.rate_scale;
        let count = scale.ceil() as usize;
        let thinning = (scale.fract() > 0.0).then_some(scale.fract());
        let buffer = (BUFFERS_BYTES / count).clamp(MIN_BUFFER_BYTES, MAX_BUFFER_BYTES);
        let mut record = ByteRecord::new();
        let mut copies = Vec::with_capacity(count);
        let mut next = BinaryHeap::with_capacity(count);
        for index in 0..count {
            let (cursor, row) = if index == 0 {
                let mut cursor = Cursor::unshifted(&trace, buffer);
                let first = cursor.next(&trace, &mut record)?.ok_or_else(|| trace.changed())?;
                (cursor, first)
            } else {
                // A trace of a single instant has nowhere to be shifted to.
                let duration = (trace.last - trace.first).max(1);
                let shift = stream.random_range(0..duration);
                Cursor::shifted(&trace, shift, buffer, &mut record)?
            };
            next.push(Reverse((cursor.position(&row), index)));
            copies.push(Superposed { cursor: Some(cursor), row });
        }
        Ok(Self { trace, from, copies, next, thinning, record, stream })
    }

    /// The next call; `None` after the last row of the last copy, or past the end of time.
    ///
    /// # Errors
    /// When the file cannot be read, or changed after it was scanned.
    pub fn next_call(&mut self) -> Result<Option<Call>, TraceError> {
        while let Some((position, copy, row)) = self.next_row()? {
            let thinned = self.thinning.filter(|_| copy + 1 == self.copies.len());
            if thinned.is_some_and(|taken| self.stream.random::<f64>() >= taken) {
                continue;
            }
            let after = self.trace.time_scale.apply(position);
            let at =
                after.and_then(|after| (SimTime::ZERO + self.trace.spec.offset).checked_add(after));
            if at.is_some_and(|at| at < self.from) {
                continue;
            }
            return Ok(at.map(|at| Call {
                model: row.model.map(|model| model as usize),
                cached: row.cached,
                prefix: self.trace.spec.columns.prefix(),
                ..Call::new(at, row.input, row.output)
            }));
        }
        Ok(None)
    }

    /// The next row of all copies: its position, its copy and itself.
    fn next_row(&mut self) -> Result<Option<(u64, usize, Row)>, TraceError> {
        let Some(mut top) = self.next.peek_mut() else {
            return Ok(None);
        };
        let Reverse((position, index)) = *top;
        let Superposed { cursor, row } = &mut self.copies[index];
        let due = *row;
        let following = match cursor {
            Some(cursor) => cursor
                .next(&self.trace, &mut self.record)?
                .map(|following| (cursor.position(&following), following)),
            None => None,
        };
        match following {
            Some((position, following)) => {
                *row = following;
                *top = Reverse((position, index));
            }
            None => {
                *cursor = None;
                PeekMut::pop(top);
            }
        }
        Ok(Some((position, index, due)))
    }
}
