//! Who is called, as it is written.

use crate::units::Fraction;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// Equal shares for the first so many models of the file; the others get nothing.
    Equal(u32),
    /// A leader and equal others.
    Concentration {
        /// The sum of squared shares: from 1/N (all equal) to 1 (one takes all).
        hhi: Fraction,
        /// The leader first; all models in the order of the file unless given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        models: Option<Vec<String>>,
    },
}
