//! Money: integer micro-dollars.

use crate::units::UsdPerHour;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};

const NANOS_PER_HOUR: f64 = 3600e9;

/// An amount in micro-dollars. A price times an exact quantity is rounded once, when it is posted.
///
/// Amounts go up to 10³² dollars. Scenarios limit every price and quantity so that no run comes near; were
/// one to, sums would panic rather than change their sign.
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

    /// Accelerator-nanoseconds at a price by the hour.
    pub fn from_hours(nanos: u128, price: UsdPerHour) -> Self {
        Self::from_usd(nanos as f64 / NANOS_PER_HOUR * price.0)
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
        Self(self.0.checked_add(other.0).expect("prices are limited, so money has room"))
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
        Self(self.0.checked_sub(other.0).expect("prices are limited, so money has room"))
    }
}

impl Neg for MicroUsd {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.checked_neg().expect("prices are limited, so money has room"))
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
