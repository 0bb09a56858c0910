//! A whole scenario.

use super::demand::{Setting, application, choice};
use super::draw::{Draw, entries, tagged};
use super::files::write_some;
use super::supply::{cloud, model, tenants};
use serde_json::{Map, Value, json};
use std::path::Path;

/// A scenario drawn from `seed`, whose recordings are in `folder`. It is a few hundred calls however it
/// comes out, so that each is done in a moment.
pub fn scenario(seed: u64, folder: &Path) -> Value {
    let draw = &mut Draw::new(seed);
    let horizon_s = draw.scaled(5.0, 2000.0).round();
    let finite = draw.chance(0.1);
    let (cloud, mut clusters) = cloud(draw);
    let tenants = tenants(draw);
    let fixed = draw.chance(0.5);
    let names: Vec<_> = (0..draw.whole(1, 4)).map(|index| format!("modèle, {index}")).collect();
    let mut models: Vec<_> =
        names.iter().map(|name| model(draw, name, &tenants, &mut clusters, fixed)).collect();
    // What is called must be deployed: models without a place go.
    models.retain(|model| model["deployments"].as_array().is_some_and(|list| !list.is_empty()));
    let names: Vec<String> =
        models.iter().map(|model| model["name"].as_str().expect("a name").to_owned()).collect();
    let setting = Setting { horizon_s, models: &names, folder, finite };
    let applications: Vec<_> =
        (0..draw.whole(1, 4)).map(|index| application(draw, index as usize, &setting)).collect();
    let mut scenario = entries(json!({
        "name": format!("case {seed}"), "seed": draw.whole(0, 1 << 40), "replications": draw.whole(1, 3),
        "window": window(draw, horizon_s, finite), "cloud": cloud, "tenants": tenants, "models": models,
        "applications": applications, "market": {"choice": choice(draw, &names)},
        "scheduler": scheduler(draw, fixed),
    }));
    draw.maybe(0.2, &mut scenario, "description", |_| "Any.".into());
    if names.len() == 1 {
        draw.maybe(0.5, &mut scenario, "market", |_| json!({}));
    }
    draw.maybe(0.3, &mut scenario, "variants", |draw| variants(draw, &names, fixed));
    let mut scenario = Value::Object(scenario);
    write_some(draw, &mut scenario, folder);
    scenario
}

fn window(draw: &mut Draw, horizon_s: f64, finite: bool) -> Value {
    let mut window = entries(json!({"horizon": format!("{horizon_s}s")}));
    if finite {
        window = entries(json!({"horizon": "end-of-calls"}));
    } else {
        draw.maybe(0.6, &mut window, "warmup", |draw| {
            format!("{}s", (horizon_s * draw.scaled(0.01, 0.5)).round()).into()
        });
        draw.maybe(0.3, &mut window, "drain", |draw| {
            format!("{}s", draw.scaled_whole(1.0, 300.0) - 1).into()
        });
    }
    draw.maybe(0.4, &mut window, "bucket", |draw| {
        format!("{}s", horizon_s / draw.scaled(1.0, 40.0)).into()
    });
    Value::Object(window)
}

fn routing(draw: &mut Draw) -> Value {
    let policies =
        ["round-robin", "least-requests", "least-tokens", "power-of-two", "prefix-affinity"];
    match draw.one(&policies) {
        "prefix-affinity" if draw.chance(0.7) => {
            let mut patience = Map::new();
            draw.maybe(0.7, &mut patience, "patience-tokens", |draw| {
                draw.scaled_whole(1.0, 1e5).into()
            });
            draw.maybe(0.7, &mut patience, "patience-factor", |draw| draw.scaled(1.0, 9.0).into());
            tagged("prefix-affinity", patience)
        }
        policy => policy.into(),
    }
}

fn placement(draw: &mut Draw) -> Value {
    draw.one(&["best-fit", "first-fit"]).into()
}

/// How accelerators are split where the scenario does not fix it.
fn capacity(draw: &mut Draw) -> Value {
    match draw.whole(0, 6) {
        0 => "proportional".into(),
        1 => "demand".into(),
        2 | 3 => tagged("demand", json!({"target-load": draw.scaled(0.05, 1.0)})),
        4 => tagged("objective", objective(draw)),
        _ => tagged("proportional", json!({"fill": draw.scaled(0.05, 1.0)})),
    }
}

/// Limits that are met often enough to be worth a search.
fn objective(draw: &mut Draw) -> Map<String, Value> {
    let mut limits = Map::new();
    for _ in 0..draw.whole(1, 2) {
        let latency = draw.one(&["wait", "ttft", "tpot", "e2e"]);
        let statistic = draw.one(&["mean", "p50", "p90", "p95", "p99"]);
        let limit = match latency {
            "tpot" => draw.with_unit(5.0, 500.0, "ms"),
            _ => draw.with_unit(0.1, 20.0, "s"),
        };
        limits.insert(format!("{latency}-{statistic}"), limit);
    }
    limits
}

fn scheduler(draw: &mut Draw, fixed: bool) -> Value {
    let mut scheduler = Map::new();
    if fixed {
        scheduler.insert("capacity".into(), "fixed".into());
    } else {
        draw.maybe(0.8, &mut scheduler, "capacity", capacity);
    }
    draw.maybe(0.8, &mut scheduler, "routing", routing);
    draw.maybe(0.5, &mut scheduler, "placement", placement);
    draw.maybe(0.4, &mut scheduler, "start", |draw| draw.one(&["warm", "cold"]).into());
    Value::Object(scheduler)
}

fn variants(draw: &mut Draw, names: &[String], fixed: bool) -> Value {
    let variant = |draw: &mut Draw, index| {
        let mut set = Map::new();
        draw.maybe(0.6, &mut set, "market.choice", |draw| choice(draw, names));
        draw.maybe(0.4, &mut set, "scheduler.routing", routing);
        draw.maybe(0.2, &mut set, "scheduler.placement", placement);
        draw.maybe(0.2, &mut set, "scheduler.start", |draw| draw.one(&["warm", "cold"]).into());
        if !fixed {
            draw.maybe(0.3, &mut set, "scheduler.capacity", capacity);
        }
        draw.maybe(0.3, &mut set, "cloud.pue", |draw| draw.scaled(1.0, 2.0).into());
        draw.maybe(0.2, &mut set, "cloud.electricity", |draw| {
            draw.with_unit(0.01, 1.0, " USD/kWh")
        });
        draw.maybe(0.3, &mut set, "applications[0].slo", |_| json!({"e2e": "5s"}));
        draw.maybe(0.2, &mut set, "applications[0].choice", |draw| choice(draw, names));
        json!({"name": format!("variant {index}"), "set": set})
    };
    let variants: Vec<_> = (0..draw.whole(1, 3)).map(|index| variant(draw, index)).collect();
    variants.into()
}
