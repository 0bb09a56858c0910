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
fn shipped() {
    for name in ["one-winner-vs-split", "mm10"] {
        let path = PathBuf::from(format!("scenarios/{name}.yaml"));
        let scenario = load(&path, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"));
        println!("{}\n{}", scenario.notes.join("\n"), estimate(&scenario));
        let again = load_text(&scenario.resolved, &Overrides::default()).unwrap();
        assert_eq!(scenario, again);
    }
}
