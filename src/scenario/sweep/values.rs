//! The values that a parameter takes: listed, or evenly spaced.

use super::quantity::Quantity;
use crate::scenario::diagnostic::Finding;
use crate::scenario::path::Path;
use crate::scenario::source::Place;
use crate::scenario::tree::Node;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::fmt;

/// Values of one parameter in a grid.
const MAX_LEVELS: usize = 1_000_000;

/// The values of a parameter as they are written.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(in crate::scenario) enum Values {
    /// Each of these, whatever they are.
    Listed(Vec<serde_json::Value>),
    /// Between two.
    Spaced(Spaced),
}

/// How numbers between two are spaced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    expecting = "`linear` or `log`, such as `{log: {from: 40/s, to: 1000/s, points: 8}}`"
)]
pub(in crate::scenario) enum Spaced {
    /// With equal differences.
    Linear(Range),
    /// With equal ratios.
    Log(Range),
}

/// From one number to another, both in the same unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{from: 40/s, to: 1000/s, points: 8}`"
)]
pub(in crate::scenario) struct Range {
    /// The first.
    pub from: serde_json::Value,
    /// The last, in the same unit.
    pub to: serde_json::Value,
    /// How many there are in a grid, both ends included; other designs take any between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<u32>,
    /// Whether only whole numbers are taken, such as numbers of nodes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
}

struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a list of values, or `{linear: {from, to, points}}` or `{log: {from, to, points}}`",
        )
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Values::Listed)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Spaced::deserialize(MapAccessDeserializer::new(map)).map(Values::Spaced)
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValuesVisitor)
    }
}

impl JsonSchema for Values {
    fn schema_name() -> Cow<'static, str> {
        "Values".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let range = generator.subschema_for::<Range>();
        let spaced = |key: &str, description: &str| {
            json_schema!({
                "type": "object",
                "description": description,
                "properties": {key: range},
                "required": [key],
                "additionalProperties": false
            })
        };
        json_schema!({
            "description": "The values that a parameter takes: a list of whatever may stand at its path, or numbers between two.",
            "oneOf": [
                {"type": "array", "items": {}, "minItems": 1},
                spaced("linear", "With equal differences."),
                spaced("log", "With equal ratios.")
            ]
        })
    }
}

/// The values of a parameter, read.
#[derive(Clone, Debug)]
pub(super) enum Levels {
    Listed(Vec<Node>),
    Spaced {
        from: Quantity,
        to: Quantity,
        log: bool,
        whole: bool,
        points: Option<u32>,
        /// Parts of the way that have to be told apart: how many values there are, or points of a design.
        steps: u64,
        place: Place,
    },
}

