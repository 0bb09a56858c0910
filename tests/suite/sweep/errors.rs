//! What is wrong with a sweep is said at its line, before anything runs.

use super::{BASE, desk, done, said};

#[test]
fn a_million_points_by_mistake_are_asked_about() {
    let parameter = "seed: {linear: {from: 1, to: 1000000, points: 1000000, whole: true}}";
    let desk = desk(&format!("base: x.yaml\nparameters: {{{parameter}}}\n"));
    let (status, text) = said(&desk, &["sweep", "s.yaml", "--out", "o"]);
    let expected =
        "error: s.yaml: the parameters make 1,000,000 points: give --yes to run them all\n";
    assert_eq!((status, &*text), (2, expected));
    assert!(!desk.path("o").exists() && !desk.path("o.parts").exists());
}

/// What is said of a sweep that is wrong.
fn wrong(sweep: &str) -> String {
    let desk = desk(sweep);
    let (status, text) = said(&desk, &["sweep", "s.yaml", "--out", "o"]);
    assert_eq!(status, 2, "{sweep}: {text}");
    assert_eq!(said(&desk, &["check", "s.yaml"]), (2, text.clone()), "{sweep}");
    assert!(
        !desk.path("o").exists() && !desk.path("o.parts").exists(),
        "{sweep}: nothing is written"
    );
    text
}

