//! Engines, chips and models that are defined in place: what follows from their base, and what is refused where it was
//! written.

use coopsim::catalog::{Architecture, architecture};
use coopsim::scenario::{self, Overrides, Scenario};
use coopsim::serving::{Performance, RooflineSpec};
use coopsim::setup::ServingSpec;
use coopsim::units::Precision;

const BASE: &str = "\
name: base
replications: 1
window: {horizon: 1m}
cloud:
  regions:
    - {name: r, clusters: [{name: c, accelerator: H200-SXM, nodes: 1, capital: 2 USD/h}]}
tenants: [{name: t, terms: {rental: {price: 3 USD/h}}}]
models:
  - {name: m, tenant: t, architecture: Llama-3.1-8B, deployments: [{cluster: c, precision: fp8, replicas: 1}]}
applications:
  - name: a
    arrivals: {poisson: {rate: 1/s}}
    lengths: {input: {constant: 100}, output: {constant: 100}}
scheduler: {capacity: fixed}
";

fn load(set: &[&str]) -> Result<Scenario, String> {
    let set = set.iter().map(|&one| one.to_owned()).collect();
    let overrides = Overrides { set, ..Overrides::default() };
    scenario::load_text("x.yaml", BASE.to_owned(), &overrides).map_err(|error| error.to_string())
}

fn roofline(set: &[&str]) -> RooflineSpec {
    let scenario = load(set).unwrap_or_else(|error| panic!("{set:?}: {error}"));
    let deployment = scenario.variants[0].setup.deployments.first().expect("a deployment");
    let ServingSpec::Tokens(serving) = &deployment.serving else { panic!("it serves tokens") };
    let Performance::Roofline(spec) = &serving.performance else { panic!("it has a roofline") };
    (**spec).clone()
}

fn model(given: &str) -> Architecture {
    let architecture = format!("models[0].architecture={given}");
    roofline(&[&architecture, "models[0].deployments[0].tensor=8"]).architecture
}

/// What is wrong: one thing, said with its path.
fn refused(set: &[&str], message: &str, path: &str) {
    let error = load(set).expect_err("it makes no sense");
    assert!(error.contains(message), "{set:?}: no {message:?} in\n{error}");
    assert!(error.contains(&format!("path: {path}\n")), "{set:?}: not {path} in\n{error}");
    assert!(error.trim_end().ends_with("1 error in x.yaml"), "{set:?}: {error}");
}

fn close(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 1e-6, "{found} is not {expected}");
}

const ENGINE: &str = "models[0].deployments[0].engine";
const CHIP: &str = "cloud.regions[0].clusters[0].accelerator";

/// gpt-oss-20b keeps 1,024 numbers of a token in each of 12 of its 24 layers.
#[test]
fn attention_of_a_base_follows_layers_and_heads() {
    let elements = |given: &str| model(given).attention().kv_elements;
    close(elements("gpt-oss-20b"), 12.0 * 1024.0);
    close(elements("{base: gpt-oss-20b, layers: 48}"), 24.0 * 1024.0);
    close(elements("{base: gpt-oss-20b, kv-heads: 16}"), 24.0 * 1024.0);
    close(elements("{base: gpt-oss-20b, head-dim: 128}"), 24.0 * 1024.0);
    // A latent has the same size however many heads work on it.
    close(elements("{base: DeepSeek-V3, layers: 30}"), 30.0 * 576.0);
    close(elements("{base: DeepSeek-V3, layers: 30, heads: 64, kv-heads: 64}"), 30.0 * 576.0);
    let flops = |given: &str| model(given).attention().prefill_flops;
    close(flops("{base: gpt-oss-20b, heads: 128}"), 2.0 * flops("gpt-oss-20b"));
    let given = "{base: gpt-oss-20b, layers: 48, attention: {kv-elements: 5000}}";
    close(elements(given), 5000.0);
}

