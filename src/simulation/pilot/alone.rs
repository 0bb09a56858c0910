//! One model of a variant by itself, with its own part of the calls.

use crate::economics::{TenantSpec, Terms};
use crate::engine::SimDuration;
use crate::market::Choice;
use crate::scheduler::{CapacitySplit, SchedulerSpec, Start};
use crate::simulation::setup::{ApplicationSpec, DeploymentSpec, ModelSpec, Setup, Window};
use crate::units::UsdPerHour;
use crate::workload::{Process, SourceSpec};

/// Buckets of a pilot: enough to see whether a queue grows.
const BUCKETS: u64 = 60;

/// `setup` with one model only, called as it is there: its applications make all their calls, and those
/// that choose another model are turned away at once. What is left is thinned exactly as it is in the
/// whole, whatever process it comes from. Users, who would call again at once, are fewer instead.
///
/// Names and money are left out where nothing depends on them, so that equal models make equal pilots.
pub(super) fn alone(setup: &Setup, model: usize, shares: &[Vec<f64>]) -> Setup {
    let named = setup.applications.iter().any(|each| matches!(each.source, SourceSpec::Trace(_)));
    // A trace may say by name which model a call goes to.
    let (models, index) = if named {
        (setup.models.iter().map(|each| each.name.clone()).collect(), model)
    } else {
        (vec!["pilot".to_owned(), "others".to_owned()], 0)
    };
    let deployments = setup.deployments.iter().filter(|each| each.model == model);
    let deployments: Vec<_> =
        deployments.map(|each| DeploymentSpec { model: index, ..each.clone() }).collect();
    let applications = setup.applications.iter().zip(shares);
    let applications = applications
        .filter(|(each, shares)| shares[model] > 0.0 || matches!(each.source, SourceSpec::Trace(_)))
        .map(|(each, shares)| {
            let share = shares[model];
            let choice = if named { shares.clone() } else { vec![share, 1.0 - share] };
            application(each, share, index, choice)
        });
    let mut clusters = setup.clusters.clone();
    clusters.iter_mut().for_each(|cluster| (cluster.capital, cluster.electricity) = (None, None));
    let tenant =
        TenantSpec { name: "pilot".to_owned(), terms: Terms::Rental { price: UsdPerHour(0.0) } };
    let model_spec = |name| ModelSpec { name, tenant: 0, price: None };
    Setup {
        window: setup.window,
        clusters,
        tenants: vec![tenant],
        models: models.into_iter().map(model_spec).collect(),
        deployments,
        applications: applications.collect(),
        scheduler: SchedulerSpec {
            capacity: CapacitySplit::Fixed,
            start: Start::Warm,
            ..setup.scheduler.clone()
        },
    }
}

fn application(
    each: &ApplicationSpec,
    share: f64,
    model: usize,
    choice: Vec<f64>,
) -> ApplicationSpec {
    let mut own = ApplicationSpec { choice: Choice::Fixed(choice), slo: None, ..each.clone() };
    if let SourceSpec::Users(users) = &mut own.source
        && share > 0.0
    {
        users.count = ((f64::from(users.count) * share).round() as u32).max(1);
        let Choice::Fixed(shares) = &mut own.choice else { unreachable!("it was made so above") };
        shares.iter_mut().enumerate().for_each(|(index, share)| {
            *share = if index == model { 1.0 } else { 0.0 };
        });
    }
    own
}

/// The longest that the past of the sources is felt: conversations, and states of bursts.
pub(super) fn memory_s(setup: &Setup, alone_s: f64) -> f64 {
    let of = |each: &ApplicationSpec| match &each.source {
        SourceSpec::Synthetic { arrivals, .. } => match &arrivals.process {
            Process::Mmpp(mmpp) => {
                mmpp.states.iter().map(|state| state.sojourn.as_secs_f64()).sum()
            }
            Process::Renewal(_) | Process::Clients(_) => 0.0,
        },
        SourceSpec::Sessions(sessions) => {
            sessions.means().turns * (sessions.think.mean() + alone_s)
        }
        SourceSpec::Users(users) => {
            alone_s + users.think.as_ref().map_or(0.0, |think| think.mean())
        }
        SourceSpec::Batch(_) | SourceSpec::Trace(_) => 0.0,
    };
    setup.applications.iter().map(of).fold(alone_s, f64::max)
}

/// A window that measures for so long, after a quarter of it; calls are followed for as long after it.
pub(super) fn window(measured_s: f64) -> Window {
    let measured = SimDuration::from_secs_f64(measured_s);
    let warmup = SimDuration::from_secs_f64(measured_s / 4.0);
    let horizon = warmup + measured;
    let bucket = SimDuration::from_nanos((horizon.as_nanos() / BUCKETS).max(1));
    Window { warmup, horizon, ends_with_calls: false, drain: warmup, bucket }
}
