//! `coopsim check`: what a scenario resolves to, and how much work it is.

use super::arguments::{CheckArguments, ScenarioArguments};
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::{load, memory, output, sweep};
use crate::estimate::{Estimate, estimate};
use crate::scenario::{self, Scenario, SweepOverrides};
use crate::units;

/// Prints each scenario, resolved, with its estimate and notes as comments, so that the output is itself a
/// scenario file (several are YAML documents of one stream).
pub(super) fn check(arguments: &CheckArguments) -> Result<(), Failure> {
    // Nothing is written, so that nothing has to be put in order.
    Interrupt::at_once()?;
    let (sweeps, files): (Vec<_>, _) =
        arguments.scenarios.files.iter().cloned().partition(|file| scenario::is_sweep(file));
    let given = ScenarioArguments { files, ..arguments.scenarios.clone() };
    let sweeps = sweeps.iter().map(|file| sweep::load(file, &overrides(&given)));
    let sweeps: Vec<_> = sweeps.collect::<Result<_, _>>()?;
    let scenarios = load::load(&given)?;
    if arguments.quiet {
        return Ok(());
    }
    let estimates: Vec<_> = scenarios.iter().map(estimate).collect();
    let documents = scenarios.iter().zip(&estimates);
    let documents = documents.map(|(scenario, estimate)| document(scenario, estimate));
    let documents = documents.chain(sweeps.iter().map(sweep::document));
    output::print(&documents.collect::<Vec<_>>().join("---\n"))?;
    let problems = scenarios.iter().zip(&estimates);
    let problems: Vec<_> =
        problems.filter_map(|(scenario, estimate)| problem(scenario, estimate)).collect();
    if problems.is_empty() { Ok(()) } else { Err(Failure::Usage(problems.join("\n\n"))) }
}

fn overrides(given: &ScenarioArguments) -> SweepOverrides {
    let &ScenarioArguments { seed, replications, .. } = given;
    SweepOverrides { set: given.set.clone(), seed, replications }
}

/// Why some of a scenario's variants have no plan: of objectives, where they are written.
fn problem(scenario: &Scenario, estimate: &Estimate) -> Option<String> {
    let variants = estimate.variants.iter();
    let failed = variants.filter_map(|one| Some((&*one.name, one.plan.as_ref().err()?)));
    let failed: Vec<_> = failed.collect();
    let unreachable: Vec<_> = failed
        .iter()
        .filter_map(|(name, problem)| Some((*name, problem.unreachable.as_ref()?)))
        .collect();
    match failed.first() {
        None => None,
        Some((_, problem)) if unreachable.is_empty() => Some(format!("error: {}", problem.reason)),
        Some(_) => Some(scenario.unreachable(&unreachable).to_string()),
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
