//! Results on disk as they come, so that nothing that was finished is lost: files that only grow.
//!
//! A journal is a folder. Each writer has a file of its own there, so that none waits for another or writes over
//! what it did; a file is a line that says what it belongs to and then records, each with its length and a
//! checksum. A record is there whole or not at all: whoever reads a file stops at the first that is not whole or not
//! what its checksum says, which is where a writer was killed, the disk was full, or something was changed by hand. What
//! comes behind is not believed.
//!
//! ```text
//! coopsim-journal-1 IDENTITY\n
//! (key length: u16, payload length: u32, CRC-32 of both lengths, key and payload: u32, key, payload)*
//! ```
//!
//! Numbers are little-endian. A record is given to the system as soon as it is appended, so that a killed process loses
//! none; the disk is made to keep it ([`Writer::sync`]) after so many bytes or records and at the end.

mod read;
mod write;

pub use read::{Damaged, Found, Payloads, Place, Reader};
use std::fs::File;
use std::io::Read;
use std::path::Path;
pub use write::Writer;

/// The first word of each file: the version of the format.
const MAGIC: &str = "coopsim-journal-1";
/// The end of the name of each file.
const EXTENSION: &str = "journal";
/// Lengths and checksum before a record.
const HEAD: usize = 2 + 4 + 4;
/// A longer payload is a mistake.
const MAX_PAYLOAD: usize = 1 << 30;

/// Whether a file is of a journal, by its name and how it begins.
pub fn is_one(path: &Path) -> bool {
    let mut start = [0; MAGIC.len()];
    let begins = |mut file: File| match file.read(&mut start) {
        // A writer that was killed before it wrote anything.
        Ok(0) => true,
        Ok(read) => MAGIC.as_bytes().starts_with(&start[..read]),
        Err(_) => false,
    };
    path.extension().is_some_and(|extension| extension == EXTENSION)
        && File::open(path).is_ok_and(begins)
}

/// The first line of a file of what is identified so: a text without line breaks.
fn first_line(identity: &str) -> String {
    debug_assert!(!identity.contains('\n'));
    format!("{MAGIC} {identity}\n")
}

/// CRC-32 of a record.
fn checksum(lengths: &[u8], key: &[u8], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    [lengths, key, payload].iter().for_each(|part| hasher.update(part));
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::fs;

    fn write(folder: &Path, records: &[(&str, &[u8])]) {
        let mut writer = Writer::create(folder, "part", "me").expect("there is room");
        for (key, payload) in records {
            writer.append(key.as_bytes(), payload).expect("there is room");
        }
        writer.sync().expect("there is room");
    }

    fn read(folder: &Path) -> Vec<(String, Vec<u8>)> {
        let mut all = Vec::new();
        let reader = Reader::open(folder, "me").expect("it is ours");
        reader
            .scan(|found| {
                all.push((String::from_utf8_lossy(found.key).into_owned(), found.payload.to_vec()));
            })
            .expect("it can be read");
        all
    }

    const RECORDS: [(&str, &[u8]); 4] =
        [("a", b"first"), ("", b""), ("long key", b"payload\n\0\xff"), ("d", b"last")];

    fn owned(records: &[(&str, &[u8])]) -> Vec<(String, Vec<u8>)> {
        records.iter().map(|(key, payload)| ((*key).to_owned(), payload.to_vec())).collect()
    }

    #[test]
    fn what_was_appended_is_read_in_the_order_of_files() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), &RECORDS[..2]);
        write(folder.path(), &RECORDS[2..]);
        assert_eq!(read(folder.path()), owned(&RECORDS));
    }

    #[test]
    fn places_lead_to_their_records() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), &RECORDS);
        let reader = Reader::open(folder.path(), "me").expect("it is ours");
        let mut places = BTreeMap::new();
        reader
            .scan(|found| {
                places.insert(found.key.to_vec(), found.place);
            })
            .expect("it can be read");
        let mut payloads = reader.into_payloads();
        for (key, payload) in RECORDS.iter().rev() {
            assert_eq!(payloads.at(places[key.as_bytes()]).expect("it is there"), *payload);
        }
    }

    #[test]
    fn a_file_cut_anywhere_holds_the_records_before() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), &RECORDS);
        let path = folder.path().join("part-1.journal");
        let whole = fs::read(&path).expect("it is there");
        let first = first_line("me").len();
        for end in 0..whole.len() {
            fs::write(&path, &whole[..end]).expect("there is room");
            let found = read(folder.path());
            assert_eq!(found, owned(&RECORDS)[..found.len()], "{end}");
            assert!(end < whole.len() && found.len() < RECORDS.len(), "{end}");
            assert!(end > first || found.is_empty());
        }
    }

    #[test]
    fn a_changed_byte_is_never_believed() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), &RECORDS);
        let path = folder.path().join("part-1.journal");
        let whole = fs::read(&path).expect("it is there");
        for at in first_line("me").len()..whole.len() {
            for bit in 0..8 {
                let mut changed = whole.clone();
                changed[at] ^= 1 << bit;
                fs::write(&path, &changed).expect("there is room");
                let found = read(folder.path());
                assert!(found.len() < RECORDS.len(), "{at} {bit}");
                assert_eq!(found, owned(&RECORDS)[..found.len()], "{at} {bit}");
            }
        }
    }

    #[test]
    fn damage_is_told_and_a_torn_end_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), &RECORDS);
        let path = folder.path().join("part-1.journal");
        let whole = fs::read(&path).expect("it is there");
        let damaged = |bytes: &[u8]| {
            fs::write(&path, bytes).expect("there is room");
            let reader = Reader::open(folder.path(), "me").expect("it is ours");
            reader.scan(|_| ()).expect("it can be read")
        };
        assert_eq!(damaged(&whole), []);
        assert_eq!(damaged(&whole[..whole.len() - 1]), []);
        let (first, mut changed) = (first_line("me").len(), whole.clone());
        // The last byte of the first payload.
        changed[first + HEAD + RECORDS[0].0.len() + RECORDS[0].1.len() - 1] ^= 1;
        assert_eq!(damaged(&changed), [Damaged { path: path.clone(), offset: first as u64 }]);
    }

    #[test]
    fn what_belongs_to_something_else_is_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), &RECORDS);
        let error = Reader::open(folder.path(), "you").expect_err("it is another's");
        assert!(error.to_string().contains("part-1.journal"), "{error}");
    }

    #[test]
    fn a_folder_that_is_not_there_has_no_records() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(read(&folder.path().join("absent")), []);
    }
}
