//! Reading a sweep file and its base.

use super::axes::{axes, levels};
use super::check::{check_count, check_design, check_paths, try_values};
use super::filter::kept;
use super::points::Points;
use super::quantity::shown;
use super::schema::{Design, ScopeName, SweepFile};
use super::{Sweep, SweepOverrides};
use crate::input;
use crate::metrics::{self, MetricId};
use crate::scenario::diagnostic::{Diagnostics, Finding};
use crate::scenario::load::{MAX_FILE_BYTES, Resolution, change_tree, resolution, text};
use crate::scenario::overrides::{self, Override};
use crate::scenario::path::Path;
use crate::scenario::shape::Shape;
use crate::scenario::source::{Place, Source};
use crate::scenario::traces::Traces;
use crate::scenario::tree::{Node, Value};
use crate::scenario::variants::keep_variants;
use crate::scenario::{LoadError, resolved, structure, suggest, yaml};
use sha2::{Digest, Sha256};
use std::path::Path as FilePath;

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
        nothing_empty(written)?;
        let mut base = yaml::parse(&self.sources[1].text, 1)?;
        // Relative to the base, also where the sweep or an argument gives them.
        let mut set = entries(written, "set", &base)?;
        let SweepOverrides { set: arguments, seed, replications } = overrides;
        let (arguments, findings) =
            overrides::of_arguments(arguments, *seed, *replications, &mut self.sources);
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
        check_paths(&parameters, &changes, &set, &base)?;
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
}

/// Refuses lists with nothing in them: left out they stand for all.
fn nothing_empty(written: &Node) -> Result<(), Findings> {
    let is_empty = |key: &&str| {
        let list = written.entry(key).map(|entry| &entry.node.value);
        matches!(list, Some(Value::List(items)) if items.is_empty())
    };
    let refuse = |key: &str| {
        let at = Path::default().key(key);
        let message = format!("`{key}` is empty: leave it out, or say which");
        Finding::new(written.locate_key(&at), message).at(&at)
    };
    let keys = ["metrics", "scopes", "variants", "zip", "where"].into_iter();
    let findings: Vec<_> = keys.filter(is_empty).map(refuse).collect();
    if findings.is_empty() { Ok(()) } else { Err(findings) }
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
