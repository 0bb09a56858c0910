//! Prompt tokens that are said to be cached, and where no cache would find them.

use crate::ids::ModelId;
use crate::setup::{ApplicationSpec, ServingSpec, Setup};
use crate::workload::{Arrivals, Lengths, Process, SourceSpec};

/// A note for each application that declares cached tokens where deployments without a prefix cache
/// process its prompts.
pub(in crate::scenario) fn unused(setup: &Setup) -> Vec<String> {
    setup.applications.iter().filter_map(|application| of_application(setup, application)).collect()
}

fn of_application(setup: &Setup, application: &ApplicationSpec) -> Option<String> {
    let what = declared(&application.source)?;
    let shares = application.choice.shares(setup.models.len());
    let named =
        matches!(&application.source, SourceSpec::Trace(trace) if trace.columns.model.is_some());
    let models = setup.models.iter_enumerated().zip(shares);
    let blind: Vec<_> = models
        .filter(|&((id, _), share)| (named || share > 0.0) && processes_whole(setup, id))
        .map(|((_, model), _)| format!("`{}`", model.name))
        .collect();
    if blind.is_empty() {
        return None;
    }
    let (name, models) = (&application.name, blind.join(", "));
    Some(format!(
        "What `{name}` declares as cached ({what}) is not found at deployments of {models} without `prefix-cache: true`: they process those prompts whole."
    ))
}

/// Whether a deployment of this model processes prompts without a prefix cache.
fn processes_whole(setup: &Setup, model: ModelId) -> bool {
    let decodes = |index| {
        let mut handovers = setup.deployments.iter().filter_map(|spec| spec.handover);
        handovers.any(|handover| handover.decode == index)
    };
    setup.deployments.iter_enumerated().any(|(index, spec)| {
        let cache = matches!(&spec.serving, ServingSpec::Tokens(tokens) if tokens.prefix_cache);
        spec.model == model && !cache && !decodes(index)
    })
}

/// The key that says that something is cached, if any does.
pub(in crate::scenario) fn declared(source: &SourceSpec) -> Option<&'static str> {
    const LENGTHS: &str = "`lengths.cached`";
    let has = |lengths: &Option<Lengths>| lengths.as_ref().is_some_and(|all| all.cached.is_some());
    match source {
        SourceSpec::Synthetic { arrivals, lengths } => {
            (has(lengths) || of_clients(arrivals)).then_some(LENGTHS)
        }
        SourceSpec::Users(spec) => has(&spec.lengths).then_some(LENGTHS),
        SourceSpec::Batch(spec) => has(&spec.lengths).then_some(LENGTHS),
        SourceSpec::Sessions(spec) => (spec.system_prompt > 0).then_some("`system-prompt`"),
        SourceSpec::Trace(spec) => spec.columns.cached.is_some().then_some("its trace's column"),
    }
}

fn of_clients(arrivals: &Arrivals) -> bool {
    let Process::Clients(clients) = &arrivals.process else { return false };
    let mut own = clients.iter().filter_map(|client| client.lengths.as_ref());
    own.any(|lengths| lengths.cached.is_some())
}
