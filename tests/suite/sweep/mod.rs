//! A sweep is the same whatever happens to it: threads, shards, kills.

mod durable;
mod errors;
mod shipped;

use crate::desk::Desk;
use std::fs;

/// Two vendors with a server each, and variants: a point takes about a millisecond.
const BASE: &str = "\
name: two servers
replications: 2
window: {warmup: 10s, horizon: 60s}
cloud: {regions: [{name: here, clusters: [{name: only, accelerator: {name: server}, nodes: 4, accelerators-per-node: 1, capital: 1 USD/h}]}]}
tenants: [{name: Aurora, terms: {marketplace: {take-rate: 0.2}}}, {name: Borealis, terms: {rental: {price: 3 USD/h}}}]
models:
  - name: a
    tenant: Aurora
    price: {input: 1 USD/Mtok, output: 4 USD/Mtok}
    deployments: [{cluster: only, replicas: 1, performance: {service-time: {distribution: {exponential: {mean: 1s}}, slots: 10}}}]
  - name: b
    tenant: Borealis
    deployments: [{cluster: only, replicas: 1, performance: {service-time: {distribution: {exponential: {mean: 1s}}, slots: 10}}}]
applications: [{name: chat, arrivals: {poisson: {rate: 4/s}}, lengths: {input: {constant: 100}, output: {constant: 10}}, choice: {fixed: {a: 0.5, b: 0.5}}}]
scheduler: {capacity: fixed}
variants:
  - {name: split, set: {}}
  - {name: one-winner, set: {'applications[chat].choice.fixed': {a: 1}}}
";

const SWEEP: &str = "\
base: x.yaml
parameters:
  applications[chat].arrivals.poisson.rate: {log: {from: 2/s, to: 12/s, points: 5}}
  tenants[Aurora].terms.marketplace.take-rate: [0.1, 0.2, 0.3]
";

fn desk(sweep: &str) -> Desk {
    let desk = Desk::new();
    desk.write("x.yaml", BASE);
    desk.write("s.yaml", sweep);
    desk
}

/// What a command says on standard error, and its status.
fn said(desk: &Desk, arguments: &[&str]) -> (i32, String) {
    let output = desk.run(arguments);
    let text = String::from_utf8(output.stderr).expect("text");
    (output.status.code().expect("it was not killed"), text.replace('\\', "/"))
}

fn done(desk: &Desk, arguments: &[&str]) {
    let (status, text) = said(desk, arguments);
    assert_eq!(status, 0, "{arguments:?}: {text}");
}

