//! What is in costs and margins when something is not known, and what a reader is told of it.

use crate::desk::Desk;
use serde_json::Value;

const BASE: &str = include_str!("desk/base.yaml");
const CHIP: &str = "{base: H100-SXM, idle-power: 100W, peak-power: 700W}";
const ELECTRICITY: &str = "  electricity: 0.10 USD/kWh\n";
/// Eight accelerators for a minute at 2 USD/h.
const CAPITAL: f64 = 8.0 * 2.0 / 60.0;

fn run(command: &str, yaml: &str) -> Value {
    let desk = Desk::new();
    desk.write("x.yaml", yaml);
    let output =
        desk.run(&[command, "x.yaml", "--replications", "1", "--format", "json", "--quiet"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("valid JSON")
}

fn mean(metrics: &Value, name: &str) -> Option<f64> {
    metrics[name]["mean"].as_f64()
}

fn has_note(summary: &Value, text: &str) -> bool {
    let notes = summary["notes"].as_array().expect("notes");
    notes.iter().any(|note| note.as_str().is_some_and(|note| note.contains(text)))
}

/// Without a price of electricity, and with one but without a known power.
#[test]
fn capital_alone_gives_cost_and_margin_and_a_note() {
    let unknown = BASE.replace(CHIP, "{base: Trainium2, link-bandwidth: 450GB/s}");
    for (yaml, reason) in [
        (BASE.replace(ELECTRICITY, ""), "energy: the scenario has no `cloud.electricity`"),
        (unknown, "energy: the idle or the peak power of the accelerators of `h100` is not known"),
    ] {
        let summary = run("run", &yaml);
        let variant = &summary["variants"][0];
        for metrics in [&variant["metrics"], &variant["by_cluster"]["h100"]] {
            let accelerators = if reason.contains("idle") { 2.0 } else { 1.0 };
            let cost = mean(metrics, "cost.total_usd").expect("a cost");
            assert!((cost - accelerators * CAPITAL).abs() < 2e-6, "{cost}");
            let revenue = mean(metrics, "revenue.total_usd").expect("revenue");
            let margin = mean(metrics, "margin.operating_usd").expect("a margin");
            assert!((margin - (revenue - cost)).abs() < 1e-9, "{margin}");
            assert_eq!(mean(metrics, "cost.energy_usd"), None);
        }
        assert!(has_note(&summary, &format!("Cost and margin are without {reason}")), "{reason}");
    }
}

#[test]
fn without_capital_there_is_no_margin() {
    let summary = run("run", &BASE.replace("          capital: 2.00 USD/h\n", ""));
    let metrics = &summary["variants"][0]["metrics"];
    assert_eq!(mean(metrics, "margin.operating_usd"), None);
    assert!(mean(metrics, "cost.energy_usd").is_some());
    assert!(has_note(&summary, "no cost and no margin: no `capital` is given of `h100`"));
}

#[test]
fn a_plain_chip_of_the_catalogue_has_a_margin_by_an_assumption_that_is_said() {
    let summary = run("run", &BASE.replace(CHIP, "H100-SXM"));
    let metrics = &summary["variants"][0]["metrics"];
    assert!(mean(metrics, "cost.energy_usd").is_some_and(|cost| cost > 0.0));
    assert!(mean(metrics, "margin.operating_usd").is_some());
    let note = "The idle power of H100-SXM, 112W, is an assumption of the catalogue";
    assert!(has_note(&summary, note));
    assert!(!has_note(&run("run", BASE), "assumption"), "the scenario says it itself");
}

/// One variant's costs are with energy, the other's without: their difference would be energy.
#[test]
fn costs_with_and_without_energy_have_no_difference() {
    let variants =
        "variants:\n  - {name: a, set: {}}\n  - name: b\n    set: {\"cloud.electricity\": null}\n";
    let summary = run("compare", &format!("{BASE}{variants}"));
    let metrics: Vec<_> = summary["differences"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|difference| difference["metric"].as_str().expect("a name"))
        .collect();
    assert!(metrics.contains(&"revenue.total_usd") && metrics.contains(&"cost.capital_usd"));
    assert!(!metrics.contains(&"cost.total_usd") && !metrics.contains(&"margin.operating_usd"));
}
