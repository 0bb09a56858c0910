//! `coopsim run` and `coopsim compare`: simulate, write the folder, print the numbers.

use super::arguments::RunArguments;
use super::failure::Failure;
use super::format::Format;
use super::interrupt::Interrupt;
use super::kept::Kept;
use super::progress::Bar;
use super::{load, memory, output};
use crate::experiment::{self, ExperimentError, Options, Results};
use crate::report::{self, Extent};
use crate::scenario::Scenario;
use crate::simulation::SimulationError;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Where results go unless the user says otherwise.
const DEFAULT_FOLDER: &str = "output";

/// All variants of each scenario.
pub(super) fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let interrupt = Interrupt::at_once()?;
    let scenarios = load::load(&arguments.scenarios)?;
    simulate_all(arguments, &scenarios, false, &interrupt)
}

/// All variants of each scenario, and their paired differences against the first.
pub(super) fn compare(arguments: &RunArguments) -> Result<(), Failure> {
    let interrupt = Interrupt::at_once()?;
    let scenarios = load::load(&arguments.scenarios)?;
    let mut files = arguments.scenarios.files.iter().zip(&scenarios);
    if let Some((file, scenario)) = files.find(|(_, scenario)| scenario.variants.len() < 2) {
        let (file, name) = (file.display(), &scenario.name);
        return Err(Failure::usage(match &arguments.scenarios.variant {
            Some(variant) => {
                format!("{file}: `{name}`: --variant {variant} leaves nothing to compare")
            }
            None => {
                format!("{file}: `{name}` has one variant, and a comparison needs two: use `run`")
            }
        }));
    }
    simulate_all(arguments, &scenarios, true, &interrupt)
}

fn simulate_all(
    arguments: &RunArguments,
    scenarios: &[Scenario],
    differences: bool,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    // What others would lose is looked at before anything changes on disk.
    interrupt.in_good_order();
    let folders = folders(arguments, scenarios)?;
    let mut all = Vec::new();
    if !arguments.quiet {
        let each = scenarios.iter().zip(&folders);
        each.filter_map(|(scenario, folder)| lost(folder, scenario, arguments, differences))
            .for_each(|line| output::complain(&line));
    }
    for (scenario, folder) in scenarios.iter().zip(&folders) {
        let kept = Kept::open(folder)?;
        let results = simulate(arguments, scenario, differences, &kept, interrupt)?;
        report::write_folder(&results, &scenario.resolved, folder).map_err(Failure::running)?;
        kept.remove();
        if arguments.format == Format::Table {
            output::print(&report::table(&results, usize::from(output::width())))?;
        }
        if !arguments.quiet {
            output::complain(&format!("wrote {}", folder.display()));
            complain_of_warnings(&results, arguments.format);
        }
        interrupt.check()?;
        all.push(results);
    }
    match arguments.format {
        Format::Table => Ok(()),
        Format::Json => output::print(&json(&all)),
        Format::Csv => output::print(&csv(&all)),
    }
}

/// What stands at the top of the table, for those who do not see it.
fn complain_of_warnings(results: &Results, format: Format) {
    if format == Format::Table && std::io::stdout().is_terminal() {
        return;
    }
    if let Some(alarm) = report::alarm(results) {
        output::complain(&format!("warning: {alarm}"));
    }
}

/// One folder per scenario, each safe to write; found out before the first simulation.
fn folders(arguments: &RunArguments, scenarios: &[Scenario]) -> Result<Vec<PathBuf>, Failure> {
    let mut folders = Vec::new();
    for scenario in scenarios {
        let folder = match arguments.out.as_deref() {
            Some(folder) if scenarios.len() == 1 => folder.to_owned(),
            parent => {
                let above = parent.unwrap_or(Path::new(DEFAULT_FOLDER));
                let folder = above.join(report::slug(&scenario.name));
                if !arguments.yes {
                    is_its_own(&folder, scenario)?;
                }
                folder
            }
        };
        if folders.contains(&folder) {
            let folder = folder.display();
            return Err(Failure::usage(format_args!("two scenarios would both write {folder}")));
        }
        report::prepare_target(&folder, extent(scenario))
            .map_err(|error| Failure::folder(&error))?;
        folders.push(folder);
    }
    Ok(folders)
}

/// Fails if a folder that nobody named holds another scenario's results: different names may become the same
/// name of a folder.
fn is_its_own(folder: &Path, scenario: &Scenario) -> Result<(), Failure> {
    match report::held(folder) {
        Some(held) if held.scenario != scenario.name => {
            let (name, folder, other) = (&scenario.name, folder.display(), held.scenario);
            Err(Failure::usage(format_args!(
                "{folder} holds the results of another scenario, `{other}`, not of `{name}`: give --out, or --yes to replace them"
            )))
        }
        _ => Ok(()),
    }
}

