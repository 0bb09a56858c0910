//! The first row of a CSV file: what separates its fields, and where each column is.

use super::TraceError;
use super::file::{LineCounter, TraceFile};
use super::row::Rows;
use csv::ByteRecord;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What may separate fields; the first of equals is taken.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// The names of a file's columns.
#[derive(Debug)]
pub(super) struct Header {
    file: Arc<TraceFile>,
    /// In order, without spaces around them.
    names: Vec<String>,
    /// Between fields.
    pub separator: u8,
    /// The line on which it is.
    line: u64,
}

/// A column: its position in a row, and its name.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub index: usize,
    pub name: String,
}

impl Header {
    /// Reads the header of `file`, with the rows after it; `None` if the file is empty.
    ///
    /// The separator is the one with which most of the columns `wanted` are there, or else the one
    /// that makes most columns.
    ///
    /// # Errors
    /// When the file cannot be read, or two columns have the same name.
    pub(super) fn read(
        file: &Arc<TraceFile>,
        wanted: &[&str],
        buffer_bytes: usize,
    ) -> Result<Option<(Self, Rows)>, TraceError> {
        let mut best: Option<((usize, usize), Self, Rows)> = None;
        for separator in SEPARATORS {
            let mut rows = Rows::new(file.clone(), separator, 0, None, buffer_bytes);
            let mut record = ByteRecord::new();
            if !rows.read_record(&mut record)? {
                return Ok(None);
            }
            let names: Vec<String> = record.iter().map(name).collect();
            let found = wanted.iter().filter(|wanted| names.iter().any(|name| name == *wanted));
            let score = (found.count(), names.len());
            if best.as_ref().is_none_or(|(most, ..)| score > *most) {
                best = Some((score, Self { file: file.clone(), names, separator, line: 1 }, rows));
            }
        }
        let Some((_, mut header, rows)) = best else { return Ok(None) };
        let line = LineCounter::new(file.clone()).line_at(0);
        header.line = line.map_err(|error| file.error(&error.into()))?;
        header.names_differ()?;
        Ok(Some((header, rows)))
    }

    /// Columns without a name are never asked for, and there may be several.
    fn names_differ(&self) -> Result<(), TraceError> {
        let mut seen = BTreeSet::new();
        match self.names.iter().find(|&name| !name.is_empty() && !seen.insert(name)) {
            None => Ok(()),
            Some(twice) => Err(TraceError::DuplicateColumn {
                file: self.file.path().to_owned(),
                line: self.line,
                column: twice.clone(),
            }),
        }
    }

    /// The last column, behind which a row has nothing more.
    pub(super) fn last(&self) -> Column {
        let index = self.names.len().saturating_sub(1);
        Column { index, name: self.names.last().cloned().unwrap_or_default() }
    }

    /// Finds the column called `wanted`.
    pub(super) fn column(&self, wanted: &str) -> Result<Column, TraceError> {
        match self.names.iter().position(|name| name == wanted) {
            Some(index) => Ok(Column { index, name: wanted.to_owned() }),
            None => Err(TraceError::MissingColumn {
                file: self.file.path().to_owned(),
                line: self.line,
                column: wanted.to_owned(),
                found: self.names.clone(),
            }),
        }
    }
}

fn name(field: &[u8]) -> String {
    String::from_utf8_lossy(field.trim_ascii()).into_owned()
}

impl Column {
    /// The bytes in a row, without spaces around them; empty if the row ends before the column.
    pub(super) fn bytes<'a>(&self, record: &'a ByteRecord) -> &'a [u8] {
        record.get(self.index).unwrap_or_default().trim_ascii()
    }

    /// The same as text.
    pub(super) fn text(&self, record: &ByteRecord) -> String {
        String::from_utf8_lossy(self.bytes(record)).into_owned()
    }
}
