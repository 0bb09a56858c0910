//! Money: what was posted is what use comes to, and the ledger balances.

use super::AuditFailure;
use crate::economics::billing::Posted;
use crate::economics::{Metered, MicroUsd, Subject};
use crate::simulation::accounts::cluster_metered;
use crate::simulation::run::Simulation;

impl Simulation<'_> {
    /// What was posted, bill by bill, is what the whole run's meters make of it: a deployment's by what its replicas
    /// say of their time. And the ledger sums to zero.
    pub(super) fn audit_money(&self) -> Result<(), AuditFailure> {
        let (accounts, setup) = (&self.accounts, self.prepared.setup);
        let now = accounts.last.at;
        let calls = accounts.calls_metered(now);
        for (id, spec) in setup.deployments.iter_enumerated() {
            let slots = u128::from(self.prepared.servers[id].slots());
            let replica_time = self.fleet.usage[id].time.iter().sum::<u128>() / slots;
            let held = replica_time * u128::from(spec.accelerators);
            self.audit_postings(Subject::Deployment(id), &Metered { held, ..calls[id] })?;
        }
        let time = self.fleet.leased().time(now);
        let joules = accounts.joules(&time, &self.fleet.usage);
        for (id, cluster) in time.clusters.iter_enumerated() {
            let metered = cluster_metered(now, cluster.in_service, joules[id]);
            self.audit_postings(Subject::Cluster(id), &metered)?;
        }
        let imbalance = accounts.billing.ledger().imbalance();
        self.auditor.equal(|| "the ledger sums to zero".into(), imbalance, MicroUsd::ZERO)
    }

    fn audit_postings(&self, subject: Subject, metered: &Metered) -> Result<(), AuditFailure> {
        let postings = self.accounts.billing.posted_and_due(subject, metered);
        for (label, Posted { posted, due }) in postings {
            let what = || format!("{label} posted = what the use comes to ({subject})");
            self.auditor.equal(what, posted, due)?;
        }
        Ok(())
    }
}
