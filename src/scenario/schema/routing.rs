//! Which replica a call goes to: one word, or a map with what one policy takes.

use crate::scheduler::{Patience, Routing};
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// `least-tokens`, say, or `{prefix-affinity: {patience-factor: 2}}`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::scenario) struct RoutingName(pub Routing);

/// The form in which all are written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Written {
    RoundRobin,
    LeastRequests,
    LeastTokens,
    PowerOfTwo,
    PrefixAffinity(WrittenPatience),
}

#[derive(Serialize, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    default,
    expecting = "a map such as `{patience-tokens: 32768, patience-factor: 2}`"
)]
struct WrittenPatience {
    patience_tokens: u64,
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
