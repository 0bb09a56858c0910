//! Clouds, vendors, models and where they are deployed.

use super::draw::{Draw, entries, tagged};
use super::laws::{Kind, law};
use coopsim::catalog::{self, Accelerator, Architecture};
use serde_json::{Map, Value, json};

/// A cluster as deployments need to know it.
pub struct Cluster {
    pub name: String,
    pub chip: Accelerator,
    pub per_node: u32,
    /// Free nodes, for replicas that the scenario fixes: each takes a whole one, so that all find room.
    pub nodes: u32,
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

/// An accelerator of the catalogue, one with other figures, or one of its own.
fn accelerator(draw: &mut Draw) -> (Value, Accelerator) {
    let known = draw.one(&catalog::accelerator_names());
    let base = catalog::accelerator(&known).expect("it is in the catalogue");
    match draw.whole(0, 3) {
        0 | 1 => (known.into(), base),
        2 => {
            let mut given = entries(json!({"base": known}));
            // From what is published upwards: a model that fits goes on fitting.
            let hbm = base.hbm.0 / 1e9 * draw.scaled(1.0, 2.0);
            draw.maybe(0.4, &mut given, "hbm", |_| format!("{hbm}GB").into());
            draw.maybe(0.4, &mut given, "hbm-bandwidth", |draw| draw.with_unit(0.5, 10.0, "TB/s"));
            powers(draw, &mut given);
            draw.maybe(0.4, &mut given, "efficiency", efficiency);
            (Value::Object(given), base)
        }
        _ => {
            let mut given = entries(json!({
                "name": "own chip", "peak": {"bf16": "400TFLOP/s", "fp8": "800TFLOP/s"}, "hbm": "128GB",
                "hbm-bandwidth": draw.with_unit(0.5, 10.0, "TB/s"), "link-bandwidth": draw.with_unit(10.0, 900.0, "GB/s"),
                "per-node": 8
            }));
            powers(draw, &mut given);
            draw.maybe(0.5, &mut given, "efficiency", efficiency);
            let h100 = catalog::accelerator("H100-SXM").expect("it is in the catalogue");
            let peak = catalog::PeakFlops { fp4: None, ..h100.peak };
            let chip = Accelerator { peak, per_node: Some(8), ..h100 };
            (Value::Object(given), chip)
        }
    }
}

fn powers(draw: &mut Draw, chip: &mut Map<String, Value>) {
    if draw.chance(0.6) {
        chip.insert("idle-power".into(), draw.with_unit(1.0, 200.0, "W"));
        chip.insert("peak-power".into(), draw.with_unit(200.0, 1500.0, "W"));
    }
}

fn efficiency(draw: &mut Draw) -> Value {
    let mut factors = Map::new();
    for key in ["prefill", "decode", "experts", "fp4", "attention", "memory", "link"] {
        draw.maybe(0.4, &mut factors, key, |draw| draw.scaled(0.1, 1.0).into());
    }
    for key in ["allreduce-latency", "overhead-per-layer", "overhead-per-sequence"] {
        draw.maybe(0.3, &mut factors, key, |draw| draw.with_unit(1.0, 100.0, "us"));
    }
    draw.maybe(0.3, &mut factors, "overhead", |draw| draw.with_unit(0.01, 20.0, "ms"));
    draw.maybe(0.2, &mut factors, "usable-memory", |draw| draw.scaled(0.9, 1.0).into());
    Value::Object(factors)
}

/// Vendors on all kinds of terms.
pub fn tenants(draw: &mut Draw) -> (Value, Vec<String>) {
    let names: Vec<_> = (0..draw.whole(1, 3)).map(|index| format!("vendor {index}")).collect();
    let tenant = |draw: &mut Draw, name: &String| {
        let terms = match draw.whole(0, 2) {
            0 => tagged("rental", json!({"price": draw.with_unit(0.1, 20.0, " USD/h")})),
            1 => tagged("marketplace", json!({"take-rate": draw.one(&[0.0, 0.2, 0.5, 1.0])})),
            _ => "first-party".into(),
        };
        json!({"name": name, "terms": terms})
    };
    let tenants: Vec<_> = names.iter().map(|name| tenant(draw, name)).collect();
    (tenants.into(), names)
}

/// A model with its deployments. Under `fixed` capacity there are numbers of replicas.
pub fn model(
    draw: &mut Draw,
    name: &str,
    tenants: &[String],
    clusters: &mut [Cluster],
    fixed: bool,
) -> Value {
    let architecture = draw.whole(0, 2);
    let (given, shape) = match architecture {
        0 => {
            let small: Vec<_> = catalog::architecture_names()
                .into_iter()
                .filter_map(|name| catalog::architecture(&name))
                .filter(|shape| shape.parameters < 50e9)
                .collect();
            let shape = draw.one(&small);
            (Value::from(shape.name.clone()), shape)
        }
        _ => own_architecture(draw),
    };
    let deployments: Vec<_> = (0..draw.whole(1, 2))
        .filter_map(|_| deployment(draw, &shape, clusters, fixed, true))
        .collect();
    let mut model = entries(json!({
        "name": name, "tenant": draw.one(tenants), "architecture": given, "deployments": deployments,
        "price": {"input": draw.with_unit(0.01, 20.0, " USD/Mtok"), "output": draw.with_unit(0.01, 60.0, " USD/Mtok")},
    }));
    let cached = draw.with_unit(0.01, 30.0, " USD/Mtok");
    if draw.chance(0.3) {
        model["price"]["cached-input"] = cached;
    }
    Value::Object(model)
}

fn own_architecture(draw: &mut Draw) -> (Value, Architecture) {
    let heads = draw.one(&[8_u32, 16, 32]);
    let kv_heads = draw.one(&[1_u32, 4, 8]).min(heads);
    let shape = Architecture {
        name: "own".into(),
        parameters: draw.scaled(1e8, 9e9),
        layers: draw.whole(1, 40) as u32,
        hidden: draw.one(&[512, 2048, 4096]),
        heads,
        kv_heads,
        head_dim: draw.one(&[64, 128]),
        ..Architecture::default()
    };
    let mut given = entries(json!({
        "name": "own", "parameters": shape.parameters, "layers": shape.layers, "hidden": shape.hidden,
        "heads": heads, "kv-heads": kv_heads, "head-dim": shape.head_dim,
    }));
    if draw.chance(0.3) {
        let parameters = shape.parameters * 0.7;
        given.insert(
            "experts".into(),
            json!({"count": 8, "active": draw.whole(1, 8), "parameters": parameters}),
        );
    }
    draw.maybe(
        0.2,
        &mut given,
        "attention",
        |draw| json!({"kv-elements": draw.scaled_whole(100.0, 1e5)}),
    );
    (Value::Object(given), shape)
}

/// A deployment, if some cluster has a free node for it.
pub fn deployment(
    draw: &mut Draw,
    shape: &Architecture,
    clusters: &mut [Cluster],
    fixed: bool,
    whole: bool,
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
    let kind = draw.whole(0, 9);
    match kind {
        0..=4 => roofline(draw, shape, cluster, &mut given)?,
        5 | 6 => affine(draw, cluster, &mut given),
        7 => profile(draw, cluster, &mut given),
        _ if whole => {
            service_time(draw, cluster, &mut given);
            return Some(Value::Object(given));
        }
        _ => affine(draw, cluster, &mut given),
    }
    super::batching::batching(draw, shape, clusters, fixed, whole, kind, &mut given);
    Some(Value::Object(given))
}

fn roofline(
    draw: &mut Draw,
    shape: &Architecture,
    cluster: &Cluster,
    given: &mut Map<String, Value>,
) -> Option<()> {
    let chip = &cluster.chip;
    let widths = [1_u32, 2, 4, 8].into_iter().filter(|&width| {
        width <= cluster.per_node
            && (width == 1 || chip.link_bandwidth.is_some())
            && shape.heads.is_multiple_of(width)
            && (shape.kv_heads.is_multiple_of(width) || width.is_multiple_of(shape.kv_heads))
            && shape.parameters * 2.2 < chip.hbm.0 * 0.8 * f64::from(width)
    });
    let widths: Vec<_> = widths.collect();
    if widths.is_empty() || chip.peak.bf16.is_none() {
        // It cannot run here: as coefficients it can.
        affine(draw, cluster, given);
        return Some(());
    }
    let tensor = draw.one(&widths);
    given.insert("tensor".into(), tensor.into());
    if 2 * tensor <= cluster.per_node && shape.layers > 1 && chip.link_bandwidth.is_some() {
        draw.maybe(0.2, given, "pipeline", |_| 2.into());
    }
    if chip.peak.fp8.is_some() {
        draw.maybe(0.4, given, "precision", |_| "fp8".into());
    }
    draw.maybe(0.3, given, "kv-precision", |_| "fp8".into());
    draw.maybe(0.1, given, "beams", |draw| draw.whole(1, 4).into());
    Some(())
}

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

fn affine(draw: &mut Draw, cluster: &Cluster, given: &mut Map<String, Value>) {
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

fn profile(draw: &mut Draw, cluster: &Cluster, given: &mut Map<String, Value>) {
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
    profile.insert("extrapolate".into(), true.into());
    given.insert("performance".into(), tagged("profile", profile));
}

fn service_time(draw: &mut Draw, cluster: &Cluster, given: &mut Map<String, Value>) {
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
