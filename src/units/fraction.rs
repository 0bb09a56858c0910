//! Parts of a whole in files: `0.2` or `20%`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// A part of a whole, such as 0.2. That it is between 0 and 1 is for its reader to check, who knows whether
/// the ends are allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Fraction(pub f64);

impl FromStr for Fraction {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        let number = match trimmed.strip_suffix('%') {
            Some(percent) => percent.trim_end().parse().map(|percent: f64| percent / 100.0),
            None => trimmed.parse(),
        };
        let fraction = number.ok().filter(|number: &f64| number.is_finite()).map(Self);
        fraction.ok_or_else(|| {
            format!("`{text}` is not a fraction: expected one such as `0.2` or `20%`")
        })
    }
}

/// Written as a number, whichever way it was read.
impl Serialize for Fraction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

struct FractionVisitor;

impl Visitor<'_> for FractionVisitor {
    type Value = Fraction;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fraction such as `0.2` or `20%`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Fraction, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Fraction, E> {
        Ok(Fraction(number as f64))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Fraction, E> {
        Ok(Fraction(number as f64))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Fraction, E> {
        Ok(Fraction(number))
    }
}

impl<'de> Deserialize<'de> for Fraction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FractionVisitor)
    }
}

impl JsonSchema for Fraction {
    fn schema_name() -> Cow<'static, str> {
        "Fraction".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A part of a whole such as `0.2` or `20%`.",
            "anyOf": [
                { "type": "number" },
                {
                    "type": "string",
                    "pattern": r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*%?\s*$",
                },
            ],
            "examples": [0.2, "20%"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_and_per_cent() {
        let read = |text: &str| serde_yaml::from_str::<Fraction>(text).map(|fraction| fraction.0);
        for (text, value) in
            [("0.2", 0.2), ("20%", 0.2), ("12.5 %", 0.125), ("1", 1.0), ("100%", 1.0)]
        {
            assert_eq!(read(text).unwrap(), value, "{text}");
        }
        for text in ["'%'", "twenty", "20%%", "nan%", "[0.2]", "20 percent", "1e999%"] {
            assert!(read(text).unwrap_err().to_string().contains("`20%`"), "{text}");
        }
        assert_eq!(serde_json::to_string(&Fraction(0.2)).unwrap(), "0.2");
    }
}
