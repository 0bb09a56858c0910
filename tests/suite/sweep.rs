//! A sweep is the same whatever happens to it: threads, shards, kills.

use crate::desk::Desk;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

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
fn whatever_moment_it_is_killed_at_the_same_command_goes_on() {
    let sweep = "\
base: x.yaml
parameters:
  applications[chat].arrivals.poisson.rate: {log: {from: 2/s, to: 12/s, points: 40}}
  tenants[Aurora].terms.marketplace.take-rate: {linear: {from: 0.1, to: 0.5, points: 20}}
";
    let desk = desk(sweep);
    let seed = 20_261_126;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    done(&desk, &["sweep", "s.yaml", "--out", "whole"]);
    let command = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coopsim"));
        command.current_dir(desk.path("")).stdout(Stdio::null()).stderr(Stdio::null());
        command.args(["sweep", "s.yaml", "--out", "killed"]);
        command
    };
    let mut ended = 0;
    for _ in 0..50 {
        let mut child = command().spawn().expect("it starts");
        std::thread::sleep(Duration::from_millis(random.random_range(1..120)));
        // A kill after its end is none, and the next one begins anew.
        child.kill().expect("it is ours");
        if child.wait().expect("it is ours").success() {
            ended += 1;
            fs::remove_dir_all(desk.path("killed")).expect("it is there");
        }
    }
    done(&desk, &["sweep", "s.yaml", "--out", "killed"]);
    assert_eq!(
        tables(&desk, "whole"),
        tables(&desk, "killed"),
        "seed {seed}, {ended} ended before"
    );
    let left = fs::read_dir(desk.path(""))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name());
    let mut left: Vec<_> = left.map(|name| name.to_string_lossy().into_owned()).collect();
    left.sort();
    assert_eq!(left, ["killed", "s.yaml", "whole", "x.yaml"], "nothing is left over");
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
fn what_was_begun_is_not_mixed_with_something_else() {
    let desk = desk(SWEEP);
    done(&desk, &["sweep", "s.yaml", "--out", "o", "--shard", "1/2"]);
    let (status, text) = said(&desk, &["merge", "o"]);
    assert_eq!(status, 2);
    insta::assert_snapshot!(text, @r#"
    error: 7 of 15 points are missing, of shards 2/2; the first is 1
    "#);
    desk.write("s.yaml", SWEEP.replace("0.3]", "0.4]"));
    let (status, text) = said(&desk, &["sweep", "s.yaml", "--out", "o", "--shard", "2/2"]);
    assert_eq!(status, 2);
    insta::assert_snapshot!(text, @r#"
    error: o.parts keeps points of a sweep that says something else: run that to its end, name another folder with --out, or begin anew with --fresh
    --- o.parts/sweep.yaml (kept)
    +++ sweep.yaml
    @@ -11,3 +11,3 @@
       - 0.2
    -  - 0.3
    +  - 0.4
     design: grid
    "#);
    desk.write("s.yaml", SWEEP);
    // The same points by another cut.
    done(&desk, &["sweep", "s.yaml", "--out", "p", "--shard", "1/3"]);
    fs::copy(
        desk.path("p.parts/shard-1-of-3-1.journal"),
        desk.path("o.parts/shard-1-of-3-1.journal"),
    )
    .expect("copied");
    let (status, text) = said(&desk, &["merge", "o"]);
    assert_eq!(status, 2);
    insta::assert_snapshot!(text, @r#"
    error: point 0 is in both o.parts/shard-1-of-2-1.journal and o.parts/shard-1-of-3-1.journal: remove one of them, or begin anew with --fresh
    "#);
    fs::remove_file(desk.path("o.parts/shard-1-of-3-1.journal")).expect("it is there");
    desk.write("o.parts/shard-9-of-9-1.journal", "coopsim-journal-1 another\n");
    let (status, text) = said(&desk, &["merge", "o"]);
    assert_eq!(status, 2);
    insta::assert_snapshot!(text, @r#"
    error: o.parts/shard-9-of-9-1.journal belongs to something else: another sweep, or another version of this program, or with or without --replications-csv (--fresh begins anew)
    "#);
    done(&desk, &["sweep", "s.yaml", "--out", "o", "--fresh"]);
    assert!(!desk.path("o.parts").exists());
    assert_eq!(tables(&desk, "o")[0].lines().count(), 16);
}

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
        with("  seed: [1, 2, 1]\n"),
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
    error: found 2 entries, expected only one of `poisson`, `deterministic`, `gamma`, `weibull`, `lognormal`, `pareto`, `mmpp`, `clients`, `client-table`, `servegen`
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
    error: `from` is in `/s` and `to` in `/h`: give both in the same unit
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
    error: `1` is there twice
     --> s.yaml:3:16
      |
    3 |   seed: [1, 2, 1]
      |                ^
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

/// Files that may not grow beyond a few blocks are what a full disk is to a writer.
#[cfg(unix)]
#[test]
fn a_disk_that_is_full_loses_nothing_that_was_written() {
    let desk = desk(SWEEP);
    done(&desk, &["sweep", "s.yaml", "--out", "whole"]);
    let limited = "trap '' XFSZ; ulimit -f 200; exec \"$0\" sweep s.yaml --out full";
    let mut command = Command::new("bash");
    command.current_dir(desk.path("")).args(["-c", limited, env!("CARGO_BIN_EXE_coopsim")]);
    let output = command.output().expect("there is a shell");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("full.parts/all-1.journal"), "{text}");
    assert!(!desk.path("full").exists(), "nothing is half-written");
    let (status, text) = said(&desk, &["sweep", "s.yaml", "--out", "full"]);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains(" of 15 points are there already"), "{text}");
    assert_eq!(tables(&desk, "whole"), tables(&desk, "full"));
}
