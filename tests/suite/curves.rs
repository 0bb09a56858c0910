//! Variants along a parameter: what the program writes of them, and what the shipped curves find.

use crate::desk::Desk;
use crate::section::{assert_comment, wrapped};
use coopsim::experiment::{self, Options, Results};
use coopsim::scenario::{self, Overrides};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The small scenario along its accelerators of one replica, on one node or two.
fn small() -> String {
    let base = include_str!("desk/base.yaml");
    let base = base.split("variants:").next().expect("it begins");
    format!(
        "{base}\nvariants:\n  along: \"applications[0].arrivals.poisson.rate\"\n  called: calls\n  \
         values: [1/s, 2/s, 40/s]\n  for-each:\n    - {{name: short, set: {{}}}}\n    - \
         {{name: long, set: {{\"applications[0].lengths.output\": {{constant: 40}}}}}}\n"
    )
}

#[test]
fn a_run_has_lines_along_the_parameter_and_no_picture_per_variant() {
    let desk = Desk::new();
    desk.write("x.yaml", small());
    let output = desk.run(&["compare", "x.yaml", "--replications", "2", "--out", "out", "--quiet"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = String::from_utf8(output.stdout).expect("text");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    for value in ["1/s", "2/s", "40/s"] {
        let lines = table.lines().filter(|line| line.starts_with(&format!("{value} ")));
        // Two curves, and the differences of all but their first values.
        assert_eq!(lines.count(), if value == "1/s" { 2 } else { 4 }, "{value}: {table}");
    }
    let charts = fs::read_dir(desk.path("out/charts")).expect("there");
    let mut charts: Vec<_> = charts
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("ASCII"))
        .collect();
    charts.sort();
    assert_eq!(charts, ["curve.png", "curve.svg"]);
    let summary = fs::read_to_string(desk.path("out/summary.json")).expect("there");
    let summary: Value = serde_json::from_str(&summary).expect("JSON");
    assert_eq!(summary["axes"][0]["values"], serde_json::json!(["short", "long"]));
    assert_eq!(summary["axes"][1]["along"]["positions"], serde_json::json!([1.0, 2.0, 40.0]));
    assert_eq!(summary["axes"][1]["along"]["unit"], "/s");
    // Each is compared with the first of its own curve.
    let baseline = |variant: &str| {
        let differences = summary["differences"].as_array().expect("a list");
        differences.iter().find(|one| one["variant"] == variant).map(|one| one["baseline"].clone())
    };
    assert_eq!(baseline("long: 40/s"), Some("long: 1/s".into()));
    assert_eq!(baseline("short: 2/s"), Some("short: 1/s".into()));
    let curve = fs::read_to_string(desk.path("out/curve.csv")).expect("there");
    let head = "calls,curve,scope,name,metric,unit,mean,ci95,n\n1/s,short,all,,requests.arrived,";
    assert!(curve.starts_with(head), "{curve}");
    assert!(curve.contains("\n40/s,long,model,"), "{curve}");
    // A page that is drawn again is the same.
    let page = fs::read(desk.path("out/report.html")).expect("there");
    assert!(desk.run(&["report", "out"]).status.success());
    assert_eq!(fs::read(desk.path("out/report.html")).expect("there"), page);
    // What was run can be run again.
    let again = desk.run(&["compare", "out/scenario.yaml", "--out", "again", "--quiet"]);
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    assert_eq!(fs::read_to_string(desk.path("again/curve.csv")).expect("there"), curve);
}

/// A shipped curve, as short as a test may take: what is needed does not depend on it.
fn shipped(name: &str) -> Results {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    let set = ["window.warmup=10s", "window.horizon=40s", "window.bucket=10s"].map(str::to_owned);
    let short = Overrides { set: set.to_vec(), replications: Some(1), ..Overrides::default() };
    let scenario = scenario::load(&file, &short).unwrap_or_else(|error| panic!("{error}"));
    let cancelled = AtomicBool::new(false);
    experiment::run(&scenario, &Options::default(), &|_| {}, &cancelled).expect("it runs")
}

/// The means of a metric along a curve.
fn along(results: &Results, curve: usize, metric: &str) -> Vec<f64> {
    let (_, variants) = &results.curves()[curve];
    variants.iter().map(|variant| variant.metrics[metric].mean).collect()
}

/// Accelerators that a model holds along a curve.
fn held_by(results: &Results, curve: usize, model: &str) -> Vec<f64> {
    let (_, variants) = &results.curves()[curve];
    variants.iter().map(|variant| variant.by_model[model]["accelerators.held"].mean).collect()
}

/// What is needed along each curve, and where an accelerator that is held earns less than it costs: neither depends on
/// how long is simulated.
fn found(results: &Results, called: &str) -> String {
    let (axis, _) = results.along().expect("it is a curve");
    let list = |numbers: &[f64]| {
        let numbers: Vec<_> = numbers.iter().map(|number| format!("{number:.0}")).collect();
        numbers.join(", ")
    };
    let mut text = format!("Along {called} = {}:", axis.values.join(", "));
    for (index, (curve, _)) in results.curves().iter().enumerate() {
        let need = along(results, index, "accelerators.held");
        let margin = along(results, index, "margin.per_held_hour_usd");
        let loses: Vec<&str> = { axis.values.iter().zip(&margin) }
            .filter(|(_, margin)| **margin < 0.0)
            .map(|(value, _)| &**value)
            .collect();
        let pays = match &loses[..] {
            [] => "at each value".to_owned(),
            loses => format!("but for {called} = {}", loses.join(", ")),
        };
        text += &format!(
            "\n- at {curve} {} accelerators are held, and each brings more than it costs {pays}.",
            list(&need)
        );
    }
    text
}

/// Each of 24 models that are called has a replica of 4 accelerators at least, so that no fewer than 96 are held when all
/// are. One model with all calls needs a sixth of that at 40 calls a second, and at 1,000 about as much as 24.
#[test]
fn concentration_saves_much_at_a_small_scale_and_little_at_a_large_one() {
    let results = shipped("concentration-curve.yaml");
    let (small, large) = (0, 1);
    let need = |curve| along(&results, curve, "accelerators.held");
    assert_eq!((need(small)[0], need(small)[7]), (16.0, 96.0));
    assert_eq!(need(large)[7], 384.0);
    let saved = 1.0 - need(large)[0] / need(large)[7];
    assert!((0.05..0.2).contains(&saved), "{saved}");
    // Nothing is held for a model without calls.
    let hhi = along(&results, large, "market.hhi");
    for (hhi, models) in hhi.iter().zip([1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 24.0]) {
        assert!((hhi * models - 1.0).abs() < 0.02, "{hhi} of {models}");
    }
    assert_comment(
        "scenarios/concentration-curve.yaml",
        "curve",
        &wrapped(&found(&results, "models")),
    );
}

/// As long as all 24 are called at all, each holds a replica: the 23 followers hold 92 accelerators until the leader has
/// everything.
#[test]
fn followers_keep_their_replicas_until_they_are_gone() {
    let results = shipped("leader-and-followers.yaml");
    let need = along(&results, 0, "accelerators.held");
    let (last, others) = need.split_last().expect("it has points");
    assert!(others.iter().all(|need| *need >= 96.0), "{need:?}");
    assert_eq!(*last, 16.0);
    let of_follower = held_by(&results, 1, "m02");
    let steps: Vec<_> = of_follower.iter().map(|held| format!("{held:.0}")).collect();
    let text = format!(
        "{}\n- at 1000/s each of the 23 followers holds {}, so that together they go in steps of 92: \
         that is why the need goes up and down.",
        found(&results, "HHI"),
        steps.join(", ")
    );
    assert_comment("scenarios/leader-and-followers.yaml", "followers", &wrapped(&text));
}