fn read(desk: &Desk, name: &str) -> String {
    fs::read_to_string(desk.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn tables(desk: &Desk, folder: &str) -> [String; 2] {
    ["points.csv", "sweep.csv"].map(|table| read(desk, &format!("{folder}/{table}")))
}

#[test]
fn threads_and_shards_give_the_same_bytes() {
    let desk = desk(SWEEP);
    done(&desk, &["sweep", "s.yaml", "--out", "one", "--threads", "1", "--replications-csv"]);
    done(&desk, &["sweep", "s.yaml", "--out", "two", "--threads", "2", "--replications-csv"]);
    for shard in ["3/3", "1/3", "2/3"] {
        done(&desk, &["sweep", "s.yaml", "--out", "parts", "--shard", shard, "--replications-csv"]);
    }
    done(&desk, &["merge", "parts"]);
    for file in [
        "points.csv",
        "sweep.csv",
        "replications.csv",
        "sweep.yaml",
        "scenario.yaml",
        "manifest.json",
    ] {
        let whole = read(&desk, &format!("one/{file}"));
        for other in ["two", "parts"] {
            assert_eq!(whole, read(&desk, &format!("{other}/{file}")), "{other}/{file}");
        }
    }
    assert!(!desk.path("parts.parts").exists(), "nothing is left over");
}

#[test]
fn a_point_has_the_numbers_of_a_run_with_its_values() {
    let desk = desk(SWEEP);
    done(&desk, &["sweep", "s.yaml", "--out", "all"]);
    let rate = "applications[0].arrivals.poisson.rate=7.66732/s";
    let rows = read(&desk, "all/points.csv");
    let row = rows.lines().find(|row| row.contains(",7.66732/s,0.3,")).expect("it is a point");
    let prefix = row.strip_suffix(",done,").expect("nothing is wrong with it");
    done(
        &desk,
        &[
            "run",
            "x.yaml",
            "--out",
            "run",
            "--set",
            rate,
            "--set",
            "tenants[0].terms.marketplace.take-rate=0.3",
        ],
    );
    let of_point = read(&desk, "all/sweep.csv");
    let prefix = format!("{prefix},");
    let of_point: Vec<_> = of_point.lines().filter_map(|row| row.strip_prefix(&prefix)).collect();
    let of_run = read(&desk, "run/summary.csv");
    assert_eq!(of_point, of_run.lines().skip(1).collect::<Vec<_>>());
}

#[test]
fn the_folder_is_a_sweep_that_gives_itself_again() {
    let desk = desk(&format!(
        "{SWEEP}set: {{'cloud.regions[here].clusters[only].nodes': 3}}\nvariants: [one-winner]\nseed: 9\n"
    ));
    done(&desk, &["sweep", "s.yaml", "--out", "first"]);
    done(&desk, &["sweep", "first/sweep.yaml", "--out", "again"]);
    for file in ["points.csv", "sweep.csv", "sweep.yaml", "scenario.yaml", "manifest.json"] {
        assert_eq!(
            read(&desk, &format!("first/{file}")),
            read(&desk, &format!("again/{file}")),
            "{file}"
        );
    }
    assert!(!read(&desk, "first/sweep.csv").contains(",split,"));
}

#[test]
fn a_point_that_makes_no_sense_is_told_and_the_others_go_on() {
    let sweep = "\
base: x.yaml
parameters:
  cloud.regions[here].clusters[only].nodes: [1, 2, 3]
";
    let desk = desk(sweep);
    let (status, text) = said(&desk, &["sweep", "s.yaml", "--out", "some"]);
    assert_eq!(status, 1, "{text}");
    insta::assert_snapshot!(text, @r#"
    error: point 0 (cloud.regions[here].clusters[only].nodes = 1): 1 of these 1 replicas find no room in cluster `only`: 1 nodes of 1 accelerators, 1 for a replica
     --> s.yaml:3:3
      |
    3 |   cloud.regions[here].clusters[only].nodes: [1, 2, 3]
      |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = path: models[1].deployments[0].replicas

    1 error in s.yaml
    wrote some
    error: 1 point could not be simulated: see some/points.csv
    "#);
    let points = read(&desk, "some/points.csv");
    let results: Vec<_> =
        points.lines().skip(1).map(|row| row.split(',').nth(2).expect("a result")).collect();
    assert_eq!(results, ["failed", "done", "done"]);
    assert!(read(&desk, "some/sweep.csv").lines().skip(1).all(|row| !row.starts_with("0,")));
    let (status, _) = said(&desk, &["sweep", "s.yaml", "--out", "none", "--fail-fast"]);
    assert_eq!(status, 1);
    assert!(!desk.path("none").exists());
}

#[test]
fn parameters_zip_and_points_are_left_out() {
    let sweep = "\
base: x.yaml
variants: [split]
metrics: [requests.arrived]
scopes: [all]
parameters:
  seed: [1, 2, 3]
  applications[chat].arrivals.poisson.rate: [2/s, 3/s, 4/s]
  window.horizon: [30s, 60s]
zip: [[seed, 'applications[chat].arrivals.poisson.rate']]
where: ['window.horizon == 60s', 'seed != 2']
";
    let desk = desk(sweep);
    done(&desk, &["sweep", "s.yaml", "--out", "o"]);
    insta::assert_snapshot!(read(&desk, "o/points.csv"), @r#"
    point,seed,applications[chat].arrivals.poisson.rate,window.horizon,result,message
    0,1,2/s,60s,done,
    1,3,4/s,60s,done,
    "#);
}

#[test]
fn a_seed_that_is_swept_is_that_of_a_run() {
    let desk = desk("base: x.yaml\nparameters: {seed: [1, 7]}\n");
    done(&desk, &["sweep", "s.yaml", "--out", "all"]);
    done(&desk, &["run", "x.yaml", "--out", "run", "--seed", "7"]);
    let of_points = read(&desk, "all/sweep.csv");
    let of = |prefix: &str| -> Vec<String> {
        of_points.lines().filter_map(|row| row.strip_prefix(prefix).map(str::to_owned)).collect()
    };
    let of_run = read(&desk, "run/summary.csv");
    assert_eq!(of("1,7,"), of_run.lines().skip(1).collect::<Vec<_>>());
    assert_ne!(of("0,1,"), of("1,7,"));
}

#[test]
fn points_with_warnings_are_counted() {
    let sweep = "\
base: x.yaml
parameters: {'applications[chat].arrivals.poisson.rate': [4/s, 40/s]}
";
    let desk = desk(sweep);
    let (status, text) = said(&desk, &["sweep", "s.yaml", "--out", "o"]);
    assert_eq!(status, 0, "{text}");
    insta::assert_snapshot!(text, @r#"
    warning: 1 of 2 points have warnings: see points.csv
    wrote o
    "#);
}

/// Each strategy in each world is a variant of its points.
#[test]
fn strategies_and_worlds_can_be_swept() {
    let base = BASE.split("variants:").next().expect("it has variants");
    let product = "\
strategies:
  - {name: dear, set: {'models[a].price.output': 8 USD/Mtok}}
  - {name: cheap, set: {'models[a].price.output': 2 USD/Mtok}}
worlds:
  - {name: a wins, probability: 0.25, set: {'applications[chat].choice.fixed': {a: 1}}}
  - {name: split, probability: 0.75, set: {}}
";
    let desk = desk(
        "base: x.yaml\nparameters: {'tenants[Aurora].terms.marketplace.take-rate': [0.1, 0.3]}\n",
    );
    desk.write("x.yaml", format!("{base}{product}"));
    done(&desk, &["sweep", "s.yaml", "--out", "all"]);
    let take_rate = "tenants[Aurora].terms.marketplace.take-rate=0.3";
    done(&desk, &["run", "x.yaml", "--out", "run", "--set", take_rate]);
    let of_points = read(&desk, "all/sweep.csv");
    let of_point: Vec<_> = of_points.lines().filter_map(|row| row.strip_prefix("1,0.3,")).collect();
    let of_run = read(&desk, "run/summary.csv");
    assert_eq!(of_point, of_run.lines().skip(1).collect::<Vec<_>>());
    assert!(of_point.iter().any(|row| row.starts_with("cheap: a wins,") || row.contains("cheap")));
}

#[test]
fn what_has_no_numbers_says_so() {
    let rate = "'applications[chat].arrivals.poisson.rate': [4/s, 5/s]";
    let desk = desk(&format!(
        "base: x.yaml\nparameters: {{{rate}}}\nmetrics: [latency.ttft_s.p99]\nscopes: [cluster]\n"
    ));
    let (status, text) = said(&desk, &["sweep", "s.yaml", "--out", "o"]);
    let told = "warning: there is no number: none of `metrics` is of any of `scopes`\nwrote o\n";
    assert_eq!((status, &*text), (0, told));
    assert_eq!(read(&desk, "o/sweep.csv").lines().count(), 1);
    assert!(read(&desk, "o/report.html").contains("There is no number"));
    assert!(!desk.path("o/charts").exists());
}

/// What a run's table says at its top of how calls were served, its points say, too.
#[test]
fn a_point_says_how_many_calls_missed_their_objective() {
    let desk = desk("base: x.yaml\nparameters: {'applications[chat].slo.e2e': [1ms, 1h]}\n");
    desk.write("x.yaml", BASE.replace("lengths: {", "slo: {e2e: 5s}, lengths: {"));
    done(&desk, &["sweep", "s.yaml", "--out", "o"]);
    let points = read(&desk, "o/points.csv");
    let rows: Vec<_> = points.lines().collect();
    assert!(rows[1].contains(",warned,"), "{points}");
    assert!(rows[1].contains("of the calls that have an objective (`slo`) met it"), "{points}");
    assert!(rows[2].contains(",done,"), "{points}");
}

/// Of close ends, too, each of as many parts has one point.
#[test]
fn values_that_are_close_together_are_told_apart() {
    let rate = "'applications[chat].arrivals.poisson.rate': {linear: {from: 1000/s, to: 1001/s}}";
    let desk = desk(&format!(
        "base: x.yaml\nset: {{window.horizon: 11s}}\nparameters: {{{rate}}}\ndesign: {{latin-hypercube: 64}}\n\
         replications: 1\nmetrics: [requests.arrived]\nscopes: [all]\nvariants: [split]\n"
    ));
    done(&desk, &["sweep", "s.yaml", "--out", "o", "--no-charts"]);
    let points = read(&desk, "o/points.csv");
    let value = |row: &str| row.split(',').nth(1)?.strip_suffix("/s")?.parse::<f64>().ok();
    let mut parts: Vec<_> = points
        .lines()
        .skip(1)
        .map(|row| ((value(row).expect("a rate") - 1000.0) * 64.0) as u64)
        .collect();
    parts.sort_unstable();
    assert_eq!(parts, (0..64).collect::<Vec<_>>());
}
