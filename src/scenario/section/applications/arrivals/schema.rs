//! When calls arrive, as it is written.

use crate::engine::SimDuration;
use crate::scenario::schema::{Law, Lengths, ServeGen};
use crate::scenario::section::one;
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
