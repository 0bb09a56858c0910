//! How deployments that serve tokens make up their iterations.

use super::draw::{Draw, entries, tagged};
use super::performance::END_OF_PROFILE;
use super::supply::{Cluster, Wanted, deployment};
use coopsim::catalog::Architecture;
use serde_json::{Map, Value, json};

/// Adds batching, KV admission, preemption and a prefix cache to a deployment. `whole` are those that
/// process prompts and decode.
pub fn batching(
    draw: &mut Draw,
    shape: &Architecture,
    clusters: &mut [Cluster],
    fixed: bool,
    whole: bool,
    given: &mut Map<String, Value>,
) {
    let extrapolates = |profile: &Value| profile["extrapolate"] == true;
    let profile = given.get("performance").and_then(|performance| performance.get("profile"));
    let (most_sequences, most_tokens) =
        if profile.is_none_or(extrapolates) { (256.0, 8192.0) } else { END_OF_PROFILE };
    let max_batch = draw.scaled_whole(1.0, most_sequences);
    draw.maybe(0.6, given, "max-batch", |_| max_batch.into());
    draw.maybe(0.5, given, "token-budget", |draw| draw.scaled_whole(256.0, most_tokens).into());
    let policy = if whole { draw.whole(0, 9) } else { 0 };
    match policy {
        7 => drop(given.insert("batching".into(), "prefill-first".into())),
        8 => drop(given.insert("batching".into(), "static".into())),
        9 if fixed => {
            if let Some(split) = disaggregated(draw, shape, clusters, given) {
                given.insert("batching".into(), tagged("disaggregated", split));
                draw.maybe(0.5, given, "prefix-cache", |_| true.into());
                return;
            }
        }
        _ => {}
    }
    if whole {
        draw.maybe(0.5, given, "prefix-cache", |draw| draw.chance(0.8).into());
    }
    admission(draw, policy == 8, given);
    if whole && given.get("preemption").is_none_or(|word| word != "swap") {
        forget_sizes(draw, given);
    }
}

fn admission(draw: &mut Draw, is_static: bool, given: &mut Map<String, Value>) {
    if is_static || !draw.chance(0.5) {
        draw.maybe(0.2, given, "kv-admission", |_| "reserve".into());
        return;
    }
    given.insert("kv-admission".into(), "optimistic".into());
    match draw.whole(0, 2) {
        0 => drop(given.insert("preemption".into(), "recompute".into())),
        1 => {
            given.insert("preemption".into(), "swap".into());
            draw.maybe(0.5, given, "host-bandwidth", |draw| draw.with_unit(0.1, 100.0, "GB/s"));
        }
        _ => {}
    }
}

/// Where no KV is moved, nobody has to say how large it is; and what loads nothing has no weights.
fn forget_sizes(draw: &mut Draw, given: &mut Map<String, Value>) {
    let performance = given.get_mut("performance").and_then(Value::as_object_mut);
    let measured = performance.and_then(|performance| performance.values_mut().next());
    let Some(Value::Object(measured)) = measured else { return };
    for key in ["kv-per-token", "weights"] {
        if draw.chance(0.3) {
            measured.remove(key);
        }
    }
}

/// Another pool that decodes, whose KV cache has the size of that of `prefill`.
fn disaggregated(
    draw: &mut Draw,
    shape: &Architecture,
    clusters: &mut [Cluster],
    prefill: &Map<String, Value>,
) -> Option<Value> {
    let by_hardware = !prefill.contains_key("performance");
    let wanted = if by_hardware { Wanted::Roofline } else { Wanted::Given };
    let mut decode = deployment(draw, shape, clusters, true, wanted)?;
    if by_hardware {
        // Ranks beyond the heads have copies of the cache.
        let copies =
            |pool: &Value| pool["tensor"].as_u64().map(|ranks| ranks.max(shape.kv_heads.into()));
        if copies(&decode) != copies(&Value::Object(prefill.clone())) {
            return None;
        }
        let map = decode.as_object_mut().expect("a deployment is a map");
        map.remove("kv-precision");
        map.extend(prefill.get("kv-precision").map(|same| ("kv-precision".into(), same.clone())));
    }
    let mut link = entries(json!({"transfer": draw.with_unit(0.1, 100.0, "GB/s")}));
    draw.maybe(0.5, &mut link, "lanes", |draw| draw.whole(1, 8).into());
    Some(json!({"decode": decode, "link": link}))
}
