//! When calls arrive, and how their rate varies.

use super::demand::one;
use super::{Law, Lengths, ServeGen, ServeGenRates, ServeGenTable};
use crate::engine::SimDuration;
use crate::units::PerSecond;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When calls arrive. All are stationary from the start: no gap begins at time 0, and none is
/// clipped. `coopsim check` says how the calls are spread over clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::scenario) enum Arrivals {
    /// Independent arrivals.
    Poisson {
        /// Mean rate.
        rate: PerSecond,
    },
    /// Equal gaps, from a random phase.
    Deterministic {
        /// Rate.
        rate: PerSecond,
    },
    /// Independent gaps with a gamma law: burstier than Poisson for `cv` above 1.
    Gamma {
        /// Mean rate.
        rate: PerSecond,
        /// Coefficient of variation of the gaps.
        cv: f64,
    },
    /// Independent gaps with a Weibull law.
    Weibull {
        /// Mean rate.
        rate: PerSecond,
        /// Coefficient of variation of the gaps.
        cv: f64,
    },
    /// Independent gaps with a lognormal law.
    Lognormal {
        /// Mean rate.
        rate: PerSecond,
        /// Coefficient of variation of the gaps.
        cv: f64,
    },
    /// Independent gaps with a Pareto law of the second type (Lomax): from 0, with a tail that is a
    /// power.
    Pareto {
        /// Mean rate.
        rate: PerSecond,
        /// Coefficient of variation of the gaps, above 1.
        cv: f64,
    },
    /// A Poisson process whose rate jumps between states at random (Markov-modulated).
    Mmpp {
        /// Mean rate over all states.
        rate: PerSecond,
        /// Two or more.
        states: Vec<MmppState>,
    },
    /// Many callers of different size, each with bursts of its own.
    Clients(Clients),
    /// Callers one by one.
    ClientTable(Vec<Client>),
    /// Callers measured in production, from a file.
    Servegen(ServeGen),
}

/// A state of a Markov-modulated Poisson process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{factor: 5, sojourn: 30s}`"
)]
pub(in crate::scenario) struct MmppState {
    /// The rate in this state relative to the others: all are scaled to the mean rate.
    pub factor: f64,
    /// Mean time that a visit lasts; it is exponential.
    pub sojourn: SimDuration,
    /// Weights of what follows, one for each state and 0 for this one; the next state in the list
    /// (after the last one the first) unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Vec<f64>>,
}

/// Many callers whose rates follow Zipf's law.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{rate: 300/s, count: 162, zipf: 1.1, cv: {constant: 2}}`"
)]
pub(in crate::scenario) struct Clients {
    /// Mean rate of all together.
    pub rate: PerSecond,
    /// How many there are.
    pub count: u32,
    /// Exponent: the rate of the n-th largest is proportional to n^−zipf; 0 makes all equal.
    pub zipf: f64,
    /// The law of the gaps of each.
    #[serde(default)]
    pub family: Family,
    /// Law of the coefficient of variation of the gaps, drawn once for each client: `constant`, or
    /// one with limits; 1 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cv: Option<Law<f64>>,
}

/// One caller.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{name: crawler, rate: 87/s, family: weibull, cv: 2.4}`"
)]
pub(in crate::scenario) struct Client {
    /// Unique among the application's clients.
    pub name: String,
    /// Mean rate.
    pub rate: PerSecond,
    /// The law of its gaps.
    #[serde(default)]
    pub family: Family,
    /// Coefficient of variation of its gaps.
    #[serde(default = "one")]
    pub cv: f64,
    /// How long its calls are; the application's `lengths` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lengths: Option<Lengths>,
}

/// The law of a client's gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::scenario) enum Family {
    /// Exponential: its coefficient of variation is 1.
    Poisson,
    /// Gamma; exponential for 1.
    #[default]
    Gamma,
    /// Weibull; exponential for 1.
    Weibull,
    /// Lognormal.
    Lognormal,
    /// Pareto of the second type (Lomax), above 1.
    Pareto,
}

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
