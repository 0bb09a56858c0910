//! Applications: all sources of calls, with their modulation, lengths, objectives and choices.

use super::draw::{Draw, entries, tagged};
use super::laws::{Kind, law, lengths};
use super::servegen;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// About how many calls an application makes in the horizon, at most.
const CALLS: (f64, f64) = (1.0, 250.0);

/// What applications need to know of the rest.
pub struct Setting<'a> {
    pub horizon_s: f64,
    pub models: &'a [String],
    /// Where traces are written.
    pub folder: &'a Path,
    /// Whether every source is finite, for `horizon: end-of-calls`.
    pub finite: bool,
}

/// An application.
pub fn application(draw: &mut Draw, index: usize, setting: &Setting<'_>) -> Value {
    let calls = draw.scaled(CALLS.0, CALLS.1);
    let mut given = entries(json!({"name": format!("app {index}")}));
    let kind = if setting.finite { draw.whole(10, 11) } else { draw.whole(0, 11) };
    match kind {
        0..=4 => {
            let rate = calls / setting.horizon_s;
            let own_lengths = arrivals(draw, rate, setting.folder, &mut given);
            if !own_lengths {
                given.insert("lengths".into(), lengths(draw, true));
            }
            draw.maybe(0.4, &mut given, "modulation", |draw| match draw.chance(0.2) {
                true => servegen::modulation(draw, setting.folder),
                false => modulation(draw, setting.horizon_s),
            });
        }
        5 | 6 => sessions(draw, calls / setting.horizon_s, &mut given),
        7..=9 => {
            given.insert("users".into(), users(draw, setting.horizon_s));
            given.insert("lengths".into(), lengths(draw, true));
        }
        10 => {
            let at = format!("{}s", draw.scaled(0.01, 0.9) * setting.horizon_s);
            let mut batch = entries(json!({"calls": draw.scaled_whole(1.0, 300.0)}));
            draw.maybe(0.5, &mut batch, "at", |_| at.into());
            given.insert("all-at-once".into(), Value::Object(batch));
            given.insert("lengths".into(), lengths(draw, true));
        }
        _ => drop(given.insert("trace".into(), trace(draw, index, setting))),
    }
    draw.maybe(0.6, &mut given, "slo", slo);
    draw.maybe(0.5, &mut given, "choice", |draw| choice(draw, setting.models));
    Value::Object(given)
}

/// Adds arrivals; says whether their clients have lengths of their own.
fn arrivals(draw: &mut Draw, rate: f64, folder: &Path, given: &mut Map<String, Value>) -> bool {
    if draw.chance(0.1) {
        let (arrivals, own_lengths) = servegen::arrivals(draw, rate, folder);
        given.insert("arrivals".into(), arrivals);
        return own_lengths;
    }
    let per_second = format!("{rate}/s");
    let family = draw.one(&["gamma", "weibull", "lognormal"]);
    let cv = draw.scaled(0.1, 5.0);
    let mut own_lengths = false;
    let arrivals = match draw.whole(0, 6) {
        0 => tagged("poisson", json!({"rate": per_second})),
        1 => tagged("deterministic", json!({"rate": per_second})),
        2 => tagged(family, json!({"rate": per_second, "cv": cv})),
        3 => tagged("pareto", json!({"rate": per_second, "cv": draw.scaled(1.05, 4.0)})),
        4 => {
            let state = |draw: &mut Draw| json!({"factor": draw.scaled(0.1, 10.0), "sojourn": draw.with_unit(0.5, 60.0, "s")});
            let states: Vec<_> = (0..draw.whole(2, 4)).map(|_| state(draw)).collect();
            tagged("mmpp", json!({"rate": per_second, "states": states}))
        }
        5 => {
            let mut clients = entries(json!({
                "rate": per_second, "count": draw.whole(1, 40), "zipf": draw.one(&[0.0, 0.7, 1.1, 2.0]),
            }));
            draw.maybe(0.5, &mut clients, "family", |_| family.into());
            draw.maybe(0.5, &mut clients, "cv", |draw| match draw.chance(0.5) {
                true => tagged("constant", cv),
                false => tagged("uniform", json!({"min": 0.1, "max": cv.max(0.1)})),
            });
            tagged("clients", clients)
        }
        _ => {
            own_lengths = draw.chance(0.3);
            let count = draw.whole(1, 5);
            let client = |draw: &mut Draw, index| {
                let mut client = entries(json!({
                    "name": format!("client {index}"), "rate": format!("{}/s", rate / count as f64),
                }));
                draw.maybe(0.5, &mut client, "family", |_| family.into());
                draw.maybe(0.5, &mut client, "cv", |_| cv.into());
                if own_lengths {
                    client.insert("lengths".into(), lengths(draw, true));
                }
                Value::Object(client)
            };
            let clients: Vec<_> = (0..count).map(|index| client(draw, index)).collect();
            tagged("client-table", clients)
        }
    };
    given.insert("arrivals".into(), arrivals);
    own_lengths
}

