//! Files that a user names: what kind of file it is and how large is looked at before it is read.
//!
//! A device such as `/dev/zero` never ends, and a slip of the finger must not fill the memory.

use std::fs::{self, File, FileType};
use std::io::{self, Read, Seek};
use std::path::Path;

/// As much of a file as it takes to know how letters are written.
const START_BYTES: u64 = 4;

/// Opens a regular file of any size, to be read piece by piece.
///
/// # Errors
/// When it cannot be opened, is a folder, a pipe or a device, or begins like text in UTF-16.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    // Asked before it is opened: opening a pipe waits for somebody to write into it.
    require(fs::metadata(path)?.file_type(), false)?;
    let mut file = File::open(path)?;
    let mut start = Vec::new();
    file.by_ref().take(START_BYTES).read_to_end(&mut start)?;
    if let Some(encoding) = encoding(&start) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, encoding));
    }
    file.rewind()?;
    Ok(file)
}

/// What to do about a text that is not in UTF-8, as its first bytes tell: a mark of the order of bytes, or every other
/// byte zero, as where each letter takes two.
pub(crate) fn encoding(start: &[u8]) -> Option<&'static str> {
    let two = |pair: &[u8]| (pair[0] == 0) != (pair[1] == 0);
    let marked = start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]);
    let wide = start.len() >= 4 && start[..4].chunks(2).all(two);
    (marked || wide).then_some("it is text in UTF-16: save it again as UTF-8")
}

/// Opens a regular file of at most `most` bytes, to be read whole.
///
/// # Errors
/// As for [`open`], or when it is larger.
pub(crate) fn open_up_to(path: &Path, most: u64) -> io::Result<File> {
    let file = open(path)?;
    let length = file.metadata()?.len();
    if length > most {
        let message = format!("its {length} bytes are too many: at most {most}");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(file)
}

/// Reads a regular file or a pipe, but no more than its first `most` bytes.
///
/// # Errors
/// When it cannot be read, or is a folder or a device.
pub(crate) fn read_up_to(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    require(fs::metadata(path)?.file_type(), true)?;
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Requires a file to have an end.
fn require(kind: FileType, or_pipe: bool) -> io::Result<()> {
    if kind.is_file() || or_pipe && is_pipe(kind) {
        return Ok(());
    }
    let message = if kind.is_dir() { "it is a folder" } else { "it is not a regular file" };
    Err(io::Error::new(io::ErrorKind::InvalidInput, message))
}

#[cfg(unix)]
fn is_pipe(kind: FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&kind)
}

#[cfg(not(unix))]
fn is_pipe(_kind: FileType) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_an_end_is_read() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("file");
        fs::write(&path, "12345").expect("it is writable");
        assert!(open(&path).is_ok() && open_up_to(&path, 5).is_ok());
        assert!(open_up_to(&path, 4).unwrap_err().to_string().contains("5 bytes are too many"));
        assert_eq!(read_up_to(&path, 3).expect("readable"), b"123");
        assert!(open(folder.path()).unwrap_err().to_string().contains("folder"));
        assert!(read_up_to(folder.path(), 3).unwrap_err().to_string().contains("folder"));
        assert!(open(&folder.path().join("none")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_device_has_no_end() {
        let zero = Path::new("/dev/zero");
        for error in [open(zero).err(), open_up_to(zero, 5).err(), read_up_to(zero, 5).err()] {
            assert!(error.is_some_and(|error| error.to_string().contains("not a regular file")));
        }
    }
}
