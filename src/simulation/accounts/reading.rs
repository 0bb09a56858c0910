//! Reading the books, and billing by the meters.

use super::{Accounts, Snapshot};
use crate::cloud::{ClusterSpec, FleetTime};
use crate::economics::energy::{self, AcceleratorTime};
use crate::engine::SimTime;
use crate::ids::{ClusterId, DeploymentId};
use crate::planning::Server;
use crate::serving::{Activity, Usage};
use crate::simulation::fleet::Fleet;
use typed_index_collections::{TiSlice, TiVec};

impl Accounts<'_> {
    /// Brings all books up to `now`, reads the meters and bills by them, and reads the books.
    pub(crate) fn read(&mut self, now: SimTime, fleet: &mut Fleet<'_>) -> Snapshot {
        fleet.book(now);
        self.cells.iter_mut().for_each(|cell| cell.settle(now));
        let held = fleet.leased().time(now);
        let joules = self.joules(&held, &fleet.usage);
        self.bill(now, &held, &joules);
        let accounts = self.billing.ledger().accounts();
        Snapshot {
            at: now,
            counts: self.cells.iter().map(|cell| *cell.counts()).collect(),
            in_flight: self.cells.iter().map(|cell| cell.in_flight()).collect(),
            usage: fleet.usage.clone(),
            balances: accounts.iter().map(|account| account.balance).collect(),
            fleet: held,
            joules,
        }
    }

    /// Energy of each cluster since the start: power is linear in what accelerators do.
    pub(crate) fn joules(
        &self,
        held: &FleetTime,
        usage: &TiSlice<DeploymentId, Usage>,
    ) -> TiVec<ClusterId, Option<f64>> {
        let setup = self.prepared.setup;
        let in_service = |time: &crate::cloud::ClusterTime| AcceleratorTime {
            in_service: time.in_service as f64,
            ..AcceleratorTime::default()
        };
        let mut activity: TiVec<ClusterId, AcceleratorTime> =
            held.clusters.iter().map(in_service).collect();
        for (deployment, spec) in setup.deployments.iter_enumerated() {
            let server = &self.prepared.servers[deployment];
            let usage = &usage[deployment];
            let scale = f64::from(spec.accelerators) / f64::from(server.slots());
            let (prefill, decode) = match server {
                Server::Tokens { .. } => {
                    (usage.time(Activity::Prefill), usage.time(Activity::Decode))
                }
                // Nothing is known of what serves: its power follows its utilisation.
                Server::Slots { .. } => (usage.busy(), 0),
            };
            activity[spec.cluster].prefill += prefill as f64 * scale;
            activity[spec.cluster].decode += decode as f64 * scale;
        }
        let joules = |(cluster, activity): (&ClusterSpec, &AcceleratorTime)| {
            energy::joules(&cluster.accelerator, cluster.pue, activity)
        };
        setup.clusters.iter().zip(&activity).map(joules).collect()
    }
}
