//! Reading the books, billing what was used, and auditing that everything adds up.

use super::audit::AuditFailure;
use super::books::Counts;
use super::run::Simulation;
use super::snapshot::Snapshot;
use crate::economics::billing::Use;
use crate::economics::{MicroUsd, energy};
use crate::engine::SimTime;
use crate::serving::{Activity, Usage};

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
                super::prepared::Server::Tokens { .. } => {
                    (usage.time(Activity::Prefill), usage.time(Activity::Decode))
                }
                // Nothing is known of what serves: its power follows its utilisation.
                super::prepared::Server::Slots { .. } => (usage.busy(), 0),
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
        }
        used
    }

    /// Audits the whole run up to the last reading: requests, Little's law, accelerator-time, tokens
    /// and the ledger, each exactly.
    pub fn audit(&self) -> Result<(), AuditFailure> {
        self.audit_requests()?;
        self.audit_accelerator_time()?;
        self.audit_tokens()?;
        self.audit_money()?;
        let imbalance = self.billing.ledger().imbalance();
        self.auditor.equal(|| "the ledger sums to zero".into(), imbalance, MicroUsd::ZERO)
    }

    /// What was posted, bill by bill, is what the whole run's meters make of it.
    fn audit_money(&self) -> Result<(), AuditFailure> {
        let setup = self.prepared.setup;
        for (deployment, spec) in setup.deployments.iter().enumerate() {
            let slots = u128::from(self.prepared.servers[deployment].slots());
            let replica_time = self.usage[deployment].time.iter().sum::<u128>() / slots;
            let mut used =
                Use { held: replica_time * u128::from(spec.accelerators), ..Use::default() };
            for cell in self.cells.iter().skip(deployment).step_by(self.places.len()) {
                used.input_tokens += cell.counts().input_tokens;
                used.output_tokens += cell.counts().output_tokens;
            }
            let (posted, due) = self.billing.revenue_posted_and_due(deployment, &used);
            self.auditor.equal(
                || format!("revenue posted = price × use (deployment {deployment})"),
                posted,
                due,
            )?;
        }
        let elapsed = u128::from(self.last.at.as_nanos());
        for (index, cluster) in setup.clusters.iter().enumerate() {
            let Some(price) = cluster.capital else { continue };
            let time = u128::from(cluster.accelerators()) * elapsed;
            let (posted, due) = self.billing.capital_posted_and_due(index, time, price);
            self.auditor.equal(
                || format!("capital cost posted = price × time (cluster `{}`)", cluster.name),
                posted,
                due,
            )?;
        }
        Ok(())
    }

    /// Conservation and Little's law L = λW, exactly: areas against sums over requests.
    fn audit_requests(&self) -> Result<(), AuditFailure> {
        let now = self.last.at;
        let mut sojourn = vec![0; self.cells.len()];
        let mut waited = vec![0; self.cells.len()];
        for request in self.requests.iter() {
            let cell = request.tag as usize;
            let age = u128::from(now.since(request.arrived).as_nanos());
            sojourn[cell] += age;
            waited[cell] += if request.started.is_none() { age } else { 0 };
        }
        for (index, cell) in self.cells.iter().enumerate() {
            let counts = cell.counts();
            let name = |what: &str| {
                let application = index / self.places.len();
                let name = &self.prepared.setup.applications[application].name;
                let place = index % self.places.len();
                format!("{what} (application `{name}`, place {place})")
            };
            let ended = counts.completed + counts.rejected + cell.in_flight();
            self.auditor.equal(
                || name("requests arrived = completed + rejected + in flight"),
                counts.arrived,
                ended,
            )?;
            self.auditor.equal(
                || name("area of requests in the system = sum of their times there"),
                counts.in_system_area,
                cell.sojourn_sum + sojourn[index],
            )?;
            self.auditor.equal(
                || name("area of requests waiting = sum of their waits"),
                counts.waiting_area,
                cell.wait_sum + waited[index],
            )?;
        }
        Ok(())
    }

    /// Starting + idle + busy = replicas × slots × time, and held + free = capacity.
    fn audit_accelerator_time(&self) -> Result<(), AuditFailure> {
        let setup = self.prepared.setup;
        let elapsed = u128::from(self.last.at.as_nanos());
        let replicas = self.prepared.plan.counts(setup.deployments.len());
        for (deployment, usage) in self.usage.iter().enumerate() {
            let slots = u128::from(self.prepared.servers[deployment].slots());
            self.auditor.equal(
                || format!("starting + idle + busy time = time held (deployment {deployment})"),
                usage.time.iter().sum::<u128>(),
                u128::from(replicas[deployment]) * slots * elapsed,
            )?;
        }
        for (index, cluster) in setup.clusters.iter().enumerate() {
            let held = |(spec, count): (&super::DeploymentSpec, &u64)| {
                if spec.cluster == index { count * u64::from(spec.accelerators) } else { 0 }
            };
            let held: u64 = setup.deployments.iter().zip(&replicas).map(held).sum();
            self.auditor.equal(
                || format!("held + free accelerators = capacity (cluster `{}`)", cluster.name),
                held + self.prepared.plan.free[index],
                cluster.accelerators(),
            )?;
        }
        Ok(())
    }

    /// Tokens billed = tokens of completed requests; tokens that iterations produced = tokens of
    /// completed requests + those produced so far for requests in flight.
    fn audit_tokens(&self) -> Result<(), AuditFailure> {
        let tokens = |counts: &Counts| counts.input_tokens + counts.output_tokens;
        let served: u64 = self.cells.iter().map(|cell| tokens(cell.counts())).sum();
        let billed = self.billing.billed_tokens();
        self.auditor.equal(|| "tokens billed = tokens served".into(), billed, served)?;
        let token_serving = |deployment: usize| {
            let server = &self.prepared.servers[deployment];
            matches!(server, super::prepared::Server::Tokens { .. })
        };
        let completed = |(index, cell): (usize, &super::books::Cell)| {
            let place = index % self.places.len();
            let counted = place < self.usage.len() && token_serving(place);
            if counted { cell.counts().output_tokens } else { 0 }
        };
        let completed: u64 = self.cells.iter().enumerate().map(completed).sum();
        let partial: u64 =
            self.hosts.iter().map(|host| host.replica.partial_output_tokens(&self.requests)).sum();
        self.auditor.equal(
            || "output tokens produced = completed + in flight".into(),
            self.usage.iter().map(Usage::output_tokens).sum(),
            completed + partial,
        )
    }
}
