//! Audits of every run: a wrong number is worse than none.

use super::DeploymentSpec;
use super::books::{Cell, Counts};
use super::prepared::Server;
use super::run::Simulation;
use crate::economics::billing::Posted;
use crate::economics::{Metered, MicroUsd, Subject};
use crate::serving::Usage;
use std::fmt::Display;

/// Something that must hold and does not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("audit failed: {what}: {left} is not {right} (replication {replication}, seed {seed})")]
pub struct AuditFailure {
    what: String,
    left: String,
    right: String,
    seed: u64,
    replication: u32,
}

/// Which run is audited, for the report of a failure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Auditor {
    pub seed: u64,
    pub replication: u32,
}

impl Auditor {
    /// Requires two sides to be equal.
    pub fn equal<T: PartialEq + Display>(
        self,
        what: impl FnOnce() -> String,
        left: T,
        right: T,
    ) -> Result<(), AuditFailure> {
        if left == right { Ok(()) } else { Err(self.failure(what(), left, right)) }
    }

    /// Requires the first side to be at most the second.
    pub fn at_most<T: PartialOrd + Display>(
        self,
        what: impl FnOnce() -> String,
        left: T,
        right: T,
    ) -> Result<(), AuditFailure> {
        if left <= right {
            return Ok(());
        }
        Err(self.failure(what(), left, format_args!("at most {right}")))
    }

    fn failure(self, what: String, left: impl Display, right: impl Display) -> AuditFailure {
        AuditFailure {
            what,
            left: left.to_string(),
            right: right.to_string(),
            seed: self.seed,
            replication: self.replication,
        }
    }
}

impl Simulation<'_> {
    /// Audits the whole run up to the last reading: requests, Little's law, accelerator-time, tokens
    /// and the ledger, each exactly; and that nothing has the wrong sign.
    pub fn audit(&self) -> Result<(), AuditFailure> {
        self.audit_requests()?;
        self.audit_accelerator_time()?;
        self.audit_tokens()?;
        self.audit_money()?;
        self.audit_signs()?;
        let imbalance = self.billing.ledger().imbalance();
        self.auditor.equal(|| "the ledger sums to zero".into(), imbalance, MicroUsd::ZERO)
    }

    /// What was posted, bill by bill, is what the whole run's meters make of it.
    fn audit_money(&self) -> Result<(), AuditFailure> {
        let setup = self.prepared.setup;
        let now = self.last.at;
        for (deployment, spec) in setup.deployments.iter().enumerate() {
            let slots = u128::from(self.prepared.servers[deployment].slots());
            let replica_time = self.usage[deployment].time.iter().sum::<u128>() / slots;
            let held = replica_time * u128::from(spec.accelerators);
            let metered = Metered { held, ..self.calls_metered(now, deployment) };
            self.audit_postings(Subject::Deployment(deployment), &metered)?;
        }
        for ((cluster, spec), joules) in setup.clusters.iter().enumerate().zip(self.joules(now)) {
            let held = u128::from(spec.accelerators()) * u128::from(now.as_nanos());
            let metered = Metered { until: now, held, joules, ..Metered::default() };
            self.audit_postings(Subject::Cluster(cluster), &metered)?;
        }
        Ok(())
    }

    fn audit_postings(&self, subject: Subject, metered: &Metered) -> Result<(), AuditFailure> {
        for (label, Posted { posted, due }) in self.billing.posted_and_due(subject, metered) {
            let what = || format!("{label} posted = what the use comes to ({subject})");
            self.auditor.equal(what, posted, due)?;
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
            let held = |(spec, count): (&DeploymentSpec, &u64)| {
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
            matches!(server, Server::Tokens { .. })
        };
        let completed = |(index, cell): (usize, &Cell)| {
            let place = index % self.places.len();
            let counted = place < self.usage.len() && token_serving(place);
            if counted { cell.counts().output_tokens } else { 0 }
        };
        let completed: u64 = self.cells.iter().enumerate().map(completed).sum();
        let counted: u64 = self.requests.iter().map(|request| u64::from(request.produced)).sum();
        let decoding =
            self.hosts.iter().map(|host| host.replica.tokens_since_joining(&self.requests));
        let partial = counted + decoding.sum::<u64>();
        self.auditor.equal(
            || "output tokens produced = completed + in flight".into(),
            self.usage.iter().map(Usage::output_tokens).sum(),
            completed + partial,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_reported_whole() {
        let auditor = Auditor { seed: 3, replication: 1 };
        assert_eq!(auditor.equal(|| "never".into(), 2, 2), Ok(()));
        let failure = auditor.equal(|| "tokens billed = tokens served".into(), 5, 6).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "audit failed: tokens billed = tokens served: 5 is not 6 (replication 1, seed 3)"
        );
        assert_eq!(auditor.at_most(|| "never".into(), 2, 2), Ok(()));
        let failure = auditor.at_most(|| "cached tokens".into(), 6, 5).unwrap_err();
        assert!(failure.to_string().contains("cached tokens: 6 is not at most 5"), "{failure}");
    }
}
