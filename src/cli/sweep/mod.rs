//! `coopsim sweep` and `coopsim merge`: many points of one scenario, kept as they come, and put together.

mod bar;
mod check;
mod parts;

pub(super) use check::document;

use super::arguments::{MergeArguments, Shard, SweepArguments};
use super::failure::{self, Failure};
use super::interrupt::Interrupt;
use super::output;
use super::parts::SUFFIX;
use crate::experiment::{self, PointResults, Sink, SweepOptions};
use crate::report::{self, PointText, SweepFolder, SweepWritten};
use crate::scenario::{self, LoadError, Sweep, SweepOverrides};
use bar::Bar;
use parts::Parts;
use std::path::{Path, PathBuf};

/// Where results go unless the user says otherwise.
const DEFAULT_FOLDER: &str = "output";
/// More points are run only when the user says so twice.
const MANY_POINTS: u64 = 100_000;
/// Failed points that are told one by one.
const TOLD: u64 = 10;

/// Simulates the points that are not there yet, and puts all together where they are all there.
pub(super) fn sweep(arguments: &SweepArguments) -> Result<(), Failure> {
    let interrupt = Interrupt::at_once()?;
    let overrides = SweepOverrides {
        set: arguments.set.clone(),
        seed: arguments.seed,
        replications: arguments.replications,
    };
    let sweep = load(&arguments.file, &overrides)?;
    ask_if_many(&sweep, arguments)?;
    interrupt.in_good_order();
    let folder = match &arguments.out {
        Some(folder) => folder.clone(),
        None => {
            let folder = Path::new(DEFAULT_FOLDER).join(report::slug(&sweep.name));
            if !arguments.yes {
                is_its_own(&folder, &sweep)?;
            }
            folder
        }
    };
    if arguments.shard.is_none() {
        report::prepare_sweep_target(&folder, 0).map_err(|error| Failure::folder(&error))?;
    }
    let parts = Parts::open(&folder, &sweep, arguments.replications_csv, arguments.fresh)?;
    let failed = simulate(arguments, &sweep, &parts, &interrupt)?;
    match arguments.shard {
        Some(shard) => {
            let folder = folder.display();
            told(
                arguments.quiet,
                &format!(
                    "{shard} is done; once all are, and their files are in {folder}{SUFFIX}: coopsim merge {folder}"
                ),
            );
        }
        None => write(&sweep, &parts, !arguments.no_charts, &folder, arguments.quiet)?,
    }
    fail_if(failed, &folder)
}

/// Puts the shards of a sweep together.
pub(super) fn merge(arguments: &MergeArguments) -> Result<(), Failure> {
    let interrupt = Interrupt::at_once()?;
    interrupt.in_good_order();
    let folder = parts::folder_of(&arguments.folder);
    let sweep = load(&parts::sweep_file(&folder)?, &SweepOverrides::default())?;
    let parts = Parts::to_merge(&folder, &sweep)?;
    report::prepare_sweep_target(&folder, 0).map_err(|error| Failure::folder(&error))?;
    write(&sweep, &parts, !arguments.no_charts, &folder, arguments.quiet)
}

/// Reads a sweep; a file that is none is a mistake of the command line.
pub(super) fn load(file: &Path, overrides: &SweepOverrides) -> Result<Sweep, Failure> {
    scenario::load_sweep(file, overrides).map_err(|error| {
        let mut message = error.to_string().trim_end().to_owned();
        if matches!(error, LoadError::Invalid(_)) && !scenario::is_sweep(file) {
            let file = file.display();
            message += &format!("\n{file} has no `base`: is it a scenario, for `coopsim run`?");
        }
        match &error {
            LoadError::Io { source, .. } if !failure::is_wrong_path(source) => {
                Failure::Running(message)
            }
            _ => Failure::Usage(message),
        }
    })
}

fn ask_if_many(sweep: &Sweep, arguments: &SweepArguments) -> Result<(), Failure> {
    let points = sweep.points();
    if points <= MANY_POINTS || arguments.yes {
        return Ok(());
    }
    let file = arguments.file.display();
    Err(Failure::usage(format_args!(
        "{file}: the parameters make {} points: give --yes to run them all",
        parts::counted(points)
    )))
}

/// Fails if a folder that nobody named holds the results of another sweep.
fn is_its_own(folder: &Path, sweep: &Sweep) -> Result<(), Failure> {
    match report::held_sweep(folder) {
        Some(held) if held != sweep.name => {
            let (folder, name) = (folder.display(), &sweep.name);
            Err(Failure::usage(format_args!(
                "{folder} holds the results of another sweep, `{held}`, not of `{name}`: give --out, or --yes to replace them"
            )))
        }
        _ => Ok(()),
    }
}

