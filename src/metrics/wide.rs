//! Integers of 128 bits, stored as two of 64: few formats have room for them. For serde's `with`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The upper and the lower half.
///
/// # Errors
/// The serializer's.
pub(crate) fn serialize<S: Serializer>(value: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    [(value >> 64) as u64, *value as u64].serialize(serializer)
}

/// Both halves, joined.
///
/// # Errors
/// When there are not two integers.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
    let [upper, lower] = <[u64; 2]>::deserialize(deserializer)?;
    Ok(u128::from(upper) << 64 | u128::from(lower))
}
