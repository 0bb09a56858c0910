//! Made-up results along a parameter.

use super::csv::curve_csv;
use super::findings::told;
use crate::experiment::{Along, AlongPath, Axis, Estimate, Results};
use crate::report::chart::legible;
use crate::report::exhibit::{EXHIBITS, charts, charts_by_variant};
use crate::report::sample::{self, Shape};
use crate::report::table::table;
use crate::report::{html, sound};

/// So many curves through the levels, with these means of what is needed and what it earns an hour.
fn results(curves: usize, levels: &[&str], numbers: bool) -> Results {
    let count = curves * levels.len();
    let shape = Shape { variants: count, models: 2, replications: 5, buckets: 3 };
    let mut results = sample::results(shape);
    results.differences.clear();
    let texts: Vec<String> = levels.iter().map(|&level| level.to_owned()).collect();
    let positions = texts.iter().map(|text| text.parse().ok()).collect::<Option<_>>();
    let along = Along {
        unit: String::new(),
        positions: positions.filter(|_| numbers),
        paths: vec![AlongPath { path: "market.choice.equal".to_owned(), values: texts.clone() }],
    };
    let along = Axis { along: Some(along), ..Axis::new("models", texts) };
    let names = (0..curves).map(|curve| format!("{curve}/s")).collect();
    let beside = Some(Axis::new("curve", names)).filter(|_| curves > 1);
    results.axes = beside.into_iter().chain([along]).collect();
    for (index, variant) in results.variants.iter_mut().enumerate() {
        let level = (index % levels.len()) as f64;
        let mut set = |metric: &str, mean: f64, unit: &str| {
            let estimate = Estimate { mean, ci95: Some(0.1), n: 5, unit: unit.to_owned() };
            variant.metrics.insert(metric.to_owned(), estimate);
        };
        set("accelerators.held", 16.0 * (level + 1.0), "accelerators");
        set("margin.per_held_hour_usd", 3.0 - 2.0 * level, "USD/h");
        variant.name = format!("variant {index}");
    }
    results
}

const LEVELS: [&str; 4] = ["1", "2", "4", "24"];

#[test]
fn pictures_are_legible_whatever_there_is() {
    let long = "a value with a name that never ends".repeat(9);
    for curves in [1, 2, 13] {
        for numbers in [true, false] {
            for levels in [&LEVELS[..], &["40", "1000"], &[&*long, "b", "c"]] {
                let results = results(curves, levels, numbers);
                let drawn = charts(EXHIBITS, &results);
                assert_eq!(drawn.iter().map(|one| &*one.file).collect::<Vec<_>>(), ["curve"]);
                legible::check(&drawn, &format!("{curves} curves through {levels:?}"));
                assert!(charts_by_variant(EXHIBITS, &results).is_empty());
            }
        }
    }
}

#[test]
fn the_table_has_a_line_for_each_value_in_80_columns() {
    let text = table(&results(2, &LEVELS, true), 80);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    for level in LEVELS {
        let lines = text.lines().filter(|line| line.split_whitespace().next() == Some(level));
        assert_eq!(lines.count(), 2, "{level}: {text}");
    }
    let words: Vec<_> = text.lines().filter(|line| line.starts_with("24 ")).collect();
    assert!(words[0].split_whitespace().any(|word| word == "64"), "{text}");
}

#[test]
fn rows_have_their_place_on_the_axis() {
    let text = curve_csv(&results(2, &LEVELS, true)).expect("it is a curve");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[0],
        "models,market.choice.equal,curve,scope,name,metric,unit,mean,ci95,n"
            .replace("market.choice.equal,", "")
    );
    assert!(lines.contains(&"4,1/s,all,,accelerators.held,accelerators,48,0.1,5"), "{text}");
    assert_eq!(curve_csv(&sample::results(Shape::default())), None);
}

#[test]
fn sentences_say_up_to_where_it_pays() {
    let all = told(&results(1, &LEVELS, true));
    assert_eq!(
        all.iter().map(|text| text.replace('\u{A0}', " ")).collect::<Vec<_>>(),
        [
            "16.00 ± 0.10 accelerators are held at models = 1, and 64.00 ± 0.10 at models = 24: 4.00 times as many.",
            "The margin per held accelerator-hour is highest at models = 1 (3.00 ± 0.10 USD/h), and lowest at models = 24 (−3.00 ± 0.10 USD/h); it is above zero up to models = 2, below from models = 4 on.",
        ]
    );
    let page = html::page(&results(2, &LEVELS, true), &[]);
    assert!(page.contains("above zero up to models = 2") && page.contains("Along the parameter"));
}

#[test]
fn what_no_run_writes_is_not_drawn() {
    let sound = results(2, &LEVELS, true);
    assert_eq!(sound::check(&sound), Ok(()));
    let mut short = sound.clone();
    short.variants.pop();
    let mut empty = sound.clone();
    empty.axes[0].values.clear();
    let mut few = sound;
    few.axes[1].along.as_mut().expect("it has one").positions = Some(vec![1.0]);
    for (damaged, message) in [
        (short, "7 variants are no multiple"),
        (empty, "0 combinations"),
        (few, "1 positions or values stand for the 4 values"),
    ] {
        let error = sound::check(&damaged).expect_err(message);
        assert!(error.contains(message), "{error}");
    }
}
