//! What differences are made of: the parts add up to them, and name who is responsible.

use crate::desk::Desk;
use serde_json::Value;

const BASE: &str = include_str!("desk/base.yaml");
/// Other shares, another number of rented replicas, a dearer model, other terms, more load, hardly any load with
/// more of it rented.
const VARIANTS: &str = "\
variants:
  - {name: first, set: {}}
  - name: shares
    set: {market.choice: {fixed: {aurora-8b: 0.2, borealis-8b: 0.2, house-8b: 0.6}}}
  - name: held
    set: {\"models[0].deployments[0].replicas\": 3, \"tenants[0].terms.rental.price\": 2 USD/h}
  - name: price
    set: {\"models[2].price.output\": 7 USD/Mtok, cloud.electricity: 0.2 USD/kWh}
  - name: terms
    set: {\"tenants[1].terms\": first-party}
  - name: load
    set: {\"applications[0].arrivals.poisson.rate\": 30/s}
  - name: quiet
    set: {\"applications[0].arrivals.poisson.rate\": 0.15/s, \"models[0].deployments[0].replicas\": 3}
";

fn compared() -> Value {
    let desk = Desk::new();
    desk.write("x.yaml", format!("{BASE}{VARIANTS}"));
    let output = desk.run(&["compare", "x.yaml", "--format", "json", "--quiet"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("valid JSON")
}

fn list<'a>(value: &'a Value, key: &str) -> &'a Vec<Value> {
    value[key].as_array().unwrap_or_else(|| panic!("no list {key}"))
}

fn attribution<'a>(summary: &'a Value, variant: &str, metric: &str, by: &str) -> &'a Vec<Value> {
    let found = list(summary, "attributions")
        .iter()
        .find(|each| each["variant"] == variant && each["metric"] == metric && each["by"] == by);
    list(found.unwrap_or_else(|| panic!("no {metric} of {variant} by {by}")), "parts")
}

/// Every difference of these metrics, told by anything: the parts' means add up to its mean, to the
/// rounding of floating-point numbers.
#[test]
fn parts_add_up_to_each_difference() {
    let summary = compared();
    let mut checked = 0;
    for difference in list(&summary, "differences") {
        let mean = difference["mean"].as_f64().expect("a mean");
        let of_it = list(&summary, "attributions").iter().filter(|each| {
            each["variant"] == difference["variant"] && each["metric"] == difference["metric"]
        });
        for attribution in of_it {
            let parts = list(attribution, "parts");
            let means = || parts.iter().map(|part| part["mean"].as_f64().expect("a mean"));
            let sum: f64 = means().sum();
            let scale: f64 = means().map(f64::abs).sum();
            assert!((sum - mean).abs() <= 1e-12 * scale.max(1.0), "{sum} {mean} {attribution}");
            checked += 1;
        }
    }
    // Five variants; revenue, four latencies and goodput of each by all, model and tenant at least
    // where anything changes.
    assert!(checked > 60, "{checked}");
}

#[test]
fn each_change_is_told_as_what_it_is() {
    let summary = compared();
    let names = |variant, metric, by| -> Vec<String> {
        let parts = attribution(&summary, variant, metric, by).iter();
        let text = |part: &Value, key: &str| part[key].as_str().expect("text").to_owned();
        parts.map(|part| format!("{} {}", text(part, "name"), text(part, "part"))).collect()
    };
    let revenue = "revenue.total_usd";
    // The first window's 2 and then 3 replicas, for a minute at 3 and at 2 USD/h: the price alone would
    // have cost 2.5 replicas' worth of 1 USD/h.
    let parts = attribution(&summary, "held", revenue, "model");
    let rent = |part: &&Value| part["name"] == "aurora-8b" && part["part"] == "price";
    let of_price = parts.iter().find(rent).and_then(|part| part["mean"].as_f64());
    assert!(of_price.is_some_and(|usd| (usd + 2.5 / 60.0).abs() < 2e-6), "{parts:?}");
    assert!(names("held", revenue, "tenant").contains(&"Aurora held".to_owned()));
    assert_eq!(names("price", revenue, "model"), ["house-8b price"]);
    assert_eq!(names("price", "cost.total_usd", "cluster"), ["h100 energy"]);
    assert_eq!(names("terms", revenue, "model"), ["borealis-8b terms"]);
    assert!(names("shares", revenue, "all").contains(&" mix".to_owned()));
    assert!(names("load", revenue, "all").contains(&" volume".to_owned()));
}

/// Rent is by the accelerator-hour: a hundredth of the tokens changes nothing about it, and a replica more is a
/// replica more.
#[test]
fn rent_has_nothing_to_do_with_tokens() {
    let summary = compared();
    let revenue = "revenue.total_usd";
    let own = |variant, name: &str| -> Vec<(String, f64)> {
        let parts = attribution(&summary, variant, revenue, "model").iter();
        let of_it = parts.filter(|part| part["name"] == name);
        let told = |part: &Value| {
            let text = part["part"].as_str().expect("text").to_owned();
            (text, part["mean"].as_f64().expect("a mean"))
        };
        of_it.map(told).collect()
    };
    assert_eq!(own("load", "aurora-8b"), []);
    let rent = own("quiet", "aurora-8b");
    // A replica of one accelerator, a minute at 3 USD/h.
    assert!(
        matches!(&rent[..], [(part, usd)] if part == "held" && (usd - 3.0 / 60.0).abs() < 2e-6),
        "{rent:?}"
    );
    let sales = own("quiet", "house-8b");
    assert!(sales.iter().any(|(part, usd)| part == "volume" && *usd < 0.0), "{sales:?}");
}

/// Where nothing changes, nothing is told of: no difference and no part is what rounding left.
#[test]
fn rounding_is_no_difference() {
    let summary = compared();
    let of_first = &summary["variants"][0]["metrics"];
    for difference in list(&summary, "differences") {
        let mean = difference["mean"].as_f64().expect("a mean").abs();
        let base = &of_first[difference["metric"].as_str().expect("text")]["mean"];
        let size = base.as_f64().expect("a mean").abs();
        assert!(mean == 0.0 || mean > 1e-12 * size, "{difference}");
    }
}
