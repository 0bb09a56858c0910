//! A run that is killed at any moment leaves the folder that was there or the new one, whole, and
//! nothing that the next run does not remove.

use crate::cases;
use crate::desk::Desk;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A queue that is simulated in no time, so that most kills fall into the writing of the folder.
const SCENARIO: &str = "\
name: small queue
replications: 2
window: {warmup: 10s, horizon: 100s}
cloud: {regions: [{name: here, clusters: [{name: only, accelerator: H100-SXM, nodes: 1}]}]}
tenants: [{name: House, terms: first-party}]
models:
  - name: server
    tenant: House
    deployments:
      - cluster: only
        accelerators: 8
        performance: {service-time: {distribution: {exponential: {mean: 1s}}, slots: 10}}
applications: [{name: callers, arrivals: {poisson: {rate: 8/s}}}]
variants:
  - {name: calm, set: {'applications[0].arrivals.poisson.rate': 5/s}}
  - {name: busy, set: {'applications[0].arrivals.poisson.rate': 9/s}}
";
/// The two runs that take turns, told apart by their seeds.
const SEEDS: [&str; 2] = ["1", "2"];
/// A whole run follows every so many kills.
const KILLS_BETWEEN_RUNS: u64 = 5;

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Every file below a folder.
fn files(folder: &Path) -> Files {
    let mut found = Files::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).expect("a file"));
        }
    }
    found
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let mut names: Vec<_> = entries.map(|entry| name(entry.expect("an entry"))).collect();
    names.sort();
    names
}

fn compare(desk: &Desk, seed: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coopsim"));
    command.current_dir(desk.path("")).stdout(Stdio::null()).stderr(Stdio::null());
    command.args(["compare", "x.yaml", "--quiet", "--out", "all/out", "--seed", seed]);
    command
}

/// Runs to the end; gives the folder and how long it took.
fn whole_run(desk: &Desk, seed: &str) -> (Files, Duration) {
    let start = Instant::now();
    assert!(compare(desk, seed).status().expect("it starts").success());
    assert_eq!(names(&desk.path("all")), ["out"], "left over after a whole run");
    (files(&desk.path("all/out")), start.elapsed())
}

/// Runs with a seed and kills it after a while.
fn killed_run(desk: &Desk, seed: &str, after: Duration) {
    let mut child = compare(desk, seed).spawn().expect("it starts");
    std::thread::sleep(after);
    child.kill().expect("it was started here");
    child.wait().expect("it ends");
}

/// `COOPSIM_CASES` kills, at random moments of a run; 25 unless it says how many.
#[test]
fn at_any_moment_the_folder_is_the_old_one_or_the_new_one() {
    let kills = cases::count(25);
    let desk = Desk::new();
    desk.write("x.yaml", SCENARIO);
    let [(one, _), (other, long)] = SEEDS.map(|seed| whole_run(&desk, seed));
    let mut random = ChaCha8Rng::seed_from_u64(16);
    let (mut replaced, mut interrupted) = (0, 0);
    for kill in 0..kills {
        let before = files(&desk.path("all/out"));
        let seed = SEEDS[random.next_u32() as usize % 2];
        let after = long.mul_f64(random.random_range(0.0..1.1));
        killed_run(&desk, seed, after);
        let found = files(&desk.path("all/out"));
        let new = if seed == SEEDS[0] { &one } else { &other };
        assert!(found == before || found == *new, "kill {kill}, after {after:?}: neither is whole");
        replaced += u64::from(found != before);
        // A run removes what the one before it left, before it makes a folder of its own.
        let left = names(&desk.path("all")).len();
        assert!(left <= 2, "kill {kill}: {left} folders");
        interrupted += u64::from(left > 1);
        if kill % KILLS_BETWEEN_RUNS == KILLS_BETWEEN_RUNS - 1 {
            whole_run(&desk, seed);
        }
    }
    whole_run(&desk, SEEDS[0]);
    println!(
        "{kills} kills: {interrupted} left a folder aside, {replaced} had replaced the old one"
    );
    assert!(interrupted > 0, "no kill fell into a run's writing: this tested nothing");
}

/// What is done is kept once a run has lasted three seconds.
#[test]
fn a_comparison_that_was_killed_goes_on_and_finds_the_same() {
    let desk = Desk::new();
    desk.write("x.yaml", SCENARIO.replace("horizon: 100s", "horizon: 20000s"));
    let run = |folder: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coopsim"));
        command.current_dir(desk.path("")).stdout(Stdio::null()).stderr(Stdio::piped());
        command.args(["compare", "x.yaml", "--replications", "60", "--threads", "1"]);
        command.args(["--out", folder]);
        command
    };
    let mut child = run("o").spawn().expect("it starts");
    let began = Instant::now();
    let kept = desk.path("o.parts/run-1.journal");
    // Until something is kept beyond the first line.
    while fs::metadata(&kept).map_or(0, |file| file.len()) < 1000 {
        assert_eq!(child.try_wait().expect("known"), None, "it ended in {:?}", began.elapsed());
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().expect("it was started here");
    child.wait().expect("it ends");
    let resumed = run("o").output().expect("it starts");
    let told = String::from_utf8_lossy(&resumed.stderr);
    assert!(resumed.status.success(), "{told}");
    assert!(told.contains("there already"), "{told}");
    assert!(run("whole").status().expect("it starts").success());
    let of = |folder: &str| {
        let all = files(&desk.path(folder)).into_iter();
        let folder = desk.path(folder);
        all.map(|(path, bytes)| (path.strip_prefix(&folder).expect("in it").to_owned(), bytes))
            .collect::<Files>()
    };
    assert_eq!(of("o"), of("whole"));
    assert_eq!(names(&desk.path("")), ["o", "whole", "x.yaml"]);
}
