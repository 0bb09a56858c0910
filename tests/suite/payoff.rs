//! Strategies in worlds: what may be written, what is run, and what comes out.

use crate::desk::Desk;
use crate::wrong_input::refused;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

const BASE: &str = include_str!("desk/base.yaml");
const PRODUCT: &str = r#"
strategies:
  - name: neutral
  - name: dear
    set: {"tenants[0].terms": {rental: {price: 4 USD/h}}}
  - name: cheap House
    set: {"models[2].price": {input: 1 USD/Mtok, output: 3 USD/Mtok}}
worlds:
  - name: Aurora wins
    probability: 0.6
    set: {market.choice: {fixed: {aurora-8b: 0.9, borealis-8b: 0.05, house-8b: 0.05}}}
  - name: even
    probability: 40%
"#;

fn desk(product: &str) -> Desk {
    let desk = Desk::new();
    desk.write("x.yaml", format!("{BASE}{product}"));
    desk
}

fn succeed(desk: &Desk, arguments: &[&str]) -> String {
    let output = desk.run(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Each of these is refused before anything runs, at the line where it is wrong.
#[test]
fn what_makes_no_sense_is_refused_where_it_stands() {
    let replaced = |old: &str, new: &str| {
        assert!(PRODUCT.contains(old), "{old}");
        PRODUCT.replacen(old, new, 1)
    };
    let two = r#"{"tenants[0].terms": {rental: {price: 4 USD/h}}}"#;
    let worlds = PRODUCT.find("worlds:").expect("there are worlds");
    let cases = [
        (replaced("0.6", "0.5"), "sum to 0.9, not to 1", "worlds:"),
        (replaced("0.6", "0.600001"), "sum to 1.000001, not to 1", "worlds:"),
        (replaced("0.6", "0"), "expected more than 0", "probability: 0"),
        (replaced("0.6", "-0.6"), "expected more than 0", "probability: -0.6"),
        (replaced("    probability: 0.6\n", ""), "missing field `probability`", "name: Aurora"),
        (replaced("0.6", "[1]"), "probability", "probability: [1]"),
        (replaced("tenants[0].terms", "tenants[7].terms"), "has no item [7]", "tenants[7]"),
        (replaced("tenants[0].terms", "tenants[0].term"), "unknown field `term`", "term"),
        (replaced("aurora-8b: 0.9", "aurora-9b: 0.9"), "aurora-9b", "aurora-9b"),
        (replaced("output: 3 USD/Mtok", "output: many"), "many", "many"),
        (replaced("dear", "neutral"), "a second strategy named `neutral`", "name: neutral"),
        (replaced("name: even", "name: Aurora wins"), "a second world", "name: Aurora wins"),
        (replaced("{market.choice", "{market.chioce"), "chioce", "chioce"),
        (
            replaced(two, "{market.choice: {fixed: {house-8b: 1}}}"),
            "world `Aurora wins` sets",
            "market.choice",
        ),
        (
            replaced(two, "{market: {choice: {fixed: {house-8b: 1}}}}"),
            "world `Aurora wins` sets",
            "market",
        ),
        (
            replaced(two, "{\"tenants[0].terms\": {rental: {price: 3 USD/h}}}"),
            "`dear` changes nothing: in each world it is the same as `neutral`",
            "name: dear",
        ),
        (replaced(two, "{seed: 3}"), "cannot set `seed`", "seed"),
        (PRODUCT[..worlds].to_owned(), "compared in `worlds`, and there are none", "strategies:"),
        (PRODUCT[..worlds].to_owned() + "worlds: []\n", "at least one world", "worlds: []"),
        (PRODUCT[worlds..].to_owned(), "compares `strategies`, and there are none", "worlds:"),
        (
            PRODUCT[worlds..].to_owned() + "strategies: []\n",
            "at least one strategy",
            "strategies: []",
        ),
        (format!("{PRODUCT}variants: [{{name: a}}]\n"), "there are no `variants`", "variants:"),
        (format!("{PRODUCT}indifference: 2\n"), "expected 0 to 1", "indifference: 2"),
        ("indifference: 2%\n".to_owned(), "there are none", "indifference"),
        (
            replaced("name: even", "name: \"Aurora wins: a\"").replacen(
                "name: dear",
                "name: \"a: neutral\"",
                1,
            ),
            "two cases would be called `Aurora wins: a: neutral`",
            "name",
        ),
    ];
    for (product, message, line) in cases {
        let desk = desk(&product);
        for command in ["check", "run", "compare"] {
            let found = refused(&desk, &[command, "x.yaml"], 2);
            assert!(found.contains(message) && found.contains(line), "{product}\n{found}");
            assert!(found.contains("--> x.yaml:"), "it is shown where: {found}");
        }
    }
}

#[test]
fn check_says_the_product() {
    let desk = desk(PRODUCT);
    let checked = succeed(&desk, &["check", "x.yaml"]);
    assert!(
        checked.contains("# strategies × worlds: 3 × 2 = 6 cases of 2 replications, 12 runs\n")
    );
    assert!(checked.contains("# Aurora wins: cheap House "), "{checked}");
}

/// Cells of one metric by strategy and world.
type Cells = BTreeMap<(String, String), f64>;

fn quantities(csv: &str, metric: &str, quantity: &str) -> Cells {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows = reader.records().map(|row| row.expect("well-formed"));
    let rows = rows.filter(|row| &row[0] == metric && &row[5] == quantity);
    rows.map(|row| ((row[2].to_owned(), row[3].to_owned()), row[7].parse().expect("a number")))
        .collect()
}

/// What the file of payoffs says follows from the results of each case, in the order of worlds and strategies.
#[test]
fn payoffs_are_those_of_the_cases() {
    let desk = desk(PRODUCT);
    let table = succeed(&desk, &["run", "x.yaml", "--out", "o", "--replications", "3"]);
    assert!(table.contains("Operating margin, USD: mean, and regret"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    let read = |name: &str| fs::read_to_string(desk.path("o").join(name)).expect(name);
    let summary: Value = serde_json::from_str(&read("summary.json")).expect("JSON");
    let cases = summary["variants"].as_array().expect("a list");
    let names: Vec<_> = cases.iter().map(|case| case["name"].as_str().expect("text")).collect();
    assert_eq!(names[..2], ["Aurora wins: neutral", "Aurora wins: dear"]);
    assert_eq!(names[5], "even: cheap House");
    let file = read("payoff.csv");
    let mut worst: BTreeMap<&str, f64> = BTreeMap::new();
    for metric in ["margin.operating_usd", "revenue.total_usd"] {
        let (means, regrets) =
            (quantities(&file, metric, "mean"), quantities(&file, metric, "regret"));
        let over_all = |strategy: &str| means[&(strategy.to_owned(), String::new())];
        for strategy in ["neutral", "dear", "cheap House"] {
            let mut expected = 0.0;
            for (world, probability) in [("Aurora wins", 0.6), ("even", 0.4)] {
                let case = cases.iter().find(|case| case["name"] == format!("{world}: {strategy}"));
                let mean =
                    case.expect("a case")["metrics"][metric]["mean"].as_f64().expect("a number");
                let key = |strategy: &str| (strategy.to_owned(), world.to_owned());
                assert!((means[&key(strategy)] - mean).abs() < 1e-9, "{metric} {world} {strategy}");
                let best = ["neutral", "dear", "cheap House"].map(|other| means[&key(other)]);
                let best = best.into_iter().fold(f64::NEG_INFINITY, f64::max);
                let regret = regrets[&key(strategy)];
                assert!((best - mean - regret).abs() < 1e-9, "{metric} {world} {strategy}");
                let most = worst.entry(strategy).or_default();
                *most = most.max(if metric.starts_with("margin") { regret } else { 0.0 });
                expected += probability * mean;
            }
            assert!((over_all(strategy) - expected).abs() < 1e-9, "{metric} {strategy}");
        }
    }
    let largest = quantities(&file, "margin.operating_usd", "regret_max");
    for (strategy, worst) in worst {
        assert!((largest[&(strategy.to_owned(), String::new())] - worst).abs() < 1e-9);
    }
    // Higher rent is more in each world, whatever chance does: it is the same in each replication.
    let dominated = "margin.operating_usd,USD,dear,,,dominates,neutral,1,,,3";
    assert!(file.lines().any(|line| line == dominated), "{file}");
    assert!(table.contains("“dear” than “neutral”"), "{table}");
    let page = read("report.html");
    let order = ["wrong bet", "id=\"payoffs\"", "charts/payoff.svg", "id=\"variants\""];
    let places = order.map(|text| page.find(text).unwrap_or_else(|| panic!("no {text}")));
    assert!(places.is_sorted(), "first on the page: {places:?}");
}

/// A folder is drawn again from its numbers, and its scenario gives the same results.
#[test]
fn a_folder_is_drawn_again_and_run_again() {
    let desk = desk(PRODUCT);
    succeed(&desk, &["compare", "x.yaml", "--out", "o", "--quiet"]);
    let files = ["report.html", "charts/payoff.svg", "payoff.csv", "summary.json"];
    let read = |folder: &str| files.map(|file| fs::read(desk.path(folder).join(file)).expect(file));
    let before = read("o");
    succeed(&desk, &["report", "o"]);
    assert_eq!(read("o"), before);
    succeed(&desk, &["compare", "o/scenario.yaml", "--out", "p", "--quiet", "--threads", "1"]);
    assert_eq!(read("p"), before);
}

/// Strategies are compared in the same world, and one case can be run alone, with the same numbers.
#[test]
fn comparisons_stay_in_their_world() {
    let desk = desk(PRODUCT);
    let run = |arguments: &[&str]| -> Value {
        let rest = ["x.yaml", "--format", "json", "--quiet"];
        let out = succeed(&desk, &[arguments, &rest].concat());
        serde_json::from_str(&out).expect("JSON")
    };
    let all = run(&["compare"]);
    let differences = all["differences"].as_array().expect("a list");
    assert!(!differences.is_empty());
    for difference in differences {
        let [baseline, variant] =
            ["baseline", "variant"].map(|key| difference[key].as_str().expect("text"));
        let world = |name: &str| name.split(": ").next().map(str::to_owned);
        assert_eq!(world(baseline), world(variant));
        assert!(baseline.ends_with(": neutral") && !variant.ends_with(": neutral"));
    }
    let one = run(&["run", "--variant", "even: dear"]);
    let found = all["variants"].as_array().expect("a list").iter();
    let found = found.filter(|variant| variant["name"] == "even: dear").collect::<Vec<_>>();
    assert_eq!(one["variants"][0], *found[0]);
    assert!(one.get("payoffs").is_none());
    let unknown = refused(&desk, &["run", "x.yaml", "--variant", "even: deer"], 2);
    assert!(unknown.contains("did you mean `even: dear`?"), "{unknown}");
    // The command line has the last word, over strategies and worlds, too.
    let set = ["--set", "market.choice={fixed: {aurora-8b: 1}}", "--replications", "1"];
    let set = run(&[&["run"][..], &set].concat());
    let arrived =
        |case: usize| set["variants"][case]["by_model"]["aurora-8b"]["requests.arrived"].clone();
    assert_eq!(arrived(0), arrived(3));
}
