//! How large a quantity can be: generous, but so that no product of two or sum of many overflows, and that a
//! slip of an exponent is found where it was made.

use super::Checker;
use crate::scenario::path::Path;
use crate::units::{
    Bytes, BytesPerSecond, FlopsPerSecond, UsdPerHour, UsdPerKilowattHour, UsdPerMillionTokens,
    Watts,
};
use std::fmt::Display;

/// A quantity that a scenario gives, with the least and the largest that are plausible.
pub(in crate::scenario) trait Plausible: Copy + PartialOrd + Display {
    /// The least.
    const LEAST: Self;
    /// The largest.
    const MOST: Self;
}

macro_rules! plausible {
    ($($name:ident: $least:literal to $most:literal, $reason:literal;)+) => {
        $(
            #[doc = $reason]
            impl Plausible for $name {
                const LEAST: Self = Self($least);
                const MOST: Self = Self($most);
            }
        )+
    };
}

plausible! {
    UsdPerMillionTokens: 0.0 to 1e6, "A dollar a token: thousands of times the dearest.";
    UsdPerHour: 0.0 to 1e5, "An accelerator costs less to buy than this hour.";
    UsdPerKilowattHour: 0.0 to 1e3, "Thousands of times the dearest.";
    Watts: 0.0 to 1e6, "A thousand times the hungriest chip.";
    BytesPerSecond: 1e6 to 1e18, "From a slow disk to a hundred thousand times the fastest memory.";
    FlopsPerSecond: 1e9 to 1e21, "From a phone of old to a hundred thousand times the fastest chip.";
    Bytes: 1.0 to 1e15, "Weights or a memory of a petabyte.";
}

/// Largest KV cache of a replica, in tokens: that of a rack of 72 chips holds less than 1 % of it.
pub(in crate::scenario) const MAX_KV_TOKENS: u64 = 10_000_000_000;
/// Least part of a peak that kernels reach.
pub(in crate::scenario) const LEAST_EFFICIENCY: f64 = 1e-4;

/// Requires a quantity to be plausible.
pub(in crate::scenario) fn check<Q: Plausible>(
    at: &Path,
    quantity: Q,
    check: &mut Checker,
) -> bool {
    check.range(at, quantity, Q::LEAST..=Q::MOST, "")
}

/// The same of one that may be absent.
pub(in crate::scenario) fn check_given<Q: Plausible>(
    at: &Path,
    given: Option<Q>,
    check: &mut Checker,
) {
    if let Some(quantity) = given {
        self::check(at, quantity, check);
    }
}
