//! What there is to do: each replication of each case, and in which order.

use super::content::Content;
use crate::ids::{CaseId, EpochId};
use std::fmt;

/// One replication of one case, in one epoch: what is simulated, stored and folded as a whole. Its outcome
/// depends on nothing but this.
///
/// Tasks are done and folded in their order: each replication with all its cases, so that they can be compared, and
/// each case with all its epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Task {
    /// Which of the independent repetitions, from 0: it has the same random numbers in all cases.
    pub replication: u32,
    /// Which case: today a variant, in the order of the scenario.
    pub case: CaseId,
    /// Which epoch: today each case is one.
    pub epoch: EpochId,
    /// What its outcome depends on besides.
    pub content: Content,
}

impl Task {
    /// A name for its outcome that no other outcome has, and that it has in every experiment that it is part of: it goes
    /// by what is simulated, not by the number of the case.
    pub fn key(&self) -> String {
        let Self { content, epoch, replication, .. } = self;
        format!("{content}-{epoch}-{replication}")
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { replication, case, epoch, .. } = self;
        write!(f, "replication {replication} of case {case} in epoch {epoch}")
    }
}

/// All tasks of an experiment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tasks {
    pub cases: usize,
    pub replications: u32,
}

impl Tasks {
    /// How many there are.
    pub(super) fn count(self) -> u64 {
        self.cases as u64 * u64::from(self.replications)
    }

    /// The one at a place in their order, with what a case depends on by `content`.
    pub(super) fn at(self, place: u64, content: impl FnOnce(CaseId) -> Content) -> Task {
        let cases = self.cases as u64;
        let case = CaseId::new((place % cases) as usize);
        let replication = (place / cases) as u32;
        Task { replication, case, epoch: EpochId::new(0), content: content(case) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_come_in_their_order_each_once() {
        let tasks = Tasks { cases: 3, replications: 4 };
        let all: Vec<_> =
            (0..tasks.count()).map(|place| tasks.at(place, |_| Content::NONE)).collect();
        assert_eq!(all.len(), 12);
        assert!(all.is_sorted_by(|one, next| one < next));
        assert_eq!((all[5].replication, all[5].case), (1, CaseId::new(2)));
    }
}
