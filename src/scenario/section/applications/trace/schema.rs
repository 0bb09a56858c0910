//! Recordings, as they are written.

use crate::engine::SimDuration;
use crate::scenario::schema::FileName;
use crate::scenario::section::one;
use crate::workload::Prefix;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
