//! How deployments that serve tokens make up their iterations.

use super::draw::{Draw, entries, tagged};
use super::supply::{Cluster, deployment};
use coopsim::catalog::Architecture;
use serde_json::{Map, Value, json};

/// The kinds of performance, as `supply::deployment` numbers them, whose KV caches may be moved to one
/// another: those with 131072 bytes a token.
const GIVEN: std::ops::RangeInclusive<u64> = 5..=7;

/// Adds batching, KV admission, preemption and a prefix cache to a deployment. `whole` are those that
/// process prompts and decode.
pub fn batching(
    draw: &mut Draw,
    shape: &Architecture,
    clusters: &mut [Cluster],
    fixed: bool,
    whole: bool,
    kind: u64,
    given: &mut Map<String, Value>,
) {
    let max_batch = draw.scaled_whole(1.0, 256.0);
    draw.maybe(0.6, given, "max-batch", |_| max_batch.into());
    draw.maybe(0.5, given, "token-budget", |draw| {
        let least = if max_batch < 256 { 256 } else { max_batch };
        draw.scaled_whole(least as f64, 8192.0).into()
    });
    let policy = if whole { draw.whole(0, 9) } else { 0 };
    match policy {
        7 => drop(given.insert("batching".into(), "prefill-first".into())),
        8 => drop(given.insert("batching".into(), "static".into())),
        9 if fixed && GIVEN.contains(&kind) => {
            if let Some(split) = disaggregated(draw, shape, clusters) {
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
    if policy == 8 || !draw.chance(0.5) {
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

/// Another pool that decodes, with coefficients of its own.
fn disaggregated(draw: &mut Draw, shape: &Architecture, clusters: &mut [Cluster]) -> Option<Value> {
    let mut decode = deployment(draw, shape, clusters, true, false)?;
    // Whatever it was drawn to be: coefficients, whose KV cache has the size of the other's.
    let map = decode.as_object_mut().expect("a deployment is a map");
    for key in ["tensor", "pipeline", "precision", "kv-precision", "beams"] {
        map.remove(key);
    }
    let affine = json!({
        "kv-capacity": draw.scaled_whole(500.0, 1e6), "kv-per-token": "131072B", "weights": "1GB",
        "overhead": draw.with_unit(0.1, 10.0, "ms"),
    });
    map.insert("performance".into(), tagged("affine", affine));
    let mut link = entries(json!({"transfer": draw.with_unit(0.1, 100.0, "GB/s")}));
    draw.maybe(0.5, &mut link, "lanes", |draw| draw.whole(1, 8).into());
    Some(json!({"decode": decode, "link": link}))
}
