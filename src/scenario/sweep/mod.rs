//! Sweep files: one scenario, and what of it takes many values.
//!
//! A sweep is read like a scenario, with errors that point at the line. Its points are numbered; each is the base with
//! one value of every parameter put in, as `--set` would put it, and depends on nothing but its number.

mod axes;
mod check;
mod filter;
mod load;
mod names;
mod points;
pub(super) mod quantity;
mod schema;
mod values;

pub(super) use schema::SweepFile;

use super::blame::blame;
use super::diagnostic::{Diagnostics, Finding};
use super::load::{MAX_FILE_BYTES, Resolution, resolution, text};
use super::overrides::Override;
use super::source::Source;
use super::traces::Traces;
use super::tree::Node;
use super::variants::override_variants;
use super::{LoadError, Variant, yaml};
use crate::input;
use crate::metrics::MetricId;
use points::Points;
use std::fs;
use std::path::Path;

/// A sweep that can be run.
#[derive(Debug)]
pub struct Sweep {
    /// What results are filed under.
    pub name: String,
    /// What it is about; possibly empty.
    pub description: String,
    /// Of every random stream, unless it is a parameter.
    pub seed: u64,
    /// Independent repetitions of each variant at each point, at least 1.
    pub replications: u32,
    /// The paths of the parameters, as they are written.
    pub parameters: Vec<String>,
    /// Whether values are combined as a grid.
    pub is_grid: bool,
    /// Values of each parameter where they are listed or counted: what a grid is made of.
    pub levels: Vec<Vec<String>>,
    /// Parameters that take their values together, by index: most are alone.
    pub axes: Vec<Vec<usize>>,
    /// Metrics that are kept, in the order in which they are shown.
    pub metrics: Vec<MetricId>,
    /// Scopes that are kept, by their names in tables: `all`, `model` and so on.
    pub scopes: Vec<&'static str>,
    /// The names of the variants at each point.
    pub variants: Vec<String>,
    /// What a reader of the results must know of the base.
    pub notes: Vec<String>,
    /// The sweep as YAML, with `base: scenario.yaml`: loading it beside [`base`](Self::base) in a file of that name gives
    /// the same sweep again.
    pub resolved: String,
    /// SHA-256 of what the files hold that are read, in hexadecimal.
    pub inputs: String,
    /// The base scenario as YAML with defaults written out.
    pub base: String,
    /// What was left out, as numbers of points in the order of the design; `None` if nothing was.
    kept: Option<Vec<u64>>,
    points: Points,
    /// How the values of each parameter get into the tree.
    changes: Vec<Override>,
    tree: Node,
    sources: Vec<Source>,
    /// What its recordings hold.
    traces: Traces,
}

/// What is simulated at one point.
#[derive(Debug)]
pub struct Point {
    /// Its variants, in the order of the scenario.
    pub variants: Vec<Variant>,
    /// Of every random stream: the sweep's, unless it is a parameter.
    pub seed: u64,
    /// Calls that all replications of all variants make, about.
    pub requests: f64,
}

/// What a command line changes in a sweep.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SweepOverrides {
    /// Arguments of `--set`, the same at all points.
    pub set: Vec<String>,
    /// Replaces the seed.
    pub seed: Option<u64>,
    /// Replaces the number of replications.
    pub replications: Option<u32>,
}

/// Reads the sweep in the file at `path`.
///
/// # Errors
/// When it or its base cannot be read, or anything in them is wrong: then everything that is wrong. Every value that is
/// listed, and both ends of what is spaced, are tried beside the first values of the other parameters.
pub fn load_sweep(path: &Path, overrides: &SweepOverrides) -> Result<Sweep, LoadError> {
    load::load(path, overrides)
}

/// Whether a file looks like a sweep and not like a scenario: it has a `base`. If it cannot be read, whoever reads it as a
/// scenario says so.
pub fn is_sweep(file: &Path) -> bool {
    // What can be read only once is left to whoever reads it.
    if !fs::metadata(file).is_ok_and(|metadata| metadata.is_file()) {
        return false;
    }
    let Ok(text) = input::read_up_to(file, MAX_FILE_BYTES as u64).map(|bytes| text(bytes).0) else {
        return false;
    };
    match yaml::parse(&text, 0) {
        Ok(tree) => tree.entry("base").is_some(),
        Err(_) => text.lines().any(|line| line.starts_with("base:")),
    }
}

impl Sweep {
    /// Values of a parameter as numbers, and their unit; `None` if they are none, or not all in the same unit.
    pub fn numbers<'v>(values: impl IntoIterator<Item = &'v str>) -> Option<(Vec<f64>, String)> {
        let split: Vec<_> = values.into_iter().map(quantity::split).collect::<Option<_>>()?;
        let unit = split.first()?.1.clone();
        let same = split.iter().all(|(_, other)| *other == unit);
        same.then(|| (split.into_iter().map(|(number, _)| number).collect(), unit))
    }

    /// What each parameter is called where there is little room: the end of its path.
    pub fn short_names(&self) -> Vec<String> {
        names::short_names(&self.parameters)
    }

    /// How many points there are.
    pub fn points(&self) -> u64 {
        match &self.kept {
            Some(kept) => kept.len() as u64,
            None => self.points.count().expect("it was counted"),
        }
    }

    /// The value of each parameter at a point, as a table shows it.
    pub fn values(&self, point: u64) -> Vec<String> {
        self.nodes(point).iter().map(quantity::shown).collect()
    }

    fn nodes(&self, point: u64) -> Vec<Node> {
        let place = self.kept.as_ref().map_or(point, |kept| kept[point as usize]);
        self.points.at(place)
    }

    /// What is simulated at a point.
    ///
    /// # Errors
    /// What makes no sense with the values of this point.
    pub fn at(&self, point: u64) -> Result<Point, Diagnostics> {
        self.resolve(self.nodes(point))
            .map_err(|findings| Diagnostics::new(self.sources.clone(), findings))
    }

    fn resolve(&self, values: Vec<Node>) -> Result<Point, Vec<Finding>> {
        let changes: Vec<Override> = { self.changes.iter().zip(values) }
            .map(|(change, value)| Override { value, ..change.clone() })
            .collect();
        let mut traces = self.traces.clone();
        let mut with = |changes: &[Override]| -> Result<Resolution, Vec<Finding>> {
            let mut tree = self.tree.clone();
            for change in changes {
                change.apply(&mut tree).map_err(|finding| vec![finding])?;
                override_variants(&mut tree, change);
            }
            resolution(&tree, &mut traces)
        };
        match with(&changes) {
            Ok(Resolution { base, variants, requests, .. }) => {
                Ok(Point { variants, seed: base.seed, requests })
            }
            Err(findings) => Err(blame(findings, &changes, |count| {
                with(&changes[..count]).err().unwrap_or_default()
            })),
        }
    }
}
