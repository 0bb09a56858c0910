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
      - {cluster: c, replicas: 1, batching: {disaggregated: {decode: {cluster: c, replicas: 1},
          link: {transfer: 1GB/s}}}}
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

/// What does not go together with that.
const THE_REST: &str = "\
name: the rest
window: {horizon: 1h}
cloud: {regions: [{name: r, clusters: [{name: c, accelerator: H100-SXM, nodes: 20}]}]}
tenants: [{name: T, terms: first-party}]
models:
  - name: tokens
    tenant: T
    architecture: Llama-3.1-8B
    price: {input: 1 USD/Mtok, output: 2 USD/Mtok}
    deployments: [{cluster: c, prefix-cache: true}]
applications:
  - name: many
    arrivals: {clients: {rate: 1/s, count: 3, zipf: 1}}
    sessions: {turns: {constant: 2}, think: {constant: 1s}}
    lengths: {input: {constant: 100}, output: {constant: 10}}
    modulation:
      hour-of-day: {factors: [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}
      day-of-week: {factors: [1, 2, 1, 1, 1, 1, 1]}
      flash-crowds: [{start: 1min, duration: 1min, factor: 2}]
  - name: few
    arrivals: {client-table: [{name: a, rate: 1/s}]}
    lengths: {input: {constant: 100}, output: {constant: 10}}
  - name: measured
    arrivals: {servegen: {file: clients.csv, model: m, windows: {file: windows.csv}}}
    lengths: {input: {constant: 100}, output: {constant: 10}}
scheduler: {capacity: demand, routing: prefix-affinity}
";

/// The files that these two read.
const TABLES: [(&str, &str); 3] = [
    ("t.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:00,5,6\n"),
    (
        "clients.csv",
        "model,client,mean_rate_rps,rate_weighted_cv,frac_gamma,frac_weibull,mean_input_tok,mean_output_tok\n\
         m,1,0.5,1.2,1,0,100,10\n",
    ),
    ("windows.csv", "model,client,t_s,rate_rps,cv,family\nm,1,0,0.5,1.2,Gamma\n"),
];

/// The scenario written out, which means the same when it is loaded again.
fn written_out(text: &str) -> String {
    let file = file(text);
    for (name, rows) in TABLES {
        std::fs::write(file.path.with_file_name(name), rows).unwrap();
    }
    let scenario =
        load(&file.path, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"));
    std::fs::write(&file.path, &scenario.resolved).unwrap();
    assert_eq!(scenario, load(&file.path, &Overrides::default()).unwrap());
    scenario.resolved
}

/// Keys with their default, where there is one that is not empty, from the tables of the reference.
fn documented() -> Vec<(String, String)> {
    let (scenario, _) = include_str!("../../../docs/scenario.md")
        .split_once("\n# Sweep files\n")
        .expect("sweeps come last");
    let rows = scenario.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let key = cells.next()?.trim_end_matches('`').rsplit('.').next()?;
        let default = cells.nth(1)?.strip_prefix('`')?.strip_suffix('`')?;
        (!["[]", "{}"].contains(&default)).then(|| (key.to_owned(), default.to_owned()))
    });
    rows.collect()
}

#[test]
fn every_documented_default_is_written_out() {
    let proportional = THE_REST.replace("capacity: demand", "capacity: proportional");
    let resolved = [EVERYTHING, THE_REST, &proportional].map(written_out).concat();
    let documented = documented();
    assert!(documented.len() > 50, "{documented:?}");
    let is_missing = |(key, _): &&(String, String)| !resolved.contains(&format!("{key}:"));
    let missing: Vec<_> = documented.iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "{missing:?} not in\n{resolved}");
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
