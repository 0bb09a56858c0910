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
    assert.stderr(
        "error: one.yaml: `small queue` has one variant, and a comparison needs two: use `run`\n",
    );
    let assert = desk.coopsim(&["compare", "queue.yaml", "--variant", "busy"]).code(2);
    assert.stderr("error: queue.yaml: `small queue`: --variant busy leaves nothing to compare\n");
    assert!(!desk.path("output").exists());
}

#[test]
fn a_path_to_no_file_is_a_mistake() {
    let desk = Desk::new();
    fs::create_dir(desk.path("folder")).unwrap();
    for (path, message) in [
        ("missing.yaml", "cannot read missing.yaml: No such file or directory"),
        ("queue.yaml/x", "cannot read queue.yaml/x: Not a directory"),
        ("folder", "cannot read folder: it is a folder"),
    ] {
        for command in ["run", "check"] {
            let assert = desk.coopsim(&[command, path]).code(2).stdout("");
            assert.stderr(predicate::str::contains(message));
        }
    }
}

/// A link that leads nowhere can be neither read nor replaced.
#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_no_folder() {
    let desk = Desk::new();
    std::os::unix::fs::symlink("nothing", desk.path("link")).unwrap();
    let assert = desk.coopsim(&["run", "queue.yaml", "--out", "link"]).code(2).stdout("");
    assert.stderr("error: link is a link that leads nowhere\n");
    assert_eq!(desk.names("."), ["link", "queue.yaml"]);
}

/// Ten thousand letters tell nobody anything, wherever they stand.
#[test]
fn long_words_are_cut_everywhere() {
    let desk = Desk::new();
    let long = "x".repeat(10_000);
    let spaced = "x y ".repeat(2500);
    let set = format!("seed={long}");
    let key = format!("{long}=1");
    for arguments in [
        vec!["run", &long],
        vec!["check", &spaced],
        vec!["run", "queue.yaml", "--out", &long],
        vec!["report", &long],
        vec!["validate", "--out", &long],
        vec!["run", "queue.yaml", "--variant", &long],
        vec!["run", "queue.yaml", "--variant", &spaced],
        vec!["run", "queue.yaml", "--set", &set],
        vec!["run", "queue.yaml", "--set", &key],
        vec!["run", "queue.yaml", "--seed", &long],
        vec!["catalog", "accelerators", &long],
        vec!["catalog", "accelerators", &spaced],
        vec![&long],
    ] {
        let output = desk.coopsim(&arguments).code(2).stdout("").get_output().stderr.clone();
        let shown = String::from_utf8_lossy(&output);
        assert!(shown.chars().count() < 2000, "{:.40?}: {shown}", arguments);
    }
}

/// Two names may become the same name of a folder: neither scenario loses its results to the other.
#[test]
fn a_folder_that_nobody_named_is_kept_from_another_scenario() {
    let desk = Desk::new();
    desk.write("other.yaml", &QUEUE.replace("small queue", "small/queue"));
    desk.coopsim(&["run", "queue.yaml"]).success();
    let read = || fs::read_to_string(desk.path("output/small-queue/summary.json")).unwrap();
    let before = read();
    let assert = desk.coopsim(&["run", "other.yaml"]).code(2).stdout("");
    assert.stderr("error: output/small-queue holds the results of another scenario, `small queue`, not of `small/queue`: give --out, or --yes to replace them\n");
    assert_eq!(read(), before);
    desk.coopsim(&["run", "queue.yaml"]).success();
    desk.coopsim(&["run", "other.yaml", "--out", "output/small-queue"]).success();
    assert!(read().contains("small/queue"), "whoever names a folder gets it");
    desk.coopsim(&["run", "queue.yaml", "--yes"]).success();
    assert_eq!(read(), before);
}

