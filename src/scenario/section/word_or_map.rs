//! Values that are either one word or a map: read by hand, since an untagged enum would forget
//! where in the file it is.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
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

impl<T: JsonSchema> JsonSchema for NameOr<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("NameOr_{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    /// A name is short for a definition with that `base`, so that an override can change one of its
    /// figures.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [{ "type": "string" }, generator.subschema_for::<T>()],
            "x-short-for": "base",
        })
    }
}

/// A schema of maps with one entry, or of words that are short for them, too.
pub(in crate::scenario) fn or_words(mut schema: Schema, words: &[&str]) -> Schema {
    if let Some(choices) = schema.get_mut("oneOf").and_then(|choices| choices.as_array_mut()) {
        choices.extend(words.iter().map(|word| {
            let description = format!("Short for `{{{word}: {{}}}}`.");
            serde_json::json!({ "const": word, "description": description })
        }));
    }
    schema
}
