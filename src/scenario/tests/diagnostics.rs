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

    error: unknown variant `firstparty`, expected one of `rental`, `marketplace`, `first-party`
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
    insta::assert_snapshot!(load_text(&text, &Overrides::default()).unwrap_err(), @r#"
    error: nothing is measured: the horizon must be longer than the warm-up
     --> x.yaml:4:31
      |
    4 | window: {warmup: 1h, horizon: 10m}
      |                               ^^^
      |
      = path: window.horizon

    error: unknown accelerator `H100`, expected one of `A100-SXM-80`, `H100-SXM`, `H200-SXM`, `B200-SXM`, `B300-SXM`, `GB200-NVL72`, `GB300-NVL72`, `L40S`, `MI300X`, `MI325X`, `Trainium1`, `Trainium2`, `Trainium3`, `Inferentia2`, `TPU-v5e`, `TPU-v5p`, `TPU-v6e`
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
    "#);
}

#[test]
fn does_not_fit() {
    let text =
        SOUND.replacen("Llama-3.1-8B", "Llama-3.1-70B", 1).replace("tensor: 2", "tensor: 16");
    insta::assert_snapshot!(load_text(&text, &Overrides::default()).unwrap_err(), @r#"
    error: `Llama-3.1-70B` does not fit on 1 × `H100-SXM`: its weights take 141.1 GB; 2 would do
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
        ("tensor: 2", "max-batch: 4096", "`max-batch` (4096) is above `token-budget` (2048)"),
        ("tensor: 2", "replicas: 2", "`replicas` goes with `scheduler.capacity: fixed`"),
        (
            "{constant: 100}",
            "{quantiles: [[0, 2], [0.6, 5], [0.5, 6], [1, 4]]}",
            "probabilities must increase: 0.5 comes after 0.6",
        ),
        (
            "{constant: 100}",
            "{quantiles: [[0, 2], [1, 4, 5]]}",
            "found a list of 3, expected a pair",
        ),
        ("max: 4000", "max: 1", "cuts off more than 99 %"),
        (
            "{constant: 100}",
            "{constant: 100, gamma: {mean: 1, cv: 2}}",
            "found 2 entries, expected only one of `constant`",
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
        ("seed: 7", "seed: !!float 7\nname: *x", "not YAML"),
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
    let awkward =
        fixed.replace("tensor: 2", "tensor: 5, replicas: 3").replace("replicas: 6", "replicas: 1");
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
