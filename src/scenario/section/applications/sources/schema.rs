//! Sources of calls other than arrivals and recordings, and cached prefixes.

use crate::engine::SimDuration;
use crate::scenario::schema::Law;
use crate::units::Fraction;
use crate::workload::Prefix;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Users who think, call, wait for the end of the call, and think again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{count: 50, think: {exponential: {mean: 10s}}}`"
)]
pub(in crate::scenario) struct Users {
    /// How many.
    pub count: u32,
    /// Time from the end of a call to the next; none unless given. Users begin by thinking. A user
    /// whose call is rejected thinks, too; without a think time the next try comes after a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub think: Option<Law<SimDuration>>,
}

/// Calls that all arrive at one instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{calls: 3000}`"
)]
pub(in crate::scenario) struct AllAtOnce {
    /// How many.
    pub calls: u64,
    /// When.
    #[serde(default)]
    pub at: SimDuration,
}

/// Conversations. The prompt of a turn is all prompts and outputs before and as many new tokens as
/// `lengths.input` says. A conversation keeps the model of its first turn, and ends when a turn is
/// rejected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{turns: {geometric: {mean: 5}}, think: {exponential: {mean: 30s}}}`"
)]
pub(in crate::scenario) struct Sessions {
    /// How many turns a conversation has.
    pub turns: Turns,
    /// Time from the end of a turn to the next.
    pub think: Law<SimDuration>,
    /// Tokens with which each prompt begins, the same in all conversations; a replica with a prefix
    /// cache computes and holds them once.
    #[serde(default)]
    pub system_prompt: u32,
    /// A conversation ends when its next prompt and output together would be longer; the first turn
    /// is made in any case. Without a limit unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_context: Option<u32>,
}

/// A number of turns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::scenario) enum Turns {
    /// Always the same.
    Constant(u32),
    /// Each turn is the last with the same probability.
    Geometric {
        /// Mean, at least 1.
        mean: f64,
    },
    /// Any law, rounded to whole turns, at least 1.
    Drawn(Law<f64>),
}

/// How much of a prompt a prefix cache may have: at most all but its last token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{hit-rate: 0.6, fraction: {constant: 0.5}}`"
)]
pub(in crate::scenario) struct Cached {
    /// The part of calls that have anything cached, 0 to 1.
    pub hit_rate: Fraction,
    /// Which part of the prompt then, 0 to 1; this or `tokens`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fraction: Option<Law<Fraction>>,
    /// How many tokens then, up to the prompt's; this or `fraction`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Law<f64>>,
    /// Whose they are.
    #[serde(default)]
    pub prefix: Prefix,
}
