//! `coopsim check`: what a scenario resolves to, and how much work it is.

use super::arguments::CheckArguments;
use super::failure::Failure;
use super::{load, output};
use crate::scenario::{self, Scenario};

/// Prints each scenario, resolved, with its estimate and notes as comments, so that the output is itself a
/// scenario file (several are YAML documents of one stream).
pub(super) fn check(arguments: &CheckArguments) -> Result<(), Failure> {
    let scenarios = load::load(&arguments.scenarios)?;
    if arguments.quiet {
        return Ok(());
    }
    let documents = scenarios.iter().map(document).collect::<Vec<_>>();
    output::print(&documents.join("---\n"))
}

fn document(scenario: &Scenario) -> String {
    let mut comments = scenario::estimate(scenario).to_string();
    for note in &scenario.notes {
        comments.push_str("\nNote: ");
        comments.push_str(note);
    }
    let comments = comments.lines().map(|line| format!("# {line}").trim_end().to_owned() + "\n");
    format!("{}\n\n{}", scenario.resolved.trim_end(), comments.collect::<String>())
}
