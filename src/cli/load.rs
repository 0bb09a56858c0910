//! Loads the scenarios of a command line; all their errors come at once.

use super::arguments::ScenarioArguments;
use super::failure::{self, Failure};
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
    let (mut errors, mut is_sweep) = (Vec::new(), false);
    for file in &arguments.files {
        match scenario::load(file, &overrides) {
            Ok(scenario) => scenarios.push(scenario),
            Err(error) => {
                is_sweep |= matches!(error, LoadError::Invalid(_)) && scenario::is_sweep(file);
                errors.push(error);
            }
        }
    }
    if errors.is_empty() { Ok(scenarios) } else { Err(failure(&errors, is_sweep)) }
}

/// One wrong scenario makes the whole command line wrong, and so does a path that leads to no file that could be
/// one; a disk that fails does not.
fn failure(errors: &[LoadError], is_sweep: bool) -> Failure {
    let messages = errors.iter().map(|error| error.to_string().trim_end().to_owned());
    let mut message = messages.collect::<Vec<_>>().join("\n\n");
    if is_sweep {
        message += "\na file with `base` is a sweep, for `coopsim sweep`";
    }
    let is_users = |error: &LoadError| match error {
        LoadError::Invalid(_) => true,
        LoadError::Io { source, .. } => failure::is_wrong_path(source),
    };
    if errors.iter().any(is_users) { Failure::Usage(message) } else { Failure::Running(message) }
}
