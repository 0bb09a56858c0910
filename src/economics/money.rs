//! Money: integer micro-dollars.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};

/// An amount in micro-dollars. A price times an exact quantity is rounded once, when it is posted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MicroUsd(i128);

impl MicroUsd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// `usd` dollars to the nearest micro-dollar.
    pub fn from_usd(usd: f64) -> Self {
        Self((usd * 1e6).round() as i128)
    }

    /// `tokens` at `usd` dollars per million: micro-dollars are what they cost per token.
    pub fn from_tokens(tokens: u64, usd_per_million: f64) -> Self {
        Self((tokens as f64 * usd_per_million).round() as i128)
    }

    /// In dollars, for reporting only.
    pub fn as_usd(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// A fraction of the amount, to the nearest micro-dollar.
    pub fn part(self, fraction: f64) -> Self {
        Self((self.0 as f64 * fraction).round() as i128)
    }
}

impl Add for MicroUsd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for MicroUsd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for MicroUsd {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for MicroUsd {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for MicroUsd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for MicroUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:06} USD", micros / 1_000_000, micros % 1_000_000)
    }
}
