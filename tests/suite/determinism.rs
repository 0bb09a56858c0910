//! The same seed gives the same bytes, however the work is done; and nobody's draws depend on who
//! else is there.

use crate::desk::Desk;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const BASE: &str = include_str!("desk/base.yaml");
const CALM: &str = "  - {name: calm, set: {'applications[0].arrivals.poisson.rate': 10/s}}\n";
const BUSY: &str = "  - {name: busy, set: {'applications[0].arrivals.poisson.rate': 40/s}}\n";

fn with_variants(variants: &[&str]) -> String {
    format!("{BASE}variants:\n{}", variants.concat())
}

/// Every file of a folder, by its path there.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).expect("below it").display().to_string();
                files.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    assert!(files.contains_key("summary.json") && files.contains_key("charts/latency.png"));
    files
}

/// Runs a command that must succeed, and gives the files of its folder `out`.
fn folder(desk: &Desk, arguments: &[&str], out: &str) -> BTreeMap<String, Vec<u8>> {
    let output = desk.run(&[arguments, &["--out", out]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    files(&desk.path(out))
}

fn assert_same(left: &BTreeMap<String, Vec<u8>>, right: &BTreeMap<String, Vec<u8>>) {
    assert_eq!(left.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>());
    let differ = left.iter().filter(|&(name, bytes)| right[name] != *bytes);
    let differ = differ.map(|(name, _)| name).collect::<Vec<_>>();
    assert!(differ.is_empty(), "these files differ: {differ:?}");
}

fn summary(files: &BTreeMap<String, Vec<u8>>) -> Value {
    serde_json::from_slice(&files["summary.json"]).expect("valid JSON")
}

#[test]
fn threads_do_not_matter() {
    let desk = Desk::new();
    desk.write("x.yaml", with_variants(&[CALM, BUSY]));
    let compare = ["compare", "x.yaml", "--replications", "5", "--threads"];
    let [one, two, many] = ["1", "2", "16"]
        .map(|threads| folder(&desk, &[&compare[..], &[threads]].concat(), threads));
    assert_same(&one, &two);
    assert_same(&one, &many);
}

#[test]
fn variants_keep_their_numbers_in_any_order() {
    let desk = Desk::new();
    desk.write("x.yaml", with_variants(&[CALM, BUSY]));
    desk.write("y.yaml", with_variants(&[BUSY, CALM]));
    let x = summary(&folder(&desk, &["compare", "x.yaml"], "x"));
    let y = summary(&folder(&desk, &["compare", "y.yaml"], "y"));
    let alone = summary(&folder(&desk, &["run", "x.yaml", "--variant", "busy"], "z"));
    assert_eq!(x["variants"][0], y["variants"][1]);
    assert_eq!(x["variants"][1], y["variants"][0]);
    assert_eq!(x["variants"][1], alone["variants"][0]);
    let differences = x["differences"].as_array().expect("a list");
    assert!(!differences.is_empty());
    for (forth, back) in differences.iter().zip(y["differences"].as_array().expect("a list")) {
        assert_eq!(forth["metric"], back["metric"]);
        assert_eq!(forth["ci95"], back["ci95"], "{}", forth["metric"]);
        assert_eq!(forth["mean"].as_f64(), back["mean"].as_f64().map(|mean| -mean));
    }
}

/// A newcomer, first in every list, with customers of its own: the others see the same calls at
/// the same times with the same lengths, and so have the same numbers to the last digit.
#[test]
fn a_newcomer_moves_nobody_elses_draws() {
    let newcomer = BASE
        .replace("tenants:\n", "tenants:\n  - {name: Zephyr, terms: first-party}\n")
        .replace(
            "models:\n",
            "models:\n  - name: zephyr-8b\n    tenant: Zephyr\n    architecture: Llama-3.1-8B\n    price: {input: 1 USD/Mtok, output: 1 USD/Mtok}\n    deployments: [{cluster: h100, replicas: 1}]\n",
        )
        .replace(
            "applications:\n",
            "applications:\n  - name: other\n    arrivals: {gamma: {rate: 3/s, cv: 2}}\n    lengths: {input: {constant: 300}, output: {constant: 50}}\n    choice: {fixed: {zephyr-8b: 1}}\n",
        );
    let desk = Desk::new();
    desk.write("x.yaml", BASE);
    desk.write("y.yaml", newcomer);
    let before = &summary(&folder(&desk, &["run", "x.yaml"], "x"))["variants"][0];
    let after = &summary(&folder(&desk, &["run", "y.yaml"], "y"))["variants"][0];
    for scope in ["by_model", "by_tenant", "by_application"] {
        let entities = before[scope].as_object().expect("a map");
        assert!(!entities.is_empty());
        for (name, metrics) in entities {
            assert_eq!(after[scope][name], *metrics, "{scope} {name}");
        }
    }
    let arrived = &after["by_model"]["zephyr-8b"]["requests.arrived"]["mean"];
    assert!(arrived.as_f64() > Some(100.0), "{arrived}");
}

#[test]
fn the_written_scenario_reproduces_the_folder() {
    let desk = Desk::new();
    desk.write("x.yaml", with_variants(&[CALM, BUSY]));
    let changed = ["--seed", "99", "--replications", "3", "--set", "cloud.pue=1.3"];
    let first = folder(&desk, &[&["compare", "x.yaml"], &changed[..]].concat(), "first");
    let again = folder(&desk, &["compare", "first/scenario.yaml"], "again");
    assert_same(&first, &again);
}

/// A trace's path is relative to the scenario, which now lies elsewhere.
#[test]
fn the_written_scenario_still_finds_its_trace() {
    let rows = (0..600).map(|n| format!("{},{},{}\n", n * 100, 50 + n % 700, 1 + n % 90));
    let synthetic = BASE.find("    arrivals:").expect("it has arrivals");
    let slo = BASE.find("    slo:").expect("it has an objective");
    let trace = "    trace: {file: data/t.csv, format: {columns: {timestamp: t, unit: ms, input: i, output: o}}}\n";
    let desk = Desk::new();
    fs::create_dir_all(desk.path("in/data")).expect("folders");
    desk.write("in/data/t.csv", format!("t,i,o\n{}", rows.collect::<String>()));
    desk.write("in/x.yaml", format!("{}{trace}{}", &BASE[..synthetic], &BASE[slo..]));
    let first = folder(&desk, &["run", "in/x.yaml"], "first");
    let again = folder(&desk, &["run", "first/scenario.yaml"], "again");
    assert_same(&first, &again);
}

#[test]
fn another_seed_gives_other_numbers() {
    let desk = Desk::new();
    desk.write("x.yaml", BASE);
    let same = summary(&folder(&desk, &["run", "x.yaml", "--seed", "7"], "a"));
    let asked = summary(&folder(&desk, &["run", "x.yaml"], "b"));
    let other = summary(&folder(&desk, &["run", "x.yaml", "--seed", "8"], "c"));
    assert_eq!(same["variants"], asked["variants"]);
    let wait = |tree: &Value| tree["variants"][0]["metrics"]["latency.e2e_s.mean"]["mean"].clone();
    assert_ne!(wait(&same), wait(&other));
    assert_eq!(other["seed"], 8);
}

#[test]
fn a_folder_is_drawn_again_to_the_same_bytes() {
    let desk = Desk::new();
    desk.write("x.yaml", with_variants(&[CALM, BUSY]));
    let before = folder(&desk, &["compare", "x.yaml"], "x");
    let output = desk.run(&["report", "x"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_same(&before, &files(&desk.path("x")));
}
