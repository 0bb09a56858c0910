//! Durations in files: `30ms`, `6h`.

use super::parse::{self, QuantityVisitor, Unit, parse_quantity};
use crate::engine::SimDuration;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::str::FromStr;

const WHAT: &str = "a duration";
const EXAMPLE: &str = "30ms";
/// In nanoseconds, smallest first.
const UNITS: &[Unit] = &[
    Unit { name: "ns", factor: 1.0 },
    Unit { name: "us", factor: 1e3 },
    Unit { name: "ms", factor: 1e6 },
    Unit { name: "s", factor: 1e9 },
    Unit { name: "min", factor: 60e9 },
    Unit { name: "m", factor: 60e9 },
    Unit { name: "h", factor: 3600e9 },
    Unit { name: "d", factor: 86_400e9 },
    Unit { name: "w", factor: 604_800e9 },
];
/// Far beyond any scenario, and far from the end of simulated time.
const MAX_NANOS: f64 = 100.0 * 365.25 * 86_400e9;

impl FromStr for SimDuration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let nanos = parse_quantity(text, UNITS, WHAT, EXAMPLE)?;
        if nanos > MAX_NANOS {
            return Err(format!("`{text}` is longer than 100 years, the longest duration"));
        }
        if nanos > 0.0 && nanos < 0.5 {
            return Err(format!(
                "`{text}` is nothing on a clock of nanoseconds: `1ns` is the shortest duration"
            ));
        }
        Ok(Self::from_nanos(nanos.round() as u64))
    }
}

/// `duration` in the largest unit that holds it a whole number of times.
pub(crate) fn print(duration: SimDuration) -> String {
    let nanos = duration.as_nanos();
    let whole = |unit: &&Unit| nanos != 0 && nanos.is_multiple_of(unit.factor as u64);
    match UNITS.iter().rev().filter(|unit| unit.name != "m").find(whole) {
        Some(unit) => format!("{}{}", nanos / unit.factor as u64, unit.name),
        None => "0s".to_owned(),
    }
}

impl Serialize for SimDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&print(*self))
    }
}

impl<'de> Deserialize<'de> for SimDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(QuantityVisitor::new(WHAT, EXAMPLE, UNITS))
    }
}

impl JsonSchema for SimDuration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        parse::schema(UNITS, WHAT, EXAMPLE)
    }
}
