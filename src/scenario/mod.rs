//! From YAML to validated simulations, with diagnostics that point at the line.
//!
//! A scenario file is read twice, once for its values and once for where they are; the command
//! line's overrides and each variant's are applied to that tree; the tree is read into the file's
//! schema, and the schema checked and resolved into a [`Setup`] per variant. Each step collects all
//! that is wrong before it gives up.

mod blame;
mod curve;
mod diagnostic;
mod effective;
mod legible;
mod load;
mod overrides;
mod path;
mod product;
mod reader;
mod reference;
mod resolved;
mod section;
mod shape;
mod source;
mod structure;
mod suggest;
mod sweep;
#[cfg(test)]
mod tests;
pub(crate) mod traces;
mod tree;
mod variants;
pub(crate) mod work;
mod written;
mod yaml;

pub use curve::{Curve, Level};
pub use diagnostic::Diagnostics;
pub use effective::{EffectiveAccelerator, EffectiveEngine, EffectiveFigure, Origin};
pub use legible::readable;
pub use product::{Product, World};
pub(crate) use suggest::nearest;
pub use sweep::{Point, Sweep, SweepOverrides, is_sweep, load_sweep};

use crate::planning::Unreachable;
use crate::setup::Setup;
use section::schema;
use std::path::{Path, PathBuf};
use std::{fmt, io};
use written::Written;

/// A scenario that can be run.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// What results are filed under.
    pub name: String,
    /// What it is about; possibly empty.
    pub description: String,
    /// Of every random stream.
    pub seed: u64,
    /// Independent repetitions of each variant, at least 1.
    pub replications: u32,
    /// The cases to compare, at least one; a scenario without variants is its own.
    pub variants: Vec<Variant>,
    /// Strategies and worlds of which the variants are the product, if they are.
    pub product: Option<Product>,
    /// Where the variants lie along a parameter, if they do.
    pub curve: Option<Curve>,
    /// The scenario as YAML with defaults and overrides written out. Loading it gives the same
    /// scenario again.
    pub resolved: String,
    /// SHA-256 of `resolved` in hexadecimal.
    pub sha256: String,
    /// What a reader of the results must know, each a sentence: figures that are unknown and so
    /// left out, trace rows that are skipped.
    pub notes: Vec<String>,
    /// What it was written in.
    written: Written,
}

impl Scenario {
    /// Objectives that no number of replicas meets, each with the name of its variant, shown where they are written.
    pub fn unreachable(&self, goals: &[(&str, &Unreachable)]) -> Diagnostics {
        self.written.unreachable(goals, self.variants.len())
    }
}

/// One case of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Unique name.
    pub name: String,
    /// What to simulate.
    pub setup: Setup,
    /// The accelerator of each cluster, with where its figures come from.
    pub accelerators: Vec<EffectiveAccelerator>,
    /// What serves, with where its figures come from.
    pub engines: Vec<EffectiveEngine>,
}

/// What the command line changes in a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Arguments of `--set`: `PATH=VALUE`, such as `cloud.regions[0].clusters[1].nodes=32`; the
    /// value is YAML. Later ones win, and all win over what variants set.
    pub set: Vec<String>,
    /// Replaces the seed.
    pub seed: Option<u64>,
    /// Replaces the number of replications.
    pub replications: Option<u32>,
    /// The only variant to keep.
    pub variant: Option<String>,
}

/// Why a scenario could not be loaded. Its `Display` is the whole message for standard error.
#[derive(Debug)]
pub enum LoadError {
    /// The file could not be read.
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The file, or an override of it, is wrong.
    Invalid(Diagnostics),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => {
                write!(f, "error: cannot read {}: {source}", path.display())
            }
            Self::Invalid(diagnostics) => diagnostics.fmt(f),
        }
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Invalid(_) => None,
        }
    }
}

/// Reads the scenario in the file at `path`, with `overrides`.
///
/// Paths of traces in it are relative to the file's folder, also when an override gives them.
///
/// # Errors
/// When the file cannot be read, or anything in it or in `overrides` is wrong: then everything that
/// is wrong.
pub fn load(path: &Path, overrides: &Overrides) -> Result<Scenario, LoadError> {
    load::load(path, overrides)
}

/// Reads the scenario in `text`, which errors call `name`, with `overrides`.
///
/// Paths of traces in it are relative to the working directory.
///
/// # Errors
/// When anything in it or in `overrides` is wrong: then everything that is wrong.
pub fn load_text(name: &str, text: String, overrides: &Overrides) -> Result<Scenario, LoadError> {
    load::load_text(name, text, overrides)
}

/// The JSON Schema (draft 2020-12) of scenario files, as text. It has all keys and choices, and which are
/// required; what values must be for a simulation to make sense is for [`load`] to say.
pub fn json_schema() -> String {
    let document = serde_json::to_string_pretty(shape::document());
    document.expect("it is JSON") + "\n"
}

/// The JSON Schema of sweep files, likewise.
pub fn sweep_schema() -> String {
    let document = serde_json::to_string_pretty(shape::sweep_document());
    document.expect("it is JSON") + "\n"
}

/// The reference of scenario files in Markdown: what [`json_schema`] says, for people.
pub fn reference() -> String {
    reference::reference()
}
