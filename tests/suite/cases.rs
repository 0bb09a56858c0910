//! Which random cases a test tries: few unless `COOPSIM_CASES` says how many, and only number
//! `COOPSIM_CASE` where that is given, to see a failure again.

use std::ops::Range;

/// The number that `COOPSIM_CASES` gives, or `short`.
pub fn count(short: u64) -> u64 {
    number("COOPSIM_CASES").unwrap_or(short)
}

/// The numbers of the cases to try, `short` of them unless something else is asked for.
pub fn numbers(short: u64) -> Range<u64> {
    match number("COOPSIM_CASE") {
        Some(one) => one..one + 1,
        None => 0..count(short),
    }
}

/// The number in an environment variable, if it is given.
///
/// # Panics
/// Where it is something else.
pub fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is {text:?}, not a whole number")))
}
