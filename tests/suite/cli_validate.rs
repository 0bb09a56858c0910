//! `coopsim validate`, through the program itself.

use crate::desk::Desk;
use assert_cmd::Command;
use serde_json::Value;
use std::fs;

/// The part of the table about theory without its heading, and of that the columns that hold no
/// simulated number: what is compared, and what theory says.
fn stable(table: &str) -> String {
    let line = |line: &str| line.chars().take(50).collect::<String>().trim_end().to_owned();
    let (_, body) = table.split_once("\n\n").expect("a heading");
    let (body, _) = body.split_once("\n\nTENSORRT-LLM").expect("published tables at the end");
    body.lines().map(line).collect::<Vec<_>>().join("\n")
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
    insta::assert_snapshot!(stable(&table), @"
    ERLANG C                                  expected
    M/M/1, ρ = 0.5: mean wait                      1 s
    M/M/1, ρ = 0.5: P(W > 2.097 s)             17.52 %
    M/M/1, ρ = 0.9: mean wait                  9.000 s
    M/M/1, ρ = 0.9: P(W > 8.389 s)             38.90 %
    M/M/1, ρ = 0.98: mean wait                 49.00 s
    M/M/1, ρ = 0.98: P(W > 67.109 s)           25.61 %
    M/M/10, ρ = 0.5: mean wait                7.221 ms
    M/M/10, ρ = 0.5: P(W > 0.262 s)           0.9735 %
    M/M/10, ρ = 0.9: mean wait                668.7 ms
    M/M/10, ρ = 0.9: P(W > 1.049 s)            23.43 %
    M/M/10, ρ = 0.98: mean wait                4.641 s
    M/M/10, ρ = 0.98: P(W > 4.194 s)           40.12 %

    ERLANG B, INSENSITIVE                     expected
    M/D/10/10, ρ = 0.5: calls lost             1.838 %
    M/D/10/10, ρ = 0.9: calls lost             16.80 %
    M/D/10/10, ρ = 0.98: calls lost            20.53 %
    M/M/10/10, ρ = 0.5: calls lost             1.838 %
    M/M/10/10, ρ = 0.9: calls lost             16.80 %
    M/M/10/10, ρ = 0.98: calls lost            20.53 %
    M/gamma/10/10, ρ = 0.5: calls lost         1.838 %
    M/gamma/10/10, ρ = 0.9: calls lost         16.80 %
    M/gamma/10/10, ρ = 0.98: calls lost        20.53 %
    M/lognormal/10/10, ρ = 0.5: calls lost     1.838 %
    M/lognormal/10/10, ρ = 0.9: calls lost     16.80 %
    M/lognormal/10/10, ρ = 0.98: calls lost    20.53 %

    POLLACZEK AND KHINCHINE                   expected
    M/D/1, ρ = 0.5: mean wait                   500 ms
    M/D/1, ρ = 0.9: mean wait                  4.500 s
    M/D/1, ρ = 0.98: mean wait                 24.50 s
    M/gamma/1, ρ = 0.5: mean wait              1.625 s
    M/gamma/1, ρ = 0.9: mean wait              14.63 s
    M/gamma/1, ρ = 0.98: mean wait             79.62 s
    M/lognormal/1, ρ = 0.5: mean wait              1 s
    M/lognormal/1, ρ = 0.9: mean wait          9.000 s
    M/lognormal/1, ρ = 0.98: mean wait         49.00 s

    CROMMELIN                                 expected
    M/D/2, ρ = 0.5: mean wait                 176.7 ms
    M/D/2, ρ = 0.9: mean wait                  2.147 s
    M/D/2, ρ = 0.98: mean wait                 12.14 s
    M/D/10, ρ = 0.5: mean wait                4.742 ms
    M/D/10, ρ = 0.9: mean wait                344.6 ms
    M/D/10, ρ = 0.98: mean wait                2.333 s

    MACHINE REPAIR                            expected
    M/M/1//30, ρ = 0.5: calls served        0.4929 1/s
    M/M/1//30, ρ = 0.5: mean wait             864.4 ms
    M/M/1//30, ρ = 0.9: calls served        0.8263 1/s
    M/M/1//30, ρ = 0.9: mean wait              2.971 s
    M/M/1//30, ρ = 0.98: calls served       0.8743 1/s
    M/M/1//30, ρ = 0.98: mean wait             3.700 s
    M/M/10//30, ρ = 0.5: calls served        4.998 1/s
    M/M/10//30, ρ = 0.5: mean wait            2.558 ms
    M/M/10//30, ρ = 0.9: calls served        8.656 1/s
    M/M/10//30, ρ = 0.9: mean wait            132.6 ms
    M/M/10//30, ρ = 0.98: calls served       9.163 1/s
    M/M/10//30, ρ = 0.98: mean wait           212.8 ms

    PROCESSOR SHARING, INSENSITIVE            expected
    M/D/1-PS, ρ = 0.5: sojourn                     2 s
    M/D/1-PS, ρ = 0.9: sojourn                 10.00 s
    M/D/1-PS, ρ = 0.98: sojourn                50.00 s
    M/M/1-PS, ρ = 0.5: sojourn                     2 s
    M/M/1-PS, ρ = 0.9: sojourn                 10.00 s
    M/M/1-PS, ρ = 0.98: sojourn                50.00 s
    M/gamma/1-PS, ρ = 0.5: sojourn                 2 s
    M/gamma/1-PS, ρ = 0.9: sojourn             10.00 s
    M/gamma/1-PS, ρ = 0.98: sojourn            50.00 s
    M/lognormal/1-PS, ρ = 0.5: sojourn             2 s
    M/lognormal/1-PS, ρ = 0.9: sojourn         10.00 s
    M/lognormal/1-PS, ρ = 0.98: sojourn        50.00 s

    BULK SERVICE                              expected
    M/D^8/1, ρ = 0.5: mean wait               507.1 ms
    M/D^8/1, ρ = 0.9: mean wait               949.9 ms
    M/D^8/1, ρ = 0.98: mean wait               3.439 s

    KIEFER AND WOLFOWITZ: WORST ERROR         expected
    M/gamma/1, ρ = 0.5: 100 waits                 0 ns
    M/D/1, ρ = 0.9: 100 waits                     0 ns
    M/lognormal/1, ρ = 0.98: 100 waits            0 ns
    M/lognormal/10, ρ = 0.5: 100 waits            0 ns
    M/gamma/10, ρ = 0.9: 100 waits                0 ns
    M/M/10, ρ = 0.98: 100 waits                   0 ns

    COVERAGE OF 95 % INTERVALS                expected
    M/M/1, ρ = 0.5: 200 intervals                 95 %
    ");
    let words = table.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = ["the sample in the catalogue", "serving/latency.csv"]
        .map(|origin| words.contains(&format!("rows of {origin} are compared")));
    assert!(told.contains(&true), "which rows were compared: {table}");
    assert!(table.contains("73 of 73 checks agree with theory."), "{table}");

    let folder = desk.path("output/validate");
    let json = fs::read_to_string(folder.join("validate.json")).expect("it is there");
    let json: Value = serde_json::from_str(&json).expect("valid JSON");
    assert_eq!(json["passed"], true);
    assert!(folder.join("validate.html").is_file());
    let csv = fs::read_to_string(folder.join("validate.csv")).expect("it is there");
    let rows = json["checks"].as_array().expect("checks").len()
        + json["published"].as_array().expect("published rows").len()
        + latency_values(&json);
    assert_eq!(csv.lines().count(), 1 + rows);
}

/// How many values of measured latencies are compared.
fn latency_values(json: &Value) -> usize {
    let rows = json["latency"]["rows"].as_array().expect("rows of latencies");
    let quantities = ["tpot", "ttft", "tokens_per_s"];
    rows.iter().map(|row| quantities.iter().filter(|of| row[**of].is_object()).count()).sum()
}

#[test]
fn someone_elses_folder_is_refused_before_anything_is_simulated() {
    let desk = Desk::new();
    fs::create_dir(desk.path("mine")).expect("the folder is writable");
    desk.write("mine/notes.txt", "mine");
    let output = desk.run(&["validate", "--out", "mine"]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stderr), @"error: mine is not empty and has no manifest.json of coopsim that says which files it wrote: the file is missing, as in folders of older versions; choose another folder or move it away");
}

/// The default folder of measurements is beside the one where the program runs: a table there without rows would compare
/// nothing, and say so with success.
#[test]
fn a_table_of_measurements_without_rows_is_refused() {
    let desk = Desk::new();
    let table = desk.path("shared/data/serving");
    fs::create_dir_all(&table).expect("the folder is writable");
    fs::create_dir(desk.path("here")).expect("the folder is writable");
    let heads =
        include_str!("../../src/catalog/latency.csv").lines().find(|line| !line.starts_with('#'));
    desk.write("shared/data/serving/latency.csv", heads.expect("heads of columns"));
    let output = Command::cargo_bin("coopsim")
        .expect("the binary is built")
        .current_dir(desk.path("here"))
        .env_remove("COOPSIM_DATA")
        .args(["validate", "--quick"])
        .output()
        .expect("the program starts");
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("latency.csv: no row"), "{error}");
}
