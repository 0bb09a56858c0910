//! What every replication of a variant shares: traces scanned, constants multiplied out, the plan.

use super::dispatch::Onward;
use super::error::SimulationError;
use super::pilot::{Known, Pilots};
use crate::engine::SimDuration;
use crate::ids::{ApplicationId, DeploymentId, ModelId, PoolId, StationId};
use crate::planning::TooLong;
use crate::planning::{Draft, Offered, Plan, Rates, Server, Shares, link_rate, offered};
use crate::scheduler::CapacitySplit;
use crate::serving::Request;
use crate::setup::{DeploymentSpec, Setup};
use crate::workload::{Call, Expected, PreparedSource};
use std::fmt;
use std::sync::atomic::AtomicBool;
use typed_index_collections::{TiSlice, TiVec};

/// One variant, ready to run.
#[derive(Clone, Debug)]
pub struct Prepared<'a> {
    /// The variant.
    pub setup: &'a Setup,
    /// Where replicas run.
    pub plan: Plan,
    /// What is expected of each model, and what its replicas can do.
    pub offered: TiVec<ModelId, Offered>,
    pub(super) sources: TiVec<ApplicationId, PreparedSource>,
    /// What each of them brings.
    pub(super) expected: TiVec<ApplicationId, Expected>,
    pub(super) servers: TiVec<DeploymentId, Server>,
    pub(super) onward: TiVec<DeploymentId, Option<Onward>>,
    /// The pool of each deployment's replicas: one for each model, then one for each deployment that
    /// decodes what another has prefilled.
    pub(super) pool_of: TiVec<DeploymentId, PoolId>,
    /// What a saturated replica of each of them does.
    pub(super) rates: Rates,
    /// Calls that have no room anywhere.
    pub(super) too_long: Vec<TooLong>,
    pub(super) shares: TiVec<ApplicationId, Shares>,
}

impl<'a> Prepared<'a> {
    /// Scans traces and plans capacity.
    ///
    /// # Errors
    /// When a trace cannot be read, a fixed replica has no room, or no number of replicas meets the
    /// scenario's objective.
    pub fn new(setup: &'a Setup) -> Result<Self, SimulationError> {
        static NEVER: AtomicBool = AtomicBool::new(false);
        let pilots = Pilots::find(std::slice::from_ref(setup), &Known::default(), &NEVER)
            .map_err(|(_, error)| error)?;
        Self::case(setup, 0, &pilots, &NEVER)
    }

    /// Likewise one of several cases, by what `pilots` found for all of them.
    ///
    /// # Errors
    /// As for [`new`](Self::new), or when `cancelled` was set.
    pub fn case(
        setup: &'a Setup,
        case: usize,
        pilots: &Pilots,
        cancelled: &AtomicBool,
    ) -> Result<Self, SimulationError> {
        let draft = Draft::new(setup, &pilots.profiles)?;
        let needed = needed(case, &draft, pilots)?;
        let Draft { setup, sources, expected, servers, shares, demand, rates, too_long } = draft;
        let onward: TiVec<_, _> =
            servers.keys().map(|deployment| Onward::new(setup, deployment)).collect();
        let plan = Plan::new(setup, &rates.planned, needed.clone(), cancelled)?;
        let pool_of = pool_of(setup, &onward);
        let offered = offered(setup, &plan, &demand, &needed, &rates);
        Ok(Self {
            setup,
            plan,
            offered,
            sources,
            expected,
            servers,
            onward,
            pool_of,
            rates,
            too_long,
            shares,
        })
    }

