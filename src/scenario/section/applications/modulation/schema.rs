//! How rates vary, as it is written.

use crate::engine::SimDuration;
use crate::scenario::schema::{ServeGenRates, ServeGenTable};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a rate varies: the product of all that is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{hour-of-day: {factors: […]}, growth: {per-year: 3}}`"
)]
pub(in crate::scenario) struct Modulation {
    /// In steps of ten minutes, from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub servegen: Option<ServeGenRates>,
    /// By the hour, the same every day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hour_of_day: Option<HourOfDay>,
    /// By the day, the same every week.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_of_week: Option<DayOfWeek>,
    /// Exponentially: `rate` is that at the start of the simulation, and a capacity plan is for the
    /// mean over the horizon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub growth: Option<Growth>,
    /// For a while, the rate rising and falling geometrically.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flash_crowds: Vec<FlashCrowd>,
}

/// A daily pattern.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{factors: […], starts-at: 9h}`"
)]
#[schemars(extend("anyOf" = [{ "required": ["factors"] }, { "required": ["servegen"] }]))]
pub(in crate::scenario) struct HourOfDay {
    /// One for each hour from midnight, 24 in all. They are divided by their mean, so that the mean
    /// rate of a whole day stays what `arrivals` says. These or `servegen`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factors: Option<Vec<f64>>,
    /// The factors in a file. Its hours count from the start of a recording, of which nobody says that
    /// it began at midnight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub servegen: Option<ServeGenTable>,
    /// Time of day when the simulation starts, less than 24h.
    #[serde(default)]
    pub starts_at: SimDuration,
}

/// A weekly pattern.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{factors: [1, 1, 1, 1, 1, 0.4, 0.3], starts-on: monday}`"
)]
pub(in crate::scenario) struct DayOfWeek {
    /// One for each day from Monday, 7 in all, divided by their mean.
    pub factors: Vec<f64>,
    /// The day on which the simulation starts, at the time of day that `hour-of-day` says.
    #[serde(default)]
    pub starts_on: Weekday,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::scenario) enum Weekday {
    /// The first day of the week.
    #[default]
    Monday,
    /// The second.
    Tuesday,
    /// The third.
    Wednesday,
    /// The fourth.
    Thursday,
    /// The fifth.
    Friday,
    /// The sixth.
    Saturday,
    /// The seventh.
    Sunday,
}

/// Exponential growth of a rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::scenario) enum Growth {
    /// The time in which it doubles.
    DoublingTime(SimDuration),
    /// By what it is multiplied in a year of 365.25 days; below 1 it shrinks.
    PerYear(f64),
    /// By what it is multiplied in a day; below 1 it shrinks.
    PerDay(f64),
}

/// A passing change of a rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{start: 2h, ramp: 5m, duration: 30m, decay: 20m, factor: 6}`"
)]
pub(in crate::scenario) struct FlashCrowd {
    /// When in the simulation it begins.
    pub start: SimDuration,
    /// How long the rate takes to rise, geometrically.
    #[serde(default)]
    pub ramp: SimDuration,
    /// How long it stays.
    pub duration: SimDuration,
    /// How long it takes to fall back, geometrically.
    #[serde(default)]
    pub decay: SimDuration,
    /// By what the rate is multiplied meanwhile; below 1 it is a lull.
    pub factor: f64,
}
