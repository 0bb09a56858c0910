//! The cases that are compared, as they are written: a list of variants, or a curve along a parameter.

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::fmt;

/// The cases to compare.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(in crate::scenario) enum Variants {
    /// Each of these.
    Listed(Vec<Variant>),
    /// One for each value of a parameter.
    Along(Box<Curve>),
}

impl Default for Variants {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

impl Variants {
    /// Whether nothing is compared.
    pub(in crate::scenario) fn is_empty(&self) -> bool {
        self.listed().is_empty() && matches!(self, Self::Listed(_))
    }

    /// Those that are listed, or what stands beside each other along a parameter.
    pub(in crate::scenario) fn listed(&self) -> &[Variant] {
        match self {
            Self::Listed(variants) => variants,
            Self::Along(curve) => &curve.for_each,
        }
    }

    /// The paths of what some variant changes, as they are written.
    pub(in crate::scenario) fn changed(&self) -> impl Iterator<Item = &str> {
        let along = match self {
            Self::Listed(_) => &[][..],
            Self::Along(curve) => &curve.along.0,
        };
        let set = self.listed().iter().flat_map(|variant| variant.set.keys());
        set.chain(along).map(String::as_str)
    }
}

/// A case to compare.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{name: split, set: {…}}`"
)]
pub(in crate::scenario) struct Variant {
    /// Unique name.
    pub(in crate::scenario) name: String,
    /// Path to new value, such as `cloud.regions[0].clusters[1].nodes: 32`. A path leads through
    /// keys and indices from 0. Of a word that is short for a map, a path may lead to what is in
    /// the map.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {"format": "path"}))]
    pub(in crate::scenario) set: IndexMap<String, serde_json::Value>,
}

/// A variant for each value of a parameter: results have a line along it, not a picture each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{along: PATH, values: […]}`"
)]
pub(in crate::scenario) struct Curve {
    /// The path of what changes, such as `market.choice.equal`; or a list of paths of what changes
    /// together.
    pub(in crate::scenario) along: Paths,
    /// What stands there, one after the other; of several paths a list for each, such as
    /// `[[1, 2], [2, 4]]`.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) values: Vec<serde_json::Value>,
    /// A name or a number for each of the values, which stands for it in tables and pictures; the
    /// values themselves unless given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::scenario) names: Vec<serde_json::Value>,
    /// What the parameter is called; its path unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::scenario) called: Option<String>,
    /// Curves beside each other: each goes along all values, with some other values changed, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::scenario) for_each: Vec<Variant>,
}

/// A path, or several.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::scenario) struct Paths(pub(in crate::scenario) Vec<String>);

impl Serialize for Paths {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &*self.0 {
            [one] => serializer.serialize_str(one),
            several => several.serialize(serializer),
        }
    }
}

struct PathsVisitor;

impl<'de> Visitor<'de> for PathsVisitor {
    type Value = Paths;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a path such as `market.choice.equal`, or a list of paths")
    }

    fn visit_str<E: de::Error>(self, path: &str) -> Result<Self::Value, E> {
        Ok(Paths(vec![path.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Paths)
    }
}

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PathsVisitor)
    }
}

impl JsonSchema for Paths {
    fn schema_name() -> Cow<'static, str> {
        "Paths".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                {"type": "string", "format": "path"},
                {"type": "array", "items": {"type": "string", "format": "path"}, "minItems": 1}
            ]
        })
    }
}

struct VariantsVisitor;

impl<'de> Visitor<'de> for VariantsVisitor {
    type Value = Variants;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of variants, or a curve such as `{along: PATH, values: […]}`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Variants::Listed)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Curve::deserialize(MapAccessDeserializer::new(map)).map(Box::new).map(Variants::Along)
    }
}

impl<'de> Deserialize<'de> for Variants {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(VariantsVisitor)
    }
}

impl JsonSchema for Variants {
    fn schema_name() -> Cow<'static, str> {
        "Variants".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let variant = generator.subschema_for::<Variant>();
        let curve = generator.subschema_for::<Curve>();
        json_schema!({
            "anyOf": [{"type": "array", "items": variant}, curve]
        })
    }
}
