//! How long calls take at deployments that do not say it by their hardware.

use super::draw::{Draw, entries, tagged};
use super::laws::{Kind, law};
use super::supply::Cluster;
use serde_json::{Map, Value, json};

/// Sequences and prompt tokens of the last points of a profile.
pub const END_OF_PROFILE: (f64, f64) = (64.0, 4096.0);

fn accelerators(draw: &mut Draw, cluster: &Cluster, given: &mut Map<String, Value>) {
    let most = u64::from(cluster.per_node);
    draw.maybe(0.4, given, "accelerators", |draw| draw.whole(1, most).into());
}

fn memory(draw: &mut Draw) -> Map<String, Value> {
    entries(json!({
        "kv-capacity": draw.scaled_whole(50.0, 2e6), "kv-per-token": "131072B",
        "weights": draw.with_unit(0.1, 100.0, "GB"),
    }))
}

pub fn affine(draw: &mut Draw, cluster: &Cluster, given: &mut Map<String, Value>) {
    accelerators(draw, cluster, given);
    let mut affine = memory(draw);
    affine.insert("overhead".into(), draw.with_unit(0.1, 20.0, "ms"));
    for (key, low, high) in [
        ("per-sequence", 0.1, 500.0),
        ("per-prefill-token", 0.1, 100.0),
        ("per-prefill-pair", 1e-6, 1e-2),
        ("per-decode-token", 0.1, 300.0),
        ("per-context-token", 1e-5, 0.5),
    ] {
        draw.maybe(0.6, &mut affine, key, |draw| draw.with_unit(low, high, "us"));
    }
    given.insert("performance".into(), tagged("affine", affine));
}

pub fn profile(draw: &mut Draw, cluster: &Cluster, given: &mut Map<String, Value>) {
    accelerators(draw, cluster, given);
    let mut profile = memory(draw);
    let step = draw.scaled(1.0, 50.0);
    let prefill = [1, 64, 512, 4096].map(|tokens| {
        json!({"tokens": tokens, "time": format!("{}us", step * 100.0 + f64::from(tokens) * step)})
    });
    let by_context = draw.chance(0.5);
    let mut decode = Vec::new();
    for batch in [1, 8, 64] {
        for context in [100, 4000] {
            let time =
                format!("{}us", step * (50.0 + f64::from(batch) + f64::from(context) / 100.0));
            let mut point = entries(json!({"batch": batch, "time": time}));
            if by_context {
                point.insert("context".into(), context.into());
            } else if context > 100 {
                continue;
            }
            decode.push(Value::Object(point));
        }
    }
    profile.insert("prefill".into(), tagged("points", prefill.to_vec()));
    profile.insert("decode".into(), tagged("points", decode));
    draw.maybe(0.7, &mut profile, "extrapolate", |draw| draw.chance(0.9).into());
    given.insert("performance".into(), tagged("profile", profile));
}

pub fn service_time(draw: &mut Draw, cluster: &Cluster, given: &mut Map<String, Value>) {
    accelerators(draw, cluster, given);
    let mut service = entries(json!({
        "distribution": law(draw, Kind::Seconds, 0.01, 5.0), "slots": draw.whole(1, 8),
    }));
    draw.maybe(0.5, &mut service, "discipline", |draw| {
        draw.one(&["first-come-first-served", "processor-sharing"]).into()
    });
    draw.maybe(0.4, &mut service, "queue", |draw| draw.whole(0, 5).into());
    given.insert("performance".into(), tagged("service-time", service));
}
