//! `coopsim validate`, through the program itself.

mod desk;

use desk::Desk;
use serde_json::Value;
use std::fs;

/// Columns of the table that hold no simulated number: what is compared, and what theory says.
fn stable(table: &str) -> String {
    let line = |line: &str| line.chars().take(50).collect::<String>().trim_end().to_owned();
    table.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn quick_validation_agrees_with_theory_and_writes_its_folder() {
    let desk = Desk::new();
    let output = desk.run(&["validate", "--quick"]);
    let table = String::from_utf8(output.stdout).expect("output is text");
    assert!(output.status.success(), "{}\n{table}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "wrote output/validate\n");
    for line in table.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    insta::assert_snapshot!(stable(&table), @"");

    let folder = desk.path("output/validate");
    let json = fs::read_to_string(folder.join("validate.json")).expect("it is there");
    let json: Value = serde_json::from_str(&json).expect("valid JSON");
    assert_eq!(json["passed"], true);
    let csv = fs::read_to_string(folder.join("validate.csv")).expect("it is there");
    let rows = json["checks"].as_array().expect("checks").len()
        + json["published"].as_array().expect("published rows").len();
    assert_eq!(csv.lines().count(), 1 + rows);
}

#[test]
fn someone_elses_folder_is_refused_before_anything_is_simulated() {
    let desk = Desk::new();
    fs::create_dir(desk.path("mine")).expect("the folder is writable");
    desk.write("mine/notes.txt", "mine");
    let output = desk.run(&["validate", "--out", "mine"]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stderr), @"error: mine is not empty and has no validate.json of coopsim: the file is missing");
}
