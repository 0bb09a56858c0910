//! What a run says of the error of its own chips.

use crate::desk::Desk;
use serde_json::Value;

const BASE: &str = include_str!("../desk/base.yaml");
const CHIP: &str = "{base: H100-SXM, idle-power: 100W, peak-power: 700W}";

/// The notes about measurements of a run on another chip.
fn notes(chip: &str) -> Vec<String> {
    let desk = Desk::new();
    desk.write("x.yaml", BASE.replace(CHIP, chip));
    let output = desk.run(&["run", "x.yaml", "--replications", "1", "--format", "json", "-q"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let summary: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let all = summary["notes"].as_array().expect("notes").iter().filter_map(Value::as_str);
    let told = |note: &&str| note.contains("measured rows") || note.contains("in the validation");
    all.filter(told).map(str::to_owned).collect()
}

#[test]
fn a_run_says_the_error_of_its_chip_model_and_load() {
    let found = notes("H100-SXM");
    assert!(!found.is_empty());
    for note in &found {
        assert!(
            note.starts_with("Times of tokens on H100-SXM with dense models were off"),
            "{note}"
        );
        assert!(note.contains(" users at once a replica"), "{note}");
    }
}

#[test]
fn a_chip_that_nobody_measured_is_said_to_be_one() {
    let found = notes("H100-PCIe");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("No measurement of H100-PCIe is in the validation"), "{found:?}");
}
