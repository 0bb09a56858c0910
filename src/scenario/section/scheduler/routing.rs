//! Which replica a call goes to: one word, or a map with what one policy takes.

use crate::scenario::section::word_or_map::or_words;
use crate::scheduler::{Patience, Routing};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// `least-tokens`, say, or `{prefix-affinity: {patience-factor: 2}}`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::scenario) struct RoutingName(pub Routing);

/// Which replica a call goes to. Whichever are equally good are drawn evenly.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Written {
    /// To each in turn.
    RoundRobin,
    /// To the one with the fewest requests, running ones included.
    LeastRequests,
    /// To the one with the fewest outstanding tokens, those of running requests included.
    LeastTokens,
    /// To the less loaded, by tokens, of two different ones drawn at random.
    PowerOfTwo,
    /// To where the conversation's last turn ran, as long as that replica is not far more loaded than
    /// others; else as under `least-tokens`.
    PrefixAffinity(WrittenPatience),
}

/// How long affinity holds.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    default,
    expecting = "a map such as `{patience-tokens: 32768, patience-factor: 2}`"
)]
#[schemars(rename = "PrefixAffinity")]
struct WrittenPatience {
    /// Outstanding tokens up to which a replica is not too loaded, whatever others have.
    patience_tokens: u64,
    /// Nor is it up to this many times the least of any replica.
    patience_factor: f64,
}

impl Default for WrittenPatience {
    fn default() -> Self {
        Patience::default().into()
    }
}

impl From<Patience> for WrittenPatience {
    fn from(Patience { tokens, factor }: Patience) -> Self {
        Self { patience_tokens: tokens, patience_factor: factor }
    }
}

impl From<Written> for RoutingName {
    fn from(written: Written) -> Self {
        Self(match written {
            Written::RoundRobin => Routing::RoundRobin,
            Written::LeastRequests => Routing::LeastRequests,
            Written::LeastTokens => Routing::LeastTokens,
            Written::PowerOfTwo => Routing::PowerOfTwo,
            Written::PrefixAffinity(WrittenPatience { patience_tokens, patience_factor }) => {
                let patience = Patience { tokens: patience_tokens, factor: patience_factor };
                Routing::PrefixAffinity(patience)
            }
        })
    }
}

struct RoutingVisitor;

impl<'de> Visitor<'de> for RoutingVisitor {
    type Value = RoutingName;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word such as `least-tokens`, or `{prefix-affinity: {patience-factor: 2}}`")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<RoutingName, E> {
        match word {
            "prefix-affinity" => Ok(Written::PrefixAffinity(WrittenPatience::default())),
            _ => Written::deserialize(StrDeserializer::new(word)),
        }
        .map(Into::into)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RoutingName, A::Error> {
        Written::deserialize(MapAccessDeserializer::new(map)).map(Into::into)
    }
}

impl<'de> Deserialize<'de> for RoutingName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RoutingVisitor)
    }
}

impl Serialize for RoutingName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Routing::RoundRobin => Written::RoundRobin,
            Routing::LeastRequests => Written::LeastRequests,
            Routing::LeastTokens => Written::LeastTokens,
            Routing::PowerOfTwo => Written::PowerOfTwo,
            Routing::PrefixAffinity(patience) => Written::PrefixAffinity(patience.into()),
        }
        .serialize(serializer)
    }
}

impl JsonSchema for RoutingName {
    fn schema_name() -> Cow<'static, str> {
        "Routing".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        or_words(Written::json_schema(generator), &["prefix-affinity"])
    }
}
