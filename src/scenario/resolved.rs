//! The resolved scenario: the file with everything spelled out, so that it can be run again
//! anywhere and give the same results.

use super::path::{self, Path};
use super::resolve::nice_bucket;
use super::schema::{Cluster, Deployment, NameOr, Performance, Scenario, Variant};
use super::tree::{Node, Value};
use crate::catalog;
use crate::serving::Precision;
use sha2::{Digest, Sha256};
use std::path::Path as FilePath;

/// Whose `file` is a path.
const WITH_FILES: [&str; 5] = ["trace", "servegen", "windows", "prefill", "decode"];

/// Makes the paths of recordings and tables absolute, in the scenario and in what variants set: `folder` is what
/// relative ones are relative to.
pub(super) fn absolute_files(node: &mut Node, folder: &FilePath) {
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(|(_, item)| absolute_files(item, folder)),
        Value::Map(entries) => entries.iter_mut().for_each(|(key, entry)| {
            // A variant's keys are paths, so that `trace` may be the end of one.
            let ends_with = |end: &str| key == end || key.ends_with(&format!(".{end}"));
            let has_file = WITH_FILES.iter().any(|owner| ends_with(owner));
            if WITH_FILES.iter().any(|owner| ends_with(&format!("{owner}.file"))) {
                return absolute_file(&mut entry.node, folder);
            }
            if let (true, Value::Map(owner)) = (has_file, &mut entry.node.value)
                && let Some(file) = owner.get_mut("file")
            {
                absolute_file(&mut file.node, folder);
            }
            absolute_files(&mut entry.node, folder);
        }),
    }
}

fn absolute_file(node: &mut Node, folder: &FilePath) {
    let Some(file) = node.as_str().filter(|file| !file.is_empty()) else { return };
    let joined = folder.join(file);
    let absolute = joined.canonicalize().or_else(|_| std::path::absolute(&joined));
    if let Some(absolute) = absolute.ok().as_deref().and_then(FilePath::to_str) {
        node.value = Value::Scalar(absolute.into());
    }
}

/// Spells out the defaults that depend on other values. Where a variant changes what one depends
/// on, it is left to be derived again.
pub(super) fn fill_defaults(scenario: &mut Scenario) {
    let horizon = scenario.window.horizon;
    scenario.window.bucket.get_or_insert_with(|| nice_bucket(horizon));
    let changed = changed_paths(&scenario.variants);
    let changes = |path: &Path| changed.iter().any(|changed| path.contains(changed));
    let regions = Path::default().key("cloud").key("regions");
    for (index, region) in scenario.cloud.regions.iter_mut().enumerate() {
        let at = regions.index(index).key("clusters");
        for (index, cluster) in region.clusters.iter_mut().enumerate() {
            if !changes(&at.index(index).key("accelerator")) {
                fill_cluster(cluster);
            }
        }
    }
    let models = Path::default().key("models");
    for (index, model) in scenario.models.iter_mut().enumerate() {
        let at = models.index(index).key("deployments");
        for (index, deployment) in model.deployments.iter_mut().enumerate() {
            if !changes(&at.index(index).key("performance")) {
                fill_deployment(deployment);
            }
        }
    }
}

/// What the variants set.
fn changed_paths(variants: &[Variant]) -> Vec<Path> {
    let keys = variants.iter().flat_map(|variant| variant.set.keys());
    keys.filter_map(|key| path::parse(key).ok())
        .map(|steps| Path(steps.into_iter().map(|(segment, _)| segment).collect()))
        .collect()
}

fn fill_cluster(cluster: &mut Cluster) {
    let base = match &cluster.accelerator {
        NameOr::Name(name) => Some(name),
        NameOr::Inline(definition) if definition.per_node.is_none() => definition.base.as_ref(),
        NameOr::Inline(_) => None,
    };
    let per_node = match (&cluster.accelerator, base) {
        (_, Some(base)) => catalog::accelerator(base).and_then(|chip| chip.per_node),
        (NameOr::Inline(definition), None) => definition.per_node,
        (NameOr::Name(_), None) => None,
    };
    cluster.accelerators_per_node = cluster.accelerators_per_node.or(per_node);
}

fn fill_deployment(deployment: &mut Deployment) {
    match deployment.performance {
        Performance::Roofline => {
            deployment.tensor.get_or_insert(1);
            deployment.precision.get_or_insert(Precision::Bf16);
            deployment.kv_precision.get_or_insert(Precision::Bf16);
            deployment.max_batch.get_or_insert(256);
            deployment.token_budget.get_or_insert(2048);
        }
        Performance::Affine(_) => {
            deployment.accelerators.get_or_insert(1);
            deployment.max_batch.get_or_insert(256);
            deployment.token_budget.get_or_insert(2048);
        }
        // What limits it may be in a file.
        Performance::Profile(_) | Performance::ServiceTime(_) => {
            deployment.accelerators.get_or_insert(1);
        }
    }
}

/// The scenario as YAML. It goes through JSON, which writes an enum as a map where YAML would use
/// a tag.
///
/// # Errors
/// None for what was read from a file: all its numbers are finite and all its keys are text.
pub(super) fn to_yaml(scenario: &Scenario) -> Result<String, String> {
    let json = serde_json::to_value(scenario).map_err(|error| error.to_string())?;
    serde_yaml::to_string(&json).map_err(|error| error.to_string())
}

/// SHA-256 in hexadecimal.
pub(super) fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
