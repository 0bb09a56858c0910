//! What every replication of a variant shares: traces scanned, constants multiplied out, the plan.

use super::demand::{Offered, offered};
use super::draft::Draft;
use super::error::SimulationError;
use super::handover::Onward;
use super::pilot::Answers;
use super::plan::Plan;
use super::setup::{DeploymentSpec, ServingSpec, Setup};
use super::too_long::TooLong;
use crate::engine::SimDuration;
use crate::scheduler::CapacitySplit;
use crate::serving::{MeanTokens, Request, ServiceDiscipline, SlotServing, TokenProfile};
use crate::workload::{Expected, PreparedSource, Sampler};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// One variant, ready to run.
#[derive(Clone, Debug)]
pub struct Prepared<'a> {
    /// The variant.
    pub setup: &'a Setup,
    /// Where replicas run.
    pub plan: Plan,
    /// What is expected of each model, and what its replicas can do.
    pub offered: Vec<Offered>,
    pub(super) sources: Vec<PreparedSource>,
    pub(super) servers: Vec<Server>,
    /// By deployment.
    pub(super) onward: Vec<Option<Onward>>,
    /// The pool of each deployment's replicas: one for each model, then one for each deployment that
    /// decodes what another has prefilled.
    pub(super) pool_of: Vec<usize>,
    /// Calls that have no room anywhere.
    pub(super) too_long: Vec<TooLong>,
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
    /// When a trace cannot be read, a fixed replica has no room, or no number of replicas meets the
    /// scenario's objective.
    pub fn new(setup: &'a Setup) -> Result<Self, SimulationError> {
        static NEVER: AtomicBool = AtomicBool::new(false);
        let mut all = Self::all([setup], &NEVER).map_err(|(_, error)| error)?;
        Ok(all.remove(0))
    }

    /// Likewise for several variants, which share what they find out by pilots.
    ///
    /// # Errors
    /// As for [`new`](Self::new), or when `cancelled` was set: the index of a variant, and why.
    pub fn all(
        setups: impl IntoIterator<Item = &'a Setup>,
        cancelled: &AtomicBool,
    ) -> Result<Vec<Self>, (usize, SimulationError)> {
        let drafts = setups.into_iter().map(Draft::new).enumerate();
        let drafts = drafts.map(|(variant, draft)| draft.map_err(|error| (variant, error)));
        let drafts = drafts.collect::<Result<Vec<_>, _>>()?;
        let answers = Answers::find(&drafts, cancelled)?;
        let finish = |(variant, draft)| {
            Self::plan(variant, draft, &answers, cancelled).map_err(|error| (variant, error))
        };
        drafts.into_iter().enumerate().map(finish).collect()
    }

    fn plan(
        variant: usize,
        draft: Draft<'a>,
        answers: &Answers,
        cancelled: &AtomicBool,
    ) -> Result<Self, SimulationError> {
        let needed = needed(variant, &draft, answers)?;
        let Draft { setup, sources, servers, shares, demand, rates, too_long } = draft;
        let onward: Vec<_> =
            (0..servers.len()).map(|deployment| Onward::new(setup, deployment)).collect();
        let plan = Plan::new(setup, &rates.planned, needed.clone(), cancelled)?;
        let pool_of = pool_of(setup, &onward);
        let offered = offered(setup, &plan, &demand, &needed, &rates);
        Ok(Self { setup, plan, offered, sources, servers, onward, pool_of, too_long, shares })
    }

    /// How many pools there are.
    pub(super) fn pools(&self) -> usize {
        self.setup.models.len() + self.onward.iter().flatten().count()
    }

    /// Calls a second that all replicas of a deployment complete when saturated, with lengths as
    /// `lengths` says of each pool. Of two pools in a row the slower one counts, at the first of them.
    pub(super) fn able(
        &self,
        deployment: usize,
        counts: &[u64],
        lengths: impl Fn(usize) -> Expected,
    ) -> f64 {
        let pool =
            |each: usize| counts[each] as f64 * self.servers[each].saturation_rate(&lengths(each));
        // A pool that decodes what another prefills is no model's own.
        if self.pool_of[deployment] >= self.setup.models.len() {
            return 0.0;
        }
        self.onward[deployment].map_or(pool(deployment), |on| pool(deployment).min(pool(on.decode)))
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

/// Calls a second that the replicas of each model are to complete when saturated.
fn needed(
    variant: usize,
    draft: &Draft<'_>,
    answers: &Answers,
) -> Result<Vec<f64>, SimulationError> {
    let of_model = |model: usize| {
        let calls = draft.demand[model].expected.calls_per_s;
        if let CapacitySplit::Demand { target_load } = draft.setup.scheduler.capacity {
            return Ok(calls / target_load);
        }
        Ok(match answers.replicas(variant, draft.setup, model)? {
            Some(replicas) => {
                let replicas = draft.deployments_of(model).zip(replicas);
                replicas.map(|(index, &count)| f64::from(count) * draft.rates.planned[index]).sum()
            }
            None => calls,
        })
    };
    (0..draft.setup.models.len()).map(of_model).collect()
}

impl Server {
    pub fn new(spec: &DeploymentSpec) -> Self {
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

    /// Whether all requests are served at the same time.
    pub fn shares(&self) -> bool {
        matches!(
            self,
            Self::Slots { serving, .. } if serving.discipline == ServiceDiscipline::ProcessorSharing
        )
    }

    /// Slots of one replica: how many activities it has at once.
    pub fn slots(&self) -> u32 {
        match self {
            Self::Tokens { .. } => 1,
            Self::Slots { serving, .. } => serving.slots,
        }
    }

    /// About how many calls a second a saturated replica completes.
    pub fn saturation_rate(&self, demand: &Expected) -> f64 {
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
    pub fn mean_unloaded_s(&self, demand: &Expected) -> f64 {
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
