//! `coopsim schema`: what the program reads is what the schema says, and docs/scenario.md is what it prints.

use crate::random_scenarios::compose;
use assert_cmd::Command;
use coopsim::scenario::{self, Overrides};
use jsonschema::Validator;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

const BASE: &str = include_str!("desk/base.yaml");

fn printed(arguments: &[&str]) -> String {
    let mut command = Command::cargo_bin("coopsim").expect("the binary is built");
    let assert = command.arg("schema").args(arguments).assert().success().stderr("");
    String::from_utf8(assert.get_output().stdout.clone()).expect("output is text")
}

/// The schema, itself valid by the draft that it names.
fn validator() -> Validator {
    let schema: Value = serde_json::from_str(&printed(&[])).expect("JSON");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(jsonschema::meta::is_valid(&schema));
    jsonschema::validator_for(&schema).expect("a schema")
}

fn problems(validator: &Validator, scenario: &Value) -> Vec<String> {
    let problems = validator.iter_errors(scenario);
    problems.map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn json(yaml: &str) -> Value {
    serde_yaml::from_str(yaml).expect("YAML")
}

fn shipped() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = fs::read_dir(root.join("scenarios")).expect("there are scenarios");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    files.retain(|file| file.is_file());
    files.push(root.join("tests/suite/desk/base.yaml"));
    files
}

#[test]
fn what_is_shipped_is_valid() {
    let validator = validator();
    let mut resolved = 0;
    for file in shipped() {
        let text = fs::read_to_string(&file).expect("text");
        assert_eq!(problems(&validator, &json(&text)), [""; 0], "{}", file.display());
        // One of them replays a recording that is not part of the project.
        if let Ok(scenario) = scenario::load(&file, &Overrides::default()) {
            assert_eq!(problems(&validator, &json(&scenario.resolved)), [""; 0], "resolved");
            resolved += 1;
        }
    }
    assert!(resolved >= 4);
}

/// Random ones have all of the schema in them.
#[test]
fn whatever_is_drawn_is_valid() {
    let (validator, folder) = (validator(), tempfile::TempDir::new().expect("a folder"));
    for seed in 0..200 {
        let scenario = compose::scenario(seed, folder.path());
        assert_eq!(problems(&validator, &scenario), [""; 0], "seed {seed}");
    }
}

#[test]
fn what_is_wrong_is_not() {
    let validator = validator();
    for (old, new) in [
        ("seed: 7", "sede: 7"),
        ("seed: 7", "seed: -7"),
        ("name: base", "name: [base]"),
        ("warmup: 10s", "warmup: 10"),
        ("warmup: 10s", "warmup: 10kg"),
        ("warmup: 10s", "warmup: ten s"),
        ("warmup: 10s", "warmup: -10s"),
        ("horizon: 70s", "horizon: end-of-call"),
        ("horizon: 70s, ", ""),
        ("slo: {ttft: 1s}", "modulation: {hour-of-day: {}}"),
        ("nodes: 1", "nodes: 1.5"),
        ("nodes: 1", "nodes: 5000000000"),
        ("nodes: 1", "nodes: one"),
        ("slo: {ttft: 1s}", "slo: {ttft: 1s, ttfft: 1s}"),
        ("lognormal: {mean: 500, cv: 1, max: 8000}", "lognormal: {mean: 500}"),
        ("lognormal: {mean: 500, cv: 1, max: 8000}", "lognormal: {mean: 500s, cv: 1}"),
        ("lognormal: {mean: 500, cv: 1, max: 8000}", "constant: 1, uniform: {min: 1, max: 2}"),
    ] {
        assert!(BASE.contains(old), "{old}");
        let found = problems(&validator, &json(&BASE.replacen(old, new, 1)));
        assert!(!found.is_empty(), "{new} is taken for right");
    }
}

#[test]
fn the_reference_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenario.md");
    let current = fs::read_to_string(file).expect("there is a reference");
    assert!(
        current == printed(&["--format", "markdown"]),
        "out of date: coopsim schema --format markdown > docs/scenario.md"
    );
}
