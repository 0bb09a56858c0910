//! Strategies and worlds, as they are written.

use crate::units::Fraction;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that may be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{name: neutral, set: {…}}`"
)]
pub(in crate::scenario) struct Strategy {
    /// Unique name.
    pub name: String,
    /// Path to new value, as in a variant. No world sets the same.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {"format": "path"}))]
    pub set: IndexMap<String, serde_json::Value>,
}

/// Something that may come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{name: A wins, probability: 0.3, set: {…}}`"
)]
pub(in crate::scenario) struct World {
    /// Unique name.
    pub name: String,
    /// How probable it is. Those of all worlds sum to 1.
    pub probability: Fraction,
    /// Path to new value, as in a variant. No strategy sets the same.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {"format": "path"}))]
    pub set: IndexMap<String, serde_json::Value>,
}
