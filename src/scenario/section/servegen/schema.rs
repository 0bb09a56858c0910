//! ServeGen's tables of production models.

use crate::engine::SimDuration;
use crate::scenario::schema::FileName;
use crate::scenario::section::one;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The clients of a production model, from a table of ServeGen: columns `model`, `client`,
/// `mean_rate_rps`, `rate_weighted_cv`, `frac_gamma`, `frac_weibull`, `mean_input_tok`,
/// `mean_output_tok`. Each has its mean rate and bursts, gamma or Weibull.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{file: servegen_clients.csv, model: m-large, length-cv: 1}`"
)]
pub(in crate::scenario) struct ServeGen {
    /// A CSV file. A relative path is relative to the scenario file, on the command line too.
    pub file: FileName,
    /// Whose clients, as the file calls it.
    pub model: String,
    /// Factor on all rates.
    #[serde(default = "one")]
    pub rate_scale: f64,
    /// Makes each client's lengths lognormal with the means in the file (those of the others, where
    /// it has none) and this coefficient of variation; the application's `lengths` for all unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length_cv: Option<f64>,
    /// What some of them do hour by hour; each its mean rate and bursts throughout unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows: Option<ServeGenWindows>,
}

/// The hours of a production model's clients: columns `model`, `client`, `t_s`, `rate_rps`, `cv`,
/// `family`. Rate, bursts and family change with the hour; hours without a row are silent. A gap
/// ends with its hour: the first call of the next comes after a residual gap of the new law, so
/// that each hour brings its own rate exactly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{file: servegen_client_windows_top20.csv, starts-at: 5h}`"
)]
pub(in crate::scenario) struct ServeGenWindows {
    /// A CSV file. A relative path is relative to the scenario file, on the command line too.
    pub file: FileName,
    /// Where in the recording the simulation starts. After its end it begins again.
    #[serde(default)]
    pub starts_at: SimDuration,
    /// Whether there are no other clients than those in this file.
    #[serde(default)]
    pub only: bool,
}

/// How the rate of a production model varied, in steps of ten minutes: columns `model`, `t_s`,
/// `total_rate_rps`. Not with `hour-of-day` or `day-of-week`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{file: servegen_rate_10min.csv, model: m-large}`"
)]
pub(in crate::scenario) struct ServeGenRates {
    /// A CSV file. A relative path is relative to the scenario file, on the command line too.
    pub file: FileName,
    /// Whose rate, as the file calls it. It is divided by its mean, so that the mean rate of a whole
    /// recording stays what `arrivals` says.
    pub model: String,
    /// Where in the recording the simulation starts. After its end it begins again.
    #[serde(default)]
    pub starts_at: SimDuration,
}

/// A model's part of a table: columns `model`, `hour`, `mean_rate_rel_to_overall`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{file: servegen_hour_of_day.csv, model: m-large}`"
)]
pub(in crate::scenario) struct ServeGenTable {
    /// A CSV file. A relative path is relative to the scenario file, on the command line too.
    pub file: FileName,
    /// Which model, as the file calls it.
    pub model: String,
}

/// A production model's lengths: columns `model`, `field`, `mean` and the quantiles `p1` to
/// `p99.9`. What lies outside them counts as the nearest. Between two of them the line has a corner
/// at half the probability, at the part of the way up that gives the mean: straight lines would overstate it
/// by up to 16 %.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{file: servegen_length_quantiles.csv, model: m-large, field: input_tokens}`"
)]
pub(in crate::scenario) struct ServeGenLengths {
    /// A CSV file. A relative path is relative to the scenario file, on the command line too.
    pub file: FileName,
    /// Which model, as the file calls it.
    pub model: String,
    /// Which length, as the file calls it.
    pub field: String,
}
