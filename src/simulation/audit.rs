//! Audits of every run: a wrong number is worse than none.

use std::fmt::Display;

/// Two sides that must be equal and are not.
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
        if left == right {
            return Ok(());
        }
        Err(AuditFailure {
            what: what(),
            left: left.to_string(),
            right: right.to_string(),
            seed: self.seed,
            replication: self.replication,
        })
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
    }
}
