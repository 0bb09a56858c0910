//! What people and programs read: the table, the CSV and JSON files.

use coopsim::report::sample::{Shape, results};
use coopsim::report::{summary_csv, summary_json, table, timeseries_csv};

/// Columns in a terminal: every character of these tables takes one.
fn columns(line: &str) -> usize {
    line.chars().count()
}

fn head(text: &str, lines: usize) -> String {
    text.lines().take(lines).collect::<Vec<_>>().join("\n")
}

#[test]
fn table_of_three_variants() {
    insta::assert_snapshot!(table(&results(Shape::default()), 80), @"");
}

#[test]
fn table_of_one_replication() {
    let shape = Shape { variants: 1, replications: 1, ..Shape::default() };
    insta::assert_snapshot!(table(&results(shape), 80), @"");
}

#[test]
fn tables_fit_any_width_with_any_number_of_variants() {
    for variants in [0, 1, 2, 5, 12] {
        for width in [40, 60, 80, 100, 160] {
            let mut results = results(Shape { variants, ..Shape::default() });
            for (index, variant) in results.variants.iter_mut().enumerate() {
                variant.name = format!("variant {index} {}", "with a long name ".repeat(20));
            }
            for line in table(&results, width).lines() {
                assert!(columns(line) <= width, "{variants} variants in {width}: {line:?}");
            }
        }
    }
}

#[test]
fn every_variant_is_in_the_table() {
    let results = results(Shape { variants: 12, ..Shape::default() });
    let table = table(&results, 80);
    for variant in &results.variants {
        // In a block of values, and but for the first in one of differences.
        assert!(table.contains(&variant.name[..10]), "{} is missing", variant.name);
    }
}

#[test]
fn terminals_are_not_steered_by_names() {
    let mut results = results(Shape::default());
    results.scenario = "\x1b]0;title\x07".to_owned();
    results.variants[0].name = "\x1b[2Jclear\u{202E}".to_owned();
    results.notes = vec!["bell\x07".to_owned()];
    let table = table(&results, 80);
    assert!(!table.contains(['\x1b', '\x07', '\u{202E}']));
}

#[test]
fn summary_csv_is_tidy() {
    let csv = summary_csv(&results(Shape::default()));
    insta::assert_snapshot!(head(&csv, 4), @"");
    let scopes: std::collections::BTreeSet<_> =
        csv.lines().skip(1).map(|line| line.split(',').nth(1).unwrap_or("")).collect();
    assert_eq!(
        scopes.into_iter().collect::<Vec<_>>(),
        ["all", "application", "cluster", "model", "tenant"]
    );
}

#[test]
fn one_replication_has_empty_intervals() {
    let shape = Shape { replications: 1, ..Shape::default() };
    insta::assert_snapshot!(head(&summary_csv(&results(shape)), 2), @"");
    insta::assert_snapshot!(head(&timeseries_csv(&results(shape)), 3), @"");
}

#[test]
fn timeseries_csv_is_tidy() {
    insta::assert_snapshot!(head(&timeseries_csv(&results(Shape::default())), 4), @"");
}

#[test]
fn summary_json_is_stable() {
    let json = summary_json(&results(Shape::default()));
    insta::assert_snapshot!(head(&json, 18), @"");
    assert!(json.ends_with("}\n"));
}

#[test]
fn commas_quotes_and_newlines_stay_in_their_field() {
    let mut results = results(Shape { variants: 1, ..Shape::default() });
    results.variants[0].name = "a,\"b\"\nc".to_owned();
    let csv = summary_csv(&results);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    for record in reader.records() {
        let record = record.expect("well-formed");
        assert_eq!(&record[0], "a,\"b\"\nc");
        assert_eq!(record.len(), 8);
    }
}
