//! Whole scenarios, right and wrong.

use super::{LoadError, Overrides, Scenario, estimate, load};
use std::path::PathBuf;

/// A scenario that is right, in a folder of its own.
const SOUND: &str = "\
name: sound
seed: 7
replications: 2
window: {warmup: 1m, horizon: 10m}
cloud:
  regions:
    - name: east
      clusters:
        - name: h100
          accelerator: H100-SXM
          nodes: 2
tenants:
  - name: Aurora
    terms: {rental: {price: 2.95 USD/h}}
  - name: House
    terms: first-party
models:
  - name: aurora-8b
    tenant: Aurora
    architecture: Llama-3.1-8B
    deployments:
      - cluster: h100
  - name: house-8b
    tenant: House
    architecture: Llama-3.1-8B
    price: {input: 1 USD/Mtok, output: 2 USD/Mtok}
    deployments:
      - {cluster: h100, tensor: 2}
applications:
  - name: chat
    arrivals: {poisson: {rate: 4/s}}
    lengths: {input: {constant: 100}, output: {lognormal: {mean: 200, cv: 1, max: 4000}}}
market:
  choice: {fixed: {aurora-8b: 0.25, house-8b: 0.75}}
";

struct File {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn file(text: &str) -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.yaml");
    std::fs::write(&path, text).unwrap();
    File { _folder: folder, path }
}

fn load_text(text: &str, overrides: &Overrides) -> Result<Scenario, String> {
    let file = file(text);
    load(&file.path, overrides).map_err(|error| match error {
        LoadError::Io { .. } => panic!("{error}"),
        LoadError::Invalid(_) => {
            error.to_string().replace(&file.path.display().to_string(), "x.yaml")
        }
    })
}

fn set(arguments: &[&str]) -> Overrides {
    Overrides { set: arguments.iter().map(|&one| one.to_owned()).collect(), ..Default::default() }
}

fn sound(overrides: &Overrides) -> Scenario {
    load_text(SOUND, overrides).unwrap_or_else(|error| panic!("{error}"))
}

/// The diagnostics of the sound scenario with `old` replaced.
fn broken(old: &str, new: &str) -> String {
    assert!(SOUND.contains(old), "{old}");
    load_text(&SOUND.replacen(old, new, 1), &Overrides::default()).expect_err(new)
}

#[test]
fn misspelt_field() {
    insta::assert_snapshot!(broken("nodes:", "nodess:"), @"");
}

#[test]
fn all_errors_at_once() {
    let text = SOUND
        .replace("nodes: 2", "nodes: many")
        .replace("10m}", "10}")
        .replace("first-party", "firstparty")
        .replace("mean: 200", "men: 200")
        .replace("seed: 7", "seed: -7");
    insta::assert_snapshot!(load_text(&text, &Overrides::default()).unwrap_err(), @"");
}

#[test]
fn meaning() {
    let text = SOUND
        .replace("H100-SXM", "H100")
        .replace("tenant: House", "tenant: Hose")
        .replace("0.25", "0.5")
        .replace("warmup: 1m", "warmup: 1h");
    insta::assert_snapshot!(load_text(&text, &Overrides::default()).unwrap_err(), @"");
}

#[test]
fn does_not_fit() {
    let text =
        SOUND.replacen("Llama-3.1-8B", "Llama-3.1-70B", 1).replace("tensor: 2", "tensor: 16");
    insta::assert_snapshot!(load_text(&text, &Overrides::default()).unwrap_err(), @"");
}

#[test]
fn command_line() {
    let given = Overrides {
        set: [
            "seed",
            "cloud.regions[3].name=x",
            "cloud.regoins=1",
            "window.horizon=5",
            "window[0=1",
        ]
        .map(str::to_owned)
        .to_vec(),
        variant: Some("x".to_owned()),
        ..Overrides::default()
    };
    insta::assert_snapshot!(load_text(SOUND, &given).unwrap_err(), @"");
    let given =
        set(&["cloud.regoins=1", "window.horizon=5", "applications[0].slo.ttfft=1s", "seed=x"]);
    insta::assert_snapshot!(load_text(SOUND, &given).unwrap_err(), @"");
}

#[test]
fn overrides_reach_values_that_are_absent() {
    let scenario = sound(&set(&[
        "applications[0].slo.ttft=1s",
        "scheduler.capacity.proportional.fill=0.5",
        "cloud.regions[0].clusters[0].accelerator.idle-power=100W",
        "market.choice.fixed.\"house-8b\"=0.5",
        "market.choice.fixed.aurora-8b=0.5",
    ]));
    let setup = &scenario.variants[0].setup;
    assert!(setup.applications[0].slo.is_some());
    assert_eq!(setup.clusters[0].accelerator.idle_power, Some(crate::units::Watts(100.0)));
    assert_eq!(setup.clusters[0].accelerator.name, "H100-SXM");
}

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
    insta::assert_snapshot!(load_text(&text, &Overrides::default()).unwrap().resolved, @"");
}