/// What cannot be met is shown where it is asked for, in the file, in a variant or in an argument.
#[test]
fn an_objective_that_cannot_be_met_is_shown_where_it_is_written() {
    let desk = Desk::new();
    let objective = "scheduler:\n  capacity: {objective: {wait-p99: 60s, e2e-p99: 2s}}\n";
    desk.write("x.yaml", &format!("{QUEUE}{objective}"));
    for command in ["check", "run"] {
        let assert = desk.coopsim(&[command, "x.yaml"]).code(2);
        let shown = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(shown.starts_with("error: model `server` cannot meet `e2e-p99: 2s`"), "{shown}");
        assert!(shown.contains("--> x.yaml:24:"), "{shown}");
        assert!(shown.contains("path: scheduler.capacity.objective.e2e-p99"), "{shown}");
        assert!(shown.ends_with("1 error in x.yaml\n"), "{shown}");
    }
    let set = "scheduler.capacity.objective.e2e-p99=3s";
    let assert = desk.coopsim(&["check", "x.yaml", "--set", set]).code(2);
    assert.stderr(predicate::str::contains(format!("--> --set {set}")));
    let variants = "variants:\n  - {name: easy, set: {scheduler.capacity.objective.e2e-p99: 60s}}\n  - {name: hard, set: {}}\n";
    desk.write("x.yaml", &format!("{QUEUE}{objective}{variants}"));
    let assert = desk.coopsim(&["check", "x.yaml"]).code(2);
    let found =
        predicate::str::contains("variant: hard").and(predicate::str::contains("easy").not());
    assert.stderr(found);
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
    desk.coopsim(&["report", "nowhere"]).code(2).stderr("error: there is no folder nowhere\n");
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

/// Starts the program here.
#[cfg(unix)]
fn started(desk: &Desk, arguments: &[&str]) -> std::process::Child {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_coopsim"));
    command.current_dir(desk.0.path()).args(arguments);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    command.spawn().expect("it starts")
}

/// Ctrl-C.
#[cfg(unix)]
fn interrupt(child: &std::process::Child) {
    let signal = ["-INT", &child.id().to_string()];
    std::process::Command::new("kill").args(signal).status().expect("kill is there");
}

/// Starts the program with more work than a minute's, and asks it to stop after two seconds: far more than it takes
/// to start.
#[cfg(unix)]
fn interrupted(desk: &Desk, arguments: &[&str]) -> std::process::Output {
    let before = desk.names(".");
    let child = started(desk, arguments);
    std::thread::sleep(std::time::Duration::from_secs(2));
    let asked = std::time::Instant::now();
    interrupt(&child);
    let output = child.wait_with_output().expect("it ends");
    let took = asked.elapsed();
    assert!(took < std::time::Duration::from_secs(5), "it went on for {took:?}");
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "interrupted\n");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    assert_eq!(desk.names("."), before);
    output
}

#[cfg(unix)]
#[test]
fn an_interruption_leaves_nothing_half_done() {
    let desk = Desk::new();
    interrupted(&desk, &["run", "queue.yaml", "--replications", "100000"]);
}

/// A single replication whose only bucket is a minute's work and more.
#[cfg(unix)]
#[test]
fn long_buckets_are_interrupted_too() {
    let desk = Desk::new();
    let long = ["run", "queue.yaml", "--replications", "1", "--set", "window.bucket=500d"];
    interrupted(&desk, &[&long[..], &["--set", "window.horizon=500d"]].concat());
}

/// Where calls do not come alike at all times a pilot is as long as the scenario.
#[cfg(unix)]
#[test]
fn the_search_for_replicas_is_interrupted_too() {
    let desk = Desk::new();
    let growth = "    modulation: {growth: {per-year: 1.1}}\n";
    let objective = "scheduler: {capacity: {objective: {wait-p99: 1s}}}\n";
    desk.write("x.yaml", &format!("{QUEUE}{growth}{objective}"));
    let horizon = "window.horizon=500d";
    for command in ["check", "run"] {
        interrupted(&desk, &[command, "x.yaml", "--set", horizon]);
    }
}

