//! The resolved scenario: the file with everything spelled out, so that it can be run again
//! anywhere and give the same results.

use super::schema::Scenario;
use super::tree::{Node, Value};
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
