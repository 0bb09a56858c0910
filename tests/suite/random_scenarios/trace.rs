//! Recordings in all forms.

use super::demand::Setting;
use super::draw::{Draw, entries, tagged};
use super::servegen::file;
use serde_json::{Map, Value, json};

/// A recording, written to a file.
pub fn trace(draw: &mut Draw, index: usize, setting: &Setting<'_>) -> Value {
    let (format, unit, header) = format(draw);
    let cached = header.len() > 3 && format.pointer("/columns").is_none_or(has_cached);
    let mut trace = entries(json!({"format": format}));
    let separator = draw.one(&[",", ";", "\t"]);
    let (rows, bad) = rows(draw, setting, unit, &header);
    let lines = std::iter::once(header.iter().map(|&name| name.to_owned()).collect()).chain(rows);
    let text: String = lines.map(|line: Vec<String>| line.join(separator) + "\n").collect();
    trace.insert("file".into(), file(setting.folder, &format!("trace-{index}.csv"), &text).into());
    if bad > 0 {
        trace.insert("bad-rows-allowed".into(), draw.whole(bad, 2 * bad).into());
    }
    if cached {
        draw.maybe(0.5, &mut trace, "prefix", |draw| draw.one(&["own", "shared"]).into());
    }
    draw.maybe(0.3, &mut trace, "rate-scale", |draw| draw.scaled(0.3, 3.0).into());
    draw.maybe(0.3, &mut trace, "time-scale", |draw| draw.scaled(0.3, 3.0).into());
    draw.maybe(0.3, &mut trace, "offset", |draw| draw.with_unit(0.01, 10.0, "s"));
    Value::Object(trace)
}

fn has_cached(columns: &Value) -> bool {
    columns.get("cached").is_some()
}

/// What the columns mean, the unit of instants, and the header.
fn format(draw: &mut Draw) -> (Value, &'static str, Vec<&'static str>) {
    match draw.whole(0, 3) {
        0 => ("azure".into(), "datetime", vec!["TIMESTAMP", "ContextTokens", "GeneratedTokens"]),
        1 => {
            ("mooncake".into(), "ms", vec!["t_ms", "input_len", "output_len", "prefix_hit_blocks"])
        }
        _ => {
            let unit = draw.one(&["datetime", "s", "ms", "us", "ns"]);
            let mut columns: Map<String, Value> = entries(json!({
                "timestamp": "at", "unit": unit, "input": "in", "output": "out",
            }));
            draw.maybe(0.4, &mut columns, "cached", |_| "hits".into());
            draw.maybe(0.4, &mut columns, "model", |_| "model".into());
            (tagged("columns", columns), unit, vec!["at", "in", "out", "hits", "model"])
        }
    }
}

/// The rows, and how many of them cannot be read.
fn rows(
    draw: &mut Draw,
    setting: &Setting<'_>,
    unit: &str,
    header: &[&str],
) -> (Vec<Vec<String>>, u64) {
    let count = draw.scaled_whole(1.0, 150.0);
    let gap_ms = setting.horizon_s * 1e3 / count as f64 * draw.scaled(0.2, 2.0);
    let (mut rows, mut bad, mut at) = (Vec::new(), 0, 0.0);
    let damaged = draw.chance(0.2);
    for _ in 0..count {
        let (input, output) = (draw.scaled_whole(1.0, 6000.0), draw.scaled_whole(1.0, 600.0));
        let mut row = vec![instant(at as u64, unit), input.to_string(), output.to_string()];
        let model = draw.one(setting.models);
        row.push(draw.whole(0, input / 512).to_string());
        row.push(format!("\"{model}\""));
        row.truncate(header.len());
        if damaged && draw.chance(0.1) {
            row[1] = "n/a".to_owned();
            bad += 1;
        }
        rows.push(row);
        at += gap_ms * draw.scaled(0.1, 1.5);
    }
    // One at least can be read.
    let last = rows.last_mut().expect("there is a row");
    if last[1] == "n/a" {
        last[1] = "1".to_owned();
        bad -= 1;
    }
    (rows, bad)
}

/// An instant in milliseconds as recordings write it.
fn instant(ms: u64, unit: &str) -> String {
    match unit {
        "datetime" => {
            let (minutes, seconds) = (ms / 60_000, ms / 1000 % 60);
            let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
            let day = 1 + days;
            format!("2023-11-{day:02} {hours:02}:{minutes:02}:{seconds:02}.{:03}", ms % 1000)
        }
        "s" => format!("{}.{:03}", ms / 1000, ms % 1000),
        "ms" => ms.to_string(),
        "us" => (ms * 1000).to_string(),
        _ => (ms * 1_000_000).to_string(),
    }
}
