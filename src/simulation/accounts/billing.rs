//! The contracts of a scenario, and billing by the meters.

use super::{Accounts, station_of};
use crate::cloud::{ClusterSpec, FleetTime};
use crate::economics::billing::Billing;
use crate::economics::contract::{self, Supply};
use crate::economics::{Metered, Subject, energy};
use crate::engine::SimTime;
use crate::ids::{ClusterId, DeploymentId, StationId};
use crate::setup::Setup;
use typed_index_collections::{TiSlice, TiVec, ti_vec};

/// Signs every contract: with the vendors of deployments, and for what clusters need.
pub(super) fn signed(setup: &Setup) -> Billing {
    let mut billing = Billing::default();
    for (id, spec) in setup.deployments.iter_enumerated() {
        let model = &setup.models[spec.model];
        let terms = setup.tenants[model.tenant].terms;
        let contract = contract::of(terms, model.tenant, model.price);
        billing.sign(Subject::Deployment(id), contract);
    }
    for (id, cluster) in setup.clusters.iter_enumerated() {
        for supply in supplies(cluster) {
            billing.sign(Subject::Cluster(id), contract::for_supply(supply));
        }
    }
    billing
}

/// What a cluster pays for, as far as the price is known and there is a meter.
fn supplies(cluster: &ClusterSpec) -> impl Iterator<Item = Supply> {
    let capital = cluster.capital.map(|price| Supply::Capital { price });
    let metered = energy::is_known(&cluster.accelerator);
    let electricity = cluster.electricity.filter(|_| metered);
    capital.into_iter().chain(electricity.map(|price| Supply::Energy { price }))
}

impl Accounts<'_> {
    /// Bills what was used since the last reading.
    pub(super) fn bill(
        &mut self,
        now: SimTime,
        fleet: &FleetTime,
        joules: &TiSlice<ClusterId, Option<f64>>,
    ) {
        let calls = self.calls_metered(now);
        for (id, &held) in fleet.held.iter_enumerated() {
            let metered = Metered { held, ..calls[id] };
            self.billing.bill(Subject::Deployment(id), &metered);
        }
        for (id, cluster) in fleet.clusters.iter_enumerated() {
            let metered = cluster_metered(now, cluster.in_service, joules[id]);
            self.billing.bill(Subject::Cluster(id), &metered);
        }
    }

    /// What calls that each deployment completed used since the start, without what its replicas held.
    pub(crate) fn calls_metered(&self, now: SimTime) -> TiVec<DeploymentId, Metered> {
        let nothing = Metered { until: now, ..Metered::default() };
        let mut all: TiVec<StationId, Metered> = ti_vec![nothing; self.stations.len()];
        for cell in &self.cells {
            let counts = cell.counts();
            let metered = &mut all[cell.station];
            metered.requests += counts.completed;
            metered.input_tokens += counts.input_tokens;
            metered.cached_tokens += counts.cached_tokens;
            metered.output_tokens += counts.output_tokens;
        }
        let deployments = self.prepared.setup.deployments.keys();
        deployments.map(|deployment| all[station_of(deployment)]).collect()
    }
}

/// What the meter of a cluster shows.
pub(in crate::simulation) fn cluster_metered(
    now: SimTime,
    in_service: u128,
    joules: Option<f64>,
) -> Metered {
    Metered { until: now, held: in_service, joules, ..Metered::default() }
}
