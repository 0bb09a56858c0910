//! How accelerators are split: one word, or a map with one entry. Read by hand, since an untagged enum
//! would forget where in the file it is.

use super::Capacity;
use crate::scheduler::{CapacitySplit, TARGET_LOAD};
use crate::units::Fraction;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The words that need nothing else.
const WORDS: &[&str] = &["demand", "fixed", "proportional"];

/// The map form, in which all are written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Split {
    Fixed,
    Proportional {
        /// Fraction of each cluster to give out; all of it unless given.
        #[serde(default = "all")]
        fill: Fraction,
    },
    #[serde(rename_all = "kebab-case")]
    Demand {
        /// The part of saturation; 0.7 unless given.
        #[serde(default = "target_load")]
        target_load: Fraction,
    },
}

fn all() -> Fraction {
    Fraction(1.0)
}

fn target_load() -> Fraction {
    Fraction(TARGET_LOAD)
}

impl From<Split> for Capacity {
    fn from(split: Split) -> Self {
        Self(match split {
            Split::Fixed => CapacitySplit::Fixed,
            Split::Proportional { fill: Fraction(fill) } => CapacitySplit::Proportional { fill },
            Split::Demand { target_load: Fraction(target_load) } => {
                CapacitySplit::Demand { target_load }
            }
        })
    }
}

struct CapacityVisitor;

impl<'de> Visitor<'de> for CapacityVisitor {
    type Value = Capacity;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "`demand`, `fixed`, `proportional` or a map such as `{demand: {target-load: 0.7}}`",
        )
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Capacity, E> {
        match word {
            "demand" => Ok(Split::Demand { target_load: target_load() }.into()),
            "fixed" => Ok(Split::Fixed.into()),
            "proportional" => Ok(Split::Proportional { fill: all() }.into()),
            _ => Err(E::unknown_variant(word, WORDS)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Capacity, A::Error> {
        Split::deserialize(MapAccessDeserializer::new(map)).map(Into::into)
    }
}

impl<'de> Deserialize<'de> for Capacity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CapacityVisitor)
    }
}

impl Serialize for Capacity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            CapacitySplit::Fixed => Split::Fixed,
            CapacitySplit::Proportional { fill } => Split::Proportional { fill: Fraction(fill) },
            CapacitySplit::Demand { target_load } => {
                Split::Demand { target_load: Fraction(target_load) }
            }
        }
        .serialize(serializer)
    }
}
