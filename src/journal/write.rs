//! One writer's file.

use super::{EXTENSION, HEAD, MAX_PAYLOAD, checksum, first_line};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// After so much the disk is made to keep it.
const SYNC_BYTES: usize = 8 << 20;
const SYNC_RECORDS: u32 = 1024;
/// Writers of one journal, over all times.
const MAX_FILES: u32 = 100_000;

/// Appends records to a file of its own.
#[derive(Debug)]
pub struct Writer {
    file: File,
    path: PathBuf,
    /// Not yet known to be on disk.
    bytes: usize,
    records: u32,
    buffer: Vec<u8>,
    /// Whether a record may be torn: whatever came behind it would not be read.
    torn: bool,
}

impl Writer {
    /// A new file `stem-N.journal` in a folder, which is made if it is not there; N is the first number that is free.
    ///
    /// # Errors
    /// It cannot be made or written: with its path.
    pub fn create(folder: &Path, stem: &str, identity: &str) -> io::Result<Self> {
        fs::create_dir_all(folder).map_err(|error| with_path(error, folder))?;
        for number in 1..=MAX_FILES {
            let path = folder.join(format!("{stem}-{number}.{EXTENSION}"));
            // Nobody else has it, whoever begins at the same time.
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    let line = first_line(identity);
                    file.write_all(line.as_bytes()).map_err(|error| with_path(error, &path))?;
                    return Ok(Self {
                        file,
                        path,
                        bytes: 0,
                        records: 0,
                        buffer: Vec::new(),
                        torn: false,
                    });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(with_path(error, &path)),
            }
        }
        Err(io::Error::other(format!("{} holds {MAX_FILES} files", folder.display())))
    }

    /// Appends a record.
    ///
    /// # Errors
    /// The disk refuses it: with the path. What was appended before is still there.
    ///
    /// # Panics
    /// When the key is longer than 65,535 bytes or the payload than 1 GiB.
    pub fn append(&mut self, key: &[u8], payload: &[u8]) -> io::Result<()> {
        assert!(payload.len() <= MAX_PAYLOAD, "a record of {} bytes", payload.len());
        let key_length = u16::try_from(key.len()).expect("keys are short").to_le_bytes();
        let payload_length = (payload.len() as u32).to_le_bytes();
        self.buffer.clear();
        self.buffer.reserve(HEAD + key.len() + payload.len());
        self.buffer.extend(key_length);
        self.buffer.extend(payload_length);
        let checksum = checksum(&self.buffer, key, payload);
        self.buffer.extend(checksum.to_le_bytes());
        self.buffer.extend(key);
        self.buffer.extend(payload);
        if self.torn {
            return Err(with_path(io::Error::other("an earlier record is torn"), &self.path));
        }
        self.torn = true;
        self.file.write_all(&self.buffer).map_err(|error| with_path(error, &self.path))?;
        self.torn = false;
        self.bytes += self.buffer.len();
        self.records += 1;
        if self.bytes >= SYNC_BYTES || self.records >= SYNC_RECORDS { self.sync() } else { Ok(()) }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns once the disk has all that was appended.
    ///
    /// # Errors
    /// It has not: with the path.
    pub fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data().map_err(|error| with_path(error, &self.path))?;
        (self.bytes, self.records) = (0, 0);
        Ok(())
    }
}

/// The error, which says what it was about.
pub(super) fn with_path(error: io::Error, path: &Path) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