fn modulation(draw: &mut Draw, horizon_s: f64) -> Value {
    let mut modulation = Map::new();
    let factors = |draw: &mut Draw, count| -> Vec<f64> {
        (0..count).map(|_| draw.scaled(0.3, 3.0)).collect()
    };
    draw.maybe(0.5, &mut modulation, "hour-of-day", |draw| {
        let mut pattern = entries(json!({"factors": factors(draw, 24)}));
        draw.maybe(0.5, &mut pattern, "starts-at", |draw| format!("{}h", draw.whole(0, 23)).into());
        Value::Object(pattern)
    });
    draw.maybe(0.3, &mut modulation, "day-of-week", |draw| {
        let mut pattern = entries(json!({"factors": factors(draw, 7)}));
        draw.maybe(0.5, &mut pattern, "starts-on", |_| "saturday".into());
        Value::Object(pattern)
    });
    draw.maybe(0.4, &mut modulation, "growth", |draw| match draw.whole(0, 2) {
        0 => tagged("doubling-time", format!("{}s", horizon_s.max(61.0))),
        1 => tagged("per-year", draw.scaled(0.5, 5.0)),
        _ => tagged("per-day", draw.scaled(0.8, 1.5)),
    });
    draw.maybe(0.4, &mut modulation, "flash-crowds", |draw| {
        let mut part = |most: f64| format!("{}s", draw.scaled(0.001, most) * horizon_s);
        let (start, ramp, duration, decay) = (part(0.8), part(0.1), part(0.3), part(0.1));
        let factor = draw.scaled(0.1, 6.0);
        json!([{"start": start, "ramp": ramp, "duration": duration, "decay": decay, "factor": factor}])
    });
    // One that asks for nothing is refused.
    modulation.is_empty().then(|| modulation.insert("growth".into(), tagged("per-year", 2)));
    Value::Object(modulation)
}

fn sessions(draw: &mut Draw, rate: f64, given: &mut Map<String, Value>) {
    let turns = draw.scaled(1.0, 8.0);
    let per_second = format!("{}/s", rate / turns);
    given.insert("arrivals".into(), tagged("poisson", json!({"rate": per_second})));
    given.insert("lengths".into(), lengths(draw, false));
    let turns = match draw.whole(0, 2) {
        0 => tagged("constant", turns.round()),
        1 => tagged("geometric", json!({"mean": turns})),
        _ => tagged("drawn", law(draw, Kind::Number, 1.0, turns.max(1.1))),
    };
    let mut turns = turns;
    if let Some(constant) = turns.get_mut("constant") {
        *constant = (constant.as_f64().expect("it was a number") as u64).into();
    }
    let mut sessions =
        entries(json!({"turns": turns, "think": law(draw, Kind::Seconds, 0.05, 20.0)}));
    draw.maybe(0.4, &mut sessions, "system-prompt", |draw| draw.scaled_whole(1.0, 3000.0).into());
    draw.maybe(0.4, &mut sessions, "max-context", |draw| {
        draw.scaled_whole(3500.0, 30_000.0).into()
    });
    given.insert("sessions".into(), Value::Object(sessions));
}

/// A closed loop, slow enough to be a few hundred calls whatever serves them.
fn users(draw: &mut Draw, horizon_s: f64) -> Value {
    let count = draw.scaled_whole(1.0, 20.0);
    let pause = horizon_s * count as f64 / CALLS.1;
    let think = tagged("constant", format!("{}s", pause * draw.scaled(1.0, 10.0)));
    let mut users = entries(json!({"count": count}));
    users.insert("think".into(), think);
    Value::Object(users)
}

