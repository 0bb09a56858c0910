//! Tables of a scenario that stand in files.

use super::draw::Draw;
use super::servegen;
use serde_json::{Value, json};
use std::path::Path;

/// Puts some of the tables of a drawn scenario into files of the folder, and laws of lengths in the place
/// of some.
pub fn write_some(draw: &mut Draw, value: &mut Value, folder: &Path) {
    match value {
        Value::Object(map) => {
            for key in ["prefill", "decode"] {
                if map.get(key).is_some_and(|table| table.get("points").is_some()) {
                    measured(draw, &mut map[key], folder);
                }
            }
            if let Some(Value::Object(lengths)) = map.get_mut("lengths") {
                for key in ["input", "output"] {
                    draw.maybe(0.05, lengths, key, |draw| servegen::lengths(draw, folder));
                }
            }
            map.values_mut().for_each(|inner| write_some(draw, inner, folder));
        }
        Value::Array(list) => list.iter_mut().for_each(|inner| write_some(draw, inner, folder)),
        _ => {}
    }
}

/// A table of measured times: its points as rows, some of them measured twice.
fn measured(draw: &mut Draw, table: &mut Value, folder: &Path) {
    if !draw.chance(0.3) {
        return;
    }
    let points = table["points"].as_array().expect("a list");
    let keys: Vec<_> = points[0].as_object().expect("a map").keys().cloned().collect();
    let separator = draw.one(&[",", ";", "\t"]);
    let mut lines = vec!["# Measured.".to_owned(), keys.join(separator)];
    for point in points {
        let fields = keys.iter().map(|key| match &point[key] {
            Value::String(text) => text.clone(),
            number => number.to_string(),
        });
        let line = fields.collect::<Vec<_>>().join(separator);
        let times = if draw.chance(0.2) { 2 } else { 1 };
        lines.extend(std::iter::repeat_n(line, times));
    }
    let name = format!("table-{}.csv", draw.whole(0, 1 << 40));
    *table = json!({"file": servegen::file(folder, &name, &(lines.join("\n") + "\n"))});
}
