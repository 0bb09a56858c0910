//! What depends on tokens only, known beforehand.

use super::picos::{PICOS_PER_MICRO, larger};

/// A function of a number of tokens that never falls, known at some and straight between them, in picoseconds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Curve {
    /// At 0, 1, 2, … `DENSE`, then at every `STRIDE`.
    at: Vec<f64>,
}

impl Curve {
    /// Tokens up to which each number is known.
    pub(super) const DENSE: usize = 512;
    /// From there on.
    pub(super) const STRIDE: usize = 128;

    pub(super) fn new(longest: usize, micros: impl Fn(f64) -> f64) -> Self {
        let knots = (longest.saturating_sub(Self::DENSE)).div_ceil(Self::STRIDE) + 1;
        let sparse = (1..=knots).map(|knot| Self::DENSE + knot * Self::STRIDE);
        let places = (0..=Self::DENSE).chain(sparse);
        // Libraries change their ways at sizes of their own, where a law may drop a little; more never takes less.
        let mut most = 0.0;
        let known = places.map(|place| {
            most = larger(micros(place as f64) * PICOS_PER_MICRO, most);
            most
        });
        Self { at: known.collect() }
    }

    /// The value at `place`; beyond the last knot the last line goes on.
    #[inline(always)]
    pub(super) fn at(&self, place: f64) -> f64 {
        let dense = Self::DENSE as f64;
        let knot =
            if place <= dense { place } else { dense + (place - dense) / Self::STRIDE as f64 };
        // Through `i64`, whose conversion takes half the instructions of `usize`'s.
        let left = (knot as i64 as usize).min(self.at.len() - 2);
        let (low, high) = (self.at[left], self.at[left + 1]);
        low + (high - low) * (knot - left as f64)
    }
}
