//! Rows of a trace: where their values are, and what makes a row bad.

use super::error::{RowProblem, TraceError, shown};
use super::file::{Section, TraceFile};
use super::header::{Column, Header};
use crate::workload::TimestampFormat;
use crate::workload::TraceSpec;
use crate::workload::cached::clamp_cached;
use crate::workload::tokens::MAX_CALL_TOKENS;
use csv::{ByteRecord, Reader, ReaderBuilder};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Lines that begin with this are no rows.
pub(super) const COMMENT: u8 = b'#';

/// One good row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Nanoseconds since the origin of the timestamp format.
    pub at: u64,
    pub input: u32,
    pub output: u32,
    /// Fewer than `input`.
    pub cached: u32,
    pub model: Option<u32>,
}

/// What is wrong with a row: which column, the text there if any, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub column: String,
    pub found: Option<String>,
    pub problem: RowProblem,
}

/// Where a row's values are, found once in the header.
#[derive(Debug)]
pub(super) struct Layout {
    /// Between fields.
    pub separator: u8,
    timestamp: Column,
    format: TimestampFormat,
    input: Column,
    output: Column,
    /// With the tokens of a block.
    cached: Option<(Column, u32)>,
    model: Option<Column>,
    last: Column,
    models: BTreeMap<Box<[u8]>, u32>,
    model_names: Vec<String>,
}

impl Layout {
    /// Finds the columns that `spec` names in `header`.
    pub(super) fn new(spec: &TraceSpec, header: &Header) -> Result<Self, TraceError> {
        let column = |wanted: &String| header.column(wanted);
        let cached = spec.columns.cached.as_ref();
        let cached = cached.map(|cached| Ok((column(&cached.column)?, cached.block)));
        let models = (0..).zip(&spec.models).map(|(i, name)| (name.as_bytes().into(), i)).collect();
        Ok(Self {
            separator: header.separator,
            timestamp: column(&spec.columns.timestamp)?,
            format: spec.columns.format,
            input: column(&spec.columns.input)?,
            output: column(&spec.columns.output)?,
            cached: cached.transpose()?,
            model: spec.columns.model.as_ref().map(column).transpose()?,
            last: header.last(),
            models,
            model_names: spec.models.clone(),
        })
    }

    /// Reads a row that must not be before `earliest`, which is set by the first row that has an
    /// instant, whatever else may be wrong with it.
    fn parse(&self, record: &ByteRecord, earliest: &mut Option<u64>) -> Result<Row, Fault> {
        let at = self.instant(record)?;
        if at < *earliest.get_or_insert(at) {
            return Err(fault(record, &self.timestamp, RowProblem::Earlier));
        }
        self.ends(record)?;
        let input = tokens(record, &self.input)?;
        Ok(Row {
            at,
            input,
            output: tokens(record, &self.output)?,
            cached: match &self.cached {
                Some((column, block)) => cached(record, column, *block, input)?,
                None => 0,
            },
            model: self.model.as_ref().map(|column| self.model(record, column)).transpose()?,
        })
    }

    /// A row with more values than there are columns has probably a comma inside a number, and so all
    /// of them in wrong places.
    fn ends(&self, record: &ByteRecord) -> Result<(), Fault> {
        let beyond =
            record.iter().skip(self.last.index + 1).find(|field| !field.trim_ascii().is_empty());
        match beyond {
            None => Ok(()),
            Some(field) => Err(Fault {
                column: self.last.name.clone(),
                found: Some(shown(&String::from_utf8_lossy(field))),
                problem: RowProblem::Extra,
            }),
        }
    }

    fn instant(&self, record: &ByteRecord) -> Result<u64, Fault> {
        self.format
            .parse(self.timestamp.bytes(record))
            .ok_or_else(|| fault(record, &self.timestamp, RowProblem::NotInstant(self.format)))
    }

    fn model(&self, record: &ByteRecord, column: &Column) -> Result<u32, Fault> {
        self.models.get(column.bytes(record)).copied().ok_or_else(|| {
            fault(record, column, RowProblem::UnknownModel(self.model_names.clone()))
        })
    }
}

/// At least one token.
fn tokens(record: &ByteRecord, column: &Column) -> Result<u32, Fault> {
    match whole(record, column)? {
        0 => Err(fault(record, column, RowProblem::NoTokens)),
        tokens => Ok(tokens),
    }
}