/// A reader that takes nothing holds the program up where it cannot look for a request to stop: the first one finds
/// it still there, and the second one ends it.
#[cfg(unix)]
#[test]
fn the_second_interruption_ends_it_at_once() {
    use std::io::{BufRead, BufReader};
    let desk = Desk::new();
    let mut child = started(&desk, &["run", "queue.yaml", "--format", "json"]);
    let mut stderr = BufReader::new(child.stderr.take().expect("it is piped"));
    let mut line = String::new();
    stderr.read_line(&mut line).expect("readable");
    assert_eq!(line, "wrote output/small-queue\n");
    let pause = || std::thread::sleep(std::time::Duration::from_millis(500));
    pause();
    interrupt(&child);
    pause();
    assert_eq!(child.try_wait().expect("known"), None, "the first time it goes on in good order");
    interrupt(&child);
    let asked = std::time::Instant::now();
    // Waiting takes nothing from the pipe, either.
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    assert!(asked.elapsed() < std::time::Duration::from_secs(5));
    assert!(desk.path("output/small-queue/summary.json").exists(), "what was written stays");
}

/// What is replaced is results of the same scenario, which is said before it happens; anything else is refused.
#[test]
fn what_a_run_takes_away_is_said() {
    let desk = Desk::new();
    desk.coopsim(&["compare", "queue.yaml"]).code(0);
    let one = ["run", "queue.yaml", "--variant", "busy"];
    let said = "output/small-queue holds a comparison of 2 variants: this run of 1 replaces it (--out names another folder)";
    desk.coopsim(&one).code(0).stderr(predicate::str::contains(said));
    desk.coopsim(&one).code(0).stderr(predicate::str::contains("holds").not());
    let set = ["run", "queue.yaml", "--variant", "busy", "--set", "seed=5"];
    let said = "output/small-queue holds results of 1 variant: this run with --set replaces it";
    desk.coopsim(&set).code(0).stderr(predicate::str::contains(said));
    desk.coopsim(&["compare", "queue.yaml"]).code(0);
    let said = "holds a comparison of 2 variants: this run, which compares nothing, replaces it";
    desk.coopsim(&["run", "queue.yaml"]).code(0).stderr(predicate::str::contains(said));
    desk.coopsim(&["compare", "queue.yaml", "--quiet"]).code(0).stderr("");
}

/// An argument is meant for each of the files: whose it does not fit is said where it is shown.
#[test]
fn what_is_wrong_with_an_argument_names_the_file() {
    let desk = Desk::new();
    let nobody = ["run", "queue.yaml", "--variant", "nobody"];
    let shown = "--> --variant nobody (for queue.yaml)";
    desk.coopsim(&nobody).code(2).stderr(predicate::str::contains(shown));
    // A part of what stands as a whole: the rest stays.
    let rented = QUEUE.replace("terms: first-party", "terms: {rental: {price: 2 USD/h}}");
    desk.write("rented.yaml", &rented);
    let terms = "tenants[0].terms.marketplace.take-rate=20%";
    let hint = "the rest of it stays: to replace all, set `tenants[0].terms={…}`";
    let assert = desk.coopsim(&["check", "rented.yaml", "--set", terms]).code(2);
    assert.stderr(predicate::str::contains(hint));
    let trace = "applications[0]={name: x, trace: {file: no.csv, format: azure}}";
    let hint = "`--set 'applications[0].trace.file=FILE'` reads another";
    let assert = desk.coopsim(&["check", "queue.yaml", "--set", trace]).code(2);
    assert.stderr(predicate::str::contains(hint));
}

/// The folder above those that hold results is not one of them, and says which they are.
#[test]
fn a_folder_of_folders_names_them() {
    let desk = Desk::new();
    desk.coopsim(&["report", "output"]).code(2).stderr("error: there is no folder output\n");
    desk.coopsim(&["run", "queue.yaml"]).code(0);
    let said = "error: output holds no results itself: did you mean output/small-queue?\n";
    desk.coopsim(&["report", "output"]).code(2).stderr(said);
}