#[test]
fn what_is_wrong_is_said_at_the_line_before_anything_runs() {
    let with = |parameters: &str| wrong(&format!("base: x.yaml\nparameters:\n{parameters}"));
    let all = [
        wrong("base: nowhere.yaml\nparameters: {seed: [1]}\n"),
        wrong("base: x.yaml\nparameters: {}\n"),
        wrong("base: x.yaml\nparameter: {seed: [1]}\n"),
        with("  tenants[Aurorra].terms: [first-party]\n"),
        with("  applications[chat].arrivals.poison.rate: [1/s]\n"),
        with("  applications[chat].arrivals.poisson.rate: [1/s, fast]\n"),
        with("  applications[chat].arrivals.poisson.rate: []\n"),
        with(
            "  applications[chat].arrivals.poisson.rate: {log: {from: 1/s, to: 2/h, points: 3}}\n",
        ),
        with(
            "  applications[chat].arrivals.poisson.rate: {log: {from: 0/s, to: 2/s, points: 3}}\n",
        ),
        with("  applications[chat].arrivals.poisson.rate: {linear: {from: 1/s, to: 2/s}}\n"),
        with("  applications[chat].choice.fixed: [{a: 1}, {b: 1}]\n"),
        with("  replications: [1, 2]\n"),
        with("  indifference: [1 USD, 2 USD]\n"),
        with("  worlds[a].probability: [0.5]\n"),
        with("  seed: [1, 2, 1]\n"),
        with("  seed: {linear: {from: 1, to: 2, points: 3, whole: true}}\n"),
        with("  seed: [1, 2]\nwhere: ['seed > 5']\n"),
        with("  seed: [1, 2]\nwhere: ['sead > 5']\n"),
        with("  seed: [1, 2]\nzip: [[seed, window.horizon]]\n"),
        with("  seed: [1, 2]\ndesign: {sobol: 0}\n"),
        with("  seed: [1, 2]\nmetrics: [margin.operating]\n"),
        with("  seed: [1, 2]\nvariants: [splitt]\n"),
    ];
    insta::assert_snapshot!(all.join("\n────\n"), @r#"
    error: cannot read nowhere.yaml: No such file or directory (os error 2)
     --> s.yaml:1:7
      |
    1 | base: nowhere.yaml
      |       ^^^^^^^^^^^^

    1 error in s.yaml

    ────
    error: there is no parameter: give at least one
     --> s.yaml:2:1
      |
    2 | parameters: {}
      | ^^^^^^^^^^

    1 error in s.yaml

    ────
    error: unknown field `parameter`, expected one of `name`, `description`, `base`, `set`, `parameters`, `design`, `zip`, `where`, `seed`, `replications`, `variants`, `metrics`, `scopes`
     --> s.yaml:2:13
      |
    2 | parameter: {seed: [1]}
      |             ^^^^ did you mean `parameters`?

    1 error in s.yaml

    ────
    error: `tenants` has no item called `Aurorra`: expected one of `Aurora`, `Borealis`
     --> s.yaml:3:10
      |
    3 |   tenants[Aurorra].terms: [first-party]
      |          ^^^^^^^^^ did you mean `Aurora`?
      |
      = path: tenants[Aurorra].terms

    1 error in s.yaml

    ────
    error: found `poisson` and `poison` together, expected only one of `poisson`, `deterministic`, `gamma`, `weibull`, `lognormal`, `pareto`, `mmpp`, `clients`, `client-table`, `servegen`
     --> s.yaml:3:31
      |
    3 |   applications[chat].arrivals.poison.rate: [1/s]
      |                               ^^^^^^
      |
      = path: applications[0].arrivals

    1 error in s.yaml

    ────
    error: `fast` does not start with a number: expected a rate such as `40/s` (units: `/d`, `/h`, `/min`, `/s`)
     --> s.yaml:3:51
      |
    3 |   applications[chat].arrivals.poisson.rate: [1/s, fast]
      |                                                   ^^^^
      |
      = path: applications[0].arrivals.poisson.rate

    1 error in s.yaml

    ────
    error: there are no values: give at least one
     --> s.yaml:3:3
      |
    3 |   applications[chat].arrivals.poisson.rate: []
      |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = path: parameters."applications[chat].arrivals.poisson.rate"

    1 error in s.yaml

    ────
    error: `from` is in `/s` and `to` is in `/h`: give both in the same unit
     --> s.yaml:3:67
      |
    3 |   applications[chat].arrivals.poisson.rate: {log: {from: 1/s, to: 2/h, points: 3}}
      |                                                                   ^^^
      |
      = path: parameters."applications[chat].arrivals.poisson.rate".log.to

    1 error in s.yaml

    ────
    error: equal ratios need numbers above 0: use `linear`
     --> s.yaml:3:46
      |
    3 |   applications[chat].arrivals.poisson.rate: {log: {from: 0/s, to: 2/s, points: 3}}
      |                                              ^^^
      |
      = path: parameters."applications[chat].arrivals.poisson.rate".log

    1 error in s.yaml

    ────
    error: a grid needs `points`: how many values there are
     --> s.yaml:3:3
      |
    3 |   applications[chat].arrivals.poisson.rate: {linear: {from: 1/s, to: 2/s}}
      |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = path: parameters."applications[chat].arrivals.poisson.rate"

    1 error in s.yaml

    ────
    error: `applications[0].choice.fixed` is set by the variant `one-winner` too, which sets `applications[chat].choice.fixed`: a parameter would make variants the same
     --> s.yaml:3:3
      |
    3 |   applications[chat].choice.fixed: [{a: 1}, {b: 1}]
      |   ^^^^^^^^^^^^

    1 error in s.yaml

    ────
    error: `replications` cannot be a parameter
     --> s.yaml:3:3
      |
    3 |   replications: [1, 2]
      |   ^^^^^^^^^^^^ give `replications` beside `base`

    1 error in s.yaml

    ────
    error: `indifference` cannot be a parameter
     --> s.yaml:3:3
      |
    3 |   indifference: [1 USD, 2 USD]
      |   ^^^^^^^^^^^^ no row of a sweep depends on it

    1 error in s.yaml

    ────
    error: `worlds` cannot be a parameter
     --> s.yaml:3:3
      |
    3 |   worlds[a].probability: [0.5]
      |   ^^^^^^ sweep what they set, or give the scenario others

    1 error in s.yaml

    ────
    error: `1` is there twice
     --> s.yaml:3:16
      |
    3 |   seed: [1, 2, 1]
      |                ^
      |
      = path: parameters.seed

    1 error in s.yaml

    ────
    error: `2` is there twice
     --> s.yaml:3:3
      |
    3 |   seed: {linear: {from: 1, to: 2, points: 3, whole: true}}
      |   ^^^^
      |
      = path: parameters.seed

    1 error in s.yaml

    ────
    error: no point meets these conditions
     --> s.yaml:4:1
      |
    4 | where: ['seed > 5']
      | ^^^^^

    1 error in s.yaml

    ────
    error: neither side is a parameter of this sweep, written as it is there
     --> s.yaml:4:9
      |
    4 | where: ['sead > 5']
      |         ^^^^^^^^^^

    1 error in s.yaml

    ────
    error: `window.horizon` is not a parameter of this sweep
     --> s.yaml:4:14
      |
    4 | zip: [[seed, window.horizon]]
      |              ^^^^^^^^^^^^^^
      |
      = path: zip[0][1]

    1 error in s.yaml

    ────
    error: found 0, expected 1 to 65536 points
     --> s.yaml:4:17
      |
    4 | design: {sobol: 0}
      |                 ^
      |
      = path: design.sobol

    1 error in s.yaml

    ────
    error: unknown metric `margin.operating`
     --> s.yaml:4:11
      |
    4 | metrics: [margin.operating]
      |           ^^^^^^^^^^^^^^^^ did you mean `margin.operating_usd`?
      |
      = path: metrics[0]

    1 error in s.yaml

    ────
    error: no variant `splitt`, expected one of `split`, `one-winner`
     --> s.yaml:4:12
      |
    4 | variants: [splitt]
      |            ^^^^^^ did you mean `split`?

    1 error in s.yaml
    "#);
}

/// A curve sets its path itself, to something else in each variant.
#[test]
fn what_a_curve_goes_along_is_no_parameter() {
    let curve = "variants: {along: 'applications[chat].arrivals.poisson.rate', values: [1/s, 2/s]}";
    let base = BASE.split("variants:").next().expect("it has variants");
    let desk = desk("base: x.yaml\nparameters: {'applications[0].arrivals.poisson.rate': [3/s]}\n");
    desk.write("x.yaml", format!("{base}{curve}\n"));
    let (status, text) = said(&desk, &["sweep", "s.yaml", "--out", "o"]);
    assert_eq!(status, 2, "{text}");
    insta::assert_snapshot!(text, @r#"
    error: `applications[0].arrivals.poisson.rate` is set by the variant `1/s` too, which sets `applications[chat].arrivals.poisson.rate`: a parameter would make variants the same
     --> s.yaml:2:14
      |
    2 | parameters: {'applications[0].arrivals.poisson.rate': [3/s]}
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    1 error in s.yaml
    "#);
}

#[test]
fn files_of_the_other_kind_are_known() {
    let desk = desk("base: x.yaml\nparameters: {seed: [1]}\n");
    let (_, sweep) = said(&desk, &["run", "s.yaml", "--out", "o"]);
    let (_, scenario) = said(&desk, &["sweep", "x.yaml", "--out", "o"]);
    let last = |text: &str| text.trim_end().lines().last().unwrap_or_default().to_owned();
    assert_eq!(last(&sweep), "a file with `base` is a sweep, for `coopsim sweep`");
    assert_eq!(last(&scenario), "x.yaml has no `base`: is it a scenario, for `coopsim run`?");
}

#[test]
fn what_would_do_nothing_is_refused() {
    let rate = "applications[chat].arrivals.poisson.rate";
    let swept = format!("base: x.yaml\nparameters: {{'{rate}': [1/s, 2/s, 120/min]}}\n");
    let set = "set: {'applications[0].arrivals.poisson.rate': 9/s}\n";
    let of_set = wrong(&format!("{swept}{set}"));
    assert!(of_set.contains("what is set here would do nothing"), "{of_set}");
    let of_where = wrong(&format!("{swept}where: ['{rate} == 2/s']\n"));
    assert!(of_where.contains("cannot compare `120/min` with `2/s`"), "{of_where}");
    let desk = desk(&swept);
    let argument = format!("{rate}=9/s");
    let (status, text) = said(&desk, &["sweep", "s.yaml", "--out", "o", "--set", &argument]);
    assert_eq!(status, 2, "{text}");
    assert!(text.contains("what is set here would do nothing"), "{text}");
}

#[test]
fn what_is_there_for_nothing_is_refused() {
    let rate = "applications[chat].arrivals.poisson.rate";
    let with = |values: &str, rest: &str| {
        wrong(&format!("base: x.yaml\nparameters: {{'{rate}': {values}}}\n{rest}"))
    };
    let two = with("{linear: {from: 1/s, to: 2/s, points: 3}, log: {from: 1/s, to: 2/s}}", "");
    assert!(two.contains("found `linear` and `log` together, expected only one"), "{two}");
    for key in ["metrics", "scopes", "variants", "zip", "where"] {
        let empty = with("[1/s]", &format!("{key}: []\n"));
        assert!(
            empty.contains(&format!("`{key}` is empty: leave it out, or say which")),
            "{empty}"
        );
    }
}

/// However its key is written.
#[test]
fn a_sweep_is_known_by_its_key() {
    let desk = desk("");
    for text in [
        "\"base\": x.yaml\nparameters: {seed: [1]}\n",
        "base : x.yaml\nparameters: {seed: [1]}\n",
        "{base: x.yaml, parameters: {seed: [1]}}\n",
        "\u{feff}base: x.yaml\nparameters: {seed: [1]}\n",
    ] {
        desk.write("s.yaml", text);
        done(&desk, &["check", "s.yaml", "--quiet"]);
    }
}

#[test]
fn what_ends_a_sweep_is_told_with_its_lines_and_without_hidden_characters() {
    let rate = "applications[chat].arrivals.poisson.rate";
    let desk = desk(&format!("base: x.yaml\nparameters: {{'{rate}': [1/s, 2e12/s]}}\n"));
    let (status, text) = said(&desk, &["sweep", "s.yaml", "--out", "o", "--fail-fast"]);
    assert_eq!(status, 1);
    assert!(text.starts_with("error: point 1 ("), "{text}");
    assert!(text.contains("\n --> s.yaml:2:"), "{text}");
    desk.write(
        "s.yaml",
        "base: x.yaml\nparameters: {'cloud.regions[0].name': [good, \"\\e[31m\"]}\n",
    );
    let (status, text) = said(&desk, &["sweep", "s.yaml", "--out", "p"]);
    assert_eq!(status, 1, "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(!super::read(&desk, "p/points.csv").contains('\u{1b}'));
}
