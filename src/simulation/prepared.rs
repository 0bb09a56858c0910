//! What every replication of a variant shares: traces scanned, constants multiplied out, the plan.

use super::error::SimulationError;
use super::handover::Onward;
use super::plan::Plan;
use super::setup::{DeploymentSpec, ServingSpec, Setup};
use crate::engine::SimDuration;
use crate::serving::{MeanTokens, Request, SlotServing, TokenProfile};
use crate::workload::{Expected, PreparedSource, Sampler};
use std::sync::Arc;

/// One variant, ready to run.
#[derive(Clone, Debug)]
pub struct Prepared<'a> {
    /// The variant.
    pub setup: &'a Setup,
    /// Where replicas run.
    pub plan: Plan,
    pub(super) sources: Vec<PreparedSource>,
    pub(super) servers: Vec<Server>,
    /// By deployment.
    pub(super) onward: Vec<Option<Onward>>,
    /// The pool of each deployment's replicas: one for each model, then one for each deployment that
    /// decodes what another has prefilled.
    pub(super) pool_of: Vec<usize>,
    /// Shares of the models in each application.
    pub(super) shares: Vec<Vec<f64>>,
}

/// How the replicas of a deployment serve.
#[derive(Clone, Debug)]
pub(super) enum Server {
    Tokens { profile: Arc<TokenProfile>, peak_flops: Option<f64> },
    Slots { serving: SlotServing, service: Sampler, mean_service_s: f64 },
}

impl<'a> Prepared<'a> {
    /// Scans traces and plans capacity.
    ///
    /// # Errors
    /// When a trace cannot be read, or a fixed replica has no room.
    pub fn new(setup: &'a Setup) -> Result<Self, SimulationError> {
        let prepare = |application: &super::ApplicationSpec| application.source.prepare();
        let sources: Vec<_> = setup.applications.iter().map(prepare).collect::<Result<_, _>>()?;
        let models = setup.models.len();
        let shares: Vec<_> =
            setup.applications.iter().map(|each| each.choice.shares(models)).collect();
        let servers: Vec<_> = setup.deployments.iter().map(Server::new).collect();
        let onward: Vec<_> =
            (0..servers.len()).map(|deployment| Onward::new(setup, deployment)).collect();
        let expected = |(source, shares): (&PreparedSource, &Vec<f64>)| {
            let expected = source.expected(setup.window.horizon);
            Expected { calls_per_s: calls_per_s(setup, &servers, &expected, shares), ..expected }
        };
        let expected: Vec<_> = sources.iter().zip(&shares).map(expected).collect();
        let demand = demand(models, &expected, &shares);
        let rates: Vec<_> = setup
            .deployments
            .iter()
            .zip(&servers)
            .map(|(spec, server)| server.saturation_rate(&demand[spec.model]))
            .collect();
        let calls = demand.iter().map(|each| each.calls_per_s).collect();
        let plan = Plan::new(setup, &rates, calls)?;
        let pool_of = pool_of(setup, &onward);
        Ok(Self { setup, plan, sources, servers, onward, pool_of, shares })
    }

    /// How many pools there are.
    pub(super) fn pools(&self) -> usize {
        self.setup.models.len() + self.onward.iter().flatten().count()
    }

    /// Time that a request that ended at `deployment` would have taken alone.
    pub(super) fn unloaded(&self, deployment: usize, request: &Request) -> SimDuration {
        let &Request { input, output, reused, moved, service, .. } = request;
        let handing = |onward: &Option<Onward>| onward.is_some_and(|on| on.decode == deployment);
        match (&self.servers[deployment], self.onward.iter().position(handing)) {
            (Server::Slots { .. }, _) => service,
            (Server::Tokens { profile, .. }, None) => profile.unloaded(input, output, reused),
            (Server::Tokens { profile, .. }, Some(from)) => {
                let onward = self.onward[from].expect("it was found by it");
                let prefill = match &self.servers[from] {
                    Server::Tokens { profile, .. } => profile.prefill_alone(input, reused),
                    Server::Slots { .. } => SimDuration::ZERO,
                };
                prefill + onward.alone(moved) + profile.decode_alone(input, output)
            }
        }
    }
}

