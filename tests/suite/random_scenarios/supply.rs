//! Clouds, vendors, models and where they are deployed.

use super::batching::batching;
use super::draw::{Draw, entries, tagged};
use super::hardware::{self, accelerator, architecture};
use super::performance::{affine, profile, service_time};
use coopsim::catalog::{Accelerator, Architecture};
use serde_json::{Map, Value, json};

/// A cluster as deployments need to know it.
pub struct Cluster {
    pub name: String,
    pub chip: Accelerator,
    pub per_node: u32,
    /// Free nodes, for replicas that the scenario fixes: each takes a whole one, so that all find room.
    pub nodes: u32,
}

/// How long calls take at a deployment that is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Anything,
    /// As the decoding half of a split: by coefficients, or by its hardware.
    Given,
    Roofline,
}

/// A cloud and what its clusters have.
pub fn cloud(draw: &mut Draw) -> (Value, Vec<Cluster>) {
    let mut clusters = Vec::new();
    let mut regions = Vec::new();
    for region in 0..draw.whole(1, 2) {
        let of_region: Vec<_> = (0..draw.whole(1, 2))
            .map(|_| cluster(draw, format!("cluster {}", clusters.len()), &mut clusters))
            .collect();
        regions.push(json!({"name": format!("région-{region}"), "clusters": of_region}));
    }
    let mut cloud = entries(json!({"regions": regions}));
    draw.maybe(0.5, &mut cloud, "pue", |draw| draw.scaled(1.0, 3.0).into());
    draw.maybe(0.7, &mut cloud, "electricity", |draw| draw.with_unit(0.01, 1.0, " USD/kWh"));
    (Value::Object(cloud), clusters)
}

fn cluster(draw: &mut Draw, name: String, all: &mut Vec<Cluster>) -> Value {
    let (given, chip) = accelerator(draw);
    let per_node = chip.per_node.filter(|_| draw.chance(0.6));
    let own_per_node = draw.one(&[1, 2, 4, 8]);
    let nodes = draw.whole(1, 6) as u32;
    let mut cluster = entries(json!({"name": name, "accelerator": given, "nodes": nodes}));
    if per_node.is_none() {
        cluster.insert("accelerators-per-node".into(), own_per_node.into());
    }
    draw.maybe(0.6, &mut cluster, "capital", |draw| draw.with_unit(0.1, 10.0, " USD/h"));
    draw.maybe(0.5, &mut cluster, "load-bandwidth", |draw| draw.with_unit(1.0, 1000.0, "GB/s"));
    draw.maybe(0.2, &mut cluster, "provisioning", |draw| draw.with_unit(0.1, 20.0, "s"));
    all.push(Cluster { name, chip, per_node: per_node.unwrap_or(own_per_node), nodes });
    Value::Object(cluster)
}

/// Vendors on all kinds of terms.
pub fn tenants(draw: &mut Draw) -> Vec<Value> {
    let tenant = |draw: &mut Draw, index| {
        let terms = match draw.whole(0, 2) {
            0 => tagged("rental", json!({"price": draw.with_unit(0.1, 20.0, " USD/h")})),
            1 => tagged("marketplace", json!({"take-rate": draw.one(&[0.0, 0.2, 0.5, 1.0])})),
            _ => "first-party".into(),
        };
        json!({"name": format!("vendor {index}"), "terms": terms})
    };
    (0..draw.whole(1, 3)).map(|index| tenant(draw, index)).collect()
}

/// A model with its deployments. Under `fixed` capacity there are numbers of replicas.
pub fn model(
    draw: &mut Draw,
    name: &str,
    tenants: &[Value],
    clusters: &mut [Cluster],
    fixed: bool,
) -> Value {
    let (architecture, shape) = architecture(draw);
    let deployments: Vec<_> = (0..draw.whole(1, 2))
        .filter_map(|_| deployment(draw, &shape, clusters, fixed, Wanted::Anything))
        .collect();
    let by_hardware = deployments.iter().any(|one| one.get("performance").is_none());
    let tenant = draw.one(tenants);
    let mut model = entries(json!({
        "name": name, "tenant": tenant["name"], "architecture": architecture, "deployments": deployments,
    }));
    if !by_hardware && draw.chance(0.5) {
        model.remove("architecture");
    }
    let shared = tenant.pointer("/terms/rental").is_none();
    draw.maybe(if shared { 1.0 } else { 0.6 }, &mut model, "price", price);
    Value::Object(model)
}

