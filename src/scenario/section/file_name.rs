//! The name of a file that a scenario reads.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;

/// A CSV file; a relative path is relative to the scenario file. It is a type of its own, so that
/// whoever goes through a scenario can tell it from other text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("format" = "file"))]
pub(in crate::scenario) struct FileName(String);

impl FileName {
    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.0.as_ref()
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