/// Simulates what is not there yet, and says how many points failed.
fn simulate(
    arguments: &SweepArguments,
    sweep: &Sweep,
    parts: &Parts,
    interrupt: &Interrupt,
) -> Result<u64, Failure> {
    let todo = parts.missing(arguments.shard);
    let all = Shard::points(arguments.shard, sweep.points());
    let kept = all - todo.len() as u64;
    if kept > 0 {
        let (kept, all) = (parts::counted(kept), parts::counted(all));
        told(arguments.quiet, &format!("{kept} of {all} points are there already"));
    }
    if todo.is_empty() {
        return Ok(0);
    }
    let bar = Bar::new(&sweep.name, todo.len() as u64, arguments.quiet);
    let mut writer = parts.writer(arguments.shard)?;
    let options = SweepOptions {
        threads: arguments.threads.map(usize::from),
        replications: arguments.replications_csv,
    };
    let encode = |results: PointResults| {
        let failure = results.found.as_ref().err().map(|reason| told_of(sweep, &results, reason));
        (PointText::of(&results).to_bytes(), failure)
    };
    let mut failed = 0;
    let mut keep = |point: u64, (bytes, failure): (Vec<u8>, Option<String>)| {
        if let Some(message) = failure {
            if arguments.fail_fast {
                // Its lines are legible already.
                return Err(Failure::Running(format!("error: {message}")));
            }
            failed += 1;
            match failed {
                1..=TOLD => bar.tell(&format!("error: {message}")),
                more if more == TOLD + 1 => bar.tell("more points fail; they are in points.csv"),
                _ => {}
            }
        }
        writer.append(&point.to_le_bytes(), &bytes).map_err(Failure::running)
    };
    let progress = |progress| bar.update(progress);
    let sink = Sink { encode: &encode, keep: &mut keep, progress: &progress };
    let outcome = experiment::run_points(sweep, &todo, &options, sink, interrupt.flag());
    let kept = writer.sync().map_err(Failure::running);
    drop(bar);
    match outcome {
        Err(Some(failure)) => return Err(failure),
        _ if interrupt.check().is_err() => {
            let folder = parts.folder.display();
            told(
                arguments.quiet,
                &format!("what is done is kept in {folder}: the same command goes on"),
            );
            return Err(Failure::Interrupted);
        }
        Err(None) | Ok(()) => {}
    }
    kept.map(|()| failed)
}

/// Why a point cannot be simulated, with its values.
fn told_of(sweep: &Sweep, results: &PointResults, reason: &str) -> String {
    let values = sweep.parameters.iter().zip(&results.values);
    let values: Vec<_> = values.map(|(path, value)| format!("{path} = {value}")).collect();
    let reason = reason.trim().trim_start_matches("error: ");
    format!("point {} ({}): {reason}", results.point, values.join(", "))
}

/// Writes the folder and says so, and of how many points something has to be known.
fn write(
    sweep: &Sweep,
    parts: &Parts,
    charts: bool,
    folder: &Path,
    quiet: bool,
) -> Result<(), Failure> {
    let it = SweepFolder { sweep, replications: parts.replications, charts };
    let rows = parts.rows()?;
    let SweepWritten { warned, is_empty } =
        report::write_sweep(&it, rows, folder).map_err(|error| Failure::folder(&error))?;
    parts.remove();
    if warned > 0 {
        let (warned, all) = (parts::counted(warned), parts::counted(sweep.points()));
        told(quiet, &format!("warning: {warned} of {all} points have warnings: see points.csv"));
    }
    if is_empty {
        told(quiet, "warning: there is no number: none of `metrics` is of any of `scopes`");
    }
    told(quiet, &format!("wrote {}", folder.display()));
    Ok(())
}

fn fail_if(failed: u64, folder: &Path) -> Result<(), Failure> {
    if failed == 0 {
        return Ok(());
    }
    let table: PathBuf = folder.join("points.csv");
    let points = if failed == 1 {
        "1 point".to_owned()
    } else {
        format!("{} points", parts::counted(failed))
    };
    Err(Failure::running(format_args!("{points} could not be simulated: see {}", table.display())))
}

fn told(quiet: bool, message: &str) {
    if !quiet {
        output::complain(message);
    }
}
