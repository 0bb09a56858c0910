//! Who calls models, as it is written.

use crate::engine::SimDuration;
use crate::scenario::schema::{
    AllAtOnce, Arrivals, Choice, Lengths, Modulation, Sessions, Trace, Users,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A stream of calls, from one source: `arrivals`, `users`, `all-at-once` or `trace`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{name: chat, arrivals: {…}, lengths: {…}}`"
)]
pub(in crate::scenario) struct Application {
    /// Unique name.
    pub name: String,
    /// When calls arrive; with `sessions`, when conversations begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrivals: Option<Arrivals>,
    /// Users who wait for the end of a call before they make the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Users>,
    /// Everything at one instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all_at_once: Option<AllAtOnce>,
    /// What arrives are conversations of several turns, not single calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Sessions>,
    /// How the rate of arrivals varies; it does not unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modulation: Option<Modulation>,
    /// How many tokens go in and come out; needed if a model that it calls serves tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lengths: Option<Lengths>,
    /// A recording to replay instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
    /// What users expect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slo: Option<Slo>,
    /// Which model a call goes to; `market.choice` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
}

/// What users expect; a request is good when it meets every part given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{ttft: 2s, tpot: 100ms, e2e: 60s}`"
)]
pub(in crate::scenario) struct Slo {
    /// Time to first token, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttft: Option<SimDuration>,
    /// Time per output token after the first, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tpot: Option<SimDuration>,
    /// From arrival to last token, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e2e: Option<SimDuration>,
}

/// The default of factors.
pub(in crate::scenario) fn one() -> f64 {
    1.0
}
