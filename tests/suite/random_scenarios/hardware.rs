//! Accelerators and architectures: of the catalogue, with other figures, or of their own.

use super::draw::{Draw, entries};
use coopsim::catalog::{self, Accelerator, Architecture, Attention, Experts, PeakFlops};
use serde_json::{Map, Value, json};

/// An accelerator as it is written, and what of it deployments need to know.
pub fn accelerator(draw: &mut Draw) -> (Value, Accelerator) {
    let known = draw.one(&catalog::accelerator_names());
    let base = catalog::accelerator(&known).expect("it is in the catalogue");
    match draw.whole(0, 3) {
        0 | 1 => (known.into(), base),
        2 => of_base(draw, known, base),
        _ => own_chip(draw),
    }
}

fn of_base(draw: &mut Draw, known: String, base: Accelerator) -> (Value, Accelerator) {
    let mut given = entries(json!({"base": known}));
    // From what is published upwards: a model that fits goes on fitting.
    let hbm = base.hbm.0 / 1e9 * draw.scaled(1.0, 2.0);
    draw.maybe(0.4, &mut given, "hbm", |_| format!("{hbm}GB").into());
    draw.maybe(0.4, &mut given, "hbm-bandwidth", |draw| draw.with_unit(0.5, 10.0, "TB/s"));
    powers(draw, &mut given);
    draw.maybe(0.4, &mut given, "efficiency", efficiency);
    draw.maybe(0.2, &mut given, "kernels", kernels);
    // Another name or a peak makes another chip, which has no peaks but those that are given.
    if draw.chance(0.3) {
        draw.maybe(0.5, &mut given, "name", |_| "another chip".into());
        let (given_peak, peak) = peak(draw);
        given.insert("peak".into(), given_peak);
        return (Value::Object(given), Accelerator { peak, ..base });
    }
    (Value::Object(given), base)
}

fn own_chip(draw: &mut Draw) -> (Value, Accelerator) {
    let (given_peak, peak) = peak(draw);
    let mut given = entries(json!({
        "name": "own chip", "peak": given_peak, "hbm": "128GB", "per-node": 8,
        "hbm-bandwidth": draw.with_unit(0.5, 10.0, "TB/s"), "link-bandwidth": draw.with_unit(10.0, 900.0, "GB/s"),
    }));
    powers(draw, &mut given);
    draw.maybe(0.5, &mut given, "efficiency", efficiency);
    draw.maybe(0.5, &mut given, "kernels", kernels);
    let h100 = catalog::accelerator("H100-SXM").expect("it is in the catalogue");
    (Value::Object(given), Accelerator { peak, per_node: Some(8), ..h100 })
}

/// Peaks as they are written, and which precisions they are of.
fn peak(draw: &mut Draw) -> (Value, PeakFlops) {
    let bf16 = draw.scaled(50.0, 2000.0);
    let mut given = entries(json!({"bf16": format!("{bf16}TFLOP/s")}));
    draw.maybe(0.6, &mut given, "fp8", |_| format!("{}TFLOP/s", 2.0 * bf16).into());
    draw.maybe(0.3, &mut given, "fp4", |_| format!("{}TFLOP/s", 4.0 * bf16).into());
    let of = |key: &str| given.get(key).map(|_| coopsim::units::FlopsPerSecond(bf16 * 1e12));
    let peak = PeakFlops { bf16: of("bf16"), fp8: of("fp8"), fp4: of("fp4") };
    (Value::Object(given), peak)
}

fn powers(draw: &mut Draw, chip: &mut Map<String, Value>) {
    if draw.chance(0.6) {
        chip.insert("idle-power".into(), draw.with_unit(1.0, 200.0, "W"));
        chip.insert("peak-power".into(), draw.with_unit(200.0, 1500.0, "W"));
    }
}

fn efficiency(draw: &mut Draw) -> Value {
    let mut factors = Map::new();
    for key in ["products", "attention", "experts", "memory", "link"] {
        draw.maybe(0.4, &mut factors, key, |draw| draw.scaled(0.1, 1.0).into());
    }
    // An empty map says nothing, and is refused.
    if factors.is_empty() {
        factors.insert("memory".into(), draw.scaled(0.1, 1.0).into());
    }
    Value::Object(factors)
}

/// By whose constants a chip's kernels are timed.
fn kernels(draw: &mut Draw) -> Value {
    draw.one(&["ampere", "ada", "hopper", "blackwell", "cdna", "ideal"]).into()
}

