//! A trace in the form of Azure's, made up.

use std::fmt::Write as _;
use tempfile::NamedTempFile;

/// An hour with `rows` calls, evenly spaced, whose lengths vary within the usual range. The file
/// is gone when the value is dropped.
pub(crate) fn hour_of_calls(rows: u32) -> NamedTempFile {
    const TENTHS_OF_MICROS: u64 = 3600 * 10_000_000;
    let mut text = "TIMESTAMP,ContextTokens,GeneratedTokens\r\n".to_owned();
    for row in 0..rows {
        let at = TENTHS_OF_MICROS * u64::from(row) / u64::from(rows);
        let (second, part) = (at / 10_000_000, at % 10_000_000);
        let (minute, second) = (second / 60, second % 60);
        // Steps that share no factor with the range visit all of it.
        let (input, output) = (1 + row * 1_009 % 2_400, 1 + row * 211 % 430);
        write!(text, "2023-11-16 18:{minute:02}:{second:02}.{part:07},{input},{output}\r\n")
            .expect("text takes all");
    }
    let file = NamedTempFile::new().expect("there is a folder for temporary files");
    std::fs::write(file.path(), text).expect("it has room");
    file
}
