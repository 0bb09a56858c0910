//! From the schema's types to a simulation's setup: everything that must hold for it to make sense.

use super::{idle, prefixes};
use crate::engine::SimDuration;
use crate::scenario::diagnostic::Finding;
use crate::scenario::effective::{EffectiveAccelerator, EffectiveEngine};
use crate::scenario::path::Path;
use crate::scenario::schema;
use crate::scenario::section::models::{crowd, fit};
use crate::scenario::section::{Checker, applications, cloud, models, scheduler, tenants, window};
use crate::scenario::suggest::listed;
use crate::scenario::traces::Traces;
use crate::scenario::tree::Node;
use crate::scenario::work;
use crate::scheduler::CapacitySplit;
use crate::setup::{Setup, Window};

/// A variant that makes sense.
pub(in crate::scenario) struct Resolved {
    /// What to simulate.
    pub setup: Setup,
    /// The accelerator of each cluster.
    pub accelerators: Vec<EffectiveAccelerator>,
    /// What serves.
    pub engines: Vec<EffectiveEngine>,
    /// What a reader must know of it.
    pub notes: Vec<String>,
    /// What in it does nothing.
    pub idle: Vec<String>,
    /// Calls that one replication is expected to see.
    pub requests: f64,
}

/// Longest description.
const MAX_DESCRIPTION_CHARS: usize = 10_000;

/// Checks `scenario`, which was read from `tree`.
///
/// # Errors
/// Everything that does not make sense.
pub(in crate::scenario) fn resolve(
    scenario: &schema::Scenario,
    tree: &Node,
    traces: &mut Traces,
) -> Result<Resolved, Vec<Finding>> {
    let mut check = Checker::new(tree);
    header(scenario, &mut check);
    let window = window::resolve(&scenario.window, &mut check);
    let clusters = cloud::resolve(&scenario.cloud, &mut check);
    let tenants = tenants::resolve(&scenario.tenants, &mut check);
    let scheduler = scheduler::resolve(&scenario.scheduler, &mut check);
    let supply = models::resolve(scenario, &clusters, &scheduler.capacity, &mut check);
    let applications = applications::resolve(scenario, &window, traces, &mut check);
    if crowd::not_too_many(&scenario.cloud, &clusters, &supply, &scheduler, &mut check) {
        fit::replicas_fit(&clusters, &supply, &scheduler, &mut check);
    }
    let mut notes = check.take_notes();
    let findings = check.finish();
    if !findings.is_empty() {
        return Err(findings);
    }
    let named = cloud::paths(&scenario.cloud);
    let named = named.iter().map(|(_, _, cluster)| cluster);
    let accelerators = named.zip(clusters.iter().flatten()).map(|(given, cluster)| {
        EffectiveAccelerator::new(&cluster.name, &given.accelerator, &cluster.accelerator)
    });
    let accelerators = accelerators.collect();
    let mut setup = Setup {
        window,
        clusters: clusters.into_iter().flatten().collect(),
        tenants,
        models: supply.models,
        deployments: supply.deployments.into_iter().flatten().collect(),
        applications,
        scheduler,
    };
    notes.extend(prefixes::unused(&setup));
    notes.extend(cold_start(&setup));
    notes.extend(mean_demand(&setup));
    if window.ends_with_calls {
        let last = work::last_arrival(&setup, traces);
        match scenario.window.bucket {
            None => setup.window.bucket = window::bucket_of_calls(last),
            Some(bucket) => {
                let mut check = Checker::new(tree);
                window::not_too_many_buckets(
                    last,
                    bucket,
                    "in the time in which calls arrive",
                    &mut check,
                );
                let findings = check.finish();
                if !findings.is_empty() {
                    return Err(findings);
                }
            }
        }
    }
    let calls = |application| work::calls(&setup, application, traces);
    let requests = setup.applications.keys().map(calls).sum();
    let idle = idle::notes(scenario, &setup);
    let engines = EffectiveEngine::all(scenario, &setup);
    Ok(Resolved { setup, accelerators, engines, notes, idle, requests })
}

/// What stands above the parts.
fn header(scenario: &schema::Scenario, check: &mut Checker) {
    let root = Path::default();
    check.name(&root.key("name"), &scenario.name);
    check.range(&root.key("replications"), scenario.replications, 1..=100_000, "");
    let length = scenario.description.chars().count();
    if length > MAX_DESCRIPTION_CHARS {
        let message = format!("{length} characters are too many: at most {MAX_DESCRIPTION_CHARS}");
        check.refuse(&root.key("description"), message);
    }
}

/// Whose calls come unevenly, where capacity follows from their mean.
fn mean_demand(setup: &Setup) -> Option<String> {
    let CapacitySplit::Demand { target_load } = setup.scheduler.capacity else { return None };
    let uneven = setup.applications.iter().filter(|each| !each.source.is_steady());
    let names: Vec<_> = uneven.map(|each| &*each.name).collect();
    (!names.is_empty()).then(|| {
        format!(
            "Capacity is planned for the mean of the calls over the horizon, at {target_load} of saturation; those of {} come unevenly, and their peaks find it busier.",
            listed(&names)
        )
    })
}

/// When the last replica is ready, if they do not have their weights from the start.
fn cold_start(setup: &Setup) -> Option<String> {
    let last = setup.deployments.keys().max_by_key(|&index| setup.starts_after(index))?;
    let ready = setup.starts_after(last);
    let Window { warmup, .. } = setup.window;
    let when = if ready > warmup {
        "later than the warm-up ends, so that waits for weights are measured"
    } else {
        "before the warm-up ends; a backlog of calls from before may be left in the measured window, in which more complete then than arrive"
    };
    let model = &setup.models[setup.deployments[last].model].name;
    (ready > SimDuration::ZERO).then(|| {
        let seconds = ready.as_secs_f64();
        format!("Replicas start cold: the last ones, of `{model}`, are ready after {seconds:.1} s, {when}.")
    })
}