/// What a run takes away from earlier results of the same scenario, which it replaces; nothing if it only has them anew.
fn lost(
    folder: &Path,
    scenario: &Scenario,
    arguments: &RunArguments,
    differences: bool,
) -> Option<String> {
    let held = report::held(folder)?;
    let is_set = !arguments.scenarios.set.is_empty() && held.scenario_sha256 != scenario.sha256;
    let variants = held.variants().count();
    let are_here = |name: &str| scenario.variants.iter().any(|variant| variant.name == name);
    let missing = held.variants().filter(|name| !are_here(name)).count();
    let what = if held.is_comparison() { "a comparison" } else { "results" };
    let why = match missing {
        _ if held.scenario != scenario.name => return None,
        0 if held.is_comparison() && !differences => "this run, which compares nothing,".to_owned(),
        0 if is_set => "this run with --set".to_owned(),
        0 => return None,
        _ => format!("this run of {}", scenario.variants.len()),
    };
    let variants =
        if variants == 1 { "1 variant".to_owned() } else { format!("{variants} variants") };
    let folder = folder.display();
    Some(format!(
        "{folder} holds {what} of {variants}: {why} replaces it (--out names another folder)"
    ))
}

/// How much a scenario's folder will hold.
fn extent(scenario: &Scenario) -> Extent {
    let mut extent = Extent::default();
    for setup in scenario.variants.iter().map(|variant| &variant.setup) {
        let lists = [setup.models.len(), setup.tenants.len(), setup.clusters.len()];
        let scopes: usize = lists.iter().sum::<usize>() + setup.applications.len();
        let buckets = setup.window.buckets();
        extent.variants += 1;
        extent.scopes += scopes as u64;
        extent.points += buckets.saturating_mul(1 + setup.models.len() as u64);
    }
    extent
}

fn simulate(
    arguments: &RunArguments,
    scenario: &Scenario,
    differences: bool,
    kept: &Kept,
    interrupt: &Interrupt,
) -> Result<Results, Failure> {
    let bar = Bar::new(&scenario.name, arguments.quiet);
    let memory = if arguments.yes { None } else { memory::available() };
    let options = Options { threads: arguments.threads.map(usize::from), differences, memory };
    let update = |progress| bar.update(progress);
    let outcome = experiment::run_with(kept, scenario, &options, &update, interrupt.flag());
    drop(bar);
    if outcome.is_err()
        && let Some(folder) = kept.settled()
        && !arguments.quiet
    {
        let folder = folder.display();
        output::complain(&format!("what is done is kept in {folder}: the same command goes on"));
    }
    if let (found @ 1.., false) = (kept.found(), arguments.quiet) {
        let replications = if found == 1 { "replication was" } else { "replications were" };
        output::complain(&format!("{found} {replications} there already"));
    }
    // An experiment that was told to stop fails for that reason, whatever it says.
    interrupt.check()?;
    outcome.map_err(|error| match error {
        ExperimentError::Memory { .. } => {
            let name = &scenario.name;
            Failure::usage(format_args!("`{name}`: {error}: give --yes to run it all the same"))
        }
        // The scenario asks for what cannot be had, as `check` says, too.
        ExperimentError::Simulation { source: SimulationError::Unreachable(goal), variant } => {
            Failure::Usage(scenario.unreachable(&[(&*variant, &goal)]).to_string())
        }
        error => Failure::running(error),
    })
}

/// The summary, or for several scenarios an array of them.
fn json(all: &[Results]) -> String {
    let mut summaries = all.iter().map(report::summary_json).collect::<Vec<_>>();
    match summaries.len() {
        1 => summaries.remove(0),
        _ => format!("[\n{}\n]\n", summaries.join(",\n")),
    }
}

/// The summary, or for several scenarios all of them with the scenario as the first column.
fn csv(all: &[Results]) -> String {
    if let [results] = all {
        return report::summary_csv(results);
    }
    let mut joined = csv::Writer::from_writer(Vec::new());
    for (place, results) in all.iter().enumerate() {
        let summary = report::summary_csv(results);
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).from_reader(summary.as_bytes());
        for (line, row) in reader.records().enumerate() {
            let row = row.expect("a summary is well-formed CSV");
            let scenario = report::cell(&results.scenario);
            let first = if line == 0 { "scenario" } else { &scenario };
            if line > 0 || place == 0 {
                joined.write_record(std::iter::once(first).chain(&row)).expect("memory holds it");
            }
        }
    }
    String::from_utf8(joined.into_inner().expect("memory holds it")).expect("summaries are text")
}
