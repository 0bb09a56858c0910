//! A variant before its capacity is planned: what will be asked, and what replicas can do.

use super::demand::{Demand, Rates, demand};
use super::error::SimulationError;
use super::prepared::Server;
use super::setup::Setup;
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
}

impl<'a> Draft<'a> {
    /// Scans traces and multiplies constants out.
    ///
    /// # Errors
    /// When a trace cannot be read.
    pub fn new(setup: &'a Setup) -> Result<Self, SimulationError> {
        let prepare = |application: &super::ApplicationSpec| application.source.prepare();
        let sources: Vec<_> = setup.applications.iter().map(prepare).collect::<Result<_, _>>()?;
        let models = setup.models.len();
        let shares: Vec<_> =
            setup.applications.iter().map(|each| each.choice.shares(models)).collect();
        let servers: Vec<_> = setup.deployments.iter().map(Server::new).collect();
        let demand = demand(setup, &servers, &sources, &shares);
        let rates = Rates::new(setup, &servers, &demand);
        Ok(Self { setup, sources, servers, shares, demand, rates })
    }

    /// The deployments of a model.
    pub fn deployments_of(&self, model: usize) -> impl Iterator<Item = usize> {
        let deployments = self.setup.deployments.iter().enumerate();
        deployments.filter(move |(_, spec)| spec.model == model).map(|(index, _)| index)
    }
}
