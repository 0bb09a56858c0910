//! Audits of every run: a wrong number is worse than none.

mod calls;
mod money;
mod signs;

use super::accounts::Counts;
use super::run::Simulation;
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
    pub(super) fn equal<T: PartialEq + Display>(
        self,
        what: impl FnOnce() -> String,
        left: T,
        right: T,
    ) -> Result<(), AuditFailure> {
        if left == right { Ok(()) } else { Err(self.failure(what(), left, right)) }
    }

    /// Requires the first side to be at most the second.
    pub(super) fn at_most<T: PartialOrd + Display>(
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
    pub(super) fn audit(&self) -> Result<(), AuditFailure> {
        self.audit_requests()?;
        self.audit_accelerator_time()?;
        self.audit_tokens()?;
        self.audit_money()?;
        self.audit_signs()
    }

    /// Starting + idle + busy = accelerators held, in slots; and of each cluster held + free + down = in service.
    fn audit_accelerator_time(&self) -> Result<(), AuditFailure> {
        let setup = self.prepared.setup;
        let time = self.fleet.leased().time(self.accounts.last.at);
        for (deployment, usage) in self.fleet.usage.iter_enumerated() {
            let slots = u128::from(self.prepared.servers[deployment].slots());
            let accelerators = u128::from(setup.deployments[deployment].accelerators);
            self.auditor.equal(
                || format!("starting + idle + busy time = time held (deployment {deployment})"),
                usage.time.iter().sum::<u128>() * accelerators,
                time.held[deployment] * slots,
            )?;
        }
        for (cluster, spec) in setup.clusters.iter_enumerated() {
            let here = setup.deployments.iter_enumerated().filter(|(_, it)| it.cluster == cluster);
            let held: u128 = here.map(|(id, _)| time.held[id]).sum();
            let of_cluster = &time.clusters[cluster];
            self.auditor.equal(
                || format!("held + free + down time = time in service (cluster `{}`)", spec.name),
                held + of_cluster.free + of_cluster.down,
                of_cluster.in_service,
            )?;
            self.auditor.at_most(
                || format!("time stranded (cluster `{}`)", spec.name),
                of_cluster.stranded,
                of_cluster.free,
            )?;
        }
        self.auditor.equal(
            || "held by tenants = held for deployments".into(),
            time.held_by.iter().sum::<u128>(),
            time.held.iter().sum::<u128>(),
        )
    }

    /// Tokens billed = tokens of completed requests; tokens that iterations produced = tokens of
    /// completed requests + those produced so far for requests in flight.
    fn audit_tokens(&self) -> Result<(), AuditFailure> {
        let tokens = |counts: &Counts| counts.input_tokens + counts.output_tokens;
        let served: u64 = self.accounts.cells.iter().map(|cell| tokens(cell.counts())).sum();
        let billed = self.accounts.billing.billed_tokens();
        self.auditor.equal(|| "tokens billed = tokens served".into(), billed, served)?;
        let counted: u64 = self.requests.iter().map(|request| u64::from(request.produced)).sum();
        let decoding =
            self.fleet.members().map(|member| member.replica.tokens_since_joining(&self.requests));
        let partial = counted + decoding.sum::<u64>();
        self.auditor.equal(
            || "output tokens produced = completed + in flight".into(),
            self.fleet.usage.iter().map(Usage::output_tokens).sum(),
            self.output_tokens_of_iterations() + partial,
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
