//! Rows of a trace: where their values are, and what makes a row bad.

use super::error::{RowProblem, TraceError};
use super::file::{Section, TraceFile};
use crate::workload::TimestampFormat;
use crate::workload::TraceSpec;
use crate::workload::cached::clamp_cached;
use csv::{ByteRecord, Reader, ReaderBuilder};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// How much of a bad value is shown, in characters.
const SHOWN_CHARS: usize = 40;

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

/// A column: its position in a row, and its name.
#[derive(Clone, Debug)]
pub(super) struct Column {
    index: usize,
    name: String,
}

impl Column {
    /// Finds the column called `wanted` in the header of `file`.
    pub fn find(file: &Path, header: &ByteRecord, wanted: &str) -> Result<Self, TraceError> {
        let name = |name: &[u8]| String::from_utf8_lossy(name.trim_ascii()).into_owned();
        match header.iter().position(|found| name(found) == wanted) {
            Some(index) => Ok(Self { index, name: wanted.to_owned() }),
            None => Err(TraceError::MissingColumn {
                file: file.to_owned(),
                column: wanted.to_owned(),
                found: header.iter().map(name).collect(),
            }),
        }
    }

    /// The text in a row, without spaces around it; empty if the row ends before the column.
    pub fn text(&self, record: &ByteRecord) -> String {
        let text = record.get(self.index).unwrap_or_default().trim_ascii();
        String::from_utf8_lossy(text).into_owned()
    }
}

/// Where a row's values are, found once in the header.
#[derive(Debug)]
pub(super) struct Layout {
    timestamp: Column,
    format: TimestampFormat,
    input: Column,
    output: Column,
    /// With the tokens of a block.
    cached: Option<(Column, u32)>,
    model: Option<Column>,
    models: BTreeMap<Box<[u8]>, u32>,
    model_names: Vec<String>,
}

impl Layout {
    /// Finds the columns that `spec` names in `header`.
    pub fn new(spec: &TraceSpec, header: &ByteRecord) -> Result<Self, TraceError> {
        let column = |wanted: &String| Column::find(&spec.file, header, wanted);
        let cached = spec.columns.cached.as_ref();
        let cached = cached.map(|cached| Ok((column(&cached.column)?, cached.block)));
        let models = (0..).zip(&spec.models).map(|(i, name)| (name.as_bytes().into(), i)).collect();
        Ok(Self {
            timestamp: column(&spec.columns.timestamp)?,
            format: spec.columns.format,
            input: column(&spec.columns.input)?,
            output: column(&spec.columns.output)?,
            cached: cached.transpose()?,
            model: spec.columns.model.as_ref().map(column).transpose()?,
            models,
            model_names: spec.models.clone(),
        })
    }

    /// Reads a row that must not be before `earliest`.
    fn parse(&self, record: &ByteRecord, earliest: u64) -> Result<Row, Fault> {
        let at = self.instant(record)?;
        if at < earliest {
            return Err(fault(record, &self.timestamp, RowProblem::Earlier));
        }
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

    fn instant(&self, record: &ByteRecord) -> Result<u64, Fault> {
        let text = record.get(self.timestamp.index).unwrap_or_default();
        self.format
            .parse(text.trim_ascii())
            .ok_or_else(|| fault(record, &self.timestamp, RowProblem::NotInstant(self.format)))
    }

    fn model(&self, record: &ByteRecord, column: &Column) -> Result<u32, Fault> {
        let name = record.get(column.index).unwrap_or_default().trim_ascii();
        self.models.get(name).copied().ok_or_else(|| {
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
    let text = record.get(column.index).unwrap_or_default().trim_ascii();
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return Err(fault(record, column, RowProblem::NotTokens));
    }
    text.iter()
        .try_fold(0u32, |value, byte| value.checked_mul(10)?.checked_add(u32::from(byte - b'0')))
        .ok_or_else(|| fault(record, column, RowProblem::TooManyTokens))
}

#[cold]
pub(super) fn fault(record: &ByteRecord, column: &Column, problem: RowProblem) -> Fault {
    let shown = |text: &[u8]| {
        // On one line, whatever is in it.
        let text = String::from_utf8_lossy(text.trim_ascii()).replace(char::is_control, " ");
        match text.char_indices().nth(SHOWN_CHARS) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    };
    Fault { column: column.name.clone(), found: record.get(column.index).map(shown), problem }
}

/// Reads rows from somewhere in a file on. The record to read into is the caller's, as thousands
/// of readers share one.
#[derive(Debug)]
pub(super) struct Rows {
    reader: Reader<Section>,
    last: u64,
}

impl Rows {
    /// Rows from byte `position` on, which must be where a row starts; none may be before
    /// `earliest`.
    pub fn new(file: Arc<TraceFile>, position: u64, earliest: u64, buffer_bytes: usize) -> Self {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(buffer_bytes)
            .from_reader(Section::new(file, position));
        Self { reader, last: earliest }
    }

    /// Reads one record; whether there was one.
    pub fn read_record(&mut self, record: &mut ByteRecord) -> Result<bool, TraceError> {
        match self.reader.read_byte_record(record) {
            Ok(found) => {
                self.reader.get_mut().row_done();
                Ok(found)
            }
            Err(error) => Err(self.reader.get_ref().file().error(&error)),
        }
    }

    /// Reads the next row, good or bad.
    pub fn next(
        &mut self,
        layout: &Layout,
        record: &mut ByteRecord,
    ) -> Result<Option<Result<Row, Fault>>, TraceError> {
        if !self.read_record(record)? {
            return Ok(None);
        }
        let row = layout.parse(record, self.last);
        if let Ok(row) = &row {
            self.last = row.at;
        }
        Ok(Some(row))
    }

    /// Reads the next good row.
    pub fn next_good(
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
