//! Variants along a parameter.

use super::{SOUND, load_text, set};
use crate::scenario::{Overrides, Scenario};

/// The sound scenario with these variants, from line 37 on.
fn with(variants: &str) -> String {
    format!("{SOUND}variants:\n{variants}")
}

fn curve(variants: &str) -> Scenario {
    let text = with(variants);
    load_text(&text, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"))
}

const RATES: &str =
    "  along: applications[chat].arrivals.poisson.rate\n  values: [4/s, 8/s, 80/s]\n";

fn rates(scenario: &Scenario) -> Vec<(&str, String)> {
    let rate = |one: &crate::scenario::Variant| format!("{:?}", one.setup.applications.raw[0]);
    let rate = |one| {
        let text = rate(one);
        let at = text.find("rate").expect("it has a rate");
        text[at..].split([',', '}']).next().unwrap_or_default().trim().to_owned()
    };
    scenario.variants.iter().map(|one| (&*one.name, rate(one))).collect()
}

#[test]
fn each_value_is_a_variant() {
    let scenario = curve(RATES);
    let listed = curve(
        "  - {name: 4/s, set: {\"applications[0].arrivals.poisson.rate\": 4/s}}\n  \
         - {name: 8/s, set: {\"applications[0].arrivals.poisson.rate\": 8/s}}\n  \
         - {name: 80/s, set: {\"applications[0].arrivals.poisson.rate\": 80/s}}\n",
    );
    assert_eq!(scenario.variants, listed.variants);
    assert_eq!(listed.curve, None);
    let along = scenario.curve.expect("it has one");
    assert_eq!(along.called, "applications[chat].arrivals.poisson.rate");
    assert_eq!((&*along.unit, along.curves.len()), ("/s", 0));
    let positions: Vec<_> = along.levels.iter().map(|level| level.position).collect();
    assert_eq!(positions, [Some(4.0), Some(8.0), Some(80.0)]);
}

#[test]
fn several_paths_go_together_and_names_that_are_numbers_are_positions() {
    let scenario = curve(
        "  along: [\"cloud.regions[0].clusters[h100].nodes\", market.choice]\n  \
           values: [[2, {equal: 1}], [4, {equal: 2}]]\n  \
           names: [1, 2]\n  called: models\n",
    );
    let along = scenario.curve.expect("it has one");
    let levels: Vec<_> = along.levels.iter().map(|level| (&*level.name, level.position)).collect();
    assert_eq!(levels, [("1", Some(1.0)), ("2", Some(2.0))]);
    assert_eq!(along.levels[1].values, ["4", "{equal: 2}"]);
    let nodes = scenario.variants.iter().map(|one| one.setup.clusters.raw[0].nodes);
    assert_eq!(nodes.collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn words_are_categories() {
    let scenario = curve("  along: scheduler.routing\n  values: [least-requests, round-robin]\n");
    let along = scenario.curve.expect("it has one");
    assert!(along.levels.iter().all(|level| level.position.is_none()));
    assert_eq!(along.unit, "");
}

#[test]
fn curves_lie_beside_each_other() {
    let sides = format!(
        "{RATES}  for-each:\n    - {{name: small, set: {{window.warmup: 1m}}}}\n    - {{name: large}}\n"
    )
    .replace("window.warmup: 1m", "\"cloud.regions[0].clusters[0].nodes\": 3");
    let scenario = curve(&sides);
    let names: Vec<_> = scenario.variants.iter().map(|one| &*one.name).collect();
    let expected =
        ["small: 4/s", "small: 8/s", "small: 80/s", "large: 4/s", "large: 8/s", "large: 80/s"];
    assert_eq!(names, expected);
    let nodes = scenario.variants.iter().map(|one| one.setup.clusters.raw[0].nodes);
    assert_eq!(nodes.collect::<Vec<_>>(), [3, 3, 3, 2, 2, 2]);
    assert_eq!(scenario.curve.as_ref().map(|curve| curve.curves.len()), Some(2));
    assert_eq!(rates(&scenario)[0].1, rates(&scenario)[3].1);
    // It says the same again when it is written out.
    let again = load_text(&scenario.resolved, &Overrides::default()).expect("it is sound");
    assert_eq!((again.variants, again.curve), (scenario.variants, scenario.curve));
}

#[test]
fn one_point_can_be_chosen_and_what_is_beside_the_curve_be_set() {
    let one = Overrides { variant: Some("8/s".to_owned()), ..Overrides::default() };
    let scenario = load_text(&with(RATES), &one).expect("it is one of its points");
    assert_eq!((scenario.variants.len(), scenario.curve), (1, None));
    let nodes = set(&["cloud.regions[0].clusters[0].nodes=5"]);
    let sides = format!(
        "{RATES}  for-each: [{{name: a, set: {{\"cloud.regions[0].clusters[0].nodes\": 3}}}}]\n"
    );
    let scenario = load_text(&with(&sides), &nodes).expect("it is sound");
    assert!(scenario.variants.iter().all(|one| one.setup.clusters.raw[0].nodes == 5));
    let rate = set(&["applications[0].arrivals.poisson.rate=1/s"]);
    let error = load_text(&with(RATES), &rate).expect_err("the curve goes along it");
    assert!(error.contains("the curve goes along `applications[chat].arrivals.poisson.rate`"));
    assert!(error.contains("--set applications[0].arrivals.poisson.rate=1/s"), "{error}");
    let wrong = Overrides { variant: Some("9/s".to_owned()), ..Overrides::default() };
    let error = load_text(&with(RATES), &wrong).expect_err("there is no such point");
    assert!(error.contains("no variant `9/s`, expected one of `4/s`, `8/s`, `80/s`"), "{error}");
}

/// What is wrong, where, and what is said of it.
#[test]
fn errors_point_at_the_place() {
    let (line, mut wrong) = (1 + SOUND.lines().count(), Vec::new());
    for (variants, lines, column, message) in [
        ("  along: cloud.regoins\n  values: [1, 2]\n", 1, 16, "unknown field `regoins`"),
        (
            "  along: cloud.regions[7].name\n  values: [a, b]\n",
            1,
            23,
            "`cloud.regions` has no item [7]",
        ),
        ("  along: models[nobody].tenant\n  values: [a, b]\n", 1, 16, "no item called `nobody`"),
        ("  along: market.choice.equal\n  values: []\n", 2, 3, "there are no values"),
        ("  along: market.choice.equal\n  values: [1]\n", 2, 3, "one value makes no curve"),
        ("  along: window.bucket.x[\n  values: [1, 2]\n", 1, 25, "the `[` is not closed"),
        (
            "  along: market.choice\n  values: [{equal: 1}, {equal: two}]\n  names: [1, 2]\n",
            2,
            32,
            "found the text `two`",
        ),
        (
            "  along: market.choice\n  values: [{equal: 1}, {equal: 9}]\n  names: [1, 2]\n",
            2,
            32,
            "found 9, expected 1 to 2",
        ),
        ("  along: market.choice\n  values: [{equal: 1}, {equal: 2}]\n", 2, 13, "give `names`"),
        (
            "  along: market.choice\n  values: [{equal: 1}, {equal: 2}]\n  names: [1]\n",
            3,
            3,
            "1 names for 2 values",
        ),
        (
            "  along: market.choice\n  values: [{equal: 1}, {equal: 2}]\n  names: [1, 1]\n",
            3,
            14,
            "a second level named `1`",
        ),
        (
            "  along: models[0].deployments[0].tensor\n  values: [1, 2, 1]\n",
            2,
            18,
            "`1` is there twice",
        ),
        (
            "  along: [\"models[0].name\", \"models[1].name\"]\n  values: [[a, b], [c]]\n",
            2,
            20,
            "found a list of 1, expected a list with a value for each of the 2 paths",
        ),
        (
            "  along: [\"models[0].name\", \"models[1].name\"]\n  values: [[a, b], c]\n",
            2,
            20,
            "found `c`, expected a list",
        ),
        (
            "  along: [market.choice, market.choice.equal]\n  values: [[{equal: 1}, 1], [{equal: 2}, 2]]\n  names: [1, 2]\n",
            1,
            26,
            "lead to the same value",
        ),
        ("  along: seed\n  values: [1, 2]\n", 1, 10, "a variant cannot set `seed`"),
        ("  along: window.horizon\n  values: [10m, 20m]\n", 1, 10, "a variant cannot set `window`"),
        ("  values: [10m, 20m]\n", 0, 1, "`along`"),
        ("  alnog: seed\n  values: [1, 2]\n", 1, 3, "did you mean `along`?"),
        ("  - {name: a}\n  - {along: seed, values: [1, 2]}\n", 2, 6, "a curve, which stands alone"),
        ("  along: market.choice.equal\n  values: [1, 2]\n  for-each: []\n", 3, 3, "leave it out"),
        (
            "  along: market.choice.equal\n  values: [1, 2]\n  for-each: [{name: a}, {name: a}]\n",
            3,
            32,
            "a second curve named `a`",
        ),
        (
            "  along: market.choice.equal\n  values: [1, 2]\n  for-each:\n    - {name: a, set: {market.choice: {equal: 1}}}\n",
            4,
            23,
            "set beside the curve along `market.choice.equal`",
        ),
    ] {
        let base = SOUND.replace("fixed: {aurora-8b: 0.25, house-8b: 0.75}", "equal: 1");
        let text = format!("{base}variants:\n{variants}");
        let error = load_text(&text, &Overrides::default()).expect_err(variants);
        let place = format!("x.yaml:{}:{column}\n", line + lines);
        if !(error.contains(message) && error.contains(&place)) {
            wrong.push(format!("{place}{message}\n{error}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
