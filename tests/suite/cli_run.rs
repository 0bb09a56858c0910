//! `coopsim run`, `compare`, `check` and `report` as a shell sees them.

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use predicates::prelude::*;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// A queue small enough to run in no time.
const QUEUE: &str = "\
name: small queue
replications: 2
window: {warmup: 10s, horizon: 100s}
cloud:
  regions:
    - name: here
      clusters:
        - name: only
          accelerator: H100-SXM
          nodes: 1
tenants:
  - {name: House, terms: first-party}
models:
  - name: server
    tenant: House
    deployments:
      - cluster: only
        accelerators: 8
        performance: {service-time: {distribution: {exponential: {mean: 1s}}, slots: 10}}
applications:
  - name: callers
    arrivals: {poisson: {rate: 8/s}}
";
const VARIANTS: &str = "\
variants:
  - {name: calm, set: {'applications[0].arrivals.poisson.rate': 5/s}}
  - {name: busy, set: {'applications[0].arrivals.poisson.rate': 9/s}}
";

/// A folder of its own to work in.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(TempDir::new().expect("a temporary folder"));
        desk.write("queue.yaml", &format!("{QUEUE}{VARIANTS}"));
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("the folder is writable");
    }

    /// Runs the program here.
    fn coopsim(&self, arguments: &[&str]) -> Assert {
        let mut command = Command::cargo_bin("coopsim").expect("the binary is built");
        command.current_dir(self.0.path()).args(arguments).assert()
    }

    /// What it prints, if it succeeds.
    fn stdout(&self, arguments: &[&str]) -> String {
        let output = self.coopsim(arguments).success().get_output().stdout.clone();
        String::from_utf8(output).expect("output is text")
    }

    /// Names of what is in a folder here, sorted.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).expect("the folder is there");
        let mut names = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect::<Vec<_>>();
        names.sort();
        names
    }
}

#[test]
fn run_writes_the_folder_and_prints_the_table() {
    let desk = Desk::new();
    let assert = desk.coopsim(&["run", "queue.yaml"]).success();
    let output = assert.stderr("wrote output/small-queue\n").get_output().clone();
    let table = String::from_utf8(output.stdout).expect("output is text");
    for line in table.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let names = desk.names("output/small-queue");
    for file in ["summary.json", "scenario.yaml"] {
        assert!(names.iter().any(|name| name == file), "{names:?}");
    }
    assert_eq!(desk.names("output"), ["small-queue"], "nothing temporary stays");
}

#[test]
fn quiet_prints_nothing_on_standard_error() {
    let desk = Desk::new();
    desk.coopsim(&["run", "queue.yaml", "--quiet"]).success().stderr("");
    desk.coopsim(&["check", "queue.yaml", "--quiet"]).success().stderr("").stdout("");
}

#[test]
fn json_is_the_summary_file() {
    let desk = Desk::new();
    let printed = desk.stdout(&["compare", "queue.yaml", "--format", "json", "--out", "here"]);
    let tree: serde_json::Value = serde_json::from_str(&printed).expect("valid JSON");
    assert_eq!(tree["schema"], "coopsim-summary-1");
    assert_eq!(tree["variants"][1]["name"], "busy");
    assert_eq!(fs::read_to_string(desk.path("here/summary.json")).unwrap(), printed);
}

#[test]
fn several_scenarios_have_a_folder_each_and_one_output() {
    let desk = Desk::new();
    desk.write("other.yaml", &QUEUE.replace("small queue", "other"));
    let both = ["run", "queue.yaml", "other.yaml", "--out", "all", "--format"];
    let tree: serde_json::Value =
        serde_json::from_str(&desk.stdout(&[&both[..], &["json"]].concat())).expect("valid JSON");
    assert_eq!(tree[0]["scenario"], "small queue");
    assert_eq!(tree[1]["scenario"], "other");
    assert_eq!(desk.names("all"), ["other", "small-queue"]);

    let text = desk.stdout(&[&both[..], &["csv"]].concat());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(&reader.headers().unwrap().clone()[0], "scenario");
    let mut scenarios =
        reader.records().map(|row| row.expect("same length")[0].to_owned()).collect::<Vec<_>>();
    scenarios.dedup();
    assert_eq!(scenarios, ["small queue", "other"]);

    let assert = desk.coopsim(&["run", "queue.yaml", "queue.yaml"]).code(2).stdout("");
    assert.stderr(predicate::str::contains("two scenarios would both write output/small-queue"));
}

#[test]
fn a_comparison_needs_two_variants() {
    let desk = Desk::new();
    desk.write("one.yaml", QUEUE);
    let assert = desk.coopsim(&["compare", "one.yaml"]).code(2).stdout("");
    assert.stderr("error: `small queue` has one variant, and a comparison needs two: use `run`\n");
    let assert = desk.coopsim(&["compare", "queue.yaml", "--variant", "busy"]).code(2);
    assert.stderr("error: `small queue`: --variant busy leaves nothing to compare\n");
    assert!(!desk.path("output").exists());
}

