//! `coopsim check`: what a scenario resolves to, and how much work it is.

use super::arguments::CheckArguments;
use super::failure::Failure;
use super::{load, memory, output};
use crate::scenario::{self, Estimate, Scenario};
use crate::units;

/// Prints each scenario, resolved, with its estimate and notes as comments, so that the output is itself a
/// scenario file (several are YAML documents of one stream).
pub(super) fn check(arguments: &CheckArguments) -> Result<(), Failure> {
    let scenarios = load::load(&arguments.scenarios)?;
    if arguments.quiet {
        return Ok(());
    }
    let estimates: Vec<_> = scenarios.iter().map(scenario::estimate).collect();
    let documents = scenarios.iter().zip(&estimates);
    let documents = documents.map(|(scenario, estimate)| document(scenario, estimate));
    output::print(&documents.collect::<Vec<_>>().join("---\n"))?;
    let plans = estimates.iter().flat_map(|estimate| &estimate.variants);
    match plans.map(|variant| &variant.plan).find_map(|plan| plan.as_ref().err()) {
        Some(problem) => Err(Failure::usage(problem)),
        None => Ok(()),
    }
}

fn document(scenario: &Scenario, estimate: &Estimate) -> String {
    let mut comments = estimate.to_string();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let needed = estimate.memory_bytes(threads);
    if let Some(available) = memory::available()
        && needed > available as f64
    {
        let (needed, available) =
            (units::amount_of_bytes(needed), units::amount_of_bytes(available as f64));
        comments.push_str(&format!(
            "\nWarning: on {threads} threads it takes about {needed} of memory, and {available} are available: `run` asks for --yes."
        ));
    }
    for note in &scenario.notes {
        comments.push_str("\nNote: ");
        comments.push_str(note);
    }
    let comments = comments.lines().map(|line| format!("# {line}").trim_end().to_owned() + "\n");
    format!("{}\n\n{}", scenario.resolved.trim_end(), comments.collect::<String>())
}