#[test]
fn what_serves_what() {
    for (old, new, message) in [
        (
            "      - cluster: h100\n",
            "      - cluster: h100\n        accelerators: 2\n",
            "`accelerators` goes with `performance: service-time` only; use `tensor`",
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
        ("first-party", "{first-party: {}}", "`first-party` takes no value"),
        ("{poisson: {rate: 4/s}}", "5", "found `5`, expected one of `poisson`, `gamma`"),
        ("{poisson: {rate: 4/s}}", "{poisson: {}}", "missing field `rate`"),
        (
            "{poisson: {rate: 4/s}}",
            "{poisson: {rate: 1e12/s}}",
            "found 1000000000000/s, expected 0/s to 1000000000/s",
        ),
        (
            "{fixed: {aurora-8b: 0.25, house-8b: 0.75}}",
            "{concentration: {hhi: 0.4}}",
            "found 0.4, expected 0.5 (1/2, equal shares of 2 models) to 1",
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
        assert!(found.contains(message), "{new}:\n{found}");
        assert!(found.contains(" --> x.yaml:"), "{new}:\n{found}");
    }
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
    insta::assert_snapshot!(load_text("", &Overrides::default()).unwrap_err(), @"");
}

#[test]
fn variants_point_at_their_own_lines() {
    let text = format!(
        "{SOUND}variants:
  - name: a
    set: {{scheduler.capacity: fixed, \"cloud.regions[0].clusters[2].nodes\": 3}}
  - name: a
    set: {{seed: 3, market.choice.fixed.house-8b: 0.9, window: {{}}}}
"
    );
    insta::assert_snapshot!(load_text(&text, &Overrides::default()).unwrap_err(), @"");
    let text = format!(
        "{SOUND}variants:
  - {{name: a, set: {{market.choice.fixed.house-8b: 0.9}}}}
  - {{name: a, set: {{scheduler.capacity: fixed}}}}
"
    );
    insta::assert_snapshot!(load_text(&text, &Overrides::default()).unwrap_err(), @"");
}

#[test]
fn the_command_line_wins_over_variants() {
    let text = format!(
        "{SOUND}variants:
  - {{name: a, set: {{\"applications[0].arrivals.poisson.rate\": 1/s}}}}
  - {{name: b, set: {{\"applications[0].slo\": {{e2e: 9s}}}}}}
"
    );
    let given = set(&[
        "applications[0].arrivals={gamma: {rate: 5/s, cv: 2}}",
        "applications[0].slo.e2e=2s",
    ]);
    let scenario = load_text(&text, &given).unwrap();
    for variant in &scenario.variants {
        let application = &variant.setup.applications[0];
        let crate::workload::SourceSpec::Synthetic { arrivals, .. } = &application.source else {
            panic!("not drawn")
        };
        assert_eq!(arrivals.rate, crate::units::PerSecond(5.0));
        assert_eq!(application.slo.unwrap().e2e, Some(crate::engine::SimDuration::from_secs(2)));
    }
    assert_eq!(scenario, load_text(&scenario.resolved, &Overrides::default()).unwrap());
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
    let found = load(&file.path, &set(&["applications[0].trace.file=nowhere.csv"])).unwrap_err();
    assert!(
        found.to_string().contains("--> --set applications[0].trace.file=nowhere.csv"),
        "{found}"
    );
}

#[test]
fn a_missing_file_is_not_a_wrong_scenario() {
    let error = load(&PathBuf::from("no/such.yaml"), &Overrides::default()).unwrap_err();
    assert!(matches!(error, LoadError::Io { .. }));
    assert!(error.to_string().starts_with("error: cannot read no/such.yaml: "));
}

#[test]
fn estimate_is_narrow() {
    let estimate = estimate(&sound(&Overrides::default()));
    insta::assert_snapshot!(estimate, @"");
}

#[test]
fn shipped() {
    for name in ["one-winner-vs-split", "mm10"] {
        let path = PathBuf::from(format!("scenarios/{name}.yaml"));
        let scenario = load(&path, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"));
        println!("{}\n{}", scenario.notes.join("\n"), estimate(&scenario));
        let again = load_text(&scenario.resolved, &Overrides::default()).unwrap();
        assert_eq!(scenario, again);
    }
}
