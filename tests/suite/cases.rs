//! How many random cases a test tries: few unless `COOPSIM_CASES` says how many.

/// The number that `COOPSIM_CASES` gives, or `short`.
///
/// # Panics
/// Where the variable is not a number: it was meant to be one.
pub fn count(short: u64) -> u64 {
    match std::env::var("COOPSIM_CASES") {
        Ok(cases) => cases.parse().expect("COOPSIM_CASES is a whole number"),
        Err(_) => short,
    }
}
