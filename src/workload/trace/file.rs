//! One open file, read at many positions at once.

use super::TraceError;
use super::row::COMMENT;
use crate::input;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Longest row in bytes: a quote that is never closed must not read the whole file into memory.
const MAX_ROW_BYTES: u64 = 1 << 20;

/// An open trace. Reads name their position, so that any number of readers share the handle.
#[derive(Debug)]
pub(super) struct TraceFile {
    path: PathBuf,
    file: File,
}

impl TraceFile {
    /// Opens a file of any size.
    pub(super) fn open(path: &Path) -> Result<Self, TraceError> {
        Self::opened(path, input::open(path))
    }

    /// Opens a file of at most `most` bytes.
    pub(super) fn open_up_to(path: &Path, most: u64) -> Result<Self, TraceError> {
        Self::opened(path, input::open_up_to(path, most))
    }

    fn opened(path: &Path, file: io::Result<File>) -> Result<Self, TraceError> {
        match file {
            Ok(file) => Ok(Self { path: path.to_owned(), file }),
            Err(error) => Err(read_error(path, &error)),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A failure to read this file, for the user.
    pub(super) fn error(&self, error: &csv::Error) -> TraceError {
        match error.kind() {
            csv::ErrorKind::Io(error) => read_error(&self.path, error),
            _ => TraceError::Read { file: self.path.clone(), reason: error.to_string() },
        }
    }

    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buffer, position)
    }

    #[cfg(windows)]
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.file, buffer, position)
    }
}

fn read_error(path: &Path, error: &io::Error) -> TraceError {
    TraceError::Read { file: path.to_owned(), reason: error.to_string() }
}

/// A reader of a [`TraceFile`] with a position of its own.
#[derive(Debug)]
pub(super) struct Section {
    file: Arc<TraceFile>,
    position: u64,
    limit: u64,
}

impl Section {
    pub(super) fn new(file: Arc<TraceFile>, position: u64) -> Self {
        Self { file, position, limit: position + MAX_ROW_BYTES }
    }

    pub(super) fn file(&self) -> &TraceFile {
        &self.file
    }

    /// Says that a row has been read whole, and that the next may be as long again.
    pub(super) fn row_done(&mut self) {
        self.limit = self.position + MAX_ROW_BYTES;
    }
}

impl Read for Section {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.limit {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("a row is longer than {MAX_ROW_BYTES} bytes; is a quote left open?"),
            ));
        }
        let read = self.file.read_at(buffer, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

/// Counts lines up to the places of bad rows. The CSV reader's own count is one short while the
/// second half of a CRLF is still to come, and starts again where reading starts.
#[derive(Debug)]
pub(super) struct LineCounter {
    reader: BufReader<Section>,
    position: u64,
    line: u64,
}

impl LineCounter {
    pub(super) fn new(file: Arc<TraceFile>) -> Self {
        let reader = BufReader::new(Section { file, position: 0, limit: u64::MAX });
        Self { reader, position: 0, line: 1 }
    }

    /// The line on which the first row at or after `position` starts. Positions must not decrease.
    pub(super) fn line_at(&mut self, position: u64) -> io::Result<u64> {
        let mut comment = false;
        while let Some(&byte) = self.reader.fill_buf()?.first() {
            let end = matches!(byte, b'\r' | b'\n');
            if self.position >= position {
                comment = !end && (comment || byte == COMMENT);
                if !end && !comment {
                    break;
                }
            }
            self.reader.consume(1);
            self.position += 1;
            self.line += u64::from(byte == b'\n');
        }
        Ok(self.line)
    }
}
