//! What is expected of each model before the run, and what its replicas can do.

use super::plan::Plan;
use super::server::{Profiles, Server};
use crate::engine::SimDuration;
use crate::ids::{ApplicationId, DeploymentId, ModelId};
use crate::scheduler::{CapacitySplit, Routing};
use crate::setup::{DeploymentSpec, ServingSpec, Setup};
use crate::workload::{Expected, PreparedSource, SecondMoments};
use typed_index_collections::{TiSlice, TiVec, ti_vec};

/// Shares of the models in an application's calls.
pub(crate) type Shares = TiVec<ModelId, f64>;

/// What the applications together ask of one model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// All calls, of users as many as they make if they never wait.
    pub expected: Expected,
    /// Of them, the calls per second of sources that do not wait for answers: what makes a queue grow
    /// without limit if it is more than can be served.
    pub open_calls_per_s: f64,
}

/// What is asked of a model, and what its replicas can do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offered {
    /// What is asked.
    pub demand: Demand,
    /// Replicas placed.
    pub replicas: u64,
    /// Calls per second that they complete when saturated.
    pub supply: f64,
    /// Likewise, if prefix caches find all that earlier turns of conversations leave in them.
    pub best_supply: f64,
    /// Calls per second that the plan wanted them to complete when saturated, if it said so.
    pub planned: Option<f64>,
}

impl Offered {
    /// Expected work over what the replicas can do; `None` without replicas.
    pub fn load(&self) -> Option<f64> {
        (self.replicas > 0).then(|| self.demand.expected.calls_per_s / self.supply)
    }

    /// The least that it can be, of the calls of those who do not wait for answers.
    pub fn open_load(&self) -> Option<f64> {
        (self.replicas > 0).then(|| self.demand.open_calls_per_s / self.best_supply)
    }
}

/// Calls a second of a saturated replica of each deployment.
#[derive(Clone, Debug)]
pub(crate) struct Rates {
    /// As capacity is planned: earlier turns of conversations are found in prefix caches if calls are
    /// sent to where they are.
    pub planned: TiVec<DeploymentId, f64>,
    /// If they are always found.
    pub best: TiVec<DeploymentId, f64>,
}

impl Rates {
    pub(crate) fn new(
        setup: &Setup,
        servers: &TiSlice<DeploymentId, Server>,
        demand: &TiSlice<ModelId, Demand>,
    ) -> Self {
        let rates = |history: bool| {
            let deployments = setup.deployments.iter().zip(servers);
            let rate = |(spec, server): (&DeploymentSpec, &Server)| {
                let expected = demand[spec.model].expected;
                let found = if history { expected.mean_history } else { 0.0 };
                let mean_cached = expected.mean_cached + found;
                server.saturation_rate(&Expected { mean_cached, ..expected })
            };
            deployments.map(rate).collect()
        };
        let sent_home = matches!(setup.scheduler.routing, Routing::PrefixAffinity(_));
        Self { planned: rates(sent_home), best: rates(true) }
    }
}

/// Calls a second whose keys and values pass the link from the replicas of a deployment to those that decode; no limit
/// where there is no link.
pub(crate) fn link_rate(spec: &DeploymentSpec, lengths: &Expected) -> f64 {
    let (Some(handover), ServingSpec::Tokens(serving)) = (spec.handover, &spec.serving) else {
        return f64::INFINITY;
    };
    // What many share is moved once.
    let shared = if serving.prefix_cache { lengths.mean_shared } else { 0.0 };
    let bytes = (lengths.mean_input - shared) * serving.performance.kv_bytes_per_token();
    handover.link.transfer.0 * f64::from(handover.link.lanes) / bytes
}

/// What a plan makes of the demand for each model.
pub(crate) fn offered(
    setup: &Setup,
    plan: &Plan,
    demand: &TiSlice<ModelId, Demand>,
    needed: &TiSlice<ModelId, f64>,
    rates: &Rates,
) -> TiVec<ModelId, Offered> {
    let counts = plan.counts(setup);
    let able = |rates: &TiSlice<DeploymentId, f64>, deployment: DeploymentId| {
        counts[deployment] as f64 * rates[deployment]
    };
    let decodes = |deployment: DeploymentId| {
        setup.deployments.iter().any(|each| each.handover.is_some_and(|on| on.decode == deployment))
    };
    let planned = matches!(
        setup.scheduler.capacity,
        CapacitySplit::Demand { .. } | CapacitySplit::Objective(_)
    );
    let of_model = |model: ModelId| {
        let mut offered = Offered {
            demand: demand[model],
            replicas: 0,
            supply: 0.0,
            best_supply: 0.0,
            planned: planned.then_some(needed[model]),
        };
        for (deployment, spec) in setup.deployments.iter_enumerated() {
            if spec.model != model || decodes(deployment) {
                continue;
            }
            offered.replicas += counts[deployment];
            // Of two pools in a row and the link between them the slowest says how much goes through.
            let link = link_rate(spec, &demand[model].expected);
            let through = |rates: &TiSlice<DeploymentId, f64>| {
                let onward = spec.handover.map_or(f64::INFINITY, |on| able(rates, on.decode));
                able(rates, deployment).min(onward).min(link)
            };
            offered.supply += through(&rates.planned);
            offered.best_supply += through(&rates.best);
        }
        offered
    };
    setup.models.keys().map(of_model).collect()
}

