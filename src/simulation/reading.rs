//! Reading the books, and billing what was used.

use super::prepared::Server;
use super::run::Simulation;
use super::snapshot::Snapshot;
use crate::economics::energy::{self, AcceleratorTime};
use crate::economics::{Metered, Subject};
use crate::engine::SimTime;
use crate::serving::Activity;

impl Simulation<'_> {
    /// Brings all books up to `now`, reads the meters and bills by them, and reads the books.
    pub fn read(&mut self, now: SimTime) -> Snapshot {
        for host in &mut self.hosts {
            host.replica.book(now, &mut self.usage[host.deployment]);
        }
        self.cells.iter_mut().for_each(|cell| cell.settle(now));
        let counts: Vec<_> = self.cells.iter().map(|cell| *cell.counts()).collect();
        let joules = self.joules(now);
        self.bill(now, &joules);
        let accounts = self.billing.ledger().accounts();
        Snapshot {
            at: now,
            counts,
            in_flight: self.cells.iter().map(|cell| cell.in_flight()).collect(),
            usage: self.usage.clone(),
            balances: accounts.iter().map(|account| account.balance).collect(),
            joules,
        }
    }

    /// Energy of each cluster since the start: power is linear in what accelerators do.
    pub fn joules(&self, now: SimTime) -> Vec<Option<f64>> {
        let setup = self.prepared.setup;
        let mut activity: Vec<AcceleratorTime> = setup
            .clusters
            .iter()
            .map(|cluster| AcceleratorTime {
                in_service: cluster.accelerators() as f64 * now.as_nanos() as f64,
                ..AcceleratorTime::default()
            })
            .collect();
        for (deployment, spec) in setup.deployments.iter().enumerate() {
            let server = &self.prepared.servers[deployment];
            let usage = &self.usage[deployment];
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
        let joules = |(cluster, activity): (&crate::cloud::ClusterSpec, &AcceleratorTime)| {
            energy::joules(&cluster.accelerator, cluster.pue, activity)
        };
        setup.clusters.iter().zip(&activity).map(joules).collect()
    }

    fn bill(&mut self, now: SimTime, joules: &[Option<f64>]) {
        let setup = self.prepared.setup;
        let elapsed = u128::from(now.as_nanos());
        let replicas = self.prepared.plan.counts(setup.deployments.len());
        for (deployment, spec) in setup.deployments.iter().enumerate() {
            let held = u128::from(replicas[deployment] * u64::from(spec.accelerators)) * elapsed;
            let metered = Metered { held, ..self.calls_metered(now, deployment) };
            self.billing.bill(Subject::Deployment(deployment), &metered);
        }
        for (cluster, spec) in setup.clusters.iter().enumerate() {
            let held = u128::from(spec.accelerators()) * elapsed;
            let metered =
                Metered { until: now, held, joules: joules[cluster], ..Metered::default() };
            self.billing.bill(Subject::Cluster(cluster), &metered);
        }
    }

    /// What calls that a deployment completed used since the start, without what its replicas held.
    pub fn calls_metered(&self, now: SimTime, deployment: usize) -> Metered {
        let mut metered = Metered { until: now, ..Metered::default() };
        for cell in self.cells.iter().skip(deployment).step_by(self.places.len()) {
            let counts = cell.counts();
            metered.requests += counts.completed;
            metered.input_tokens += counts.input_tokens;
            metered.cached_tokens += counts.cached_tokens;
            metered.output_tokens += counts.output_tokens;
        }
        metered
    }
}
