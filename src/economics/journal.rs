//! The journal: payments between parties, posted to the ledger.

use super::ledger::{Ledger, Party};
use super::{MicroUsd, Subject};

/// Money from one party to another: it balances by construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Who pays.
    pub from: Party,
    /// Who is paid.
    pub to: Party,
    /// How much.
    pub amount: MicroUsd,
}

impl Party {
    /// A payment to another party.
    pub fn pays(self, to: Self, amount: MicroUsd) -> Payment {
        Payment { from: self, to, amount }
    }
}

impl Payment {
    /// What the payment brings `party`.
    pub fn brings(&self, party: Party) -> MicroUsd {
        let received = if self.to == party { self.amount } else { MicroUsd::ZERO };
        let paid = if self.from == party { self.amount } else { MicroUsd::ZERO };
        received - paid
    }

    /// Its parties.
    pub fn parties(&self) -> [Party; 2] {
        [self.from, self.to]
    }

    fn reversed(self) -> Self {
        Self { from: self.to, to: self.from, amount: self.amount }
    }
}

/// Writes transactions into the ledger, and opens accounts as they are needed.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    ledger: Ledger,
}

impl Journal {
    /// Posts, as one transaction about `subject`, what is due above what was posted of it before.
    pub fn post(&mut self, subject: Subject, due: &[Payment], before: &[Payment]) {
        let before = before.iter().copied().map(Payment::reversed);
        let entries = due.iter().copied().chain(before).flat_map(|Payment { from, to, amount }| {
            let (from, to) = (self.ledger.account(subject, from), self.ledger.account(subject, to));
            [(from, -amount), (to, amount)]
        });
        let entries: Vec<_> = entries.collect();
        self.ledger.post(&entries);
    }

    /// What was posted.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}
