//! Scenarios that are right: what they resolve to and how much work they are.

use super::{SOUND, file, load_text, set, sound};
use crate::estimate::estimate;
use crate::scenario::{Overrides, load};
use crate::scheduler::{Patience, Routing};
use std::path::PathBuf;

#[test]
fn resolved_loads_again() {
    let text = format!(
        "{SOUND}variants: [{{name: a}}, {{name: b, set: {{\"cloud.regions[0].clusters[0].accelerator\": H200-SXM}}}}]\n"
    );
    for overrides in [
        Overrides::default(),
        Overrides { seed: Some(3), replications: Some(9), ..set(&["window.horizon=1h"]) },
        Overrides { variant: Some("b".to_owned()), ..Overrides::default() },
    ] {
        let first = load_text(&text, &overrides).unwrap();
        let again = load_text(&first.resolved, &Overrides::default()).unwrap();
        assert_eq!(first, again);
    }
    insta::assert_snapshot!(load_text(&text, &Overrides::default()).unwrap().resolved, @r#"
    name: sound
    seed: 7
    replications: 2
    window:
      warmup: 1min
      horizon: 10min
      drain: 1min
      bucket: 10s
    cloud:
      pue: 1.15
      regions:
      - name: east
        clusters:
        - name: h100
          accelerator: H100-SXM
          nodes: 2
          load-bandwidth: 1GB/s
          provisioning: 0s
    tenants:
    - name: Aurora
      terms:
        rental:
          price: 2.95 USD/h
    - name: House
      terms: first-party
    models:
    - name: aurora-8b
      tenant: Aurora
      architecture: Llama-3.1-8B
      deployments:
      - cluster: h100
        engine: vllm
        tensor: 1
        pipeline: 1
        expert: 1
        precision: bf16
        shared-precision: bf16
        compute-precision: bf16
        kv-precision: bf16
        beams: 1
        max-batch: 1024
        token-budget: 8192
        batching: continuous
        kv-admission: reserve
        prefix-cache: false
        performance: roofline
    - name: house-8b
      tenant: House
      architecture: Llama-3.1-8B
      price:
        input: 1 USD/Mtok
        cached-input: 1 USD/Mtok
        output: 2 USD/Mtok
      deployments:
      - cluster: h100
        engine: vllm
        tensor: 2
        pipeline: 1
        expert: 1
        precision: bf16
        shared-precision: bf16
        compute-precision: bf16
        kv-precision: bf16
        beams: 1
        max-batch: 1024
        token-budget: 8192
        batching: continuous
        kv-admission: reserve
        prefix-cache: false
        performance: roofline
    applications:
    - name: chat
      arrivals:
        poisson:
          rate: 4/s
      lengths:
        input:
          constant: 100.0
        output:
          lognormal:
            mean: 200.0
            cv: 1.0
            max: 4000.0
    market:
      choice:
        fixed:
          aurora-8b: 0.25
          house-8b: 0.75
    scheduler:
      placement: best-fit
      capacity:
        demand:
          target-load: 0.7
      routing: least-tokens
      start: warm
      queue-discipline: first-come-first-served
      autoscaling: fixed
    variants:
    - name: a
      set: {}
    - name: b
      set:
        cloud.regions[0].clusters[0].accelerator: H200-SXM
    "#);
}

/// Every figure of a chip, and who says so.
#[test]
fn accelerators_say_where_their_figures_come_from() {
    let chip = "{base: L40S, name: RTX4090, peak: {bf16: 165.2TFLOP/s}, hbm: 24GB, efficiency: {link: 30%}}";
    let text = SOUND.replacen("H100-SXM", chip, 1).replacen(
        "{cluster: h100, tensor: 2}",
        "{cluster: h100}",
        1,
    );
    let scenario =
        load_text(&text, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(scenario, load_text(&scenario.resolved, &Overrides::default()).unwrap());
    let printed = estimate(&scenario).to_string();
    let start = printed.find("RTX4090 in h100").expect("a table of its figures");
    let table = printed[start..].split("\n\n").next().unwrap_or_default();
    insta::assert_snapshot!(table, @r"
    RTX4090 in h100                               value  from
      peak.bf16                            165.2TFLOP/s  the scenario
      peak.fp8                                not known  -
      peak.fp4                                not known  -
      hbm                                          24GB  the scenario
      hbm-bandwidth                             864GB/s  the catalogue: L40S
      link-bandwidth                             32GB/s  the catalogue: L40S
      idle-power                                   103W  assumed, catalogue: L40S
      peak-power                                   350W  the catalogue: L40S
      kernels                                       ada  the catalogue: L40S
      efficiency.products                             1  no loss, unless given
      efficiency.attention                            1  no loss, unless given
      efficiency.experts                              1  no loss, unless given
      efficiency.memory                               1  no loss, unless given
      efficiency.link                               0.3  the scenario
    ");
    let printed = estimate(&sound(&Overrides::default())).to_string();
    assert!(printed.contains("H100-SXM in h100"), "{printed}");
    assert!(
        printed.lines().any(|line| line.split_whitespace().eq([
            "peak.bf16",
            "989TFLOP/s",
            "the",
            "catalogue:",
            "H100-SXM"
        ])),
        "{printed}"
    );
}

#[test]
fn traces_are_scanned_and_found_from_the_scenario() {
    let from = SOUND.find("    arrivals").unwrap();
    let to = SOUND.find("market:").unwrap();
    let replayed = |format: &str| {
        format!("{}    trace: {{file: t.csv, format: {format}}}\n{}", &SOUND[..from], &SOUND[to..])
    };
    let file = file(&replayed("{columns: {timestamp: t, unit: s, input: in, output: out}}"));
    let trace = file.path.with_file_name("t.csv");
    std::fs::write(&trace, "t,in,out\n0,5,6\n60,x,7\n120,5,0\n").unwrap();
    let found = load(&file.path, &Overrides::default()).unwrap_err().to_string();
    for message in ["trace row 2, column `in`: `x`", "trace row 3, column `out`: `0`"] {
        assert!(found.contains(message), "{message}:\n{found}");
    }
    let scenario = load(&file.path, &set(&["applications[0].trace.bad-rows-allowed=2"])).unwrap();
    assert!(
        scenario.notes.iter().any(|note| note.starts_with("2 bad rows")),
        "{:?}",
        scenario.notes
    );
    assert_eq!(scenario, load_text(&scenario.resolved, &Overrides::default()).unwrap());
    // The horizon is at 600 s: windows are half open.
    std::fs::write(&trace, "t;in;out\n0;5;6\n599.9;5;6\n600;5;6\n601.5;5;6\n").unwrap();
    let late = |arguments: &[&str]| {
        let notes = load(&file.path, &set(arguments)).unwrap().notes;
        notes.into_iter().find(|note| note.contains("beyond the horizon"))
    };
    let note = late(&[]).unwrap();
    assert!(note.starts_with("2 of the 4 rows of ") && note.contains("t.csv"), "{note}");
    assert_eq!(late(&["applications[0].trace.time-scale=0.5"]), None);
    let note = late(&["applications[0].trace.offset=1s"]).unwrap();
    assert!(note.starts_with("3 of the 4 rows"), "{note}");
    let found = load(&file.path, &set(&["applications[0].trace.file=nowhere.csv"])).unwrap_err();
    assert!(
        found.to_string().contains("--> --set applications[0].trace.file=nowhere.csv"),
        "{found}"
    );
}

#[test]
fn line_ends_and_byte_order_marks_do_not_matter() {
    let windows = format!("\u{feff}{}", SOUND.replace('\n', "\r\n"));
    assert_eq!(load_text(&windows, &Overrides::default()).unwrap(), sound(&Overrides::default()));
    let file = file(SOUND);
    std::fs::write(&file.path, b"name: a\xff\n").unwrap();
    let found = load(&file.path, &Overrides::default()).unwrap_err().to_string();
    assert!(found.contains("not text in UTF-8"), "{found}");
}

#[test]
fn aliases_stand_for_what_they_name() {
    let aliased = SOUND
        .replace("input: {constant: 100}", "input: &same {constant: 100}")
        .replace("output: {lognormal: {mean: 200, cv: 1, max: 4000}}", "output: *same");
    let plain = SOUND.replace("{lognormal: {mean: 200, cv: 1, max: 4000}}", "{constant: 100}");
    let [aliased, plain] = [aliased, plain].map(|text| load_text(&text, &Overrides::default()));
    assert_eq!(aliased.unwrap(), plain.unwrap());
}

#[test]
fn estimate_is_narrow() {
    let engine = "engine={name: mine, iteration: 1ms, per-request: 20ms, memory: 0.9}";
    let engines = [0, 1].map(|model| format!("models[{model}].deployments[0].{engine}"));
    let estimate = estimate(&sound(&set(&engines.each_ref().map(|each| &**each))));
    insta::assert_snapshot!(estimate, @r"
    variant                          requests       events     time on one core
    sound                                4800       19.2 k            below 1 s
    memory: about 25 MB on one thread, 1 MB more for each further one

    application                       calls/s     mean input    mean output
    chat                                 4.00          100.0          199.9

    model                        cluster          accelerators        KV tokens
    aurora-8b                    h100                        1          464.7 k
    house-8b                     h100                        2            1.1 M

    H100-SXM in h100                              value  from
      peak.bf16                              989TFLOP/s  the catalogue: H100-SXM
      peak.fp8                              1979TFLOP/s  the catalogue: H100-SXM
      peak.fp4                                not known  -
      hbm                                      81559MiB  the catalogue: H100-SXM
      hbm-bandwidth                            3.35TB/s  the catalogue: H100-SXM
      link-bandwidth                            450GB/s  the catalogue: H100-SXM
      idle-power                                   112W  assumed, catalogue: H100-SXM
      peak-power                                   700W  the catalogue: H100-SXM
      kernels                                    hopper  the catalogue: H100-SXM
      efficiency.products                             1  no loss, unless given
      efficiency.attention                            1  no loss, unless given
      efficiency.experts                              1  no loss, unless given
      efficiency.memory                               1  no loss, unless given
      efficiency.link                                 1  no loss, unless given

    engine mine                                   value  from
      library                                    trtllm  ideal, unless given
      iteration                                     1ms  the scenario
      per-sequence                                   0s  ideal, unless given
      per-layer                                      0s  ideal, unless given
      per-request                                  20ms  the scenario
      all-reduce                                     0s  ideal, unless given
      small-kernels                                   0  ideal, unless given
      small-kernel                                   0s  ideal, unless given
      attention-memory                                1  ideal, unless given
      context-chain                                  0s  ideal, unless given
      beam-reads                                      1  ideal, unless given
      asynchronous                                false  ideal, unless given
      memory                                        0.9  the scenario
      window-cache                              trimmed  ideal, unless given
      batching                               continuous  ideal, unless given
      max-batch                                     256  ideal, unless given
      token-budget                                 2048  ideal, unless given

    model                             calls/s   replicas   accelerators       load
    aurora-8b                            1.00          1              1       0.01
    house-8b                             3.00          1              2       0.02
    13 of 16 accelerators are unsold
    ");
}

#[test]
fn shipped() {
    for name in ["one-winner-vs-split", "terms-and-sizes", "conversations", "mm10"] {
        let path = PathBuf::from(format!("scenarios/{name}.yaml"));
        let scenario = load(&path, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"));
        println!("{}\n{}", scenario.notes.join("\n"), estimate(&scenario));
        let again = load_text(&scenario.resolved, &Overrides::default()).unwrap();
        assert_eq!(scenario, again);
    }
}

#[test]
fn shipped_with_a_trace() {
    let folder = std::env::var("COOPSIM_DATA").unwrap_or_else(|_| "../shared/data".to_owned());
    let file = PathBuf::from(folder).join("traces/AzureLLMInferenceTrace_conv.csv");
    if !file.exists() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "no {}", file.display());
        println!("SKIPPED: there is no {} (set COOPSIM_DATA)", file.display());
        return;
    }
    let file = std::path::absolute(file).unwrap();
    let given = set(&[&format!("applications[0].trace.file={}", file.display())]);
    let scenario = load(&PathBuf::from("scenarios/azure-conversations.yaml"), &given)
        .unwrap_or_else(|error| panic!("{error}"));
    let estimate = estimate(&scenario);
    println!("{estimate}");
    assert_eq!(estimate.variants.len(), 2);
    let rate = estimate.variants[0].applications[0].calls_per_s;
    assert!((rate - 5.53).abs() < 0.01, "{rate}");
    assert_eq!(scenario, load_text(&scenario.resolved, &Overrides::default()).unwrap());
}

/// A word is short for a map with all defaults, which is how it is written out.
#[test]
fn routing_is_a_word_or_a_map() {
    let routing = |text: &str| {
        let text = format!("{SOUND}scheduler: {{routing: {text}}}\n");
        let scenario =
            load_text(&text, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"));
        (scenario.variants[0].setup.scheduler.routing, scenario.resolved)
    };
    let patience = |tokens, factor| Routing::PrefixAffinity(Patience { tokens, factor });
    let (word, written) = routing("prefix-affinity");
    assert_eq!(word, patience(32_768, 2.0));
    assert!(written.contains("patience-tokens: 32768"), "{written}");
    assert_eq!(routing("{prefix-affinity: {}}").0, word);
    assert_eq!(routing("{prefix-affinity: {patience-factor: 1.5}}").0, patience(32_768, 1.5));
    assert_eq!(routing("{prefix-affinity: {patience-tokens: 0}}").0, patience(0, 2.0));
    assert_eq!(routing("round-robin").0, Routing::RoundRobin);
}

#[test]
fn routing_out_of_bounds() {
    for (routing, message, path) in [
        (
            "{prefix-affinity: {patience-factor: 0.9}}",
            "found 0.9, expected 1 to",
            ".patience-factor",
        ),
        (
            "{prefix-affinity: {patience-tokens: 2000000000000}}",
            "expected 0 to",
            ".patience-tokens",
        ),
        ("{prefix-affinity: {patience: 2}}", "unknown field `patience`", ".patience"),
        ("least-token", "did you mean `least-tokens`?", "scheduler.routing"),
    ] {
        let text = format!("{SOUND}scheduler: {{routing: {routing}}}\n");
        let error = load_text(&text, &Overrides::default()).expect_err(&text);
        assert!(error.contains(message) && error.contains(path), "{error}");
        assert!(error.contains("x.yaml:35"), "at its place: {error}");
    }
}
