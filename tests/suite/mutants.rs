//! Shipped scenarios, damaged at random: whatever a file says, it is refused at its place, or checked and
//! simulated like any other. No panic, no hang, no audit that fails, no message of absurd length.

mod structure;
mod text;

use crate::cases;
use coopsim::experiment::{self, ExperimentError, Options};
use coopsim::report;
use coopsim::scenario::{self, LoadError, Overrides, Scenario};
use coopsim::simulation::SimulationError;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Requests of a shipped scenario after its window was made shorter, roughly, and of a mutant that is
/// simulated, at most.
const REQUESTS: f64 = 1_000.0;
const REQUESTS_MAX: f64 = 5_000.0;
/// Replicas of a mutant that is simulated, over all variants, at most.
const REPLICAS_MAX: u64 = 20_000;
/// Points of the time series of a mutant that is simulated, at most.
const BUCKETS_MAX: u64 = 1_000;
/// The longest that the first line of an error may be: names and lists of allowed words go in.
const TITLE_MAX: usize = 1_000;
/// Errors of one file are not that long, each.
const ERROR_BYTES_MAX: usize = 8_000;
/// Digits of a number that can be read.
const DIGITS_MAX: usize = 40;
/// A recording in the place of the ones that are not part of the project.
const TRACE: &str = "\
TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:15:46.6805900,374,44
2023-11-16 18:15:46.9951690,396,109
2023-11-16 18:15:47.4137470,879,55
2023-11-16 18:15:48.2224930,91,16
2023-11-16 18:15:50.6798930,1313,142
";

/// Files to damage: scenarios of the folder and the one of other tests, with windows that take no time.
fn originals(trace: &Path) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let entries = fs::read_dir(folder).expect("there are scenarios");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.retain(|path| path.is_file());
    paths.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/desk/base.yaml"));
    paths.sort();
    let original = |path: PathBuf| {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("text");
        shortened(&with_trace(&text, trace), &name)
    };
    paths.into_iter().map(original).collect()
}

/// With a recording that is there.
fn with_trace(text: &str, trace: &Path) -> String {
    let line = |line: &str| match line.split_once("file: ") {
        Some((before, _)) if !before.contains('#') => format!("{before}file: {}", trace.display()),
        _ => line.to_owned(),
    };
    text.lines().map(|each| line(each) + "\n").collect()
}

/// With two replications of a window in which few requests come, and without tails among the objectives, for
/// which a pilot takes ten times as many calls; nor are there pilots of a thousand calls a second.
fn shortened(text: &str, name: &str) -> String {
    let text = text.replace("-p99: ", "-p50: ").replace("-p95: ", "-p90: ");
    let text = text.replace("1000/s", "60/s");
    let with = |seconds: f64| {
        let line = |line: &str| {
            if line.starts_with("replications:") {
                "replications: 2".to_owned()
            } else if line.starts_with("window:") {
                // The drain, too: the one that is usual is a minute, in which calls go on coming.
                let part = (seconds * 250.0).max(1.0) as u64;
                let horizon = 4 * part;
                format!(
                    "window: {{warmup: {part}ms, horizon: {horizon}ms, drain: {part}ms, bucket: {part}ms}}"
                )
            } else {
                line.to_owned()
            }
        };
        text.lines().map(|each| line(each) + "\n").collect::<String>()
    };
    let long = scenario::load_text(name, with(40.0), &Overrides::default())
        .unwrap_or_else(|error| panic!("{name} as it was shipped: {error}"));
    with((40.0 * REQUESTS / requests(&long)).clamp(0.1, 40.0))
}

fn requests(scenario: &Scenario) -> f64 {
    coopsim::estimate::estimate(scenario).variants.iter().map(|variant| variant.requests).sum()
}

/// Those that come in the drain, too.
fn requests_to_the_end(scenario: &Scenario) -> f64 {
    let spans = scenario.variants.iter().map(|variant| {
        let window = variant.setup.window;
        window.end().as_secs_f64() / window.horizon().as_secs_f64()
    });
    requests(scenario) * spans.fold(1.0, f64::max)
}

/// What number `number` is: damaged bytes.
fn mutant(number: u64, originals: &[String]) -> Vec<u8> {
    let mut random = ChaCha8Rng::seed_from_u64(number);
    let original = &originals[random.random_range(0..originals.len())];
    let damages = *[1, 1, 1, 2, 4].get(random.random_range(0..5)).expect("one of five");
    if random.random_bool(0.5) {
        let mut bytes = original.clone().into_bytes();
        (0..damages).for_each(|_| text::damage(&mut bytes, &mut random));
        bytes
    } else {
        let mut tree = serde_yaml::from_str(original).expect("YAML");
        (0..damages).for_each(|_| structure::damage(&mut tree, &mut random));
        serde_yaml::to_string(&tree).expect("a tree").into_bytes()
    }
}

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Refused,
    Checked,
    Simulated,
}

