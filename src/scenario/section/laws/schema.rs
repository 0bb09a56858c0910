//! Laws of tokens, durations and plain numbers.

use crate::scenario::schema::{Cached, ServeGenLengths};
use crate::units::Fraction;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Laws of lengths in tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{input: {constant: 1000}, output: {constant: 200}}`"
)]
pub(in crate::scenario) struct Lengths {
    /// Of prompts; with `sessions`, of what a turn adds to what was said before.
    pub input: Law<f64>,
    /// Of outputs.
    pub output: Law<f64>,
    /// How much of a prompt a prefix cache holds already; nothing unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached: Option<Cached>,
}

/// A law of tokens (plain numbers), of durations (with units) or of parts of a whole. The mean
/// that is left after truncation, in whole tokens, is what `coopsim check` prints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Law_{T}")]
pub(in crate::scenario) enum Law<T> {
    /// Always the same.
    Constant(T),
    /// Uniform.
    Uniform {
        /// Smallest.
        min: T,
        /// Largest.
        max: T,
    },
    /// Exponential.
    Exponential {
        /// Mean, before truncation.
        mean: T,
        /// Draws below this are drawn again.
        #[serde(skip_serializing_if = "Option::is_none")]
        min: Option<T>,
        /// Draws above this are drawn again.
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<T>,
    },
    /// Gamma.
    Gamma {
        /// Mean, before truncation.
        mean: T,
        /// Standard deviation over mean, before truncation.
        cv: f64,
        /// Draws below this are drawn again.
        #[serde(skip_serializing_if = "Option::is_none")]
        min: Option<T>,
        /// Draws above this are drawn again.
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<T>,
    },
    /// Lognormal.
    Lognormal {
        /// Mean, before truncation.
        mean: T,
        /// Standard deviation over mean, before truncation.
        cv: f64,
        /// Draws below this are drawn again.
        #[serde(skip_serializing_if = "Option::is_none")]
        min: Option<T>,
        /// Draws above this are drawn again.
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<T>,
    },
    /// Weibull.
    Weibull {
        /// Mean, before truncation.
        mean: T,
        /// Standard deviation over mean, before truncation.
        cv: f64,
        /// Draws below this are drawn again.
        #[serde(skip_serializing_if = "Option::is_none")]
        min: Option<T>,
        /// Draws above this are drawn again.
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<T>,
    },
    /// Pareto of the second type (Lomax): from 0, with a tail that is a power.
    Pareto {
        /// Mean, before truncation.
        mean: T,
        /// Standard deviation over mean, before truncation; above 1.
        cv: f64,
        /// Draws below this are drawn again.
        #[serde(skip_serializing_if = "Option::is_none")]
        min: Option<T>,
        /// Draws above this are drawn again.
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<T>,
    },
    /// Whole numbers from 1, of tokens only, with probabilities proportional to n^−exponent.
    Zipf {
        /// How steeply probabilities fall; 0 is uniform.
        exponent: f64,
        /// Largest.
        max: u32,
    },
    /// One of several laws, drawn anew each time.
    Mixture(Vec<Component<T>>),
    /// Pairs of a probability and the value at it, from 0 to 1; linear between them.
    Quantiles(Vec<(Fraction, T)>),
    /// Of tokens only, as measured in production: quantiles and a mean from a file.
    Servegen(ServeGenLengths),
}

/// A law of a mixture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{weight: 0.3, law: {constant: 100}}`"
)]
#[schemars(rename = "Component_{T}")]
pub(in crate::scenario) struct Component<T> {
    /// How often it is drawn, relative to the others.
    pub weight: f64,
    /// Any law but a mixture.
    pub law: Law<T>,
}