#[test]
fn a_missing_file_is_a_failure_of_the_run() {
    let desk = Desk::new();
    let assert = desk.coopsim(&["run", "missing.yaml"]).code(1).stdout("");
    assert.stderr(predicate::str::contains("missing.yaml"));
}

#[test]
fn wrong_scenarios_are_all_reported_before_anything_runs() {
    let desk = Desk::new();
    desk.write("bad.yaml", "nmae: x\n");
    desk.write("worse.yaml", "name: [\n");
    let files = ["run", "bad.yaml", "queue.yaml", "worse.yaml", "missing.yaml"];
    let assert = desk.coopsim(&files).code(2).stdout("");
    let all = ["bad.yaml", "worse.yaml", "missing.yaml"];
    assert.stderr(predicate::function(|text: &str| all.iter().all(|file| text.contains(file))));
    assert!(!desk.path("output").exists());
}

#[test]
fn a_wrong_override_points_at_itself() {
    let desk = Desk::new();
    let assert = desk.coopsim(&["check", "queue.yaml", "--set", "cloud.regoins=1"]).code(2);
    assert.stdout("").stderr(predicate::str::contains("--set cloud.regoins=1"));
}

#[test]
fn check_prints_a_scenario_that_checks_to_itself() {
    let desk = Desk::new();
    let printed = desk.stdout(&["check", "queue.yaml", "--seed", "7", "--replications", "3"]);
    assert!(printed.lines().any(|line| line.starts_with("# ")), "{printed}");
    desk.write("resolved.yaml", &printed);
    let again = desk.stdout(&["check", "resolved.yaml", "--seed", "7", "--replications", "3"]);
    let scenario = |text: &str| {
        text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(scenario(&again), scenario(&printed));
    assert!(!desk.path("output").exists());
}

#[test]
fn foreign_files_are_never_overwritten() {
    let desk = Desk::new();
    desk.write("mine", "do not touch");
    let assert = desk.coopsim(&["run", "queue.yaml", "--out", "mine"]).code(2).stdout("");
    assert.stderr(predicate::str::contains("mine"));
    fs::create_dir(desk.path("notes")).unwrap();
    desk.write("notes/diary.txt", "dear diary");
    desk.coopsim(&["run", "queue.yaml", "--out", "notes"]).code(2).stdout("");
    assert_eq!(desk.names("notes"), ["diary.txt"]);
}

#[test]
fn report_draws_a_folder_again() {
    let desk = Desk::new();
    desk.coopsim(&["run", "queue.yaml", "--out", "here"]).success();
    let before = desk.names("here");
    desk.coopsim(&["report", "here"]).success().stdout("").stderr("");
    assert_eq!(desk.names("here"), before);
    desk.coopsim(&["report", "nowhere"]).code(2).stderr("error: nowhere is not a folder\n");
    fs::create_dir(desk.path("empty")).unwrap();
    desk.coopsim(&["report", "empty"]).code(2).stderr("error: empty holds no results\n");
}

#[test]
fn a_reader_that_leaves_early_does_not_lose_the_folder() {
    let desk = Desk::new();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_coopsim"));
    command.current_dir(desk.0.path()).args(["run", "queue.yaml", "--quiet"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
    assert!(desk.path("output/small-queue/summary.json").exists());
}

/// Starts the program with more work than a minute's, and asks it to stop `times` times after two seconds: far
/// more than it takes to start.
#[cfg(unix)]
fn interrupted(desk: &Desk, arguments: &[&str], times: u32) -> std::process::Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_coopsim"));
    command.current_dir(desk.0.path()).args(arguments);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().expect("it starts");
    std::thread::sleep(std::time::Duration::from_secs(2));
    let asked = std::time::Instant::now();
    for _ in 0..times {
        let signal = ["-INT", &child.id().to_string()];
        std::process::Command::new("kill").args(signal).status().expect("kill is there");
    }
    let output = child.wait_with_output().expect("it ends");
    let took = asked.elapsed();
    assert!(took < std::time::Duration::from_secs(5), "it went on for {took:?}");
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(desk.names("."), ["queue.yaml"]);
    output
}

#[cfg(unix)]
#[test]
fn an_interruption_leaves_nothing_half_done() {
    let desk = Desk::new();
    let output = interrupted(&desk, &["run", "queue.yaml", "--replications", "100000"], 1);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "interrupted\n");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

/// A single replication whose only bucket is a minute's work and more.
#[cfg(unix)]
#[test]
fn long_buckets_are_interrupted_too() {
    let desk = Desk::new();
    let long = ["run", "queue.yaml", "--replications", "1", "--set", "window.bucket=500d"];
    interrupted(&desk, &[&long[..], &["--set", "window.horizon=500d"]].concat(), 1);
    interrupted(&desk, &["run", "queue.yaml", "--replications", "100000"], 2);
}
