//! Reading a sweep file and its base.

use super::filter::Filter;
use super::points::{MAX_SOBOL, Points};
use super::quantity::shown;
use super::schema::{Design, ScopeName, SweepFile};
use super::values::Levels;
use super::{Sweep, SweepOverrides};
use crate::input;
use crate::metrics::{self, MetricId};
use crate::scenario::diagnostic::{Diagnostics, Finding};
use crate::scenario::load::{
    MAX_FILE_BYTES, Resolution, change_tree, contending_variant, keep_variants, resolution, text,
};
use crate::scenario::overrides::{self, Override};
use crate::scenario::path::{Path, Segment};
use crate::scenario::shape::Shape;
use crate::scenario::source::{Place, Source};
use crate::scenario::traces::Traces;
use crate::scenario::tree::Node;
use crate::scenario::{LoadError, resolved, structure, suggest, yaml};
use sha2::{Digest, Sha256};
use std::path::Path as FilePath;

/// More points than anybody waits for.
const MAX_POINTS: u64 = 100_000_000;
/// Axes that a sequence has.
const MAX_AXES: usize = 64;
/// Values that are tried before anything runs.
const MAX_TRIED: usize = 1_000;
/// The name of the base beside a resolved sweep.
const BASE: &str = "scenario.yaml";

type Findings = Vec<Finding>;

pub(super) fn load(path: &FilePath, overrides: &SweepOverrides) -> Result<Sweep, LoadError> {
    let read = |path: &FilePath| {
        let bytes = input::read_up_to(path, MAX_FILE_BYTES as u64 + 1);
        bytes.map_err(|source| LoadError::Io { path: path.to_owned(), source })
    };
    let (sweep, broken) = text(read(path)?);
    let source = Source { name: path.display().to_string(), text: sweep, is_file: true };
    let mut loader = Loader { sources: vec![source] };
    let invalid = |loader: &Loader, findings| {
        Err(LoadError::Invalid(Diagnostics::new(loader.sources.clone(), findings)))
    };
    if let Some(finding) = broken {
        return invalid(&loader, vec![finding]);
    }
    let (tree, file) = match loader.file() {
        Ok(found) => found,
        Err(findings) => return invalid(&loader, findings),
    };
    let folder = path.parent().unwrap_or(FilePath::new(""));
    let base = folder.join(&file.base);
    let (text, broken) = match input::read_up_to(&base, MAX_FILE_BYTES as u64 + 1) {
        Ok(bytes) => text_of_base(bytes),
        Err(error) => {
            let at = Path::default().key("base");
            let message = format!("cannot read {}: {error}", base.display());
            return invalid(&loader, vec![Finding::new(tree.locate(&at), message)]);
        }
    };
    loader.sources.push(Source { name: base.display().to_string(), text, is_file: true });
    if let Some(finding) = broken {
        return invalid(&loader, vec![finding]);
    }
    let folder = base.parent().unwrap_or(FilePath::new(""));
    match loader.sweep(&tree, &file, folder, overrides) {
        Ok(mut sweep) => {
            sweep.sources = loader.sources;
            Ok(sweep)
        }
        Err(findings) => invalid(&loader, findings),
    }
}

/// The text of the base, which is the second source.
fn text_of_base(bytes: Vec<u8>) -> (String, Option<Finding>) {
    let (text, broken) = text(bytes);
    let second = |finding: Finding| {
        let place = Place { source: 1, ..finding.place };
        Finding { place, ..finding }
    };
    (text, broken.map(second))
}

struct Loader {
    /// The sweep, its base, then arguments.
    sources: Vec<Source>,
}

impl Loader {
    fn file(&self) -> Result<(Node, SweepFile), Findings> {
        let tree = yaml::parse(&self.sources[0].text, 0)?;
        let file: SweepFile = structure::read_as(&tree, Shape::sweep())?;
        Ok((tree, file))
    }

