//! Damage to a file as text: what slips of the hand, editors and bad copies do to it.

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

/// In the place of numbers, and of other values.
pub const ABSURD: [&str; 27] = [
    "0",
    "-0",
    "-1",
    "1",
    "2.5",
    "1e308",
    "-1e308",
    "1e-308",
    "1e999",
    "nan",
    ".nan",
    ".inf",
    "-.inf",
    "inf",
    "1000000000000000000000000000000",
    "18446744073709551615",
    "9223372036854775808",
    "4294967296",
    "1048577",
    "0x10",
    "1_000",
    "1,5",
    "20%",
    "1e3",
    "\"\"",
    "",
    "~",
];

/// In the place of units.
const UNITS: [&str; 26] = [
    "", "s", "ms", "ns", "h", "w", "y", "/s", "/h", "/d", "B", "GB", "TiB", "GB/s", "W", "kW",
    "USD", "USD/h", "USD/Mtok", "USD/kWh", "TFLOP/s", "kg", "%", " s", "S", "€",
];

/// What YAML, terminals and spreadsheets take for something else than letters.
const CHARACTERS: [&str; 33] = [
    ":", ": ", " #", "-", "- ", "?", "? ", ",", "[", "]", "{", "}", "&a ", "*a", "!", "!!str ",
    "|", ">", "'", "\"", "%", "@", "`", "\t", "\r", "\0", "\u{feff}", "\u{202e}", "\u{301}", "🚀",
    "模型", "<<: ", "---\n",
];

/// Damages a file in one way, mostly a small one.
pub fn damage(text: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    match random.random_range(0..12) {
        0 => flip(text, random),
        1 => lines(text, random, |lines, one, _| drop(lines.remove(one))),
        2 => lines(text, random, |lines, one, other| {
            let line = lines[one].clone();
            lines.insert(other, line);
        }),
        3 => lines(text, random, |lines, one, other| lines.swap(one, other)),
        4 => indent(text, random),
        5 | 6 => replace_number(text, random),
        7 | 8 => replace_unit(text, random),
        9 => truncate(text, random),
        10 => insert(text, random),
        _ => erase(text, random),
    }
}

fn flip(text: &mut [u8], random: &mut ChaCha8Rng) {
    if !text.is_empty() {
        let at = random.random_range(0..text.len());
        text[at] ^= 1 << random.random_range(0..8);
    }
}

/// Changes the lines, given two of their numbers.
fn lines(
    text: &mut Vec<u8>,
    random: &mut ChaCha8Rng,
    change: impl FnOnce(&mut Vec<Vec<u8>>, usize, usize),
) {
    let mut lines: Vec<_> = text.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    let (one, other) = (random.random_range(0..lines.len()), random.random_range(0..lines.len()));
    change(&mut lines, one, other);
    *text = lines.join(&b'\n');
}

fn indent(text: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    let columns = random.random_range(1..5);
    let deeper = random.random_bool(0.5);
    lines(text, random, |lines, one, _| {
        let blanks = lines[one].iter().take_while(|&&byte| byte == b' ').count();
        if deeper {
            lines[one].splice(0..0, vec![b' '; columns]);
        } else {
            lines[one].drain(..columns.min(blanks));
        }
    });
}

fn replace_number(text: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    if let Some(number) = numbers(text).choose(random) {
        let absurd = ABSURD.choose(random).expect("there are some");
        text.splice(number.clone(), absurd.bytes());
    }
}

/// Changes what follows a number.
fn replace_unit(text: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    if let Some(number) = numbers(text).choose(random) {
        let rest = &text[number.end..];
        let unit = |byte: &&u8| byte.is_ascii_alphabetic() || b" /%".contains(byte);
        let length = rest.iter().take_while(unit).count();
        let other = UNITS.choose(random).expect("there are some");
        text.splice(number.end..number.end + length, other.bytes());
    }
}

/// Where there are runs of digits and points.
fn numbers(text: &[u8]) -> Vec<Range<usize>> {
    let part = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    let mut found: Vec<Range<usize>> = Vec::new();
    for at in (0..text.len()).filter(|&at| part(text[at])) {
        match found.last_mut() {
            Some(last) if last.end == at => last.end = at + 1,
            _ => found.push(at..at + 1),
        }
    }
    found
}

fn truncate(text: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    text.truncate(random.random_range(0..=text.len()));
}

fn insert(text: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    let at = random.random_range(0..=text.len());
    let what = CHARACTERS.choose(random).expect("there are some");
    text.splice(at..at, what.bytes());
}

fn erase(text: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    let from = random.random_range(0..=text.len());
    let to = text.len().min(from + random.random_range(1..30));
    text.drain(from..to);
}