fn price(draw: &mut Draw) -> Value {
    let mut price = entries(json!({
        "input": draw.with_unit(0.01, 20.0, " USD/Mtok"), "output": draw.with_unit(0.01, 60.0, " USD/Mtok"),
    }));
    draw.maybe(0.3, &mut price, "cached-input", |draw| draw.with_unit(0.01, 30.0, " USD/Mtok"));
    Value::Object(price)
}

/// A deployment, if some cluster has a free node for it.
pub fn deployment(
    draw: &mut Draw,
    shape: &Architecture,
    clusters: &mut [Cluster],
    fixed: bool,
    wanted: Wanted,
) -> Option<Value> {
    let index = draw.whole(0, clusters.len() as u64 - 1) as usize;
    let cluster = &mut clusters[index];
    if cluster.nodes == 0 {
        return None;
    }
    let mut given = entries(json!({"cluster": cluster.name}));
    if fixed {
        let replicas = draw.whole(1, u64::from(cluster.nodes));
        cluster.nodes -= replicas as u32;
        given.insert("replicas".into(), replicas.into());
    }
    let kind = match wanted {
        Wanted::Anything => draw.whole(0, 9),
        Wanted::Given => 5,
        Wanted::Roofline => 0,
    };
    match kind {
        0..=4 => roofline(draw, shape, cluster, &mut given),
        5 | 6 => affine(draw, cluster, &mut given),
        7 => profile(draw, cluster, &mut given),
        _ => {
            service_time(draw, cluster, &mut given);
            return Some(Value::Object(given));
        }
    }
    if wanted == Wanted::Roofline && given.contains_key("performance") {
        return None;
    }
    batching(draw, shape, clusters, fixed, wanted == Wanted::Anything, &mut given);
    Some(Value::Object(given))
}

fn roofline(
    draw: &mut Draw,
    shape: &Architecture,
    cluster: &Cluster,
    given: &mut Map<String, Value>,
) {
    let chip = &cluster.chip;
    let linked = chip.link_bandwidth.is_some();
    let widths = [1_u32, 2, 4, 8].into_iter().filter(|&width| {
        width <= cluster.per_node
            && (width == 1 || linked)
            && shape.heads.is_multiple_of(width)
            && (shape.kv_heads.is_multiple_of(width) || width.is_multiple_of(shape.kv_heads))
            && shape.parameters * 2.2 < chip.hbm.0 * 0.8 * f64::from(width)
    });
    let widths: Vec<_> = widths.collect();
    if widths.is_empty() || chip.peak.bf16.is_none() {
        // It cannot run here: as coefficients it can.
        return affine(draw, cluster, given);
    }
    let tensor = draw.one(&widths);
    given.insert("tensor".into(), tensor.into());
    if 2 * tensor <= cluster.per_node && linked {
        if shape.experts.is_some() && draw.chance(0.5) {
            given.insert("expert".into(), 2.into());
        } else if shape.layers > 1 {
            draw.maybe(0.2, given, "pipeline", |_| 2.into());
        }
    }
    precisions(draw, cluster, given);
    draw.maybe(0.6, given, "engine", hardware::engine);
    draw.maybe(0.1, given, "beams", |draw| draw.whole(1, 4).into());
}

/// Those of weights and of products for which the chip has peaks.
fn precisions(draw: &mut Draw, cluster: &Cluster, given: &mut Map<String, Value>) {
    let peak = cluster.chip.peak;
    let known = [("bf16", peak.bf16), ("fp8", peak.fp8), ("fp4", peak.fp4)];
    let known: Vec<_> = known.iter().filter(|(_, peak)| peak.is_some()).map(|one| one.0).collect();
    let compute = draw.one(&known);
    match draw.whole(0, 4) {
        0 => drop(given.insert("precision".into(), compute.into())),
        1 => {
            // What has fewer bits can be multiplied in more.
            given.insert("precision".into(), draw.one(&["fp4", "fp8"]).into());
            given.insert("compute-precision".into(), known[0].into());
        }
        _ => {}
    }
    draw.maybe(0.2, given, "shared-precision", |draw| draw.one(&known).into());
    draw.maybe(0.3, given, "kv-precision", |draw| draw.one(&["bf16", "fp8", "fp4"]).into());
}