    fn sweep(
        &mut self,
        written: &Node,
        file: &SweepFile,
        folder: &FilePath,
        overrides: &SweepOverrides,
    ) -> Result<Sweep, Findings> {
        let mut base = yaml::parse(&self.sources[1].text, 1)?;
        // Relative to the base, also where the sweep or an argument gives them.
        let mut set = entries(written, "set", &base)?;
        let (arguments, findings) = self.arguments(overrides);
        if !findings.is_empty() {
            return Err(findings);
        }
        set.extend(arguments.into_iter().map(|change| change.by_index(&base)));
        let seeds = [
            ("seed", file.seed, overrides.seed.is_some()),
            ("replications", file.replications.map(u64::from), overrides.replications.is_some()),
        ];
        for (key, value, overridden) in seeds {
            if let Some(value) = value.filter(|_| !overridden) {
                let place = written.locate(&Path::default().key(key));
                set.push(Override::top_level(key, place, value.into()));
            }
        }
        base = change_tree(&base, &set, None)?;
        keep_variants(&mut base, &file.variants, |index| {
            written.locate(&Path::default().key("variants").index(index))
        })?;
        resolved::absolute_files(&mut base, folder);
        let mut traces = Traces::default();
        let Resolution { base: scenario, variants, notes, .. } = resolution(&base, &mut traces)?;
        let changes = entries(written, "parameters", &base)?;
        let parameters: Vec<String> = file.parameters.keys().cloned().collect();
        check_paths(&changes, &base)?;
        let levels = levels(written, file, folder, &changes)?;
        let axes = axes(written, file, &parameters, &levels)?;
        check_design(written, file, &axes)?;
        let shown: Vec<Vec<String>> =
            levels.iter().map(|levels| levels.all().iter().map(shown).collect()).collect();
        let points = Points::new(file.design, levels.clone(), axes.clone(), scenario.seed);
        check_count(written, &points)?;
        let kept = kept(written, file, &parameters, &points)?;
        let name = file.name.clone().unwrap_or_else(|| format!("{}-sweep", scenario.name));
        let description = match &*file.description {
            "" => scenario.description.clone(),
            text => text.to_owned(),
        };
        let mut inputs = Sha256::new();
        resolved::hash_files(&base, &Path::default(), &mut inputs);
        for (change, levels) in changes.iter().zip(&levels) {
            let values = levels.all();
            values
                .iter()
                .for_each(|value| resolved::hash_files(value, &change.path(), &mut inputs));
        }
        let inputs = inputs.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let resolved = written_out(file, &name, scenario.seed, scenario.replications);
        let sweep = Sweep {
            name,
            description,
            seed: scenario.seed,
            replications: scenario.replications,
            parameters,
            is_grid: file.design == Design::Grid,
            levels: shown,
            axes,
            metrics: metrics(written, file)?,
            scopes: scopes(file),
            variants: variants.into_iter().map(|variant| variant.name).collect(),
            notes,
            resolved,
            inputs,
            base: resolved::to_yaml(&scenario)
                .map_err(|problem| vec![Finding::new(base.place, problem)])?,
            kept,
            points,
            changes,
            tree: base,
            sources: Vec::new(),
            traces,
        };
        try_values(&sweep, &levels)?;
        Ok(sweep)
    }

    /// What the command line changes at all points.
    fn arguments(&mut self, given: &SweepOverrides) -> (Vec<Override>, Findings) {
        let (mut changes, mut findings) = (Vec::new(), Vec::new());
        for argument in &given.set {
            let number = self.add(overrides::argument("--set", argument));
            match Override::from_argument(argument, number) {
                Ok(change) => changes.push(change),
                Err(problems) => findings.extend(problems),
            }
        }
        let counts = [("seed", given.seed), ("replications", given.replications.map(u64::from))];
        for (key, value) in counts {
            let Some(value) = value else { continue };
            let text = value.to_string();
            let number = self.add(overrides::argument(&format!("--{key}"), &text));
            changes.push(Override::top_level(key, Place::new(number, 0..text.len()), value.into()));
        }
        (changes, findings)
    }

    fn add(&mut self, source: Source) -> usize {
        self.sources.push(source);
        self.sources.len() - 1
    }
}

/// The entries of a map from paths to values, by index in `base`.
fn entries(written: &Node, key: &str, base: &Node) -> Result<Vec<Override>, Findings> {
    let (mut changes, mut findings) = (Vec::new(), Vec::new());
    let map = written.entry(key).map(|entry| &entry.node);
    for (path, entry) in map.into_iter().flat_map(Node::entries) {
        match Override::from_entry(path, entry) {
            Ok(change) => changes.push(change.by_index(base)),
            Err(finding) => findings.push(finding),
        }
    }
    if findings.is_empty() { Ok(changes) } else { Err(findings) }
}

