//! Loading: read, override, check, resolve.

use super::blame::blame;
use super::curve::{self, Curve};
use super::diagnostic::{Diagnostics, Finding, merge};
use super::overrides::{self, Override};
use super::path::{Path, Segment};
use super::product::{self, Product};
use super::section::{Resolved, check_payoff, fill, resolve, without_effect};
use super::shape::Shape;
use super::source::{Place, Source};
use super::traces::Traces;
use super::tree::{Node, Value};
use super::variants::{override_variants, select, variant_names, variant_tree};
use super::written::{self, Written};
use super::{LoadError, Overrides, Scenario, Variant, resolved, schema, structure, yaml};
use crate::input;
use std::collections::BTreeSet;
use std::path::Path as FilePath;

/// A scenario file above this is a mistake.
pub(super) const MAX_FILE_BYTES: usize = 16 << 20;
/// Variants that are named with a note; of more it is said how many they are.
const NAMED_MAX: usize = 8;
/// Calls in all variants and replications: weeks of computing.
const MAX_REQUESTS: f64 = 1e12;

pub(super) fn load(path: &FilePath, overrides: &Overrides) -> Result<Scenario, LoadError> {
    let io = |source| LoadError::Io { path: path.to_owned(), source };
    let bytes = input::read_up_to(path, MAX_FILE_BYTES as u64 + 1).map_err(io)?;
    let (text, broken) = text(bytes);
    let source = Source { name: path.display().to_string(), text, is_file: true };
    let folder = path.parent().unwrap_or(FilePath::new(""));
    load_source(source, broken, folder, overrides)
}

/// Loads a text that is in no file; paths in it are relative to the working directory.
pub(super) fn load_text(
    name: &str,
    text: String,
    overrides: &Overrides,
) -> Result<Scenario, LoadError> {
    let source = Source { name: name.to_owned(), text, is_file: true };
    load_source(source, None, FilePath::new(""), overrides)
}

fn load_source(
    source: Source,
    broken: Option<Finding>,
    folder: &FilePath,
    overrides: &Overrides,
) -> Result<Scenario, LoadError> {
    let mut loader = Loader { sources: vec![source] };
    let scenario = match broken {
        Some(finding) => Err(vec![finding]),
        None => loader.load(folder, overrides),
    };
    match scenario {
        Ok(mut scenario) => {
            scenario.written.sources = loader.sources;
            Ok(scenario)
        }
        Err(findings) => Err(LoadError::Invalid(Diagnostics::new(loader.sources, findings))),
    }
}

/// The text of a file, or what keeps it from being one.
pub(super) fn text(bytes: Vec<u8>) -> (String, Option<Finding>) {
    let start = Place::default();
    if bytes.len() > MAX_FILE_BYTES {
        let message = format!("more than {MAX_FILE_BYTES} bytes are too many for a scenario");
        return (String::new(), Some(Finding::new(start, message)));
    }
    if let Some(encoding) = input::encoding(&bytes) {
        let finding = Finding::new(start, format!("not text in UTF-8: {encoding}"));
        return (String::new(), Some(finding));
    }
    match String::from_utf8(bytes) {
        Ok(text) => (text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text), None),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            (text, Some(Finding::new(Place::new(0, at..at), "not text in UTF-8")))
        }
    }
}

struct Loader {
    /// The file, then arguments.
    sources: Vec<Source>,
}

/// A variant's name, its tree, and what the schema makes of it.
struct Candidate {
    name: String,
    tree: Node,
    scenario: schema::Scenario,
}

impl Loader {
    fn load(&mut self, folder: &FilePath, given: &Overrides) -> Result<Scenario, Vec<Finding>> {
        let tree = yaml::parse(&self.sources[0].text, 0)?;
        let Overrides { set, seed, replications, variant } = given;
        let (changes, mut findings) =
            overrides::of_arguments(set, *seed, *replications, &mut self.sources);
        let changes: Vec<_> = changes.into_iter().map(|change| change.by_index(&tree)).collect();
        let only = variant.as_ref().map(|name| {
            let number = self.add(overrides::argument("--variant", name));
            (&**name, Place::new(number, 0..name.len()))
        });
        let changed = change_tree(&tree, &changes, only);
        if !findings.is_empty() {
            findings.extend(changed.err().unwrap_or_default());
            return Err(findings);
        }
        let mut traces = Traces::default();
        changed.and_then(|changed| scenario(changed, folder, &mut traces)).map_err(|findings| {
            blame(findings, &changes, |count| {
                change_tree(&tree, &changes[..count], only)
                    .and_then(|changed| scenario(changed, folder, &mut traces))
                    .err()
                    .unwrap_or_default()
            })
        })
    }

