//! Arithmetic of times in picoseconds.

pub(super) const PICOS_PER_MICRO: f64 = 1e6;

/// The larger of two times: a single instruction, where `f64::max` takes care of what is no number.
pub(super) fn larger(one: f64, other: f64) -> f64 {
    if one > other { one } else { other }
}

/// A count below 2⁶³: through `i64`, whose conversion takes half the instructions of `u64`'s.
pub(super) fn real(count: u64) -> f64 {
    count as i64 as f64
}

/// To the nearest picosecond, at most 2⁶³ (107 days): through `i64`, whose conversion takes half
/// the instructions of `u64`'s.
pub(super) fn to_picos(picos: f64) -> u64 {
    (picos + 0.5) as i64 as u64
}
