//! The resolved scenario spells out the defaults, and means the same when it is loaded again.

use super::*;

/// Something of every kind that has a default of its own.
const EVERYTHING: &str = "\
name: everything
window: {horizon: 1h}
cloud: {regions: [{name: r, clusters: [{name: c, accelerator: H100-SXM, nodes: 20}]}]}
tenants: [{name: T, terms: first-party}]
models:
  - name: tokens
    tenant: T
    architecture: Llama-3.1-8B
    price: {input: 1 USD/Mtok, output: 2 USD/Mtok}
    deployments:
      - {cluster: c, replicas: 1, kv-admission: optimistic, preemption: swap}
      - {cluster: c, replicas: 1, performance: {affine: {kv-capacity: 100000, per-context-token: 1ns}}}
      - {cluster: c, replicas: 1, performance: {profile: {kv-capacity: 100000, extrapolate: true,
          prefill: {points: [{tokens: 64, time: 8ms}, {tokens: 2048, time: 84ms}]},
          decode: {points: [{batch: 1, time: 30ms}, {batch: 256, time: 40ms}]}}}}
  - name: calls
    tenant: T
    deployments:
      - {cluster: c, replicas: 1, performance: {service-time: {distribution: {constant: 1s}, slots: 9}}}
applications:
  - name: chat
    arrivals: {poisson: {rate: 1/s}}
    sessions: {turns: {constant: 2}, think: {constant: 1s}}
    lengths: {input: {constant: 100}, output: {constant: 10}}
    choice: {fixed: {tokens: 1}}
  - name: batch
    all-at-once: {calls: 3}
    lengths: {input: {constant: 100}, output: {constant: 10},
      cached: {hit-rate: 0.5, fraction: {constant: 0.5}}}
    choice: {fixed: {tokens: 1}}
  - name: recorded
    trace: {file: t.csv, format: azure}
    choice: {fixed: {tokens: 1}}
  - name: services
    arrivals: {poisson: {rate: 1/s}}
    choice: {fixed: {calls: 1}}
scheduler: {capacity: fixed}
";

/// Keys with their default, where that is a word or a number of the file, from the tables of the
/// readme: rows with a last cell such as `0s`, 256 or `25GB/s` (assumed).
fn documented() -> Vec<(String, String)> {
    let rows = include_str!("../../../README.md").lines().filter_map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [first, _, last] = cells[..] else { return None };
        let last = last.trim_end_matches("(assumed)").trim();
        let word = last.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
        let word = word.filter(|word| !word.contains('`'));
        let default = word.or_else(|| last.parse::<f64>().ok().map(|_| last))?;
        first.contains('`').then(|| (first.to_owned(), default.to_owned()))
    });
    let keys = |(first, default): (String, String)| {
        let keys: Vec<_> = first.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        keys.into_iter().map(move |key| (key, default.clone()))
    };
    rows.flat_map(keys).collect()
}

#[test]
fn every_documented_default_is_written_out() {
    // What is inherited has no value of its own to write.
    const INHERITED: [&str; 1] = ["choice"];
    let file = file(EVERYTHING);
    let rows = "TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:00,5,6\n";
    std::fs::write(file.path.with_file_name("t.csv"), rows).unwrap();
    let scenario = load(&file.path, &Overrides::default()).unwrap();
    let documented = documented();
    assert!(documented.len() > 30, "{documented:?}");
    let missing: Vec<_> = documented
        .iter()
        .filter(|(key, _)| !INHERITED.contains(&key.as_str()))
        .filter(|(key, _)| !scenario.resolved.contains(&format!("{key}:")))
        .collect();
    assert!(missing.is_empty(), "{missing:?} not in\n{}", scenario.resolved);
    let again = load_text(&scenario.resolved, &Overrides::default()).unwrap();
    assert_eq!(scenario, again);
}

/// A default that is written out must not stand where a variant may not have its key, and must not
/// outlive what it was derived from.
#[test]
fn defaults_do_not_bind_what_variants_change() {
    const DEPLOYMENT: &str = "models[1].deployments[0]";
    for (base, change) in [
        ("kv-admission: optimistic", "kv-admission: reserve"),
        ("kv-admission: optimistic, preemption: swap", "preemption: recompute"),
        ("precision: fp8", "precision: bf16"),
        ("batching: continuous", "batching: static"),
        ("max-batch: 8", "performance: {affine: {kv-capacity: 100000, overhead: 5ms}}"),
    ] {
        let (key, value) = change.split_once(": ").unwrap();
        // A list item for the deployment, of which `performance` refuses some keys.
        let tensor = if key == "performance" { "" } else { "tensor: 2, " };
        let text = SOUND.replace("tensor: 2", &format!("{tensor}{base}"));
        let variant = format!("{{name: b, set: {{\"{DEPLOYMENT}.{key}\": {value}}}}}");
        let text = format!("{text}variants: [{{name: a}}, {variant}]\n");
        let first = load_text(&text, &Overrides::default()).unwrap();
        let again = load_text(&first.resolved, &Overrides::default());
        assert_eq!(Ok(&first), again.as_ref(), "{change}:\n{}", first.resolved);
    }
    let dearer = "variants: [{name: a}, {name: b, set: {\"models[1].price.input\": 3 USD/Mtok}}]\n";
    let first = load_text(&format!("{SOUND}{dearer}"), &Overrides::default()).unwrap();
    let price = first.variants[1].setup.models.raw[1].price.unwrap();
    assert_eq!(price.cached_input, price.input);
    assert_eq!(Ok(first.clone()), load_text(&first.resolved, &Overrides::default()));
}