/// Mixtral-8x7B has 32 layers, all with experts; DeepSeek-V3 58 of 61.
#[test]
fn experts_and_parameters_of_a_base_follow_its_layers() {
    let (whole, half) = (model("Mixtral-8x7B"), model("{base: Mixtral-8x7B, layers: 16}"));
    let [all, some] = [&whole, &half].map(|shape| shape.experts.expect("a mixture"));
    assert_eq!((all.layers, some.layers), (32, 16));
    close(some.parameters, all.parameters / 2.0);
    let layers = |shape: &Architecture| shape.parameters - shape.embedding_parameters();
    close(layers(&half), layers(&whole) / 2.0);
    let experts = model("{base: DeepSeek-V3, layers: 30}").experts.expect("a mixture");
    assert_eq!(experts.layers, 29, "58 · 30 / 61, rounded");
    // What is given is taken as it is.
    let given = model("{base: Llama-3.1-8B, layers: 16, parameters: 5e9}");
    assert_eq!(given.parameters, 5e9);
    let same = model("{base: Llama-3.1-8B, name: mine}");
    assert_eq!(same.parameters, architecture("Llama-3.1-8B").expect("known").parameters);
    let wider = model("{base: Llama-3.1-8B, hidden: 8192}");
    close(wider.parameters, 2.0 * model("Llama-3.1-8B").parameters);
    // 32 layers of 2 · 4096 · 128 · (8 more heads of keys and values).
    let more = model("{base: Llama-3.1-8B, kv-heads: 16}").parameters;
    close(more - model("Llama-3.1-8B").parameters, 32.0 * 2.0 * 4096.0 * 128.0 * 8.0);
    let six = "{base: Mixtral-8x7B, experts: {count: 4, active: 2, parameters: 22546481152}}";
    close(whole.parameters - model(six).parameters, all.parameters - 22546481152.0);
}

#[test]
fn shapes_that_cannot_be_are_refused() {
    let at = |key: &str| format!("models[0].architecture{key}");
    for (given, message, key) in [
        ("{base: Llama-3.1-8B, kv-heads: 64}", "32 heads cannot share 64 of keys", ".kv-heads"),
        ("{base: Llama-3.1-8B, heads: 30}", "give `kv-heads`, too", ".heads"),
        ("{base: Llama-3.1-8B, heads: 1000000, parameters: 8e9}", "attention (", ".parameters"),
        (
            "{base: Llama-3.1-8B, attention: {kv-elements: 5, decode-flops: 9}}",
            "unknown field",
            ".attention.decode-flops",
        ),
    ] {
        refused(&[&at(&format!("={given}"))], message, &at(key));
    }
}

/// Latent attention is said, not guessed from FLOPs.
#[test]
fn latent_attention_is_what_says_so() {
    assert!(model("DeepSeek-V3").is_latent());
    assert!(model("{base: DeepSeek-V3, attention: {kv-elements: 35136}}").is_latent());
    let flops = "{base: Llama-3.1-8B, attention: {kv-elements: 65536, prefill-flops: 1}}";
    assert!(!model(flops).is_latent());
    let latent = "{base: Llama-3.1-8B, attention: {kv-elements: 18432, latent: true}}";
    assert!(model(latent).is_latent());
}

/// Of weights in 4 bits whose shared part is in 8, `compute-precision` is that of all products.
#[test]
fn the_precision_of_products_is_that_of_shared_weights_too() {
    let set = |key: &str| format!("models[0].deployments[0].{key}");
    let compute = |keys: &[&str]| {
        let model = "models[0].architecture=Qwen3-30B-A3B".to_owned();
        let chip = format!("{CHIP}=B200-SXM");
        let keys = keys.iter().map(|key| set(key));
        let set: Vec<_> = [model, chip].into_iter().chain(keys).collect();
        let set: Vec<_> = set.iter().map(String::as_str).collect();
        roofline(&set).shared_compute()
    };
    assert_eq!(compute(&["precision=fp4"]), Precision::Bf16);
    assert_eq!(compute(&["precision=fp4", "shared-precision=fp8"]), Precision::Fp8);
    let given = ["precision=fp4", "shared-precision=fp8", "compute-precision=bf16"];
    assert_eq!(compute(&given), Precision::Bf16);
}

