//! Measured iteration times: `profile`.

use super::replica;
use crate::engine::SimDuration;
use crate::input;
use crate::scenario::path::Path;
use crate::scenario::schema::{DecodePoint, FileName, Measured, PrefillPoint, Profile};
use crate::scenario::section::Checker;
use crate::serving::TableSpec;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path as FilePath;

/// Largest file of a table: it is read whole.
const MAX_BYTES: u64 = 64 << 20;
/// Most points of a table.
const MAX_POINTS: usize = 100_000;
/// Most prompt tokens, sequences or tokens of context of a point.
const MAX_COORDINATE: u32 = 10_000_000;
/// Longest iteration that is plausible.
const MAX_TIME: SimDuration = SimDuration::from_secs(3600);
/// The context of decodes that were not measured against it.
const ANY_CONTEXT: u32 = 1;

/// A replica with measured iteration times, of a deployment that stands at `at`.
pub(in crate::scenario) fn profile(
    at: &Path,
    profile: &Profile,
    accelerators: u32,
    check: &mut Checker,
) -> Option<TableSpec> {
    let place = at.key("performance").key("profile");
    let replica = replica(&place, accelerators, &profile.memory(), check);
    let prefill = rows(&place.key("prefill"), &profile.prefill, check);
    let decode = rows(&place.key("decode"), &profile.decode, check);
    let (prefill, decode) = (prefill?, decode?);
    let by_context = decode.iter().all(|row| row.point.context.is_some());
    contexts_of_all_or_none(&decode, check);
    let tokens = |row: &Row<PrefillPoint>| (row.point.tokens, row.point.time);
    let prefill = medians(&prefill, tokens, check)?;
    let sequences = |row: &Row<DecodePoint>| {
        ((row.point.batch, row.point.context.unwrap_or(ANY_CONTEXT)), row.point.time)
    };
    let mut by_batch = BTreeMap::<u32, BTreeMap<u32, SimDuration>>::new();
    for ((batch, context), time) in medians(&decode, sequences, check)? {
        by_batch.entry(batch).or_default().insert(context, time);
    }
    never_fall(&place.key("decode"), &by_batch, check);
    let extrapolate = profile.extrapolate;
    Some(TableSpec { prefill, decode: by_batch, by_context, extrapolate, replica })
}

/// A point and where it stands.
struct Row<T> {
    point: T,
    place: Path,
    /// Its line in a CSV, in which a point may have several rows.
    line: Option<u64>,
}

impl<T> Row<T> {
    /// Records that the figure under `key` is wrong.
    fn refuse(&self, key: &str, message: &str, check: &mut Checker) {
        match self.line {
            Some(line) => check.refuse(&self.place, format!("line {line}: `{key}`: {message}")),
            None => check.refuse(&self.place.key(key), message),
        }
    }
}

fn rows<T: DeserializeOwned + Copy>(
    at: &Path,
    given: &Measured<T>,
    check: &mut Checker,
) -> Option<Vec<Row<T>>> {
    let (place, rows) = match given {
        Measured::Points(points) => {
            let place = at.key("points");
            let row =
                |(index, &point): (usize, &T)| Row { point, place: place.index(index), line: None };
            let rows: Vec<_> = points.iter().enumerate().map(row).collect();
            (place, rows)
        }
        Measured::File(file) => {
            let place = at.key("file");
            match read(file, &place) {
                Ok(rows) => (place, rows),
                Err(message) => {
                    check.refuse_file(&place, message);
                    return None;
                }
            }
        }
    };
    if !(1..=MAX_POINTS).contains(&rows.len()) {
        let message = format!("found {} points, expected 1 to {MAX_POINTS}", rows.len());
        check.refuse(&place, message);
        return None;
    }
    Some(rows)
}

/// Reads a table up to its first mistake.
fn read<T: DeserializeOwned>(file: &FileName, place: &Path) -> Result<Vec<Row<T>>, String> {
    let unreadable = |error: csv::Error| match error.kind() {
        csv::ErrorKind::Deserialize { pos: Some(at), err } => {
            format!("`{file}`, line {}: {}", at.line(), err.kind())
        }
        _ => format!("cannot read `{file}`: {error}"),
    };
    let text = text(file.path()).map_err(|error| format!("cannot read `{file}`: {error}"))?;
    let (mut reader, headers) = reader(&text).map_err(unreadable)?;
    let mut record = csv::StringRecord::new();
    let mut rows = Vec::new();
    while rows.len() <= MAX_POINTS && reader.read_record(&mut record).map_err(unreadable)? {
        let line = record.position().map(csv::Position::line);
        let point = whole_numbers(&record).deserialize(Some(&headers)).map_err(unreadable)?;
        rows.push(Row { point, place: place.clone(), line });
    }
    Ok(rows)
}

