//! `coopsim validate`: how wrong the program is, by its own account.

use super::arguments::ValidateArguments;
use super::failure::Failure;
use super::format::Format;
use super::interrupt::Interrupt;
use super::output;
use super::progress::Bar;
use crate::report;
use crate::validation::{self, MeasuredRows, Options, Validation, Verdict};
use std::path::{Path, PathBuf};

/// Where the rows go unless the user says otherwise.
const DEFAULT_FOLDER: &str = "output/validate";
/// Where measurements are that are not part of the project, unless `COOPSIM_DATA` says so.
const DATA: &str = "../shared/data";

/// Simulates, writes the folder, prints the rows; fails when theory is contradicted.
pub(super) fn validate(arguments: &ValidateArguments) -> Result<(), Failure> {
    let folder = arguments.out.as_deref().unwrap_or(Path::new(DEFAULT_FOLDER));
    let interrupt = Interrupt::at_once()?;
    interrupt.in_good_order();
    report::prepare_validation_target(folder).map_err(|error| Failure::folder(&error))?;
    let validation = simulate(arguments, &measured()?, &interrupt)?;
    report::write_validation(&validation, folder).map_err(Failure::running)?;
    output::print(&match arguments.format {
        Format::Table => report::validation_table(&validation),
        Format::Json => report::validation_json(&validation),
        Format::Csv => report::validation_csv(&validation),
    })?;
    if !arguments.quiet {
        output::complain(&format!("wrote {}", folder.display()));
    }
    interrupt.check()?;
    judge(&validation)
}

/// All measured rows where the data folder has them, else the catalogue's sample.
fn measured() -> Result<MeasuredRows, Failure> {
    let folder = std::env::var_os("COOPSIM_DATA").map_or(DATA.into(), PathBuf::from);
    let file = folder.join("serving").join("latency.csv");
    if !file.is_file() {
        return Ok(MeasuredRows::sample());
    }
    let failed = |error| Failure::running(format_args!("{}: {error}", file.display()));
    MeasuredRows::of_file(&file).map_err(failed)
}

fn simulate(
    arguments: &ValidateArguments,
    measured: &MeasuredRows,
    interrupt: &Interrupt,
) -> Result<Validation, Failure> {
    let bar = Bar::new("validate", arguments.quiet);
    let options = Options {
        seed: arguments.seed,
        quick: arguments.quick,
        threads: arguments.threads.map(usize::from),
    };
    let update = |progress| bar.update(progress);
    let outcome = validation::validate(&options, measured, &update, interrupt.flag());
    drop(bar);
    // What was told to stop fails for that reason, whatever it says.
    interrupt.check()?;
    outcome.map_err(Failure::running)
}

/// Fails if a check deviates from theory, or if there is nothing in a table of measurements that can be compared.
/// What is compared is for the reader to judge.
fn judge(validation: &Validation) -> Result<(), Failure> {
    let latency = &validation.latency;
    if latency.rows.is_empty() {
        let (rows, origin) = (latency.not_simulated, &latency.origin);
        return Err(Failure::running(format_args!(
            "{origin}: none of {rows} rows could be compared: the catalogue lacks their models or chips, or they do not fit"
        )));
    }
    let deviates = |check: &&validation::Check| check.verdict == Verdict::Deviates;
    let failed: Vec<_> = validation.checks.iter().filter(deviates).collect();
    let Some(first) = failed.first() else { return Ok(()) };
    let (count, all) = (failed.len(), validation.checks.len());
    let (section, name) = (first.section, &first.name);
    Err(Failure::running(format_args!(
        "{count} of {all} checks deviate from theory, first {section}: {name}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_deviates_is_a_failure_while_running() {
        let mut validation = report::sample::validation();
        let failure = judge(&validation).expect_err("one of the samples deviates");
        assert!(matches!(failure, Failure::Running(_)), "exit status 1");
        insta::assert_snapshot!(format!("{failure:?}"), @r#"Running("error: 1 of 3 checks deviate from theory, first Erlang C: M/M/1, ρ = 0.5: P(W > 2 s)")"#);
        validation.checks.retain(|check| check.verdict == Verdict::Agrees);
        assert_eq!(judge(&validation), Ok(()), "whatever the published rows say");
    }
}
