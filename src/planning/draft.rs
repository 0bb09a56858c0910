//! A variant before its capacity is planned: what will be asked, and what replicas can do.

use super::demand::{Demand, Rates, Shares, demand};
use super::error::PlanningError;
use super::server::{Profiles, Server};
use super::too_long::{TooLong, too_long};
use crate::ids::{ApplicationId, DeploymentId, ModelId};
use crate::setup::{ApplicationSpec, ModelSpec, Setup};
use crate::workload::{Expected, PreparedSource};
use typed_index_collections::{TiSlice, TiVec};

/// A variant before its capacity is planned.
pub(crate) struct Draft<'a> {
    pub setup: &'a Setup,
    pub sources: TiVec<ApplicationId, PreparedSource>,
    /// What each source brings. It takes a while to find out.
    pub expected: TiVec<ApplicationId, Expected>,
    pub servers: TiVec<DeploymentId, Server>,
    pub shares: TiVec<ApplicationId, Shares>,
    pub demand: TiVec<ModelId, Demand>,
    pub rates: Rates,
    /// Calls that have no room anywhere.
    pub too_long: Vec<TooLong>,
}

/// Shares of the models in an application's calls: as they name them, or else as it chooses.
fn shares(setup: &Setup, application: &ApplicationSpec, source: &PreparedSource) -> Shares {
    let named = source.named_models();
    let all: u64 = named.iter().map(|(_, calls)| calls).sum();
    if all == 0 {
        return application.choice.shares(setup.models.len());
    }
    let share = |model: &ModelSpec| {
        let calls = named.iter().find(|(name, _)| *name == model.name);
        calls.map_or(0.0, |&(_, calls)| calls as f64 / all as f64)
    };
    setup.models.iter().map(share).collect()
}

/// The shares without those of which no call is ever served: no work is asked of the model by them.
fn served(
    shares: &TiSlice<ApplicationId, Shares>,
    too_long: &[TooLong],
) -> TiVec<ApplicationId, Shares> {
    let mut served = shares.to_vec();
    for one in too_long.iter().filter(|one| one.all) {
        served[one.application][one.model] = 0.0;
    }
    served
}

impl<'a> Draft<'a> {
    /// Scans traces and multiplies constants out, those that are not `known`.
    ///
    /// # Errors
    /// When a trace cannot be read.
    pub(crate) fn new(setup: &'a Setup, known: &Profiles) -> Result<Self, PlanningError> {
        let prepare = |application: &ApplicationSpec| application.source.prepare();
        let sources: TiVec<_, _> =
            setup.applications.iter().map(prepare).collect::<Result<_, _>>()?;
        let applications = setup.applications.iter().zip(&sources);
        let shares: TiVec<_, _> =
            applications.map(|(each, source)| shares(setup, each, source)).collect();
        let servers: TiVec<_, _> =
            setup.deployments.iter().map(|spec| Server::new(spec, known)).collect();
        let too_long = too_long(setup, &servers, &sources, &shares);
        let expected: TiVec<_, _> =
            sources.iter().map(|source| source.expected(setup.window.span())).collect();
        let served = served(&shares, &too_long);
        let demand = demand(setup, &servers, &sources, &expected, &served);
        let rates = Rates::new(setup, &servers, &demand);
        Ok(Self { setup, sources, expected, servers, shares, demand, rates, too_long })
    }

    /// The deployments of a model.
    pub(crate) fn deployments_of(&self, model: ModelId) -> impl Iterator<Item = DeploymentId> {
        let deployments = self.setup.deployments.iter_enumerated();
        deployments.filter(move |(_, spec)| spec.model == model).map(|(index, _)| index)
    }
}