fn slo(draw: &mut Draw) -> Value {
    let mut slo = Map::new();
    draw.maybe(0.7, &mut slo, "ttft", |draw| draw.with_unit(0.01, 10.0, "s"));
    draw.maybe(0.5, &mut slo, "tpot", |draw| draw.with_unit(1.0, 500.0, "ms"));
    draw.maybe(0.5, &mut slo, "e2e", |draw| draw.with_unit(0.1, 100.0, "s"));
    // An objective that asks for nothing is refused.
    slo.is_empty().then(|| slo.insert("e2e".into(), json!("10s")));
    Value::Object(slo)
}

/// Fixed shares, or shares of a given concentration.
pub fn choice(draw: &mut Draw, models: &[String]) -> Value {
    if models.len() > 1 && draw.chance(0.4) {
        let least = 1.0 / models.len() as f64;
        let hhi = draw.one(&[1.0, 0.999, least + (1.0 - least) * 0.4]);
        return tagged("concentration", json!({"hhi": hhi}));
    }
    // Eighths add up exactly.
    let mut left = 8;
    let mut shares = Map::new();
    for (index, model) in models.iter().enumerate() {
        let share = if index + 1 == models.len() { left } else { draw.whole(0, left) };
        left -= share;
        shares.insert(model.clone(), (share as f64 / 8.0).into());
    }
    tagged("fixed", shares)
}

/// A recording, written to a file.
fn trace(draw: &mut Draw, index: usize, setting: &Setting<'_>) -> Value {
    let rows = draw.scaled_whole(1.0, 150.0);
    let gap_ms = setting.horizon_s * 1e3 / rows as f64 * draw.scaled(0.2, 2.0);
    let (format, header) = match draw.whole(0, 3) {
        0 => (Value::from("azure"), "TIMESTAMP,ContextTokens,GeneratedTokens"),
        1 => (Value::from("mooncake"), "t_ms,input_len,output_len,prefix_hit_blocks"),
        _ => {
            let mut columns = entries(json!({
                "timestamp": "t_ms", "unit": "ms", "input": "input_len", "output": "output_len",
            }));
            draw.maybe(0.4, &mut columns, "cached", |_| "hits".into());
            draw.maybe(0.4, &mut columns, "model", |_| "model".into());
            (tagged("columns", columns), "t_ms,input_len,output_len,hits,model")
        }
    };
    let mut text = format!("{header}\n");
    let mut at = 0.0;
    for _ in 0..rows {
        let (input, output) = (draw.scaled_whole(1.0, 6000.0), draw.scaled_whole(1.0, 600.0));
        let stamp = match format.as_str() {
            Some("azure") => {
                let ms = at as u64;
                let (minutes, seconds) = (ms / 60_000, ms / 1000 % 60);
                let (days, hours) = (minutes / 1440, minutes / 60 % 24);
                format!(
                    "2023-11-{:02} {hours:02}:{:02}:{seconds:02}.{:03}",
                    1 + days,
                    minutes % 60,
                    ms % 1000
                )
            }
            _ => format!("{}", at as u64),
        };
        let hits = draw.whole(0, input / 512);
        let model = draw.one(setting.models);
        let _ = match header.split(',').count() {
            3 => writeln!(text, "{stamp},{input},{output}"),
            4 => writeln!(text, "{stamp},{input},{output},{hits}"),
            _ => writeln!(text, "{stamp},{input},{output},{hits},\"{model}\""),
        };
        at += gap_ms * draw.scaled(0.1, 1.5);
    }
    let file = format!("trace-{index}.csv");
    fs::write(setting.folder.join(&file), text).expect("the folder is writable");
    let mut trace = entries(json!({"file": file, "format": format}));
    if header.contains("hit")
        && trace["format"].pointer("/columns").is_none_or(|map| !map["cached"].is_null())
    {
        draw.maybe(0.5, &mut trace, "prefix", |draw| draw.one(&["own", "shared"]).into());
    }
    draw.maybe(0.3, &mut trace, "rate-scale", |draw| draw.scaled(0.3, 3.0).into());
    draw.maybe(0.3, &mut trace, "time-scale", |draw| draw.scaled(0.3, 3.0).into());
    draw.maybe(0.3, &mut trace, "offset", |draw| draw.with_unit(0.01, 10.0, "s"));
    Value::Object(trace)
}