fn pool_of(setup: &Setup, onward: &[Option<Onward>]) -> Vec<usize> {
    let mut pools: Vec<_> = setup.deployments.iter().map(|spec| spec.model).collect();
    for (number, onward) in onward.iter().flatten().enumerate() {
        pools[onward.decode] = setup.models.len() + number;
    }
    pools
}

/// The rate of an application's calls. Users wait for answers, which take no less time than on an
/// idle replica: theirs is the asymptotic bound of operational analysis, N / (Z + D).
fn calls_per_s(setup: &Setup, servers: &[Server], expected: &Expected, shares: &[f64]) -> f64 {
    let latency = |model: usize| {
        let deployed = setup.deployments.iter().zip(servers).find(|(spec, _)| spec.model == model);
        deployed.map_or(0.0, |(_, server)| server.mean_unloaded_s(expected))
    };
    let latency = shares.iter().enumerate().map(|(model, share)| share * latency(model)).sum();
    expected.calls_per_s_at(latency)
}

impl Setup {
    /// What an application brings in the long run, given what its source does: users call no faster
    /// than they get answers.
    pub fn expected(&self, application: usize, source: &Expected) -> Expected {
        if source.users == 0.0 {
            return *source;
        }
        let servers: Vec<_> = self.deployments.iter().map(Server::new).collect();
        let shares = self.applications[application].choice.shares(self.models.len());
        Expected { calls_per_s: calls_per_s(self, &servers, source, &shares), ..*source }
    }
}

/// What each model can expect of all applications together.
fn demand(models: usize, expected: &[Expected], shares: &[Vec<f64>]) -> Vec<Expected> {
    let mut demand = vec![Expected::at_rate(0.0, None); models];
    for (source, shares) in expected.iter().zip(shares) {
        for (model, share) in demand.iter_mut().zip(shares) {
            let calls = source.calls_per_s * share;
            let all = model.calls_per_s + calls;
            if calls > 0.0 {
                model.mean_input += (source.mean_input - model.mean_input) * calls / all;
                model.mean_output += (source.mean_output - model.mean_output) * calls / all;
                model.mean_cached += (source.mean_cached - model.mean_cached) * calls / all;
                model.mean_shared += (source.mean_shared - model.mean_shared) * calls / all;
            }
            model.calls_per_s = all;
        }
    }
    demand
}

impl Server {
    fn new(spec: &DeploymentSpec) -> Self {
        match &spec.serving {
            ServingSpec::Tokens(serving) => Self::Tokens {
                profile: Arc::new(TokenProfile::new(serving)),
                peak_flops: serving.performance.peak_flops(),
            },
            &ServingSpec::ServiceTime { ref distribution, slots, discipline, max_waiting } => {
                Self::Slots {
                    serving: SlotServing { slots, discipline, max_waiting },
                    service: Sampler::new(distribution),
                    mean_service_s: distribution.mean(),
                }
            }
        }
    }

    /// Slots of one replica: how many activities it has at once.
    pub fn slots(&self) -> u32 {
        match self {
            Self::Tokens { .. } => 1,
            Self::Slots { serving, .. } => serving.slots,
        }
    }

    /// About how many calls a second a saturated replica completes.
    fn saturation_rate(&self, demand: &Expected) -> f64 {
        match self {
            Self::Tokens { profile, .. } => profile.saturation_rate(&MeanTokens {
                input: demand.mean_input,
                output: demand.mean_output,
                cached: demand.mean_cached,
                shared: demand.mean_shared,
            }),
            Self::Slots { serving, mean_service_s, .. } => {
                f64::from(serving.slots) / mean_service_s
            }
        }
    }

    /// Seconds that a call of mean lengths takes alone.
    fn mean_unloaded_s(&self, demand: &Expected) -> f64 {
        match self {
            Self::Tokens { profile, .. } => {
                let tokens = |mean: f64| (mean.round() as u32).max(1);
                let input = tokens(demand.mean_input);
                let cached = profile.found(demand.mean_cached).round() as u32;
                let cached = cached.min(input - 1);
                profile.unloaded(input, tokens(demand.mean_output), cached).as_secs_f64()
            }
            Self::Slots { mean_service_s, .. } => *mean_service_s,
        }
    }
}
