//! The headline numbers of a small run, worked out by hand from what it served and its prices.

use crate::desk::Desk;
use serde_json::Value;

/// Amounts are rounded to a millionth of a dollar when posted, so a window's, the difference of
/// two of them, is within one.
const ROUNDING: f64 = 1.01e-6;

fn run(yaml: &str) -> Value {
    let desk = Desk::new();
    desk.write("x.yaml", yaml);
    let arguments = ["run", "x.yaml", "--replications", "1", "--format", "json", "--quiet"];
    let output = desk.run(&arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let summary: Value = serde_json::from_slice(&output.stdout).expect("valid JSON");
    summary["variants"][0].clone()
}

fn mean(metrics: &Value, name: &str) -> f64 {
    metrics[name]["mean"].as_f64().unwrap_or_else(|| panic!("no {name}"))
}

fn assert_near(found: f64, expected: f64, slack: f64, what: &str) {
    assert!((found - expected).abs() <= slack, "{what}: {found} is not {expected}");
}

/// One minute of 8 accelerators at 2 USD/h: 2 rented at 3 USD/h, 1 whose vendor gives a fifth of
/// its sales, and 2 for the cloud's own model.
#[test]
fn money_is_quantity_times_price() {
    let variant = run(include_str!("desk/base.yaml"));
    let (all, hours) = (&variant["metrics"], 60.0 / 3600.0);
    let sales = |model: &str, input: f64, output: f64| {
        let metrics = &variant["by_model"][model];
        (mean(metrics, "tokens.input") * input + mean(metrics, "tokens.output") * output) / 1e6
    };
    let rental = 2.0 * hours * 3.0;
    let marketplace = 0.2 * sales("borealis-8b", 1.0, 4.0);
    let first_party = sales("house-8b", 2.0, 5.0);
    let capital = 8.0 * hours * 2.0;
    assert!(marketplace > 0.01 && first_party > 0.01, "something is sold");
    for (metric, expected) in [
        ("revenue.rental_usd", rental),
        ("revenue.marketplace_usd", marketplace),
        ("revenue.first_party_usd", first_party),
        ("cost.capital_usd", capital),
        ("cost.energy_usd", mean(all, "energy.kwh") * 0.10),
    ] {
        assert_near(mean(all, metric), expected, ROUNDING, metric);
    }
    let revenue = mean(all, "revenue.total_usd");
    let cost = mean(all, "cost.total_usd");
    assert_near(revenue, rental + marketplace + first_party, 3.0 * ROUNDING, "revenue");
    assert_near(cost, capital + mean(all, "energy.kwh") * 0.10, 2.0 * ROUNDING, "cost");
    assert_near(mean(all, "margin.operating_usd"), revenue - cost, 1e-9, "margin");
    let per_hour = revenue / (8.0 * hours);
    assert_near(mean(all, "revenue.per_accelerator_hour_usd"), per_hour, 1e-9, "per hour");
    assert_near(mean(all, "utilisation.allocated"), 5.0 / 8.0, 1e-12, "allocated");

    // All draw 100 W; those at work between 0.181 (decode) and 1 (prefill) of the 600 W above.
    let joules = mean(all, "energy.kwh") * 3.6e6;
    let idle = 8.0 * 100.0 * 60.0 * 1.2;
    let busy = mean(all, "utilisation.busy") * 8.0 * 600.0 * 60.0 * 1.2;
    assert!(idle + 0.181 * busy < joules && joules < idle + busy, "{idle} {busy} {joules}");
    let tokens = mean(all, "tokens.input") + mean(all, "tokens.output");
    assert_near(mean(all, "energy.joules_per_token"), joules / tokens, 1e-9, "per token");
}

/// The power of a server of which only times are known follows its utilisation.
#[test]
fn energy_is_power_times_time() {
    let base = include_str!("desk/base.yaml");
    let timed = "performance: {service-time: {distribution: {exponential: {mean: 100ms}}, slots: 4}}, accelerators: 2, replicas: 1}";
    let variant = run(&base
        .replace("tensor: 2, replicas: 1}", timed)
        .replace("{aurora-8b: 0.5, borealis-8b: 0.3, house-8b: 0.2}", "{house-8b: 1}"));
    let all = &variant["metrics"];
    let busy = mean(all, "utilisation.busy");
    assert!(busy > 0.05, "{busy}");
    let watts = 8.0 * (100.0 + 600.0 * busy) * 1.2;
    assert_near(mean(all, "energy.kwh"), watts * 60.0 / 3.6e6, 1e-9, "energy");
}

/// How finely time is shown is no business of the books.
#[test]
fn buckets_do_not_change_the_bill() {
    let base = include_str!("desk/base.yaml");
    let coarse = run(base);
    let fine = run(&base.replace("bucket: 10s", "bucket: 10ms"));
    for (name, estimate) in coarse["metrics"].as_object().expect("a map") {
        if name.starts_with("revenue") || name.starts_with("cost") || name.starts_with("margin") {
            assert_eq!(fine["metrics"][name], *estimate, "{name}");
        }
    }
}
