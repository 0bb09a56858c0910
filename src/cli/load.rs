//! Loads the scenarios of a command line; all their errors come at once.

use super::arguments::ScenarioArguments;
use super::failure::Failure;
use crate::scenario::{self, LoadError, Overrides, Scenario};

/// Loads every file, or fails with the errors of all that are wrong.
pub(super) fn load(arguments: &ScenarioArguments) -> Result<Vec<Scenario>, Failure> {
    let overrides = Overrides {
        set: arguments.set.clone(),
        seed: arguments.seed,
        replications: arguments.replications,
        variant: arguments.variant.clone(),
    };
    let mut scenarios = Vec::new();
    let mut errors = Vec::new();
    for file in &arguments.files {
        match scenario::load(file, &overrides) {
            Ok(scenario) => scenarios.push(scenario),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(scenarios) } else { Err(failure(&errors)) }
}

/// One wrong scenario makes the whole command line wrong; unreadable files alone do not.
fn failure(errors: &[LoadError]) -> Failure {
    let messages = errors.iter().map(|error| error.to_string().trim_end().to_owned());
    let message = messages.collect::<Vec<_>>().join("\n\n");
    if errors.iter().any(|error| matches!(error, LoadError::Invalid(_))) {
        Failure::Usage(message)
    } else {
        Failure::Running(message)
    }
}
