//! How calls were served, as far as it has to be told before any number.

/// A smaller part of the calls turned away is left to the tables.
const TURNED_AWAY_MIN: f64 = 1e-3;
/// An objective counts as missed when less than this part of the calls was inside it.
pub const ATTAINED_MIN: f64 = 0.99;

/// The part of the calls that was turned away, if it is any to speak of.
pub fn turned_away(arrived: f64, rejected: f64) -> Option<f64> {
    let part = (arrived > 0.0).then(|| (rejected / arrived).min(1.0))?;
    (part >= TURNED_AWAY_MIN).then_some(part)
}

/// The part of the calls with an objective that was inside it: `inside_per_s` in each of `measured_s` seconds, of
/// `arrived` of the applications that have one.
pub fn attained(inside_per_s: f64, measured_s: f64, arrived: f64) -> Option<f64> {
    let part = inside_per_s * measured_s / arrived;
    (arrived > 0.0 && part.is_finite()).then_some(part)
}