/// Cached tokens of a prompt of `input`, in a column that counts blocks.
fn cached(record: &ByteRecord, column: &Column, block: u32, input: u32) -> Result<u32, Fault> {
    let blocks = whole(record, column)?;
    if blocks > input.div_ceil(block) {
        return Err(fault(record, column, RowProblem::MoreThanPrompt));
    }
    Ok(clamp_cached(blocks.saturating_mul(block), input))
}

fn whole(record: &ByteRecord, column: &Column) -> Result<u32, Fault> {
    let Some(digits) = whole_number(column.bytes(record)) else {
        return Err(fault(record, column, RowProblem::NotTokens));
    };
    digits
        .iter()
        .try_fold(0u32, |value, byte| value.checked_mul(10)?.checked_add(u32::from(byte - b'0')))
        .filter(|&tokens| tokens <= MAX_CALL_TOKENS)
        .ok_or_else(|| fault(record, column, RowProblem::TooManyTokens))
}

/// The digits of a whole number, also where it is written as `10.0`: data-frame libraries do so as soon as
/// one row of the column lacks a value.
pub(super) fn whole_number(text: &[u8]) -> Option<&[u8]> {
    let (digits, fraction) = match text.iter().position(|&byte| byte == b'.') {
        Some(point) => (&text[..point], &text[point + 1..]),
        None => (text, &[][..]),
    };
    let sound = !digits.is_empty()
        && digits.iter().all(u8::is_ascii_digit)
        && fraction.iter().all(|&byte| byte == b'0');
    sound.then_some(digits)
}

#[cold]
pub(super) fn fault(record: &ByteRecord, column: &Column, problem: RowProblem) -> Fault {
    let found = record.get(column.index).map(|_| shown(&column.text(record)));
    Fault { column: column.name.clone(), found, problem }
}

/// Reads rows from somewhere in a file on. The record to read into is the caller's, as thousands
/// of readers share one.
#[derive(Debug)]
pub(super) struct Rows {
    reader: Reader<Section>,
    /// What no row may be before: the last good one, or the origin.
    earliest: Option<u64>,
}

impl Rows {
    /// Rows from byte `position` on, which must be where a row starts; none may be before
    /// `earliest`, or else before the first that has an instant.
    pub(super) fn new(
        file: Arc<TraceFile>,
        separator: u8,
        position: u64,
        earliest: Option<u64>,
        buffer_bytes: usize,
    ) -> Self {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .comment(Some(COMMENT))
            .buffer_capacity(buffer_bytes)
            .from_reader(Section::new(file, position));
        Self { reader, earliest }
    }

    /// The instant that no further row may be before; `None` while no row had an instant.
    pub(super) fn earliest(&self) -> Option<u64> {
        self.earliest
    }

    /// Reads one record; whether there was one.
    pub(super) fn read_record(&mut self, record: &mut ByteRecord) -> Result<bool, TraceError> {
        loop {
            match self.reader.read_byte_record(record) {
                // A comment that ends with the file is read as a row with nothing in it.
                Ok(true) if record.len() == 1 && record[0].is_empty() => {}
                Ok(found) => {
                    self.reader.get_mut().row_done();
                    return Ok(found);
                }
                Err(error) => return Err(self.reader.get_ref().file().error(&error)),
            }
        }
    }

    /// Reads the next row, good or bad.
    pub(super) fn next(
        &mut self,
        layout: &Layout,
        record: &mut ByteRecord,
    ) -> Result<Option<Result<Row, Fault>>, TraceError> {
        if !self.read_record(record)? {
            return Ok(None);
        }
        let row = layout.parse(record, &mut self.earliest);
        if let Ok(row) = &row {
            self.earliest = Some(row.at);
        }
        Ok(Some(row))
    }

    /// Reads the next good row.
    pub(super) fn next_good(
        &mut self,
        layout: &Layout,
        record: &mut ByteRecord,
    ) -> Result<Option<Row>, TraceError> {
        loop {
            match self.next(layout, record)? {
                None => return Ok(None),
                Some(Ok(row)) => return Ok(Some(row)),
                Some(Err(_)) => {}
            }
        }
    }
}
