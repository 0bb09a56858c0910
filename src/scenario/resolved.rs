//! The resolved scenario: the file with everything spelled out, so that it can be run again
//! anywhere and give the same results.

use super::curve;
use super::path::{Path, Segment};
use super::schema::Scenario;
use super::shape::Shape;
use super::tree::{Node, Value};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::Path as FilePath;

/// Makes the paths of recordings and tables absolute, in the scenario and in what variants set: `folder` is what
/// relative ones are relative to.
pub(super) fn absolute_files(tree: &mut Node, folder: &FilePath) {
    make_absolute(tree, &Shape::root(), folder);
    curve::each_value(tree, |path, value| absolute_file_at(value, path, folder));
}

/// Hashes what the files hold that a scenario names; those that cannot be read are found to be wrong elsewhere.
pub(super) fn hash_files(tree: &Node, at: &Path, hasher: &mut Sha256) {
    hash_named(tree, &Shape::at(at), hasher);
}

fn hash_named(node: &Node, shape: &Shape, hasher: &mut Sha256) {
    match (&node.value, node.as_str()) {
        (Value::Scalar(_), Some(file)) if shape.is_file() => {
            if let Ok(mut file) = File::open(file) {
                let mut buffer = [0; 1 << 16];
                while let Ok(read @ 1..) = file.read(&mut buffer) {
                    hasher.update(&buffer[..read]);
                }
            }
        }
        (Value::Scalar(_), _) => {}
        (Value::List(items), _) => items.iter().for_each(|(index, item)| {
            hash_named(item, &shape.step(&Segment::Index(*index)), hasher);
        }),
        (Value::Map(entries), _) => entries
            .iter()
            .for_each(|(key, entry)| hash_named(&entry.node, &shape.entry(key), hasher)),
    }
}

/// Likewise what a change puts at `path` of a scenario.
pub(super) fn absolute_file_at(node: &mut Node, path: &Path, folder: &FilePath) {
    make_absolute(node, &Shape::at(path), folder);
}

fn make_absolute(node: &mut Node, shape: &Shape, folder: &FilePath) {
    match &mut node.value {
        Value::Scalar(_) if shape.is_file() => absolute_file(node, folder),
        Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(|(index, item)| {
            make_absolute(item, &shape.step(&Segment::Index(*index)), folder);
        }),
        Value::Map(entries) => entries.iter_mut().for_each(|(key, entry)| {
            make_absolute(&mut entry.node, &shape.entry(key), folder);
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