    /// What a replication depends on beside the seed and its number, as far as it is data: the setup, and what traces
    /// hold. It is written the same whenever these are the same, to the last bit of each number.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_content(&self, out: &mut impl fmt::Write) -> fmt::Result {
        write!(out, "{:?}", self.setup)?;
        let mut traces = self.sources.iter().filter_map(PreparedSource::trace);
        // One that cannot be read any more is found to be wrong when it is replayed.
        traces.try_for_each(|trace| write!(out, "{:?}", trace.digest().ok()))
    }

    /// The pool of a model.
    pub(super) fn pool(&self, model: ModelId) -> PoolId {
        PoolId::new(model.index())
    }

    /// Where calls to a model are counted that find no replica.
    pub(super) fn nowhere(&self, model: ModelId) -> StationId {
        StationId::new(self.setup.deployments.len() + model.index())
    }

    /// Calls a second that all replicas of a deployment complete when saturated, with lengths as
    /// `lengths` says of each pool. Of two pools in a row and their link the slowest counts, at the first of them.
    pub(super) fn able(
        &self,
        deployment: DeploymentId,
        replicas: &TiSlice<DeploymentId, f64>,
        lengths: impl Fn(DeploymentId) -> Expected,
    ) -> f64 {
        let pool = |each: DeploymentId| {
            replicas[each] * self.servers[each].saturation_rate(&lengths(each))
        };
        // A pool that decodes what another prefills is no model's own.
        if self.pool_of[deployment].index() >= self.setup.models.len() {
            return 0.0;
        }
        let Some(onward) = self.onward[deployment] else { return pool(deployment) };
        let link = link_rate(&self.setup.deployments[deployment], &lengths(deployment));
        pool(deployment).min(pool(onward.decode)).min(link)
    }

    /// Whether a call is too long for every deployment of a pool, however little it has to do.
    pub(super) fn is_too_long(&self, pool: PoolId, call: &Call) -> bool {
        let of_pool = self.pool_of.iter_enumerated().filter(|&(_, &of)| of == pool);
        let fits = |deployment: DeploymentId| match &self.servers[deployment] {
            Server::Tokens { profile, .. } => {
                profile.fits(call.input, call.output)
                    && self.decodes(deployment, call.input, call.output)
            }
            Server::Slots { .. } => true,
        };
        !of_pool.map(|(deployment, _)| deployment).any(fits)
    }

    /// Time that a request that ended at `deployment` would have taken alone.
    pub(super) fn unloaded(&self, deployment: DeploymentId, request: &Request) -> SimDuration {
        let &Request { input, output, reused, moved, service, .. } = request;
        let handing = |onward: &Option<Onward>| onward.is_some_and(|on| on.decode == deployment);
        match (&self.servers[deployment], self.onward.position(handing)) {
            (Server::Slots { .. }, _) => service,
            (Server::Tokens { profile, .. }, None) => profile.unloaded(input, output, reused),
            (Server::Tokens { profile, .. }, Some(from)) => {
                let onward = self.onward[from].expect("it was found by it");
                let prefill = match &self.servers[from] {
                    Server::Tokens { profile, .. } => profile.first_token_alone(input, reused),
                    Server::Slots { .. } => SimDuration::ZERO,
                };
                prefill + onward.alone(moved) + profile.decode_alone(input, output)
            }
        }
    }
}

fn pool_of(
    setup: &Setup,
    onward: &TiSlice<DeploymentId, Option<Onward>>,
) -> TiVec<DeploymentId, PoolId> {
    let own = |spec: &DeploymentSpec| PoolId::new(spec.model.index());
    let mut pools: TiVec<_, _> = setup.deployments.iter().map(own).collect();
    for (number, onward) in onward.iter().flatten().enumerate() {
        pools[onward.decode] = PoolId::new(setup.models.len() + number);
    }
    pools
}

/// Calls a second that the replicas of each model are to complete when saturated.
fn needed(
    case: usize,
    draft: &Draft<'_>,
    pilots: &Pilots,
) -> Result<TiVec<ModelId, f64>, SimulationError> {
    let of_model = |model: ModelId| {
        let calls = draft.demand[model].expected.calls_per_s;
        if let CapacitySplit::Demand { target_load } = draft.setup.scheduler.capacity {
            return Ok(calls / target_load);
        }
        Ok(match pilots.replicas(case, draft.setup, model)? {
            Some(replicas) => {
                let replicas = draft.deployments_of(model).zip(replicas);
                replicas.map(|(index, &count)| f64::from(count) * draft.rates.planned[index]).sum()
            }
            None => calls,
        })
    };
    draft.setup.models.keys().map(of_model).collect()
}
