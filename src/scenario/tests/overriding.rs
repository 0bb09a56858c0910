//! Overrides by the command line and by variants.

use super::{SOUND, load_text, set, sound};
use crate::scenario::Overrides;

#[test]
fn command_line() {
    let given = Overrides {
        set: [
            "seed",
            "cloud.regions[3].name=x",
            "cloud.regoins=1",
            "window.horizon=5",
            "window[0=1",
        ]
        .map(str::to_owned)
        .to_vec(),
        variant: Some("x".to_owned()),
        ..Overrides::default()
    };
    insta::assert_snapshot!(load_text(SOUND, &given).unwrap_err(), @r#"
    error: expected PATH=VALUE, such as `seed=2`
     --> --set seed (for x.yaml)
      |
    1 | seed
      | ^^^^

    error: `cloud.regions` has no item [3]: it has only [0]
     --> --set cloud.regions[3].name=x (for x.yaml)
      |
    1 | cloud.regions[3].name=x
      |              ^^^
      |
      = path: cloud.regions[3].name

    error: the `[` is not closed
     --> --set window[0=1 (for x.yaml)
      |
    1 | window[0=1
      |       ^^

    error: no variant `x`: the scenario has no variants
     --> --variant x (for x.yaml)
      |
    1 | x
      | ^

    4 errors in x.yaml
    "#);
    let given =
        set(&["cloud.regoins=1", "window.horizon=5", "applications[0].slo.ttfft=1s", "seed=x"]);
    insta::assert_snapshot!(load_text(SOUND, &given).unwrap_err(), @r#"
    error: unknown field `regoins`, expected one of `pue`, `electricity`, `regions`
     --> --set cloud.regoins=1 (for x.yaml)
      |
    1 | cloud.regoins=1
      |       ^^^^^^^ did you mean `regions`?
      |
      = path: cloud.regoins

    error: `5` has no unit: expected a duration such as `30ms` (units: `ns`, `us`, `ms`, `s`, `min`, `m`, `h`, `d`, `w`)
     --> --set window.horizon=5 (for x.yaml)
      |
    1 | window.horizon=5
      |                ^
      |
      = path: window.horizon

    error: unknown field `ttfft`, expected one of `ttft`, `tpot`, `e2e`
     --> --set applications[0].slo.ttfft=1s (for x.yaml)
      |
    1 | applications[0].slo.ttfft=1s
      |                     ^^^^^ did you mean `ttft`?
      |
      = path: applications[0].slo.ttfft

    error: found the text `x`, expected a whole number, 0 or more
     --> --set seed=x (for x.yaml)
      |
    1 | seed=x
      |      ^

    4 errors in x.yaml
    "#);
}

/// What is wrong only with an argument is shown with it, wherever in the file it is found.
#[test]
fn an_argument_that_makes_the_file_wrong_is_shown() {
    insta::assert_snapshot!(load_text(SOUND, &set(&["window.warmup=11m"])).unwrap_err(), @r"
    error: nothing is measured: the horizon must be longer than the warm-up
     --> --set window.warmup=11m (for x.yaml)
      |
    1 | window.warmup=11m
      | ^^^^^^^^^^^^^^^^^
      |
      = path: window.horizon

    1 error in x.yaml
    ");
    for (arguments, shown) in [
        (vec!["window={warmup: 1s}"], "--> --set window={warmup: 1s}"),
        (vec!["market.choice.fixed.house-8b=0.9"], "--> --set market.choice.fixed.house-8b=0.9"),
        (
            vec!["seed=3", "models[0].architecture=Llama-3.1-405B", "replications=3"],
            "--> --set models[0].architecture=Llama-3.1-405B",
        ),
        (
            vec!["cloud.regions[0].clusters[0].accelerator.idle-power=900W"],
            "accelerator.idle-power=900W",
        ),
        (vec!["models[0].name=house-8b"], "--> --set models[0].name=house-8b"),
        (
            vec!["cloud.regions[0].clusters[0].name=other"],
            "--> --set cloud.regions[0].clusters[0].name",
        ),
    ] {
        let found = load_text(SOUND, &set(&arguments)).unwrap_err();
        assert!(found.contains(shown), "{arguments:?}:\n{found}");
        assert!(!found.contains("--> x.yaml:"), "{arguments:?}:\n{found}");
    }
    // What the file has wrong by itself stays there.
    let text = SOUND.replace("nodes: 2", "nodes: 0");
    let found = load_text(&text, &set(&["window.warmup=11m", "seed=3"])).unwrap_err();
    assert!(
        found.contains("--> x.yaml:11:18") && found.contains("--> --set window.warmup"),
        "{found}"
    );
    let many = Overrides {
        replications: Some(100_000),
        ..set(&["applications[0].arrivals.poisson.rate=1e6/s"])
    };
    let found = load_text(SOUND, &many).unwrap_err();
    assert!(
        found.contains("requests to simulate") && found.contains("--> --replications"),
        "{found}"
    );
}

#[test]
fn overrides_reach_values_that_are_absent() {
    let scenario = sound(&set(&[
        "applications[0].slo.ttft=1s",
        "scheduler.capacity.proportional.fill=0.5",
        "cloud.regions[0].clusters[0].accelerator.idle-power=100W",
        "market.choice.fixed.\"house-8b\"=0.5",
        "market.choice.fixed.aurora-8b=0.5",
    ]));
    let setup = &scenario.variants[0].setup;
    assert!(setup.applications.raw[0].slo.is_some());
    assert_eq!(setup.clusters.raw[0].accelerator.idle_power, Some(crate::units::Watts(100.0)));
    assert_eq!(setup.clusters.raw[0].accelerator.name, "H100-SXM");
}

#[test]
fn variants_point_at_their_own_lines() {
    let text = format!(
        "{SOUND}variants:
  - name: a
    set: {{scheduler.capacity: fixed, \"cloud.regions[0].clusters[2].nodes\": 3}}
  - name: a
    set: {{seed: 3, market.choice.fixed.house-8b: 0.9, window: {{}}}}
"
    );
    insta::assert_snapshot!(load_text(&text, &Overrides::default()).unwrap_err(), @r#"
    error: `cloud.regions[0].clusters` has no item [2]: it has only [0]
      --> x.yaml:37:38
       |
    37 |     set: {scheduler.capacity: fixed, "cloud.regions[0].clusters[2].nodes": 3}
       |                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = path: cloud.regions[0].clusters[2].nodes

    error: a variant cannot set `seed`: variants share random numbers, so that differences are paired
      --> x.yaml:39:11
       |
    39 |     set: {seed: 3, market.choice.fixed.house-8b: 0.9, window: {}}
       |           ^^^^

    error: a variant cannot set `window`: variants are compared over the same window
      --> x.yaml:39:55
       |
    39 |     set: {seed: 3, market.choice.fixed.house-8b: 0.9, window: {}}
       |                                                       ^^^^^^

    3 errors in x.yaml
    "#);
    let text = format!(
        "{SOUND}variants:
  - {{name: a, set: {{market.choice.fixed.house-8b: 0.9}}}}
  - {{name: a, set: {{scheduler.capacity: fixed}}}}
"
    );
    insta::assert_snapshot!(load_text(&text, &Overrides::default()).unwrap_err(), @r#"
    error: missing field `replicas`: `scheduler.capacity` is `fixed`
      --> x.yaml:22:9
       |
    22 |       - cluster: h100
       |         ^^^^^^^
       |
       = path: models[0].deployments[0]
       = variant: a

    error: missing field `replicas`: `scheduler.capacity` is `fixed`
      --> x.yaml:28:10
       |
    28 |       - {cluster: h100, tensor: 2}
       |          ^^^^^^^
       |
       = path: models[1].deployments[0]
       = variant: a

    error: the shares sum to 1.15, expected 1
      --> x.yaml:34:12
       |
    34 |   choice: {fixed: {aurora-8b: 0.25, house-8b: 0.75}}
       |            ^^^^^
       |
       = path: market.choice.fixed
       = variant: a

    error: a second variant named `a`: the first is `variants[0]`
      --> x.yaml:37:12
       |
    37 |   - {name: a, set: {scheduler.capacity: fixed}}
       |            ^
       |
       = path: variants[1].name

    4 errors in x.yaml
    "#);
}

#[test]
fn the_command_line_wins_over_variants() {
    let text = format!(
        "{SOUND}variants:
  - {{name: a, set: {{\"applications[0].arrivals.poisson.rate\": 1/s}}}}
  - {{name: b, set: {{\"applications[0].slo\": {{e2e: 9s}}}}}}
"
    );
    let given = set(&[
        "applications[0].arrivals={gamma: {rate: 5/s, cv: 2}}",
        "applications[0].slo.e2e=2s",
    ]);
    let scenario = load_text(&text, &given).unwrap();
    for variant in &scenario.variants {
        let application = &variant.setup.applications.raw[0];
        let crate::workload::SourceSpec::Synthetic { arrivals, .. } = &application.source else {
            panic!("not drawn")
        };
        assert_eq!(arrivals.rate, crate::units::PerSecond(5.0));
        assert_eq!(application.slo.unwrap().e2e, Some(crate::engine::SimDuration::from_secs(2)));
    }
    assert_eq!(scenario, load_text(&scenario.resolved, &Overrides::default()).unwrap());
}