/// A path leads into what is meant where nothing is written.
#[test]
fn a_default_left_out_is_the_same_as_one_written() {
    let written = format!("{ENGINE}=vllm");
    for change in ["iteration=5ms", "name=foo", "base=sglang", "max-batch=8"] {
        let change = format!("{ENGINE}.{change}");
        let [absent, present] = [roofline(&[&change]), roofline(&[&written, &change])];
        assert_eq!(absent, present, "{change}");
    }
}

/// Whoever makes one mistake reads of one, where it was made.
#[test]
fn one_mistake_is_one_error() {
    let own = |key: &str| format!("{ENGINE}.{key}");
    for (given, message, key) in [
        ("memory: 0", "found 0, expected 0.0001 to 1", "memory"),
        ("memory: 150%", "found 1.5, expected 0.0001 to 1", "memory"),
        ("max-batch: 0", "found 0, expected 1 to 1000000", "max-batch"),
        ("token-budget: 0", "found 0, expected 1 to 10000000", "token-budget"),
        ("max-batch: 9000, token-budget: 8000", "is above `token-budget` (8000)", "max-batch"),
        ("library: nccl", "sums over ranks alone", "library"),
        ("iteration: 0.4ns", "nothing on a clock of nanoseconds", "iteration"),
        ("max-batch: 99999999999999999999999", "is too large for any key", "max-batch"),
    ] {
        refused(&[&format!("{ENGINE}={{base: vllm, {given}}}")], message, &own(key));
    }
    for key in ["max-batch", "token-budget"] {
        let path = format!("models[0].deployments[0].{key}");
        refused(&[&format!("{path}=0")], "found 0, expected 1 to", &path);
    }
    for (given, message, key) in [
        ("hbm: 0GB", "found 0B, expected 1B", "hbm"),
        ("per-node: 0", "found 0, expected 1 to 1024", "per-node"),
        ("efficiency: {memory: 0}", "found 0, expected 0.0001 to 1", "efficiency.memory"),
        ("efficiency: {memory: 101%}", "found 1.01, expected 0.0001 to 1", "efficiency.memory"),
    ] {
        refused(
            &[&format!("{CHIP}={{base: H100-SXM, {given}}}")],
            message,
            &format!("{CHIP}.{key}"),
        );
    }
}

/// Of two limits the one that is not given makes room for the other, in an engine as in a deployment.
#[test]
fn limits_of_an_engine_make_room_for_each_other() {
    let limits = |given: &str| {
        let engine = roofline(&[&format!("{ENGINE}={{base: vllm, {given}}}")]).engine;
        (engine.max_batch, engine.token_budget)
    };
    assert_eq!(limits("max-batch: 9000"), (9000, 9000));
    assert_eq!(limits("token-budget: 512"), (512, 512));
    assert_eq!(limits("token-budget: 5000"), (1024, 5000));
}

#[test]
fn what_does_not_fit_says_what_is_usable() {
    let error = load(&[&format!("{ENGINE}={{base: vllm, memory: 5%}}")]).expect_err("no room");
    assert!(
        error.contains("of each chip 7.5 GB are usable (`engine.memory` 0.05); 2 would do"),
        "{error}"
    );
}

#[test]
fn a_pool_that_decodes_says_what_it_ignores() {
    let decode =
        "decode: {cluster: c, replicas: 1, engine: {base: sglang, batching: prefill-first}}";
    let split = format!(
        "models[0].deployments[0].batching={{disaggregated: {{{decode}, link: {{transfer: 50GB/s}}}}}}"
    );
    let notes = load(&[&split]).expect("it makes sense").notes;
    let ignored = |note: &String| note.contains("engine.batching` has no effect");
    assert!(notes.iter().any(ignored), "{notes:?}");
}

/// Two engines of one name serve one model: their tables say which is whose.
#[test]
fn engines_of_one_model_are_told_apart() {
    let two = "models[0].deployments=[{cluster: c, replicas: 1}, \
               {cluster: c, replicas: 1, engine: {base: vllm, iteration: 5ms}}]";
    let scenario = load(&[two]).expect("it makes sense");
    let served: Vec<_> = scenario.variants[0].engines.iter().map(|one| &one.models).collect();
    assert_eq!(served, [&["m (deployments[0])"], &["m (deployments[1])"]]);
}
