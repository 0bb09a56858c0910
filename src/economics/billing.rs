//! The cloud's books: agreements are billed by their meters, and posted to the journal.

use super::contract::{Agreement, Contract};
use super::journal::Journal;
use super::ledger::{Ledger, Party};
use super::{Label, Metered, MicroUsd, Subject};
use std::collections::BTreeMap;

/// All agreements, their meters, and the journal.
#[derive(Debug, Default)]
pub struct Billing {
    journal: Journal,
    meters: BTreeMap<Subject, Meter>,
}

/// A meter as it was last read, and what is billed by it.
#[derive(Debug, Default)]
struct Meter {
    read: Metered,
    agreements: Vec<Agreement>,
}

/// What was posted under a label, and what it should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Posted {
    /// The balance of the account.
    pub posted: MicroUsd,
    /// What the meter makes of it.
    pub due: MicroUsd,
}

impl Billing {
    /// Signs a contract about `subject`: it bills what is used from now on, which is the last reading of the
    /// meter.
    pub fn sign(&mut self, subject: Subject, contract: Box<dyn Contract>) {
        let meter = self.meters.entry(subject).or_default();
        let mut agreement = Agreement::new(contract, subject, meter.read);
        agreement.accrue(&meter.read, &mut self.journal);
        meter.agreements.push(agreement);
    }

    /// Bills what was used since the meter was last read, now that it shows `metered` since the start of the
    /// run.
    pub fn bill(&mut self, subject: Subject, metered: &Metered) {
        let meter = self.meters.entry(subject).or_default();
        meter.read = *metered;
        for agreement in &mut meter.agreements {
            agreement.accrue(metered, &mut self.journal);
        }
    }

    /// What was posted bill by bill about `subject`, and what the whole of its use makes of it.
    pub fn posted_and_due(&self, subject: Subject, metered: &Metered) -> BTreeMap<Label, Posted> {
        let mut labels: BTreeMap<Label, Posted> = BTreeMap::new();
        for (label, _, balance) in self.ledger().labelled(subject) {
            labels.entry(label).or_default().posted = balance;
        }
        let agreements = self.meters.get(&subject).map_or(&[][..], |meter| &meter.agreements);
        for payment in agreements.iter().flat_map(|agreement| agreement.due(metered)) {
            for party in payment.parties() {
                if let Party::Cloud(label) = party {
                    labels.entry(label).or_default().due += payment.brings(party);
                }
            }
        }
        labels
    }

    /// The ledger.
    pub fn ledger(&self) -> &Ledger {
        self.journal.ledger()
    }

    /// Tokens of every bill so far.
    pub fn billed_tokens(&self) -> u64 {
        self.meters.values().map(|meter| meter.read.tokens()).sum()
    }
}
