//! A variant before its capacity is planned: what will be asked, and what replicas can do.

use super::demand::{Demand, Rates, demand};
use super::error::SimulationError;
use super::prepared::Server;
use super::setup::{ApplicationSpec, ModelSpec, Setup};
use super::too_long::{TooLong, too_long};
use crate::workload::PreparedSource;

/// A variant before its capacity is planned.
pub(super) struct Draft<'a> {
    pub setup: &'a Setup,
    pub sources: Vec<PreparedSource>,
    /// By deployment.
    pub servers: Vec<Server>,
    /// Shares of the models in each application.
    pub shares: Vec<Vec<f64>>,
    /// By model.
    pub demand: Vec<Demand>,
    pub rates: Rates,
    /// Calls that have no room anywhere.
    pub too_long: Vec<TooLong>,
}

/// Shares of the models in an application's calls: as they name them, or else as it chooses.
fn shares(setup: &Setup, application: &ApplicationSpec, source: &PreparedSource) -> Vec<f64> {
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
fn served(shares: &[Vec<f64>], too_long: &[TooLong]) -> Vec<Vec<f64>> {
    let mut served = shares.to_vec();
    for one in too_long.iter().filter(|one| one.all) {
        served[one.application][one.model] = 0.0;
    }
    served
}

impl<'a> Draft<'a> {
    /// Scans traces and multiplies constants out.
    ///
    /// # Errors
    /// When a trace cannot be read.
    pub fn new(setup: &'a Setup) -> Result<Self, SimulationError> {
        let prepare = |application: &ApplicationSpec| application.source.prepare();
        let sources: Vec<_> = setup.applications.iter().map(prepare).collect::<Result<_, _>>()?;
        let applications = setup.applications.iter().zip(&sources);
        let shares: Vec<_> =
            applications.map(|(each, source)| shares(setup, each, source)).collect();
        let servers: Vec<_> = setup.deployments.iter().map(Server::new).collect();
        let too_long = too_long(setup, &servers, &sources, &shares);
        let demand = demand(setup, &servers, &sources, &served(&shares, &too_long));
        let rates = Rates::new(setup, &servers, &demand);
        Ok(Self { setup, sources, servers, shares, demand, rates, too_long })
    }

    /// The deployments of a model.
    pub fn deployments_of(&self, model: usize) -> impl Iterator<Item = usize> {
        let deployments = self.setup.deployments.iter().enumerate();
        deployments.filter(move |(_, spec)| spec.model == model).map(|(index, _)| index)
    }
}