impl Levels {
    /// Reads the values that stand at `path` in `tree`.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn read(values: &Values, tree: &Node, path: &Path) -> Result<Self, Finding> {
        let refuse =
            |at: &Path, message: String| Err(Finding::new(tree.locate(at), message).at(at));
        let spaced = match values {
            Values::Listed(_) => {
                let items = tree.get(path).map_or(&[][..], Node::items);
                let nodes: Vec<_> = items.iter().map(|(_, item)| item.clone()).collect();
                return match nodes.len() {
                    0 => refuse(path, "there are no values: give at least one".to_owned()),
                    1..=MAX_LEVELS => Ok(Self::Listed(nodes)),
                    many => {
                        refuse(path, format!("{many} values are too many: at most {MAX_LEVELS}"))
                    }
                };
            }
            Values::Spaced(spaced) => spaced,
        };
        let (Spaced::Linear(range) | Spaced::Log(range)) = spaced;
        let log = matches!(spaced, Spaced::Log(_));
        let at = path.key(if log { "log" } else { "linear" });
        let end = |key: &str| {
            let node = tree.get(&at.key(key));
            node.and_then(Quantity::of).ok_or_else(|| {
                let message = "expected a number, with a unit if it has one, such as `40/s`";
                Finding::new(tree.locate(&at.key(key)), message).at(&at.key(key))
            })
        };
        let (from, to) = (end("from")?, end("to")?);
        if from.unit.trim() != to.unit.trim() {
            let named = |quantity: &Quantity| match quantity.unit.trim() {
                "" => "has no unit".to_owned(),
                unit => format!("is in `{unit}`"),
            };
            let (one, other) = (named(&from), named(&to));
            let message = format!("`from` {one} and `to` {other}: give both in the same unit");
            return refuse(&at.key("to"), message);
        }
        if log && (from.number <= 0.0 || to.number <= 0.0) {
            return refuse(&at, "equal ratios need numbers above 0: use `linear`".to_owned());
        }
        if from.number == to.number {
            return refuse(
                &at.key("to"),
                "both ends are the same: give a list with one value".to_owned(),
            );
        }
        if range.whole && (from.number.fract() != 0.0 || to.number.fract() != 0.0) {
            return refuse(&at, "with `whole` both ends are whole numbers".to_owned());
        }
        match range.points {
            Some(points @ (0 | 1)) => {
                refuse(&at.key("points"), format!("found {points}, expected at least 2"))
            }
            Some(points) if points as usize > MAX_LEVELS => {
                refuse(&at.key("points"), format!("found {points}, expected at most {MAX_LEVELS}"))
            }
            points => {
                let place = tree.locate_key(path);
                let steps = points.map_or(1, u64::from);
                Ok(Self::Spaced { from, to, log, whole: range.whole, points, steps, place })
            }
        }
    }

    /// The same, fine enough for so many points of a design: one in a million is at most on the other side of the part
    /// that it should be in.
    pub(super) fn for_points(mut self, count: u64) -> Self {
        const PER_POINT: u64 = 1_000;
        if let Self::Spaced { steps, .. } = &mut self {
            *steps = count.saturating_mul(PER_POINT);
        }
        self
    }

    /// Whether a value may be there twice: numbers between two are told apart, unless they are whole.
    pub(super) fn may_repeat(&self) -> bool {
        matches!(self, Self::Listed(_) | Self::Spaced { whole: true, .. })
    }

    /// How many values there are in a grid; `None` if that is not said.
    pub(super) fn count(&self) -> Option<usize> {
        match self {
            Self::Listed(nodes) => Some(nodes.len()),
            Self::Spaced { points, .. } => points.map(|points| points as usize),
        }
    }

    /// All values of a grid, in their order; none where it is not said how many there are.
    pub(super) fn all(&self) -> Vec<Node> {
        match self {
            Self::Listed(nodes) => nodes.clone(),
            Self::Spaced { points, .. } => {
                let points = points.unwrap_or(0);
                let last = f64::from(points.saturating_sub(1).max(1));
                (0..points).map(|step| self.between(f64::from(step) / last)).collect()
            }
        }
    }

    /// The value at a share of the way, from 0 to below 1: of those listed each has an equal part of it.
    pub(super) fn at(&self, share: f64) -> Node {
        match self {
            Self::Listed(nodes) => {
                nodes[((share * nodes.len() as f64) as usize).min(nodes.len() - 1)].clone()
            }
            // Each whole number has an equal part, those at the ends too.
            &Self::Spaced { ref from, ref to, whole: true, log: false, place, .. } => {
                let (low, high) = (from.number.min(to.number), from.number.max(to.number));
                let number = (low + share * (high - low + 1.0)).floor().min(high);
                from.with(number, true, 1.0).node(place)
            }
            Self::Spaced { .. } => self.between(share),
        }
    }

    /// The value at a share of the way between two, from 0 to 1.
    fn between(&self, share: f64) -> Node {
        let Self::Spaced { from, to, log, whole, steps, place, .. } = self else {
            unreachable!("only spaced values lie between two");
        };
        let number = match share {
            0.0 => return from.node(*place),
            1.0 => return to.node(*place),
            _ if *log => from.number * (to.number / from.number).powf(share),
            _ => from.number + share * (to.number - from.number),
        };
        let step = match *log {
            true => from.number.min(to.number) * (to.number / from.number).ln(),
            false => to.number - from.number,
        };
        let step = step.abs() / *steps as f64;
        from.with(number, *whole, step).node(*place)
    }

    /// Values to look at before anything runs: all that are listed, the ends of what is spaced.
    pub(super) fn looked_at(&self) -> Vec<Node> {
        match self {
            Self::Listed(nodes) => nodes.clone(),
            Self::Spaced { .. } => vec![self.between(0.0), self.between(1.0)],
        }
    }
}
