//! Values that are either one word or a map: read by hand, since an untagged enum would forget
//! where in the file it is.

use super::Capacity;
use crate::scheduler::CapacitySplit;
use crate::units::Fraction;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// A name of the catalogue, or a definition in place.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::scenario) enum NameOr<T> {
    /// A name of the catalogue.
    Name(String),
    /// A definition in place.
    Inline(Box<T>),
}

struct NameOrVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for NameOrVisitor<T> {
    type Value = NameOr<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name of the catalogue, or a map with `base` or `name`")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(NameOr::Name(name.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Box::new).map(NameOr::Inline)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for NameOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameOrVisitor(PhantomData))
    }
}

impl<T: Serialize> Serialize for NameOr<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => serializer.serialize_str(name),
            Self::Inline(definition) => definition.serialize(serializer),
        }
    }
}

/// The map form of a capacity split, and the form in which all are written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Split {
    Fixed,
    Proportional {
        /// Fraction of each cluster to give out; all of it unless given.
        #[serde(default = "all")]
        fill: Fraction,
    },
}

fn all() -> Fraction {
    Fraction(1.0)
}

impl From<Split> for Capacity {
    fn from(split: Split) -> Self {
        Self(match split {
            Split::Fixed => CapacitySplit::Fixed,
            Split::Proportional { fill: Fraction(fill) } => CapacitySplit::Proportional { fill },
        })
    }
}

struct CapacityVisitor;

impl<'de> Visitor<'de> for CapacityVisitor {
    type Value = Capacity;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`fixed`, `proportional` or `{proportional: {fill: 0.9}}`")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Capacity, E> {
        match word {
            "fixed" => Ok(Split::Fixed.into()),
            "proportional" => Ok(Split::Proportional { fill: all() }.into()),
            _ => Err(E::unknown_variant(word, &["fixed", "proportional"])),
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
        }
        .serialize(serializer)
    }
}
