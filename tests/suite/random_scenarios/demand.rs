//! Applications: all sources of calls, with their modulation, lengths, objectives and choices.

use super::draw::{Draw, entries, tagged};
use super::laws::{Kind, law, lengths};
use super::servegen;
use super::trace::trace;
use serde_json::{Map, Value, json};
use std::path::Path;

/// About how many calls an application makes in the horizon, at most.
const CALLS: (f64, f64) = (1.0, 250.0);
const DAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

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
            let own_lengths = arrivals(draw, rate, true, setting.folder, &mut given);
            if !own_lengths {
                given.insert("lengths".into(), lengths(draw, true));
            }
            draw.maybe(0.4, &mut given, "modulation", |draw| modulation(draw, setting));
        }
        5 | 6 => {
            sessions(draw, calls / setting.horizon_s, setting.folder, &mut given);
            draw.maybe(0.2, &mut given, "modulation", |draw| modulation(draw, setting));
        }
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

/// Adds arrivals; says whether their clients have lengths of their own, if they may.
fn arrivals(
    draw: &mut Draw,
    rate: f64,
    own: bool,
    folder: &Path,
    given: &mut Map<String, Value>,
) -> bool {
    if draw.chance(0.1) {
        let (arrivals, own_lengths) = servegen::arrivals(draw, rate, own, folder);
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
        4 => tagged("mmpp", json!({"rate": per_second, "states": states(draw)})),
        5 => {
            let mut clients = entries(json!({
                "rate": per_second, "count": draw.whole(1, 40), "zipf": draw.one(&[0.0, 0.7, 1.1, 2.0]),
            }));
            match draw.whole(0, 4) {
                0 => drop(clients.insert("family".into(), "poisson".into())),
                1 => {
                    clients.insert("family".into(), "pareto".into());
                    let cv = json!({"min": 1.05, "max": cv.max(1.1)});
                    clients.insert("cv".into(), tagged("uniform", cv));
                }
                _ => {
                    draw.maybe(0.5, &mut clients, "family", |_| family.into());
                    draw.maybe(0.5, &mut clients, "cv", |draw| match draw.chance(0.5) {
                        true => tagged("constant", cv),
                        false => tagged("uniform", json!({"min": 0.1, "max": cv.max(0.2)})),
                    });
                }
            }
            tagged("clients", clients)
        }
        _ => {
            own_lengths = own && draw.chance(0.3);
            let some_lengths = own && draw.chance(0.3);
            let count = draw.whole(1, 5);
            let client = |draw: &mut Draw, index| {
                let mut client = entries(json!({
                    "name": format!("client {index}"), "rate": format!("{}/s", rate / count as f64),
                }));
                draw.maybe(0.5, &mut client, "family", |_| family.into());
                draw.maybe(0.5, &mut client, "cv", |_| cv.into());
                if own_lengths || (some_lengths && index == 1) {
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

/// States that follow each other in a circle, or at random.
fn states(draw: &mut Draw) -> Vec<Value> {
    let count = draw.whole(2, 4) as usize;
    let anyhow = draw.chance(0.3);
    let state = |draw: &mut Draw, index: usize| {
        let mut state = entries(json!({
            "factor": draw.scaled(0.1, 10.0), "sojourn": draw.with_unit(0.5, 60.0, "s"),
        }));
        if anyhow {
            let weight = |to| if to == index { 0.0 } else { draw.scaled(0.1, 10.0) };
            state.insert("next".into(), (0..count).map(weight).collect());
        }
        Value::Object(state)
    };
    (0..count).map(|index| state(draw, index)).collect()
}

fn modulation(draw: &mut Draw, setting: &Setting<'_>) -> Value {
    if draw.chance(0.2) {
        return servegen::modulation(draw, setting.folder);
    }
    let horizon_s = setting.horizon_s;
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
        draw.maybe(0.5, &mut pattern, "starts-on", |draw| draw.one(&DAYS).into());
        Value::Object(pattern)
    });
    draw.maybe(0.4, &mut modulation, "growth", |draw| match draw.whole(0, 2) {
        0 => tagged("doubling-time", format!("{}s", horizon_s.max(61.0))),
        1 => tagged("per-year", draw.scaled(0.5, 5.0)),
        _ => tagged("per-day", draw.scaled(0.8, 1.5)),
    });
    draw.maybe(0.4, &mut modulation, "flash-crowds", |draw| {
        (0..draw.whole(1, 3)).map(|_| flash_crowd(draw, horizon_s)).collect()
    });
    // One that asks for nothing is refused.
    modulation.is_empty().then(|| modulation.insert("growth".into(), tagged("per-year", 2)));
    Value::Object(modulation)
}

fn flash_crowd(draw: &mut Draw, horizon_s: f64) -> Value {
    let mut part = |most: f64| format!("{}s", draw.scaled(0.001, most) * horizon_s);
    let (start, ramp, duration, decay) = (part(0.8), part(0.1), part(0.3), part(0.1));
    let mut crowd = entries(json!({
        "start": start, "duration": duration, "factor": draw.scaled(0.1, 6.0),
    }));
    draw.maybe(0.7, &mut crowd, "ramp", |_| ramp.into());
    draw.maybe(0.7, &mut crowd, "decay", |_| decay.into());
    Value::Object(crowd)
}

fn sessions(draw: &mut Draw, rate: f64, folder: &Path, given: &mut Map<String, Value>) {
    let turns = draw.scaled(1.0, 8.0);
    arrivals(draw, rate / turns, false, folder, given);
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
    let mut users = entries(json!({"count": count}));
    // Without a pause they make as many calls as there is time for.
    if horizon_s > 20.0 || count > 3 || draw.chance(0.5) {
        users.insert("think".into(), law(draw, Kind::Seconds, pause, 10.0 * pause));
    }
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
        let mut concentration = entries(json!({"hhi": hhi}));
        // Of the last to the first, so that another one leads.
        draw.maybe(0.4, &mut concentration, "models", |_| {
            models.iter().rev().map(String::as_str).collect()
        });
        return tagged("concentration", concentration);
    }
    // Eighths add up exactly.
    let mut left = 8;
    let mut shares = Map::new();
    for (index, model) in models.iter().enumerate() {
        let share = if index + 1 == models.len() { left } else { draw.whole(0, left) };
        left -= share;
        if share == 0 && draw.chance(0.5) {
            continue;
        }
        shares.insert(model.clone(), (share as f64 / 8.0).into());
    }
    tagged("fixed", shares)
}