    fn add(&mut self, source: Source) -> usize {
        self.sources.push(source);
        self.sources.len() - 1
    }
}

/// The tree as the command line changes it.
pub(super) fn change_tree(
    tree: &Node,
    changes: &[Override],
    only: Option<(&str, Place)>,
) -> Result<Node, Vec<Finding>> {
    let (mut tree, mut findings) = (tree.clone(), Vec::new());
    if only.is_some() {
        curve::spell_out(&mut tree)?;
    }
    for change in changes {
        findings.extend(curve::contends(&tree, &change.path(), change.steps[0].1));
        findings.extend(change.apply(&mut tree).err());
        override_variants(&mut tree, change);
    }
    if let Some((name, place)) = only {
        findings.extend(select(&mut tree, name, place).err());
    }
    if findings.is_empty() { Ok(tree) } else { Err(findings) }
}

/// What a tree says.
fn scenario(
    mut tree: Node,
    folder: &FilePath,
    traces: &mut Traces,
) -> Result<Scenario, Vec<Finding>> {
    resolved::absolute_files(&mut tree, folder);
    let Resolution { base, variants, curve, notes, objectives, .. } = resolution(&tree, traces)?;
    // The texts are with whoever asked.
    let written = Written { sources: Vec::new(), objectives };
    let resolved =
        resolved::to_yaml(&base).map_err(|problem| vec![Finding::new(tree.place, problem)])?;
    Ok(Scenario {
        product: Product::of(&base),
        name: base.name,
        description: base.description,
        seed: base.seed,
        replications: base.replications,
        variants,
        curve,
        sha256: resolved::sha256(&resolved),
        resolved,
        notes,
        written,
    })
}

/// What a tree says, with absolute paths of files.
pub(super) struct Resolution {
    /// The file, with defaults written out.
    pub base: schema::Scenario,
    pub variants: Vec<Variant>,
    /// Where they lie along a parameter, if they do.
    pub curve: Option<Curve>,
    /// What a reader of the results must know.
    pub notes: Vec<String>,
    /// Where the objectives of each variant are.
    pub objectives: Vec<(String, Node)>,
    /// Calls of all replications of all variants, about.
    pub requests: f64,
}

/// Reads, checks and resolves a tree in which paths of files are absolute.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn resolution(tree: &Node, traces: &mut Traces) -> Result<Resolution, Vec<Finding>> {
    let (mut base, candidates) = structure(tree)?;
    let curve = curve::read(tree)?.map(|written| written.curve);
    let mut empty = Vec::new();
    let mut listed = tree.clone();
    curve::spell_out(&mut listed)?;
    empty_maps(&listed, &Path::default(), &Shape::root(), &mut empty);
    if !empty.is_empty() {
        return Err(empty);
    }
    let objectives = candidates.iter().filter_map(|Candidate { name, tree, .. }| {
        Some((name.clone(), tree.get(&written::objectives())?.clone()))
    });
    let objectives = objectives.collect();
    let (variants, notes, requests) = resolve_all(tree, &base, candidates, traces)?;
    fill(&mut base);
    Ok(Resolution { base, variants, curve, notes, objectives, requests })
}

/// Finds maps with nothing in them, where something is asked for or nothing should stand.
fn empty_maps(node: &Node, at: &Path, shape: &Shape, findings: &mut Vec<Finding>) {
    for (key, entry) in node.entries() {
        let is_empty = matches!(&entry.node.value, Value::Map(entries) if entries.is_empty());
        let (at, shape) = (at.key(key), shape.entry(key));
        if is_empty && !shape.may_be_empty() {
            let message = format!("`{key}` is empty: give it what belongs there, or leave it out");
            findings.push(Finding::new(entry.key, message).at(&at));
        }
        empty_maps(&entry.node, &at, &shape, findings);
    }
    for (index, item) in node.items() {
        let segment = Segment::Index(*index);
        empty_maps(item, &at.with(segment.clone()), &shape.step(&segment), findings);
    }
}

