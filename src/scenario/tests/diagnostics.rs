//! What is printed for scenarios that are wrong.

use super::{SOUND, broken, load_text};
use crate::scenario::{LoadError, Overrides, load};
use std::path::PathBuf;

#[test]
fn misspelt_field() {
    insta::assert_snapshot!(broken("nodes:", "nodess:"), @r#"
    error: unknown field `nodess`, expected one of `name`, `accelerator`, `nodes`, `accelerators-per-node`, `capital`, `load-bandwidth`, `provisioning`
      --> x.yaml:11:11
       |
    11 |           nodess: 2
       |           ^^^^^^ did you mean `nodes`?
       |
       = path: cloud.regions[0].clusters[0].nodess

    1 error in x.yaml
    "#);
}

#[test]
fn all_errors_at_once() {
    let text = SOUND
        .replace("nodes: 2", "nodes: many")
        .replace("10m}", "10}")
        .replace("first-party", "firstparty")
        .replace("mean: 200", "men: 200")
        .replace("seed: 7", "seed: -7");
    insta::assert_snapshot!(load_text(&text, &Overrides::default()).unwrap_err(), @r#"
    error: found the number `-7`, expected a whole number, 0 or more
     --> x.yaml:2:7
      |
    2 | seed: -7
      |       ^^

    error: `10` has no unit: expected a duration such as `30ms` (units: `ns`, `us`, `ms`, `s`, `min`, `m`, `h`, `d`, `w`)
     --> x.yaml:4:31
      |
    4 | window: {warmup: 1m, horizon: 10}
      |                               ^^
      |
      = path: window.horizon

    error: found the text `many`, expected a whole number from 0 to 4294967295
      --> x.yaml:11:18
       |
    11 |           nodes: many
       |                  ^^^^
       |
       = path: cloud.regions[0].clusters[0].nodes

    error: unknown choice `firstparty`, expected one of `rental`, `marketplace`, `first-party`
      --> x.yaml:16:12
       |
    16 |     terms: firstparty
       |            ^^^^^^^^^^ did you mean `first-party`?
       |
       = path: tenants[1].terms

    error: unknown field `men`, expected one of `mean`, `cv`, `min`, `max`
      --> x.yaml:32:60
       |
    32 |     lengths: {input: {constant: 100}, output: {lognormal: {men: 200, cv: 1, max: 4000}}}
       |                                                            ^^^ did you mean `mean`?
       |
       = path: applications[0].lengths.output.lognormal.men

    5 errors in x.yaml
    "#);
}

#[test]
fn meaning() {
    let text = SOUND
        .replace("H100-SXM", "H100")
        .replace("tenant: House", "tenant: Hose")
        .replace("0.25", "0.5")
        .replace("warmup: 1m", "warmup: 1h");
    insta::assert_snapshot!(load_text(&text, &Overrides::default()).unwrap_err(), @"
    error: nothing is measured: the horizon must be longer than the warm-up
     --> x.yaml:4:31
      |
    4 | window: {warmup: 1h, horizon: 10m}
      |                               ^^^
      |
      = path: window.horizon

    error: unknown accelerator `H100`, expected one of `A100-SXM-80`, `H100-SXM`, `H200-SXM`, `B200-SXM`, `B300-SXM`, `GB200-NVL72`, `GB300-NVL72`, `L40S`, `L40`, `RTX-4090`, `RTX-PRO-6000`, `H100-PCIe`, `H100-NVL`, `GH200-96`, `GH200-144`, `MI300X`, `MI325X`, `MI355X`, `Trainium1`, `Trainium2`, `Trainium3`, `Inferentia2`, `TPU-v5e`, `TPU-v5p`, `TPU-v6e`
      --> x.yaml:10:24
       |
    10 |           accelerator: H100
       |                        ^^^^ did you mean `H100-SXM`?
       |
       = path: cloud.regions[0].clusters[0].accelerator

    error: unknown tenant `Hose`, expected one of `Aurora`, `House`
      --> x.yaml:24:13
       |
    24 |     tenant: Hose
       |             ^^^^ did you mean `House`?
       |
       = path: models[1].tenant

    error: the shares sum to 1.25, expected 1
      --> x.yaml:34:12
       |
    34 |   choice: {fixed: {aurora-8b: 0.5, house-8b: 0.75}}
       |            ^^^^^
       |
       = path: market.choice.fixed

    4 errors in x.yaml
    ");
}

#[test]
fn does_not_fit() {
    let text =
        SOUND.replacen("Llama-3.1-8B", "Llama-3.1-70B", 1).replace("tensor: 2", "tensor: 16");
    insta::assert_snapshot!(load_text(&text, &Overrides::default()).unwrap_err(), @r#"
    error: `Llama-3.1-70B` does not fit on 1 × `H100-SXM`: its weights take 141.1 GB, of each chip 78.7 GB are usable (`engine.memory` 0.92); 2 would do
      --> x.yaml:22:9
       |
    22 |       - cluster: h100
       |         ^^^^^^^
       |
       = path: models[0].deployments[0].tensor

    error: found 16, expected 1 to 8: a replica fits on one node of cluster `h100`
      --> x.yaml:28:33
       |
    28 |       - {cluster: h100, tensor: 16}
       |                                 ^^
       |
       = path: models[1].deployments[0].tensor

    2 errors in x.yaml
    "#);
}

#[test]
fn each_mistake_has_its_message() {
    let mut wrong = Vec::new();
    for (old, new, message) in [
        (
            "      - cluster: h100\n",
            "      - cluster: h100\n        accelerators: 2\n",
            "`accelerators` does not go with `performance: roofline`; use `tensor`",
        ),
        (
            "    price: {input: 1 USD/Mtok, output: 2 USD/Mtok}\n",
            "",
            "missing field `price`: `House` is first-party, so tokens are revenue",
        ),
        ("    architecture: Llama-3.1-8B\n", "", "`aurora-8b` has no `architecture`"),
        (
            "tensor: 2",
            "precision: fp4",
            "`H100-SXM` has no peak for `fp4`, only for: `bf16`, `fp8`",
        ),
        (
            "tensor: 2",
            "precision: fp4, compute-precision: fp4",
            "`H100-SXM` has no peak for `fp4`, only for: `bf16`, `fp8`",
        ),
        (
            "tensor: 2",
            "compute-precision: fp8",
            "weights in `bf16` cannot be multiplied in `fp8`: expected at least their precision",
        ),
        ("tensor: 2", "tensor: 3", "3 ranks cannot share the 32 heads of `Llama-3.1-8B` evenly"),
        ("tensor: 2", "expert: 2", "`Llama-3.1-8B` is dense: it has no experts to spread"),
        (
            "tensor: 2",
            "tensor: 4, pipeline: 4",
            "found 16 accelerators (tensor 4 × pipeline 4), expected at most 8: a replica fits on one node of cluster `h100`",
        ),
        ("tensor: 2", "pipeline: 9", "found 9, expected 1 to 8: a replica fits on one node"),
        ("tensor: 2", "beams: 0", "found 0, expected 1 to 1000"),
        (
            "tensor: 2",
            "max-batch: 4096, token-budget: 2048",
            "`max-batch` (4096) is above `token-budget` (2048)",
        ),
        ("tensor: 2", "replicas: 2", "`replicas` goes with `scheduler.capacity: fixed`"),
        (
            "{constant: 100}",
            "{quantiles: [[0, 2], [0.6, 5], [0.5, 6], [1, 4]]}",
            "probabilities must increase: 0.5 comes after 0.6",
        ),
        (
            "{constant: 100}",
            "{quantiles: [[0, 2], [1, 4, 5]]}",
            "found a list of 3, expected a pair: a probability and the value at it",
        ),
        ("max: 4000", "max: 1", "cuts off more than 99 %"),
        (
            "{constant: 100}",
            "{constant: 100, gamma: {mean: 1, cv: 2}}",
            "found `constant` and `gamma` together, expected only one of `constant`",
        ),
        ("{constant: 100}", "constant", "`constant` needs a value, as in `{constant: …}`"),
        (
            "first-party",
            "{first-party: {}}",
            "found a map, expected no value: write the word alone",
        ),
        (
            "{poisson: {rate: 4/s}}",
            "5",
            "found `5`, expected one of `poisson`, `deterministic`, `gamma`",
        ),
        ("{poisson: {rate: 4/s}}", "{poisson: {}}", "missing field `rate`"),
        (
            "{poisson: {rate: 4/s}}",
            "{poisson: {rate: 1e12/s}}",
            "found 1000000000000/s, expected 0 to 1000000000/s",
        ),
        (
            "{fixed: {aurora-8b: 0.25, house-8b: 0.75}}",
            "{concentration: {hhi: 0.4}}",
            "found 0.4, expected 0.5 (1/2, equal shares of 2 models) to 1",
        ),
        ("rate: 4/s", "rate: 1e9/s", "about 1.2e12 requests to simulate"),
        (
            "    lengths: ",
            "    modulation: {hour-of-day: {factors: [1, 2]}}\n    lengths: ",
            "found 2 factors, expected 24",
        ),
        (
            "name: house-8b",
            "name: aurora-8b",
            "a second model named `aurora-8b`: the first is `models[0]`",
        ),
        ("name: sound", "name: \"so\\tund\"", "control characters"),
        ("seed: 7", "seed: 7\nseed: 8", "duplicate key `seed`"),
        ("seed: 7", "seed: .nan", "not a finite number"),
        ("seed: 7", "7: seed", "the key `7` is not text"),
        ("seed: 7", "<<: {}", "merge keys are not supported"),
        ("seed: 7", "seed: !!float 7", "YAML tags such as `!!binary`"),
        ("seed: 7", "seed: *x", "not YAML"),
        ("seed: 7", "seed: [", "not YAML"),
        ("replications: 2", "replications: 0", "found 0, expected 1 to 100000"),
        ("horizon: 10m", "horizon: 10m, bucket: 1ms", "600000 buckets in the horizon are too many"),
        (
            "  choice: {fixed: {aurora-8b: 0.25, house-8b: 0.75}}\n",
            "  {}\n",
            "missing field `choice`: with several models",
        ),
    ] {
        let found = broken(old, new);
        if !found.contains(message) || !found.contains(" --> x.yaml:") {
            wrong.push(format!("{new}: {message}\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Serde would take a list for any map with as many fields.
#[test]
fn lists_are_not_maps() {
    insta::assert_snapshot!(broken("{warmup: 1m, horizon: 10m}", "[1m, 10m]"), @r"
    error: found a list, expected a map such as `{warmup: 10m, horizon: 70m}`
     --> x.yaml:4:1
      |
    4 | window: [1m, 10m]
      | ^^^^^^

    1 error in x.yaml
    ");
    for (old, new, message) in [
        ("{warmup: 1m, horizon: 10m}", "[1m]", "found a list, expected a map such as `{warmup"),
        ("{warmup: 1m, horizon: 10m}", "[]", "found a list, expected a map such as `{warmup"),
        ("{rental: {price: 2.95 USD/h}}", "{rental: [2.95 USD/h]}", "expected a map with `price`"),
        ("{poisson: {rate: 4/s}}", "{poisson: [4/s]}", "found a list, expected a map with `rate`"),
        ("{poisson: {rate: 4/s}}", "[poisson]", "found a list, expected one of `poisson`"),
        ("{input: 1 USD/Mtok, output: 2 USD/Mtok}", "[1 USD/Mtok, ~, 2 USD/Mtok]", "a map such as"),
        ("{cluster: h100, tensor: 2}", "[h100, 2]", "a map such as `{cluster: h100"),
        ("H100-SXM", "[H100-SXM]", "found a list, expected a name of the catalogue, or a map"),
        ("{aurora-8b: 0.25, house-8b: 0.75}", "[0.25, 0.75]", "found a list, expected a map"),
        ("{mean: 200, cv: 1, max: 4000}", "[200, 1, ~, 4000]", "a map with `mean`, `cv`"),
        ("  choice: {", "  - choice: {", "found a list, expected a map such as `{choice"),
    ] {
        let found = broken(old, new);
        assert!(found.contains(message) && found.contains(" --> x.yaml:"), "{new}:\n{found}");
        assert!(found.ends_with("\n1 error in x.yaml"), "{new}:\n{found}");
    }
    let whole = load_text("[sound, text, 7, 2, {horizon: 1s}]", &Overrides::default()).unwrap_err();
    assert!(whole.contains("found a list, expected a scenario: a map"), "{whole}");
}

#[test]
fn no_message_prints_hundreds_of_digits() {
    let many = "9".repeat(300);
    for (old, new) in [
        ("rate: 4/s", "rate: 1e300/s".to_owned()),
        ("rate: 4/s", "rate: 1e-300/d".to_owned()),
        ("nodes: 2", "nodes: 1e300".to_owned()),
        ("nodes: 2", format!("nodes: {many}")),
        ("replications: 2", format!("replications: {many}")),
        ("aurora-8b: 0.25", "aurora-8b: 1e300".to_owned()),
        ("mean: 200", "mean: 1e308".to_owned()),
        ("constant: 100", "constant: -1e300".to_owned()),
        ("cv: 1,", "cv: 1e-300,".to_owned()),
        ("10m}", "1e300}".to_owned()),
        ("tensor: 2", "tensor: 2, host-bandwidth: 1e290TB/s".to_owned()),
        ("H100-SXM", "{base: H100-SXM, idle-power: 1e300W}".to_owned()),
    ] {
        let text = SOUND.replacen(old, &new, 1);
        let Err(found) = load_text(&text, &Overrides::default()) else { continue };
        let messages = found.lines().filter(|line| line.starts_with("error: "));
        for message in messages {
            let digits = message.split(|one: char| !one.is_ascii_digit()).map(str::len).max();
            assert!(digits < Some(25), "{new}: {message}");
        }
    }
}

#[test]
fn an_unquoted_path_gets_a_hint() {
    let text = format!("{SOUND}variants:\n  - name: a\n    set: {{applications[0].slo.e2e: 9s}}\n");
    insta::assert_snapshot!(load_text(&text, &Overrides::default()).unwrap_err(), @r#"
    error: not YAML: while parsing a flow mapping, did not find expected ',' or '}'
      --> x.yaml:37:23
       |
    37 |     set: {applications[0].slo.e2e: 9s}
       |                       ^ a path with an index in it stands in quotes: `"applications[0].slo.e2e"`

    1 error in x.yaml
    "#);
    let other = load_text("{a: 1, b c [0]: 2}", &Overrides::default()).unwrap_err();
    assert!(!other.contains("stands in quotes"), "{other}");
}

#[test]
fn parts_of_a_whole_may_be_per_cent() {
    let text = SOUND
        .replace("{aurora-8b: 0.25, house-8b: 0.75}", "{aurora-8b: 25%, house-8b: 75 %}")
        .replace("{rental: {price: 2.95 USD/h}}", "{marketplace: {take-rate: 20%}}")
        .replace(
            "tenant: Aurora\n",
            "tenant: Aurora\n    price: {input: 1 USD/Mtok, output: 1 USD/Mtok}\n",
        )
        .replace("H100-SXM", "{base: H100-SXM, efficiency: {products: 50%}}")
        .replace(
            "{input: {constant: 100}, ",
            "{cached: {hit-rate: 60%, fraction: {uniform: {min: 10%, max: 90%}}}, \
             input: {quantiles: [[0%, 10], [50%, 20], [100%, 90]]}, ",
        )
        .replace("market:", "scheduler: {capacity: {proportional: {fill: 90%}}}\nmarket:");
    let scenario =
        load_text(&text, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"));
    for plain in
        ["aurora-8b: 0.25", "take-rate: 0.2", "products: 0.5", "hit-rate: 0.6", "fill: 0.9"]
    {
        assert!(scenario.resolved.contains(plain), "{plain} in\n{}", scenario.resolved);
    }
    let same = text
        .replace("25%", "0.25")
        .replace("75 %", "0.75")
        .replace("20%", "0.2")
        .replace("100%", "1")
        .replace("50%", "0.5")
        .replace("60%", "0.6")
        .replace("10%", "0.1")
        .replace("90%", "0.9")
        .replace("0%", "0");
    assert_eq!(scenario, load_text(&same, &Overrides::default()).unwrap());
    let found = broken("aurora-8b: 0.25", "aurora-8b: a quarter");
    assert!(found.contains("`a quarter` is not a fraction: expected one such as `0.2` or `20%`"));
    let found = broken("aurora-8b: 0.25", "aurora-8b: 250%");
    assert!(found.contains("found 2.5, expected 0 to 1"), "{found}");
}

/// A L40S has a peak at 8 bits, and a chip that only begins as one has not.
#[test]
fn a_changed_chip_has_no_peaks_but_its_own() {
    let with = |accelerator: &str, deployment: &str| {
        let text = SOUND.replacen("H100-SXM", accelerator, 1).replacen(
            "{cluster: h100, tensor: 2}",
            deployment,
            1,
        );
        load_text(&text, &Overrides::default())
    };
    let plain = "{cluster: h100}";
    let fp8 = "{cluster: h100, precision: fp8}";
    let named = "{base: L40S, name: RTX4090, peak: {bf16: 165TFLOP/s}}";
    assert!(with(named, plain).is_ok());
    let found = with(named, fp8).unwrap_err();
    for part in [
        "`RTX4090` has no peak for `fp8`, only for: `bf16`",
        "none of those of `L40S`",
        "`peak.fp8`",
    ] {
        assert!(found.contains(part), "{part}: {found}");
    }
    let found = with("{base: L40S, peak: {bf16: 165TFLOP/s}}", fp8).unwrap_err();
    assert!(found.contains("has no peak for `fp8`"), "{found}");
    let found = with("{base: L40S, name: RTX4090}", plain).unwrap_err();
    assert!(found.contains("has no peak for `bf16`, only for: none"), "{found}");
    // Attention runs in 16 bits: without that peak it would take the chip's other one.
    let found = with("{base: L40S, peak: {fp8: 330TFLOP/s}}", fp8).unwrap_err();
    assert!(found.contains("has no peak for `bf16`, only for: `fp8`"), "{found}");
    assert!(found.contains("run in 16 bits"), "{found}");
    assert!(with("{base: L40S, name: L40S, hbm: 40GB}", fp8).is_ok(), "it is still the same chip");
    assert!(with("{base: L40S, name: X, peak: {bf16: 1PFLOP/s, fp8: 2PFLOP/s}}", fp8).is_ok());
}

#[test]
fn several_missing_fields_are_all_named() {
    let text = SOUND
        .replace("    tenant: Aurora\n", "")
        .replace("          nodes: 2\n", "")
        .replace("tensor: 2", "tensor: [")
        .replace("[", "two");
    let found = load_text(&text, &Overrides::default()).unwrap_err();
    for message in ["missing field `tenant`", "missing field `nodes`", "`two`"] {
        assert!(found.contains(message), "{message}:\n{found}");
    }
    let text = SOUND.replace(
        "        - name: h100\n          accelerator: H100-SXM\n          nodes: 2\n",
        "        - {}\n",
    );
    let found = load_text(&text, &Overrides::default()).unwrap_err();
    for field in ["name", "accelerator", "nodes"] {
        assert!(found.contains(&format!("missing field `{field}`")), "{field}:\n{found}");
    }
}

#[test]
fn empty_file() {
    insta::assert_snapshot!(load_text("", &Overrides::default()).unwrap_err(), @r#"
    error: found nothing, expected a scenario: a map
     --> x.yaml:1:1
      |
    1 |
      | ^

    1 error in x.yaml
    "#);
}

#[test]
fn a_missing_file_is_not_a_wrong_scenario() {
    let error = load(&PathBuf::from("no/such.yaml"), &Overrides::default()).unwrap_err();
    assert!(matches!(error, LoadError::Io { .. }));
    assert!(error.to_string().starts_with("error: cannot read no/such.yaml: "));
}

#[test]
fn columns_count_characters() {
    let found = broken("{aurora-8b: 0.25, house-8b: 0.75}", "{\"é-8b\": 0.25, hose-8b: 0.75}");
    assert!(found.contains("x.yaml:34:20") && found.contains("x.yaml:34:34"), "{found}");
    let text = SOUND.replace("nodes: 2", "nodess: 2").replace('\n', "\r\n");
    let found = load_text(&text, &Overrides::default()).unwrap_err();
    assert!(found.contains("x.yaml:11:11"), "{found}");
}

#[test]
fn replicas_find_room_or_not() {
    let fixed = SOUND
        .replace("      - cluster: h100\n", "      - {cluster: h100, replicas: 6}\n")
        .replace("market:", "scheduler: {capacity: fixed}\nmarket:");
    // Two nodes of 8: five replicas of 2 leave room for six of 1, six do not.
    let narrow = fixed.replace("tensor: 2", "tensor: 2, replicas: 5");
    assert!(load_text(&narrow, &Overrides::default()).is_ok());
    let wide = fixed.replace("tensor: 2", "tensor: 2, replicas: 6");
    let found = load_text(&wide, &Overrides::default()).unwrap_err();
    let message = "2 of these 6 replicas find no room in cluster `h100`: 2 nodes of 8 accelerators, 1 for a replica";
    assert!(found.contains(message), "{found}");
    // Three replicas of 5 need three nodes, though two have accelerators enough for them.
    let awkward = fixed
        .replace("Llama-3.1-8B", "{base: Llama-3.1-8B, heads: 40, kv-heads: 10}")
        .replace("tensor: 2", "tensor: 5, replicas: 3")
        .replace("replicas: 6", "replicas: 1");
    let found = load_text(&awkward, &Overrides::default()).unwrap_err();
    assert!(found.contains("1 of these 3 replicas find no room"), "{found}");
}

/// Whatever a file says, it loads or is refused.
#[test]
fn no_edit_panics() {
    let places = SOUND.char_indices().map(|(at, _)| at).step_by(2);
    for (at, edit) in places.zip(
        [":", "[", "\"", " ", "- ", "9", "\t", "é", "&a ", "*a", "!x ", "{", "\n"].iter().cycle(),
    ) {
        let text = format!("{}{edit}{}", &SOUND[..at], &SOUND[at + 1..]);
        match load_text(&text, &Overrides::default()) {
            Ok(scenario) => assert!(!scenario.variants.is_empty()),
            Err(found) => assert!(found.starts_with("error: "), "{text}\n{found}"),
        }
    }
}
