//! All files of a journal.

use super::write::with_path;
use super::{EXTENSION, HEAD, MAX_PAYLOAD, checksum, first_line};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek};
use std::path::{Path, PathBuf};

/// Files that are open at the same time.
const OPEN_MAX: usize = 128;

/// A record as it is found.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// Where to find it again.
    pub place: Place,
    /// What it is of.
    pub key: &'a [u8],
    /// What was found.
    pub payload: &'a [u8],
}

/// Where a payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    file: u32,
    length: u32,
    offset: u64,
}

/// A file with a record that is not what its checksum says: what comes from there on is not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// Which file.
    pub path: PathBuf,
    /// Where the record begins, in bytes.
    pub offset: u64,
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        write!(f, "{path} is damaged at byte {}: what comes behind is computed again", self.offset)
    }
}

/// How a file ends.
enum End {
    /// With a whole record, or with the beginning of one.
    Good,
    /// With a record from this byte on that nobody wrote so.
    Damaged(u64),
}

/// The files of a journal.
#[derive(Clone, Debug)]
pub struct Reader {
    /// In the order of names, numbers by value.
    files: Vec<PathBuf>,
}

impl Reader {
    /// The files in a folder, which need not be there; each must belong to what is identified so.
    ///
    /// # Errors
    /// The folder cannot be read, or a file belongs to something else: which.
    pub fn open(folder: &Path, identity: &str) -> io::Result<Self> {
        Self::open_files(files(folder)?, identity)
    }

    fn open_files(files: Vec<PathBuf>, identity: &str) -> io::Result<Self> {
        for path in &files {
            let mut line = Vec::new();
            let file = File::open(path).map_err(|error| with_path(error, path))?;
            let wanted = first_line(identity);
            let read = BufReader::new(file).take(wanted.len() as u64).read_until(b'\n', &mut line);
            read.map_err(|error| with_path(error, path))?;
            // A writer that was killed before it wrote the line wrote nothing else.
            if !wanted.as_bytes().starts_with(&line) {
                let message = format!("{} belongs to something else", path.display());
                return Err(io::Error::new(ErrorKind::InvalidData, message));
            }
        }
        Ok(Self { files })
    }

    /// Those of the files in a folder that belong to what is identified so; others are left alone.
    ///
    /// # Errors
    /// The folder or a file cannot be read.
    pub fn of(folder: &Path, identity: &str) -> io::Result<Self> {
        let mut ours = Vec::new();
        for path in files(folder)? {
            match Self::open_files(vec![path], identity) {
                Ok(one) => ours.extend(one.files),
                Err(error) if error.kind() == ErrorKind::InvalidData => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { files: ours })
    }

    /// Gives every record to `act`, one file after the other. What comes back are the files that do not hold what was
    /// written: a record at the end that is not whole is no damage, that is where a writer was stopped.
    ///
    /// # Errors
    /// A file cannot be read: which.
    pub fn scan(&self, mut act: impl FnMut(Found<'_>)) -> io::Result<Vec<Damaged>> {
        let mut damaged = Vec::new();
        for (number, path) in self.files.iter().enumerate() {
            let end = scan_file(number as u32, path, &mut act);
            if let End::Damaged(offset) = end.map_err(|error| with_path(error, path))? {
                damaged.push(Damaged { path: path.clone(), offset });
            }
        }
        Ok(damaged)
    }

    /// For reading single records.
    pub fn into_payloads(self) -> Payloads {
        Payloads { open: self.files.iter().map(|_| None).collect(), files: self.files }
    }

    /// The files, in the order in which they are scanned.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The file that a record is in.
    pub fn file(&self, place: Place) -> &Path {
        &self.files[place.file as usize]
    }
}

/// The files of a journal in a folder, in the order of names, numbers by value.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        // A file in its place holds no records either.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(with_path(error, folder)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| with_path(error, folder))?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION) {
            files.push(path);
        }
    }
    let order = |path: &PathBuf| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (name, number) = stem.rsplit_once('-').unwrap_or((&stem, ""));
        (name.to_owned(), number.parse::<u64>().unwrap_or(u64::MAX), stem.clone())
    };
    files.sort_by_cached_key(order);
    Ok(files)
}

/// Gives the records of a file to `act`, up to the first that is not whole.
fn scan_file(number: u32, path: &Path, act: &mut impl FnMut(Found<'_>)) -> io::Result<End> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let size = file.get_ref().metadata()?.len();
    let mut line = Vec::new();
    let mut offset = file.read_until(b'\n', &mut line)? as u64;
    let mut body = Vec::new();
    let mut head = [0; HEAD];
    while offset + HEAD as u64 <= size {
        let start = offset;
        file.read_exact(&mut head)?;
        offset += HEAD as u64;
        let key_length = usize::from(u16::from_le_bytes([head[0], head[1]]));
        let payload_length = u32::from_le_bytes([head[2], head[3], head[4], head[5]]);
        let wanted = u32::from_le_bytes([head[6], head[7], head[8], head[9]]);
        let length = key_length + payload_length as usize;
        if payload_length as usize > MAX_PAYLOAD || offset + length as u64 > size {
            break;
        }
        body.resize(length, 0);
        file.read_exact(&mut body)?;
        let (key, payload) = body.split_at(key_length);
        if checksum(&head[..6], key, payload) != wanted {
            return Ok(End::Damaged(start));
        }
        let place =
            Place { file: number, length: payload_length, offset: offset + key_length as u64 };
        act(Found { place, key, payload });
        offset += length as u64;
    }
    Ok(End::Good)
}

/// Reads single records of a journal; a file is opened when it is first needed.
#[derive(Debug)]
pub struct Payloads {
    files: Vec<PathBuf>,
    open: Vec<Option<BufReader<File>>>,
}

impl Payloads {
    /// The payload at a place that a scan of the same reader gave.
    ///
    /// # Errors
    /// It cannot be read any more.
    pub fn at(&mut self, place: Place) -> io::Result<Vec<u8>> {
        // A process may have so many files open and no more.
        if self.open[place.file as usize].is_none()
            && self.open.iter().flatten().count() >= OPEN_MAX
        {
            self.open.iter_mut().for_each(|file| *file = None);
        }
        let path = &self.files[place.file as usize];
        let file = &mut self.open[place.file as usize];
        let read = || {
            let file = match file {
                Some(file) => file,
                none => none.insert(BufReader::with_capacity(1 << 18, File::open(path)?)),
            };
            // Mostly the next record: what is in the buffer stays there.
            let ahead = place.offset as i64 - file.stream_position()? as i64;
            file.seek_relative(ahead)?;
            let mut payload = vec![0; place.length as usize];
            file.read_exact(&mut payload)?;
            Ok(payload)
        };
        read().map_err(|error| with_path(error, path))
    }
}
