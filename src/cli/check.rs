//! `coopsim check`: what a scenario resolves to, and how much work it is.

use super::arguments::CheckArguments;
use super::failure::Failure;
use super::placeholder::scenario::{self, Scenario};
use super::{load, output};

/// Prints each scenario, resolved, with its estimate as comments, so that the output is itself a
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
    let mut text = scenario.resolved.trim_end().to_owned();
    text.push_str("\n\n");
    for line in scenario::estimate(scenario).to_string().lines() {
        text.push_str(format!("# {line}").trim_end());
        text.push('\n');
    }
    text
}