/// Resolves all variants, and what they have in common.
fn resolve_all(
    tree: &Node,
    base: &schema::Scenario,
    candidates: Vec<Candidate>,
    traces: &mut Traces,
) -> Result<(Vec<Variant>, Vec<String>, f64), Vec<Finding>> {
    let mut findings = variant_names(tree, base);
    let (mut variants, mut requests) = (Vec::new(), 0.0);
    let mut noted: Vec<(String, Vec<String>)> = Vec::new();
    let mut idle: Option<Vec<String>> = None;
    findings.extend(check_payoff(tree, base));
    let (several, count) = (candidates.len() > 1, candidates.len());
    for candidate in candidates {
        match resolve(&candidate.scenario, &candidate.tree, traces) {
            Ok(Resolved {
                setup,
                accelerators,
                engines,
                notes: further,
                idle: here,
                requests: calls,
            }) => {
                for note in further {
                    note_of(&mut noted, note, &candidate.name);
                }
                // What one variant makes use of is there for it.
                idle = Some(match idle {
                    None => here,
                    Some(all) => all.into_iter().filter(|note| here.contains(note)).collect(),
                });
                requests += calls * f64::from(base.replications);
                variants.push(Variant { name: candidate.name, setup, accelerators, engines });
            }
            Err(found) => findings.extend(found.into_iter().map(|finding| Finding {
                variants: if several { vec![candidate.name.clone()] } else { Vec::new() },
                ..finding
            })),
        }
    }
    findings = merge(findings, count);
    if findings.is_empty() && Product::of(base).is_some() {
        findings = without_effect(tree, base, &variants);
    }
    if findings.is_empty() && requests > MAX_REQUESTS {
        let message = format!(
            "about {requests:.1e} requests to simulate, over all variants and replications: at most {MAX_REQUESTS:e}"
        );
        let path = Path::default().key("window").key("horizon");
        findings.push(Finding::new(tree.locate(&path), message).at(&path));
    }
    let mut notes: Vec<String> =
        noted.into_iter().map(|(note, of)| with_variants(note, &of, variants.len())).collect();
    notes.extend(idle.unwrap_or_default());
    let mut known = BTreeSet::new();
    notes.retain(|note| known.insert(note.clone()));
    if findings.is_empty() { Ok((variants, notes, requests)) } else { Err(findings) }
}

/// Keeps a note, and which variant it is of.
fn note_of(noted: &mut Vec<(String, Vec<String>)>, note: String, variant: &str) {
    let known = noted.iter().position(|(known, _)| *known == note);
    let at = known.unwrap_or_else(|| {
        noted.push((note, Vec::new()));
        noted.len() - 1
    });
    let variants = &mut noted[at].1;
    if variants.last().is_none_or(|last| last != variant) {
        variants.push(variant.to_owned());
    }
}

/// What is not so in all variants is said with those in which it is.
fn with_variants(note: String, variants: &[String], all: usize) -> String {
    if variants.len() == all {
        return note;
    }
    let names: Vec<_> = variants.iter().map(|name| format!("`{name}`")).collect();
    if names.len() > NAMED_MAX {
        return format!("{note} (In {} of {all} variants.)", names.len());
    }
    format!("{note} (In {}.)", names.join(", "))
}

/// Reads the tree as it is for each variant.
fn structure(tree: &Node) -> Result<(schema::Scenario, Vec<Candidate>), Vec<Finding>> {
    let mut findings = Vec::new();
    let mut candidates = Vec::new();
    let base = structure::read(tree);
    for (_, variant) in &product::variants(tree)? {
        let read = variant_tree(tree, variant).and_then(|tree| {
            let scenario = structure::read(&tree)?;
            let name = variant.entry("name").and_then(|entry| entry.node.as_str());
            Ok(Candidate { name: name.unwrap_or_default().to_owned(), tree, scenario })
        });
        match read {
            Ok(candidate) => candidates.push(candidate),
            Err(found) => findings.extend(found),
        }
    }
    match base {
        Ok(base) if findings.is_empty() => {
            if candidates.is_empty() {
                let (name, scenario) = (base.name.clone(), base.clone());
                candidates.push(Candidate { name, tree: tree.clone(), scenario });
            }
            Ok((base, candidates))
        }
        Ok(_) => Err(findings),
        Err(found) => Err(found.into_iter().chain(findings).collect()),
    }
}