/// In what time calls that come at one instant are to be served where nothing ends before they do.
const NO_HORIZON: SimDuration = SimDuration::from_secs(60);

/// The demand for each model over the whole horizon, of sources that bring what is `expected`: a mean, beside which modulated arrivals have peaks.
pub(crate) fn demand(
    setup: &Setup,
    servers: &TiSlice<DeploymentId, Server>,
    sources: &TiSlice<ApplicationId, PreparedSource>,
    expected: &TiSlice<ApplicationId, Expected>,
    shares: &TiSlice<ApplicationId, Shares>,
) -> TiVec<ModelId, Demand> {
    let nobody = Demand { expected: Expected::at_rate(0.0, None), open_calls_per_s: 0.0 };
    let mut demand: TiVec<ModelId, Demand> = ti_vec![nobody; setup.models.len()];
    let span = setup.window.span();
    for ((source, &(mut expected)), shares) in sources.iter().zip(expected).zip(shares) {
        let waits = expected.users > 0.0;
        let at_once = source.calls_at_once(span);
        if let Some(calls) = at_once {
            // What comes at one instant has the horizon to be served in, if there is one.
            let until = if setup.window.ends_with_calls { NO_HORIZON } else { span.length() };
            expected.calls_per_s = calls / until.as_secs_f64();
        }
        expected.calls_per_s = calls_per_s(setup, servers, &expected, shares);
        for (model, share) in demand.iter_mut().zip(shares) {
            add(&mut model.expected, &expected, *share);
            if !waits && at_once.is_none() {
                model.open_calls_per_s += expected.calls_per_s * share;
            }
        }
    }
    demand
}

/// Adds the calls of a source of which a model has a share.
fn add(model: &mut Expected, source: &Expected, share: f64) {
    let calls = source.calls_per_s * share;
    let all = model.calls_per_s + calls;
    if calls > 0.0 {
        model.mean_input += (source.mean_input - model.mean_input) * calls / all;
        model.mean_output += (source.mean_output - model.mean_output) * calls / all;
        model.mean_cached += (source.mean_cached - model.mean_cached) * calls / all;
        model.mean_shared += (source.mean_shared - model.mean_shared) * calls / all;
        model.mean_history += (source.mean_history - model.mean_history) * calls / all;
        let earlier = SecondMoments::default().with(1.0 - calls / all, &model.moments);
        model.moments = earlier.with(calls / all, &source.moments);
    }
    model.calls_per_s = all;
}

/// The rate of an application's calls. Users wait for answers, which take no less time than on an
/// idle replica: theirs is the asymptotic bound of operational analysis, N / (Z + D).
fn calls_per_s(
    setup: &Setup,
    servers: &TiSlice<DeploymentId, Server>,
    expected: &Expected,
    shares: &TiSlice<ModelId, f64>,
) -> f64 {
    let latency = |model: ModelId| {
        let deployed = setup.deployments.iter().zip(servers).find(|(spec, _)| spec.model == model);
        deployed.map_or(0.0, |(_, server)| server.mean_unloaded_s(expected))
    };
    let latency = shares.iter_enumerated().map(|(model, share)| share * latency(model)).sum();
    expected.calls_per_s_at(latency)
}

impl Setup {
    /// What an application brings in the long run, given what its source does: users call no faster
    /// than they get answers.
    pub fn expected(&self, application: ApplicationId, source: &Expected) -> Expected {
        if source.users == 0.0 {
            return *source;
        }
        let known = Profiles::default();
        let servers: TiVec<_, _> =
            self.deployments.iter().map(|spec| Server::new(spec, &known)).collect();
        let shares = self.applications[application].choice.shares(self.models.len());
        Expected { calls_per_s: calls_per_s(self, &servers, source, &shares), ..*source }
    }
}
