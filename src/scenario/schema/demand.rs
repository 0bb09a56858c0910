//! Who calls models, when, with how many tokens, and which model.

use super::{AllAtOnce, Arrivals, FileName, Lengths, Modulation, Sessions, Users};
use crate::engine::SimDuration;
use crate::units::Fraction;
use crate::workload::Prefix;
use indexmap::IndexMap;
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

/// A recording to replay: a CSV with a header, its fields separated by commas, semicolons or tabs
/// (found out from the header); lines that begin with `#` are left out. An instant is written as
/// `2024-05-10 00:00:00.0099`, with a blank or a `T`, in UTC or with an offset (`Z`, `+00:00`,
/// `+0200`, `-05`, ` UTC`), or as a number of the `unit`; a number of tokens may be written as `10.0`. Rows
/// that lie beyond the horizon are not measured; a note says how many they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{file: trace.csv, format: azure}`"
)]
pub(in crate::scenario) struct Trace {
    /// A CSV file. A relative path is relative to the scenario file, on the command line too.
    pub file: FileName,
    /// What its columns mean.
    pub format: TraceFormat,
    /// Whose the cached tokens are, if a column counts them; the call's own unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<Prefix>,
    /// How many copies to superpose, each but the first shifted at random; a fraction is a thinned
    /// copy.
    #[serde(default = "one")]
    pub rate_scale: f64,
    /// Factor on all gaps: 2 replays at half the speed.
    #[serde(default = "one")]
    pub time_scale: f64,
    /// When in the simulation the recording begins, at its first row that has an instant, skipped
    /// or not.
    #[serde(default)]
    pub offset: SimDuration,
    /// How many rows may be unreadable; they are skipped and counted.
    #[serde(default)]
    pub bad_rows_allowed: u64,
}

/// The default of factors.
pub(super) fn one() -> f64 {
    1.0
}

/// The columns of a trace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::scenario) enum TraceFormat {
    /// `TIMESTAMP`, `ContextTokens`, `GeneratedTokens`, as in Azure's public traces.
    Azure,
    /// `t_ms`, `input_len`, `output_len`, and `prefix_hit_blocks` of 512 tokens, which are taken as
    /// cached where there is a `prefix-cache`; as derived from Mooncake's public traces.
    Mooncake,
    /// Any CSV with a header.
    Columns {
        /// The column with the instant of arrival.
        timestamp: String,
        /// How it is written.
        unit: TimeUnit,
        /// The column with the number of prompt tokens.
        input: String,
        /// The column with the number of output tokens.
        output: String,
        /// The column with the model's name, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<String>,
        /// The column with the number of prompt tokens that were cached, if there is one; of a
        /// prompt that was cached whole, the last token is computed again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cached: Option<String>,
    },
}

/// How a trace writes instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::scenario) enum TimeUnit {
    /// `2023-11-16 18:15:46.6805900`, UTC.
    Datetime,
    /// Seconds.
    S,
    /// Milliseconds.
    Ms,
    /// Microseconds.
    Us,
    /// Nanoseconds.
    Ns,
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

/// How applications choose models, unless they say so themselves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{choice: {fixed: {…}}}`"
)]
pub(in crate::scenario) struct Market {
    /// May be left out when there is only one model, or when a trace names the model of each call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
}

/// Which model a call goes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::scenario) enum Choice {
    /// Model to share, summing to 1; models that are not named get nothing.
    Fixed(IndexMap<String, Fraction>),
    /// A leader and equal others.
    Concentration {
        /// The sum of squared shares: from 1/N (all equal) to 1 (one takes all).
        hhi: Fraction,
        /// The leader first; all models in the order of the file unless given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        models: Option<Vec<String>>,
    },
}
