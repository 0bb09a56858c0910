//! When measurement ends: read by hand, since it is a duration or a word.

use crate::engine::SimDuration;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

const END_OF_CALLS: &str = "end-of-calls";

/// A duration, or `end-of-calls`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scenario) enum Horizon {
    /// At an instant.
    At(SimDuration),
    /// With the last call of sources that end.
    EndOfCalls,
}

impl<'de> Deserialize<'de> for Horizon {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        if value == END_OF_CALLS {
            return Ok(Self::EndOfCalls);
        }
        SimDuration::deserialize(value).map(Self::At).map_err(D::Error::custom)
    }
}

impl Serialize for Horizon {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::At(instant) => instant.serialize(serializer),
            Self::EndOfCalls => serializer.serialize_str(END_OF_CALLS),
        }
    }
}

impl JsonSchema for Horizon {
    fn schema_name() -> Cow<'static, str> {
        "Horizon".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [generator.subschema_for::<SimDuration>(), { "const": END_OF_CALLS }],
        })
    }
}
