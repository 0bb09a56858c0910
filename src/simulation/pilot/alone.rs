//! One model of a variant by itself, with its own part of the calls.

use crate::economics::{TenantSpec, Terms};
use crate::engine::{SimDuration, SimTime};
use crate::ids::{ApplicationId, ModelId, TenantId};
use crate::market::Choice;
use crate::planning::Shares;
use crate::scheduler::{Autoscaling, CapacitySplit, SchedulerSpec, Start};
use crate::setup::{ApplicationSpec, DeploymentSpec, ModelSpec, Setup, Window};
use crate::units::UsdPerHour;
use crate::workload::{Process, Renewal, SessionsSpec, SourceSpec};
use typed_index_collections::{TiSlice, TiVec, ti_vec};

/// Buckets of a pilot: enough to see whether a queue grows.
const BUCKETS: u64 = 60;
/// Below this share of calls, those that go elsewhere would take most of a pilot's time: where what is left of
/// a process is one of its kind, it is drawn at its own rate.
const RARE: f64 = 0.01;

/// `setup` with one model only, called as it is there: its applications make all their calls, and those
/// that choose another model are turned away at once. What is left is thinned exactly as it is in the
/// whole, whatever process it comes from. Users, who would call again at once, are fewer instead.
///
/// Names and money are left out where nothing depends on them, so that equal models make equal pilots.
pub(super) fn alone(
    setup: &Setup,
    model: ModelId,
    shares: &TiSlice<ApplicationId, Shares>,
) -> Setup {
    let named = setup.applications.iter().any(|each| matches!(each.source, SourceSpec::Trace(_)));
    // A trace may say by name which model a call goes to.
    let (models, index): (Vec<String>, _) = if named {
        (setup.models.iter().map(|each| each.name.clone()).collect(), model)
    } else {
        (vec!["pilot".to_owned(), "others".to_owned()], ModelId::new(0))
    };
    let deployments = setup.deployments.iter().filter(|each| each.model == model);
    let deployments: TiVec<_, _> =
        deployments.map(|each| DeploymentSpec { model: index, ..each.clone() }).collect();
    let applications = setup.applications.iter().zip(shares);
    let applications = applications
        .filter(|(each, shares)| shares[model] > 0.0 || matches!(each.source, SourceSpec::Trace(_)))
        .map(|(each, shares)| {
            let share = shares[model];
            let choice = if named { shares.clone() } else { ti_vec![share, 1.0 - share] };
            application(each, share, index, choice)
        });
    let mut clusters = setup.clusters.clone();
    clusters.iter_mut().for_each(|cluster| (cluster.capital, cluster.electricity) = (None, None));
    let tenant =
        TenantSpec { name: "pilot".to_owned(), terms: Terms::Rental { price: UsdPerHour(0.0) } };
    let model_spec = |name| ModelSpec { name, tenant: TenantId::new(0), price: None };
    Setup {
        window: setup.window,
        clusters,
        tenants: ti_vec![tenant],
        models: models.into_iter().map(model_spec).collect(),
        deployments,
        applications: applications.collect(),
        scheduler: SchedulerSpec {
            capacity: CapacitySplit::Fixed,
            autoscaling: Autoscaling::Fixed,
            start: Start::Warm,
            ..setup.scheduler.clone()
        },
    }
}

fn application(
    each: &ApplicationSpec,
    share: f64,
    model: ModelId,
    choice: Shares,
) -> ApplicationSpec {
    let mut source = each.source.clone();
    let own_alone = share > 0.0 && takes_share(&mut source, share);
    let own = |index, share| if own_alone { f64::from(index == model) } else { share };
    let choice = choice.into_iter_enumerated().map(|(index, share)| own(index, share)).collect();
    ApplicationSpec { source, choice: Choice::Fixed(choice), slo: None, ..each.clone() }
}

/// Reduces a source to a share of its calls, where it can be; whether it is.
fn takes_share(source: &mut SourceSpec, share: f64) -> bool {
    match source {
        SourceSpec::Users(users) => {
            users.count = ((f64::from(users.count) * share).round() as u32).max(1);
            true
        }
        SourceSpec::Synthetic { arrivals, .. }
        | SourceSpec::Sessions(SessionsSpec { arrivals, .. }) => {
            let memoryless =
                matches!(arrivals.process, Process::Renewal(Renewal::Poisson) | Process::Mmpp(_));
            let rare = share < RARE && memoryless;
            if rare {
                arrivals.rate.0 *= share;
            }
            rare
        }
        SourceSpec::Batch(_) | SourceSpec::Trace(_) => false,
    }
}

/// Calls per second of a setup made by [`alone`]: those of all its sources, which are steady, and those of
/// them that `model` is called by; each call takes `alone_s`.
pub(super) fn rates(setup: &Setup, model: ModelId, alone_s: f64) -> (f64, f64) {
    let (mut all, mut own) = (0.0, 0.0);
    for each in &setup.applications {
        let Ok(expected) = each.source.expected(setup.window.span()) else { continue };
        let rate = expected.calls_per_s_at(alone_s);
        all += rate;
        own += rate * each.choice.shares(setup.models.len())[model];
    }
    (all, own)
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
    let length = SimDuration::from_secs_f64(measured_s);
    let warmup = SimDuration::from_secs_f64(measured_s / 4.0);
    let bucket = SimDuration::from_nanos(((warmup + length).as_nanos() / BUCKETS).max(1));
    // What is steady is so at any time.
    let start = SimTime::ZERO;
    Window { start, warmup, length, ends_with_calls: false, drain: warmup, bucket }
}