/// What serves: of the catalogue, with other figures, or of its own.
pub fn engine(draw: &mut Draw) -> Value {
    let known = draw.one(&catalog::engine_names());
    let mut given = match draw.whole(0, 3) {
        0 | 1 => return known.into(),
        2 => entries(json!({"base": known})),
        _ => entries(json!({"name": "own engine"})),
    };
    draw.maybe(0.3, &mut given, "library", |draw| draw.one(&["trtllm", "vllm", "sglang"]).into());
    for key in ["per-sequence", "per-layer", "all-reduce", "small-kernel"] {
        draw.maybe(0.3, &mut given, key, |draw| draw.with_unit(0.1, 100.0, "us"));
    }
    for key in ["iteration", "per-request"] {
        draw.maybe(0.4, &mut given, key, |draw| draw.with_unit(0.01, 100.0, "ms"));
    }
    draw.maybe(0.2, &mut given, "small-kernels", |draw| draw.whole(0, 10).into());
    draw.maybe(0.3, &mut given, "asynchronous", |draw| draw.chance(0.5).into());
    draw.maybe(0.2, &mut given, "memory", |draw| draw.scaled(0.9, 1.0).into());
    draw.maybe(0.2, &mut given, "batching", |draw| {
        draw.one(&["continuous", "prefill-first"]).into()
    });
    draw.maybe(0.2, &mut given, "max-batch", |draw| draw.scaled_whole(1.0, 1000.0).into());
    draw.maybe(0.2, &mut given, "token-budget", |draw| draw.scaled_whole(1000.0, 9000.0).into());
    Value::Object(given)
}

/// An architecture as it is written, and its shape.
pub fn architecture(draw: &mut Draw) -> (Value, Architecture) {
    let kind = draw.whole(0, 5);
    if kind >= 3 {
        return own_architecture(draw);
    }
    let small: Vec<_> = catalog::architecture_names()
        .into_iter()
        .filter_map(|name| catalog::architecture(&name))
        .filter(|shape| shape.parameters < 50e9)
        .collect();
    let shape = draw.one(&small);
    if kind < 2 {
        return (Value::from(shape.name.clone()), shape);
    }
    let layers = draw.whole(u64::from(shape.layers), 2 * u64::from(shape.layers)) as u32;
    let mut given = entries(json!({"base": shape.name, "layers": layers}));
    draw.maybe(0.5, &mut given, "name", |_| "deeper".into());
    draw.maybe(0.5, &mut given, "tied-embeddings", |draw| draw.chance(0.5).into());
    let parameters = shape.parameters * f64::from(layers) / f64::from(shape.layers);
    (Value::Object(given), Architecture { layers, parameters, ..shape })
}

fn own_architecture(draw: &mut Draw) -> (Value, Architecture) {
    let heads = draw.one(&[8_u32, 16, 32]);
    let kv_heads = draw.one(&[1_u32, 4, 8]).min(heads);
    let mut shape = Architecture {
        name: "own".into(),
        layers: draw.whole(1, 40) as u32,
        hidden: draw.one(&[512, 2048, 4096]),
        heads,
        kv_heads,
        head_dim: draw.one(&[64, 128]),
        ..Architecture::default()
    };
    // Room for attention of any kind, in what experts leave.
    let latent = Attention { latent: true, ..Attention::default() };
    let latent = Architecture { attention: Some(latent), ..shape.clone() };
    let least = shape.attention_parameters().max(latent.attention_parameters());
    shape.parameters = draw.scaled(1e8, 5e9) + 4.0 * f64::from(shape.layers) * least;
    let mut given = entries(json!({
        "name": "own", "parameters": shape.parameters, "layers": shape.layers, "hidden": shape.hidden,
        "heads": heads, "kv-heads": kv_heads, "head-dim": shape.head_dim,
    }));
    if draw.chance(0.4) {
        let (parameters, layers) = (shape.parameters * 0.7, draw.whole(1, shape.layers.into()));
        let active = draw.whole(1, 8) as u32;
        let experts = json!({"count": 8, "active": active, "parameters": parameters});
        let mut experts = entries(experts);
        draw.maybe(0.5, &mut experts, "layers", |_| layers.into());
        given.insert("experts".into(), experts.into());
        shape.experts = Some(Experts { count: 8, active, layers: layers as u32, parameters });
    }
    // Embeddings are a small part even of the smallest.
    draw.maybe(0.4, &mut given, "vocabulary", |draw| draw.scaled_whole(10.0, 3000.0).into());
    draw.maybe(0.3, &mut given, "tied-embeddings", |draw| draw.chance(0.5).into());
    draw.maybe(0.2, &mut given, "attention", attention);
    draw.maybe(0.2, &mut given, "fp8-scales", |draw| draw.one(&["tensor", "block"]).into());
    draw.maybe(0.2, &mut given, "four-bit", |draw| draw.one(&["mxfp4", "int4"]).into());
    draw.maybe(0.2, &mut given, "parallel-attention", |draw| draw.chance(0.5).into());
    (Value::Object(given), shape)
}

fn attention(draw: &mut Draw) -> Value {
    let mut given = entries(json!({"kv-elements": draw.scaled_whole(100.0, 1e5)}));
    draw.maybe(0.5, &mut given, "prefill-flops", |draw| draw.scaled(1e3, 1e7).into());
    draw.maybe(0.3, &mut given, "latent", |draw| draw.chance(0.5).into());
    Value::Object(given)
}
