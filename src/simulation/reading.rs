//! Reading the books, and billing what was used.

use super::books::Counts;
use super::prepared::Server;
use super::run::Simulation;
use super::snapshot::Snapshot;
use crate::economics::billing::Use;
use crate::economics::energy;
use crate::engine::SimTime;
use crate::serving::Activity;

impl Simulation<'_> {
    /// Brings all books up to `now`, bills what was used since the last reading, and reads them.
    pub fn read(&mut self, now: SimTime) -> Snapshot {
        for host in &mut self.hosts {
            host.replica.book(now, &mut self.usage[host.deployment]);
        }
        self.cells.iter_mut().for_each(|cell| cell.settle(now));
        let counts: Vec<_> = self.cells.iter().map(|cell| *cell.counts()).collect();
        let joules = self.joules(now);
        self.bill(now, &counts, &joules);
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
    fn joules(&self, now: SimTime) -> Vec<Option<f64>> {
        let setup = self.prepared.setup;
        let mut activity: Vec<energy::Activity> = setup
            .clusters
            .iter()
            .map(|cluster| energy::Activity {
                in_service: cluster.accelerators() as f64 * now.as_nanos() as f64,
                ..energy::Activity::default()
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
        let joules = |(cluster, activity): (&crate::cloud::ClusterSpec, &energy::Activity)| {
            energy::joules(&cluster.accelerator, cluster.pue, activity)
        };
        setup.clusters.iter().zip(&activity).map(joules).collect()
    }

    fn bill(&mut self, now: SimTime, counts: &[Counts], joules: &[Option<f64>]) {
        let setup = self.prepared.setup;
        let elapsed = u128::from(now.since(self.last.at).as_nanos());
        let replicas = self.prepared.plan.counts(setup.deployments.len());
        for (deployment, spec) in setup.deployments.iter().enumerate() {
            let used = self.tokens_since_last(counts, deployment);
            let held = replicas[deployment] * u64::from(spec.accelerators);
            self.billing.bill(deployment, &Use { held: u128::from(held) * elapsed, ..used });
        }
        for (index, cluster) in setup.clusters.iter().enumerate() {
            if let (Some(price), Some(joules)) = (cluster.electricity, joules[index]) {
                let kwh = energy::kilowatt_hours(joules);
                self.billing.pay_energy(index, kwh * price.0);
            }
            if let Some(price) = cluster.capital {
                let time = u128::from(cluster.accelerators()) * elapsed;
                self.billing.pay_capital(index, time, price);
            }
        }
    }

    fn tokens_since_last(&self, counts: &[Counts], deployment: usize) -> Use {
        let mut used = Use::default();
        for cell in (deployment..counts.len()).step_by(self.places.len()) {
            let before = self.last.counts.get(cell).copied().unwrap_or_default();
            used.input_tokens += counts[cell].input_tokens - before.input_tokens;
            used.output_tokens += counts[cell].output_tokens - before.output_tokens;
            used.cached_tokens += counts[cell].cached_tokens - before.cached_tokens;
        }
        used
    }
}