/// Parameters that cannot be swept: what names results or counts replications, what another parameter is part of, and
/// what a variant sets to something else.
fn check_paths(changes: &[Override], base: &Node) -> Result<(), Findings> {
    let mut findings = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        let path = change.path();
        let place = change.steps[0].1;
        if let Some(Segment::Key(key)) = path.0.first()
            && ["name", "description", "replications", "variants"].contains(&&**key)
        {
            let hint = match &**key {
                "replications" => "give `replications` beside `base`",
                "variants" => "`variants` beside `base` names those to run",
                _ => "it is the same at all points",
            };
            findings
                .push(Finding::new(place, format!("`{key}` cannot be a parameter")).label(hint));
        }
        for other in &changes[..index] {
            let other = other.path();
            if path.contains(&other) || other.contains(&path) {
                let message = format!("`{path}` and `{other}` are parameters for the same value");
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

fn levels(
    written: &Node,
    file: &SweepFile,
    folder: &FilePath,
    changes: &[Override],
) -> Result<Vec<Levels>, Findings> {
    let (mut all, mut findings) = (Vec::new(), Vec::new());
    for ((key, values), change) in file.parameters.iter().zip(changes) {
        let at = Path::default().key("parameters").key(key);
        let mut levels = match Levels::read(values, written, &at) {
            Ok(levels) => levels,
            Err(finding) => {
                findings.push(finding);
                continue;
            }
        };
        if let Levels::Listed(nodes) = &mut levels {
            nodes
                .iter_mut()
                .for_each(|node| resolved::absolute_file_at(node, &change.path(), folder));
            for (index, node) in nodes.iter().enumerate() {
                if nodes[..index].iter().any(|earlier| shown(earlier) == shown(node)) {
                    let message = format!("`{}` is there twice", shown(node));
                    findings.push(Finding::new(node.place, message).at(&at));
                }
            }
        }
        if file.design == Design::Grid && levels.count().is_none() {
            let message = "a grid needs `points`: how many values there are";
            findings.push(Finding::new(written.locate_key(&at), message).at(&at));
        }
        all.push(levels);
    }
    if file.parameters.is_empty() {
        let at = Path::default().key("parameters");
        findings.push(Finding::new(
            written.locate_key(&at),
            "there is no parameter: give at least one",
        ));
    }
    if findings.is_empty() { Ok(all) } else { Err(findings) }
}

/// Parameters by axis: those that are zipped share one.
fn axes(
    written: &Node,
    file: &SweepFile,
    parameters: &[String],
    levels: &[Levels],
) -> Result<Vec<Vec<usize>>, Findings> {
    let mut findings = Vec::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (group, paths) in file.zip.iter().enumerate() {
        let mut members = Vec::new();
        for (index, path) in paths.iter().enumerate() {
            let at = Path::default().key("zip").index(group).index(index);
            let mut refuse = |message: String, hint| {
                findings.push(Finding::new(written.locate(&at), message).hint(hint).at(&at));
            };
            match parameters.iter().position(|known| known == path) {
                None => refuse(
                    format!("`{path}` is not a parameter of this sweep"),
                    suggest::did_you_mean(path, parameters),
                ),
                Some(member)
                    if groups.iter().flatten().chain(&members).any(|&known| known == member) =>
                {
                    refuse(format!("`{path}` is zipped twice"), None);
                }
                Some(member) => members.push(member),
            }
        }
        let counts: Vec<_> = members.iter().map(|&member| levels[member].count()).collect();
        let at = Path::default().key("zip").index(group);
        if members.len() == paths.len() && members.len() < 2 {
            let message = "it takes two parameters to go together";
            findings.push(Finding::new(written.locate(&at), message).at(&at));
        }
        if file.design == Design::Grid && counts.windows(2).any(|pair| pair[0] != pair[1]) {
            let counts: Vec<_> =
                counts.into_iter().flatten().map(|count| count.to_string()).collect();
            let message =
                format!("they have {} values: zipped ones need equally many", counts.join(" and "));
            findings.push(Finding::new(written.locate(&at), message).at(&at));
        }
        if !members.is_empty() {
            groups.push(members);
        }
    }
    let first = |member: usize| groups.iter().find(|group| group.contains(&member));
    let axis = |member: usize| match first(member) {
        None => Some(vec![member]),
        Some(group) if group.iter().min() == Some(&member) => Some(group.clone()),
        Some(_) => None,
    };
    let axes = (0..parameters.len()).filter_map(axis).collect();
    if findings.is_empty() { Ok(axes) } else { Err(findings) }
}

fn check_design(written: &Node, file: &SweepFile, axes: &[Vec<usize>]) -> Result<(), Findings> {
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

fn check_count(written: &Node, points: &Points) -> Result<(), Findings> {
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

/// The points that meet all conditions; `None` without conditions.
fn kept(
    written: &Node,
    file: &SweepFile,
    parameters: &[String],
    points: &Points,
) -> Result<Option<Vec<u64>>, Findings> {
    let place = |index: usize| written.locate(&Path::default().key("where").index(index));
    let (mut filters, mut findings) = (Vec::new(), Vec::new());
    for (index, text) in file.filters.iter().enumerate() {
        match Filter::parse(text, parameters) {
            Ok(filter) => filters.push(filter),
            Err(message) => findings.push(Finding::new(place(index), message)),
        }
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    if filters.is_empty() {
        return Ok(None);
    }
    let mut kept = Vec::new();
    for point in 0..points.count().unwrap_or(0) {
        let values = points.at(point);
        let mut all = true;
        for (index, filter) in filters.iter().enumerate() {
            all &= filter
                .holds(&values)
                .map_err(|message| vec![Finding::new(place(index), message)])?;
        }
        if all {
            kept.push(point);
        }
    }
    if kept.is_empty() {
        let at = Path::default().key("where");
        return Err(vec![Finding::new(written.locate_key(&at), "no point meets these conditions")]);
    }
    Ok(Some(kept))
}

fn metrics(written: &Node, file: &SweepFile) -> Result<Vec<MetricId>, Findings> {
    let known: Vec<_> = MetricId::ALL.iter().filter(|id| id.definition().modelled).collect();
    if file.metrics.is_empty() {
        return Ok(known.into_iter().copied().collect());
    }
    let names: Vec<&str> = known.iter().map(|id| id.definition().name).collect();
    let mut findings = Vec::new();
    for (index, name) in file.metrics.iter().enumerate() {
        let at = Path::default().key("metrics").index(index);
        if !names.contains(&&**name) {
            let message = match metrics::definition(name) {
                Some(_) => format!("the metric `{name}` is not modelled yet"),
                None => format!("unknown metric `{name}`"),
            };
            let hint = suggest::did_you_mean(name, &names);
            findings.push(Finding::new(written.locate(&at), message).hint(hint).at(&at));
        }
    }
    let is_wanted = |id: &&MetricId| file.metrics.iter().any(|name| name == id.definition().name);
    let wanted = known.into_iter().filter(is_wanted).copied().collect();
    if findings.is_empty() { Ok(wanted) } else { Err(findings) }
}

fn scopes(file: &SweepFile) -> Vec<&'static str> {
    let all = [
        (ScopeName::All, "all"),
        (ScopeName::Model, "model"),
        (ScopeName::Tenant, "tenant"),
        (ScopeName::Cluster, "cluster"),
        (ScopeName::Application, "application"),
    ];
    let is_wanted = |scope: &ScopeName| file.scopes.is_empty() || file.scopes.contains(scope);
    all.into_iter().filter(|(scope, _)| is_wanted(scope)).map(|(_, name)| name).collect()
}

/// The sweep with what it takes from its base, as it is beside that.
fn written_out(file: &SweepFile, name: &str, seed: u64, replications: u32) -> String {
    let mut file = file.clone();
    // They are in the base that is written beside it.
    file.set.clear();
    file.variants.clear();
    file.base = BASE.to_owned();
    file.name = Some(name.to_owned());
    (file.seed, file.replications) = (Some(seed), Some(replications));
    let json = serde_json::to_value(&file).expect("it came from a file");
    serde_yaml::to_string(&json).expect("it is a tree of values")
}

/// Tries each value that is known, with the first of all others: what is wrong however a parameter is set is said before
/// anything runs. Where only some values make no sense, it may be with the first of the others only: these points
/// fail by themselves.
fn try_values(sweep: &Sweep, levels: &[Levels]) -> Result<(), Findings> {
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
