//! What is wrong with a sweep is said before anything runs.

use super::Sweep;
use super::points::{MAX_SOBOL, Points};
use super::schema::{Design, SweepFile};
use super::values::Levels;
use crate::scenario::diagnostic::Finding;
use crate::scenario::overrides::Override;
use crate::scenario::path::{Path, Segment};
use crate::scenario::structure;
use crate::scenario::tree::Node;
use crate::scenario::variants::contending_variant;

type Findings = Vec<Finding>;

/// More points than anybody waits for.
const MAX_POINTS: u64 = 10_000_000;
/// Axes that a sequence has.
const MAX_AXES: usize = 64;
/// Values that are tried before anything runs.
const MAX_TRIED: usize = 1_000;

/// Why a key of a scenario, with all below it, is no parameter, if it is none.
fn never_swept(key: &str) -> Option<&'static str> {
    match key {
        "name" | "description" => Some("it is the same at all points"),
        "replications" => Some("give `replications` beside `base`"),
        "variants" => Some("`variants` beside `base` names those to run"),
        "strategies" | "worlds" => Some("sweep what they set, or give the scenario others"),
        "indifference" => Some("no row of a sweep depends on it"),
        _ => None,
    }
}

/// Parameters that cannot be swept: what names results or counts replications, what another parameter is part of, and
/// what a variant sets to something else.
pub(super) fn check_paths(
    parameters: &[String],
    changes: &[Override],
    set: &[Override],
    base: &Node,
) -> Result<(), Findings> {
    let mut findings = Vec::new();
    for given in set {
        let path = given.path();
        let of = |(change, _): &(&Override, &String)| {
            path.contains(&change.path()) || change.path().contains(&path)
        };
        // What is set above a parameter changes the rest of it.
        let above = |change: &Override| path.contains(&change.path()) && path != change.path();
        if let Some((change, name)) = changes.iter().zip(parameters).find(of)
            && !above(change)
        {
            let message = format!("`{name}` is a parameter: what is set here would do nothing");
            findings.push(Finding::new(given.steps[0].1, message));
        }
    }
    for (index, change) in changes.iter().enumerate() {
        let path = change.path();
        let place = change.steps[0].1;
        if let Some(Segment::Key(key)) = path.0.first()
            && let Some(hint) = never_swept(key)
        {
            findings
                .push(Finding::new(place, format!("`{key}` cannot be a parameter")).label(hint));
        }
        for (earlier, name) in changes[..index].iter().zip(parameters) {
            let other = earlier.path();
            if path.contains(&other) || other.contains(&path) {
                let message =
                    format!("`{}` and `{name}` are for the same value", parameters[index]);
                findings.push(Finding::new(place, message));
            }
        }
        if let Some((variant, key)) = contending_variant(base, &path) {
            let message = format!(
                "`{path}` is set by the variant `{variant}` too, which sets `{key}`: a parameter would make variants the same"
            );
            findings.push(Finding::new(place, message));
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

pub(super) fn check_design(
    written: &Node,
    file: &SweepFile,
    axes: &[Vec<usize>],
) -> Result<(), Findings> {
    let (word, points) = match file.design {
        Design::Grid => return Ok(()),
        Design::Random(points) => ("random", points),
        Design::LatinHypercube(points) => ("latin-hypercube", points),
        Design::Sobol(points) => ("sobol", points),
    };
    let at = Path::default().key("design").key(word);
    let most = if word == "sobol" { MAX_SOBOL } else { MAX_POINTS };
    let message = match points {
        _ if word == "sobol" && axes.len() > MAX_AXES => {
            format!("a Sobol sequence of {} parameters: at most {MAX_AXES}", axes.len())
        }
        1.. if points <= most => return Ok(()),
        _ => format!("found {points}, expected 1 to {most} points"),
    };
    Err(vec![Finding::new(written.locate(&at), message).at(&at)])
}

pub(super) fn check_count(written: &Node, points: &Points) -> Result<(), Findings> {
    match points.count() {
        Some(1..=MAX_POINTS) => Ok(()),
        found => {
            let many = found.map_or("more than 10¹⁹".to_owned(), |count| count.to_string());
            let message = format!("the parameters make {many} points: at most {MAX_POINTS}");
            let at = Path::default().key("parameters");
            Err(vec![Finding::new(written.locate_key(&at), message)])
        }
    }
}

/// Tries each value that is known, with the first of all others: what is wrong however a parameter is set is said before
/// anything runs. Where only some values make no sense, it may be with the first of the others only: these points
/// fail by themselves.
pub(super) fn try_values(sweep: &Sweep, levels: &[Levels]) -> Result<(), Findings> {
    let first = sweep.nodes(0);
    let mut tried = 0;
    for (parameter, levels) in levels.iter().enumerate() {
        let (mut findings, mut fits) = (Vec::new(), false);
        for value in levels.looked_at() {
            if tried == MAX_TRIED {
                return Ok(());
            }
            tried += 1;
            let mut values = first.clone();
            values[parameter] = value;
            sweep.has_structure(&values)?;
            match sweep.resolve(values) {
                Ok(_) => fits = true,
                Err(found) if findings.is_empty() => findings = found,
                Err(_) => {}
            }
        }
        if !fits {
            return Err(findings);
        }
    }
    Ok(())
}

impl Sweep {
    /// Whether keys and types are right with these values.
    fn has_structure(&self, values: &[Node]) -> Result<(), Findings> {
        let mut tree = self.tree.clone();
        for (change, value) in self.changes.iter().zip(values) {
            let change = Override { value: value.clone(), ..change.clone() };
            change.apply(&mut tree).map_err(|finding| vec![finding])?;
        }
        structure::read(&tree).map(drop)
    }
}
