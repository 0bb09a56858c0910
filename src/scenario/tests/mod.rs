//! Whole scenarios, right and wrong.

mod curve;
mod defaults;
mod demand;
mod diagnostics;
mod idle;
mod overriding;
mod performance;
mod schema;
mod whole;

use super::{LoadError, Overrides, Scenario, load};
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