fn text(file: &FilePath) -> io::Result<String> {
    let mut text = String::new();
    input::open_up_to(file, MAX_BYTES)?.read_to_string(&mut text)?;
    // Without it, a comment at the end would be read as a row with nothing in it.
    text.push('\n');
    Ok(text)
}

/// The rows of a table and its header, with the separator that makes most columns, the first of equals.
fn reader(text: &str) -> csv::Result<(csv::Reader<&[u8]>, csv::StringRecord)> {
    let separated = |separator| {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .delimiter(separator)
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        let headers = reader.headers()?.clone();
        csv::Result::Ok((reader, headers))
    };
    let (mut best, others) = (separated(b',')?, [b';', b'\t']);
    for separator in others {
        let other = separated(separator)?;
        if other.1.len() > best.1.len() {
            best = other;
        }
    }
    Ok(best)
}

/// The row, with whole numbers that a data-frame library wrote as `10.0` as they are.
fn whole_numbers(record: &csv::StringRecord) -> csv::StringRecord {
    let whole = |field: &str| match field.split_once('.') {
        Some((digits, zeros))
            if !digits.is_empty()
                && digits.bytes().all(|byte| byte.is_ascii_digit())
                && zeros.bytes().all(|byte| byte == b'0') =>
        {
            digits.to_owned()
        }
        _ => field.to_owned(),
    };
    let mut whole: csv::StringRecord = record.iter().map(whole).collect();
    whole.set_position(record.position().cloned());
    whole
}

/// The points by their coordinates. Rows of a file for the same point are repeated measurements:
/// their median counts.
fn medians<T, K: Ord + Copy + Coordinates>(
    rows: &[Row<T>],
    parts: impl Fn(&Row<T>) -> (K, SimDuration),
    check: &mut Checker,
) -> Option<BTreeMap<K, SimDuration>> {
    let mut times = BTreeMap::<K, Vec<SimDuration>>::new();
    let mut sound = true;
    let mut refuse = |row: &Row<T>, key: &str, message: &str| {
        row.refuse(key, message, check);
        sound = false;
    };
    for row in rows {
        let (point, time) = parts(row);
        let names = point.named();
        for (key, value) in &names {
            if !(1..=MAX_COORDINATE).contains(value) {
                refuse(row, key, &format!("found {value}, expected 1 to {MAX_COORDINATE}"));
            }
        }
        if time == SimDuration::ZERO || time > MAX_TIME {
            refuse(row, "time", "expected more than 0s and at most 1h");
        }
        let known = times.entry(point).or_default();
        if row.line.is_none() && !known.is_empty() {
            refuse(row, names[0].0, "there is a point before for the same");
        }
        known.push(time);
    }
    sound.then(|| times.into_iter().map(|(point, times)| (point, median(times))).collect())
}

/// Where a point is.
trait Coordinates {
    /// Its coordinates with their keys.
    fn named(&self) -> Vec<(&'static str, u32)>;
}

impl Coordinates for u32 {
    fn named(&self) -> Vec<(&'static str, u32)> {
        vec![("tokens", *self)]
    }
}

impl Coordinates for (u32, u32) {
    fn named(&self) -> Vec<(&'static str, u32)> {
        vec![("batch", self.0), ("context", self.1)]
    }
}

/// The middle one, or the mean of the two in the middle.
fn median(mut times: Vec<SimDuration>) -> SimDuration {
    times.sort_unstable();
    let (low, high) = (times[(times.len() - 1) / 2].as_nanos(), times[times.len() / 2].as_nanos());
    SimDuration::from_nanos(low.midpoint(high))
}

fn contexts_of_all_or_none(rows: &[Row<DecodePoint>], check: &mut Checker) {
    let first = rows[0].point.context.is_some();
    if let Some(odd) = rows.iter().find(|row| row.point.context.is_some() != first) {
        let message = "`context` is given for some points: give it for all of them or for none";
        match odd.line {
            Some(line) => check.refuse(&odd.place, format!("line {line}: {message}")),
            None => check.refuse(&odd.place, message),
        }
    }
}

/// Requires that a longer context does not make a decode faster: that would be an error of
/// measurement, and simulated runs of decodes rely on it.
fn never_fall(at: &Path, decode: &BTreeMap<u32, BTreeMap<u32, SimDuration>>, check: &mut Checker) {
    for (batch, row) in decode {
        let falls = row.iter().zip(row.iter().skip(1)).find(|(before, after)| after.1 < before.1);
        if let Some(((near, _), (far, _))) = falls {
            let message = format!(
                "with batch {batch} a context of {far} takes less time than one of {near}: that is noise. Smooth it, or leave `context` out"
            );
            return check.refuse(at, message);
        }
    }
}