/// Loads a mutant as `check` does, and simulates it as `compare` does if it is small.
fn try_out(file: &Path, bytes: &[u8]) -> Result<Fate, String> {
    fs::write(file, bytes).expect("the folder is writable");
    let scenario = match scenario::load(file, &Overrides::default()) {
        Ok(scenario) => scenario,
        Err(LoadError::Io { source, .. }) => return Err(format!("not read: {source}")),
        Err(LoadError::Invalid(diagnostics)) => {
            let message = diagnostics.to_string();
            return well_said(&message, diagnostics.count(), file).map(|()| Fate::Refused);
        }
    };
    let _ = coopsim::estimate::estimate(&scenario).to_string();
    loads_again(&scenario)?;
    if !is_small(&scenario) {
        return Ok(Fate::Checked);
    }
    simulate(&scenario)
}

/// Every error has a place in this file, and none is longer than anybody reads.
fn well_said(message: &str, errors: usize, file: &Path) -> Result<(), String> {
    let place = format!("--> {}:", file.display());
    let places = message.lines().filter(|line| line.trim_start().starts_with(&place)).count();
    if places != errors {
        return Err(format!("{errors} errors at {places} places:\n{message}"));
    }
    if message.len() > errors * ERROR_BYTES_MAX {
        return Err(format!("{} bytes for {errors} errors:\n{message:.2000}", message.len()));
    }
    for title in message.lines().filter(|line| line.starts_with("error")) {
        let digits = title.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
        if title.len() > TITLE_MAX || digits > Some(DIGITS_MAX) {
            return Err(format!("a title that nobody reads:\n{title:.2000}"));
        }
    }
    Ok(())
}

/// What `scenario.yaml` of its folder would be gives the same scenario.
fn loads_again(scenario: &Scenario) -> Result<(), String> {
    let again = scenario::load_text("again", scenario.resolved.clone(), &Overrides::default())
        .map_err(|error| format!("resolved, it is refused: {error}"))?;
    if again.sha256 == scenario.sha256 { Ok(()) } else { Err("resolved, it is another".into()) }
}

fn is_small(scenario: &Scenario) -> bool {
    let mut replicas = 0_u64;
    let mut buckets = 0;
    for setup in scenario.variants.iter().map(|variant| &variant.setup) {
        let accelerators = coopsim::cloud::ClusterSpec::accelerators;
        // Under other capacities than `fixed`, as many as there are accelerators.
        replicas += setup.clusters.iter().map(accelerators).sum::<u64>();
        buckets += setup.window.horizon().as_nanos() / setup.window.bucket.as_nanos().max(1);
    }
    let runs = f64::from(scenario.replications) * scenario.variants.len() as f64;
    let requests = requests_to_the_end(scenario);
    requests <= REQUESTS_MAX && runs <= 50.0 && replicas <= REPLICAS_MAX && buckets <= BUCKETS_MAX
}

fn simulate(scenario: &Scenario) -> Result<Fate, String> {
    let differences = scenario.variants.len() > 1;
    let options = Options { threads: Some(1), differences, ..Options::default() };
    match experiment::run(scenario, &options, &|_| (), &AtomicBool::new(false)) {
        Ok(results) => {
            let _ = report::table(&results, 80);
            let _ = (report::summary_csv(&results), report::timeseries_csv(&results));
            serde_json::from_str::<serde_json::Value>(&report::summary_json(&results))
                .map_err(|error| format!("its summary is not JSON: {error}"))?;
            Ok(Fate::Simulated)
        }
        // What only the whole trace shows.
        Err(ExperimentError::Simulation { source: SimulationError::Trace(_), .. }) => {
            Ok(Fate::Checked)
        }
        Err(error) => Err(format!("checked, it does not run: {error}")),
    }
}

/// What happened to which mutant, which is shown.
fn told(bytes: &[u8], error: &str) -> String {
    format!("{error}\n---\n{}\n---", String::from_utf8_lossy(bytes))
}

/// `COOPSIM_CASES` mutants; 400 unless it says how many.
#[test]
fn damaged_scenarios_are_refused_or_run() {
    static FATES: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];
    let folder = tempfile::tempdir().expect("a temporary folder");
    let trace = folder.path().join("trace.csv");
    fs::write(&trace, TRACE).expect("writable");
    let originals = originals(&trace);
    let path = folder.path().to_owned();
    let tried = cases::all("mutants", 400, move |number| {
        let bytes = mutant(number, &originals);
        let file = path.join(format!("mutant-{number}.yaml"));
        let tried = catch_unwind(AssertUnwindSafe(|| try_out(&file, &bytes)));
        let tried = tried.unwrap_or_else(|panic| Err(format!("panic: {}", cases::words(&*panic))));
        let fate = tried.map_err(|error| told(&bytes, &error))?;
        FATES[fate as usize].fetch_add(1, Ordering::Relaxed);
        fs::remove_file(&file).map_err(|error| error.to_string())
    });
    let [refused, checked, simulated] = FATES.each_ref().map(|fate| fate.load(Ordering::Relaxed));
    println!("{refused} refused, {checked} checked, {simulated} simulated");
    assert!(tried < 100 || simulated > tried / 20, "too few are simulated to say anything");
}
