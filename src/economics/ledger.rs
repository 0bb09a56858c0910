//! A double-entry ledger: every transaction balances, every account has an owner.

use super::{Label, MicroUsd, Subject};
use crate::ids::TenantId;
use std::collections::BTreeMap;

/// Whose money an account counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// The cloud, by what the money is for.
    Cloud(Label),
    /// A vendor, by its index.
    Vendor(TenantId),
    /// Customers who buy tokens.
    Customers,
    /// Suppliers of energy and capital.
    Suppliers,
}

/// An account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountId(usize);

impl AccountId {
    /// Its place among all accounts, in the order in which they were opened.
    pub fn index(self) -> usize {
        self.0
    }
}

/// An account's owner, what it is about, and its balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub party: Party,
    /// What it is about.
    pub subject: Subject,
    /// Received less paid.
    pub balance: MicroUsd,
}

/// All accounts: one for each party to each subject.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    accounts: Vec<Account>,
    /// The few accounts that each subject has.
    of: BTreeMap<Subject, Vec<AccountId>>,
}

impl Ledger {
    /// The account of `party` about `subject`, which is opened if there is none.
    pub fn account(&mut self, subject: Subject, party: Party) -> AccountId {
        let ids = self.of.entry(subject).or_default();
        let found = ids.iter().find(|id| self.accounts[id.0].party == party);
        found.copied().unwrap_or_else(|| {
            let id = AccountId(self.accounts.len());
            ids.push(id);
            self.accounts.push(Account { party, subject, balance: MicroUsd::ZERO });
            id
        })
    }

    /// Posts a transaction: amounts received by accounts, negative where paid.
    ///
    /// # Panics
    /// When the amounts do not sum to zero: money does not appear.
    pub fn post(&mut self, entries: &[(AccountId, MicroUsd)]) {
        let sum: MicroUsd = entries.iter().map(|&(_, amount)| amount).sum();
        assert_eq!(sum, MicroUsd::ZERO, "a transaction must balance");
        for &(account, amount) in entries {
            self.accounts[account.0].balance += amount;
        }
    }

    /// All accounts in the order in which they were opened.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The accounts about `subject`.
    pub fn about(&self, subject: Subject) -> impl Iterator<Item = (AccountId, &Account)> {
        let ids = self.of.get(&subject).into_iter().flatten();
        ids.map(|&id| (id, &self.accounts[id.0]))
    }

    /// The cloud's accounts about `subject`, by what they are for.
    pub fn labelled(&self, subject: Subject) -> impl Iterator<Item = (Label, AccountId, MicroUsd)> {
        self.about(subject).filter_map(|(id, account)| match account.party {
            Party::Cloud(label) => Some((label, id, account.balance)),
            Party::Vendor(_) | Party::Customers | Party::Suppliers => None,
        })
    }

    /// The sum of all balances: zero, or something was posted that did not balance.
    pub fn imbalance(&self) -> MicroUsd {
        self.accounts.iter().map(|account| account.balance).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ClusterId, DeploymentId};
    use crate::metrics::MetricId;

    const SUBJECT: Subject = Subject::Deployment(DeploymentId::new(0));

    #[test]
    fn transactions_move_money() {
        let mut ledger = Ledger::default();
        let sales = Party::Cloud(Label::Revenue(MetricId::FirstPartyRevenue));
        let cloud = ledger.account(SUBJECT, sales);
        let outside = ledger.account(SUBJECT, Party::Customers);
        let price = MicroUsd::from_tokens(1_500, 0.72);
        ledger.post(&[(outside, -price), (cloud, price)]);
        assert_eq!(ledger.accounts()[0].balance.to_string(), "0.001080 USD");
        assert_eq!(ledger.accounts()[1].balance.to_string(), "-0.001080 USD");
        assert_eq!(ledger.imbalance(), MicroUsd::ZERO);
    }

    #[test]
    fn a_party_has_one_account_for_each_subject() {
        let mut ledger = Ledger::default();
        let first = ledger.account(SUBJECT, Party::Vendor(TenantId::new(0)));
        assert_eq!(ledger.account(SUBJECT, Party::Vendor(TenantId::new(0))), first);
        assert_ne!(ledger.account(SUBJECT, Party::Vendor(TenantId::new(1))), first);
        assert_ne!(
            ledger.account(Subject::Cluster(ClusterId::new(0)), Party::Vendor(TenantId::new(0))),
            first
        );
        assert_eq!(ledger.about(SUBJECT).count(), 2);
    }

    #[test]
    #[should_panic(expected = "must balance")]
    fn money_does_not_appear() {
        let mut ledger = Ledger::default();
        let account = ledger.account(SUBJECT, Party::Customers);
        ledger.post(&[(account, MicroUsd::from_usd(1.0))]);
    }
}
