//! `coopsim check`: what a scenario resolves to, and how much work it is.

use super::arguments::CheckArguments;
use super::failure::Failure;
use super::{load, output};
use crate::scenario::{self, Estimate, Scenario};

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
    for note in &scenario.notes {
        comments.push_str("\nNote: ");
        comments.push_str(note);
    }
    let comments = comments.lines().map(|line| format!("# {line}").trim_end().to_owned() + "\n");
    format!("{}\n\n{}", scenario.resolved.trim_end(), comments.collect::<String>())
}
