//! How accelerators are split: one word, or a map with one entry. Read by hand, since an untagged enum
//! would forget where in the file it is.

use crate::engine::SimDuration;
use crate::scenario::section::word_or_map::or_words;
use crate::scheduler::{CapacitySplit, Goal, PARTS, Part, TARGET_LOAD};
use crate::units::Fraction;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// All words; `objective` needs a map.
const WORDS: &[&str] = &["demand", "fixed", "proportional", "objective"];

/// `fixed`, `proportional`, `demand`, or a map with what goes with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::scenario) struct Capacity(pub CapacitySplit);

/// How accelerators are split among deployments.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Split {
    /// Each deployment has its own `replicas`.
    Fixed,
    /// The whole cloud is given out, in proportion to expected demand.
    Proportional {
        /// Fraction of each cluster to give out.
        #[serde(default = "all")]
        fill: Fraction,
    },
    /// Each model gets the replicas that its expected calls (their mean over the horizon) need at a
    /// part of what saturated replicas complete; the rest of the cloud stays unsold. Where it is
    /// too small for all, they are scaled down alike as far as whole replicas go (the next one goes
    /// to the model with the smallest part of what it needs), with a warning for each; a model for
    /// which not one replica is left gets none, and its calls are turned away.
    #[serde(rename_all = "kebab-case")]
    Demand {
        /// The part of saturation.
        #[serde(default = "target_load")]
        target_load: Fraction,
    },
    /// The fewest replicas with which each model meets all limits, found by bisection on pilot
    /// simulations of the model alone with its own part of the calls, and with its queue not
    /// growing. Calls that find no waiting place are never answered: of a percentile
    /// they are the slowest, and a mean is not met with any.
    Objective(Goals),
}

/// `{ttft-p99: 1s, tpot-p50: 50ms}`.
struct Goals(Vec<Goal>);

/// A key of it.
struct Key(Part);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map(Self).map_err(|()| de::Error::unknown_field(&name, PARTS))
    }
}

struct GoalsVisitor;

impl<'de> Visitor<'de> for GoalsVisitor {
    type Value = Goals;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map such as `{ttft-p99: 1s, tpot-p50: 50ms}`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Goals, A::Error> {
        let mut goals = Vec::new();
        while let Some(Key(Part(latency, statistic))) = map.next_key()? {
            goals.push(Goal { latency, statistic, limit: map.next_value()? });
        }
        Ok(Goals(goals))
    }
}

impl<'de> Deserialize<'de> for Goals {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(GoalsVisitor)
    }
}

impl Serialize for Goals {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|goal| (goal.part().to_string(), goal.limit)))
    }
}

impl JsonSchema for Goals {
    fn schema_name() -> Cow<'static, str> {
        "Goals".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": { "enum": PARTS },
            "additionalProperties": generator.subschema_for::<SimDuration>(),
        })
    }
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
            Split::Proportional { fill } => CapacitySplit::Proportional { fill: fill.0 },
            Split::Demand { target_load } => CapacitySplit::Demand { target_load: target_load.0 },
            Split::Objective(Goals(goals)) => CapacitySplit::Objective(goals),
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
            "objective" => {
                Err(E::custom("`objective` needs limits, as in `{objective: {ttft-p99: 1s}}`"))
            }
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
        match &self.0 {
            CapacitySplit::Fixed => Split::Fixed,
            &CapacitySplit::Proportional { fill } => Split::Proportional { fill: Fraction(fill) },
            &CapacitySplit::Demand { target_load } => {
                Split::Demand { target_load: Fraction(target_load) }
            }
            CapacitySplit::Objective(goals) => Split::Objective(Goals(goals.clone())),
        }
        .serialize(serializer)
    }
}

impl JsonSchema for Capacity {
    fn schema_name() -> Cow<'static, str> {
        "Capacity".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        or_words(Split::json_schema(generator), &["demand", "proportional"])
    }
}
