//! A double-entry ledger: every transaction balances, every account has an owner.

use super::MicroUsd;

/// Whose money an account counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The cloud.
    Cloud,
    /// A vendor, by its index.
    Tenant(usize),
    /// Customers who buy tokens and suppliers of energy and capital.
    Outside,
}

/// What an account of the cloud is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Accelerators rented by the vendor of a deployment.
    Rental {
        /// Index of the deployment.
        deployment: usize,
    },
    /// The cloud's part of the sales of a deployment's tokens.
    Marketplace {
        /// Index of the deployment.
        deployment: usize,
    },
    /// Sales of the cloud's own model.
    FirstParty {
        /// Index of the deployment.
        deployment: usize,
    },
    /// Energy of a cluster.
    Energy {
        /// Index of the cluster.
        cluster: usize,
    },
    /// Capital and hosting of a cluster.
    Capital {
        /// Index of the cluster.
        cluster: usize,
    },
    /// The other side: what the owner has received less what it has paid.
    Settlement,
}

/// An account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountId(usize);

/// An account's owner, purpose and balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub owner: Owner,
    /// What it is for.
    pub purpose: Purpose,
    /// Received less paid.
    pub balance: MicroUsd,
}

/// All accounts.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    accounts: Vec<Account>,
}

impl Ledger {
    /// Opens an empty account.
    pub fn open(&mut self, owner: Owner, purpose: Purpose) -> AccountId {
        self.accounts.push(Account { owner, purpose, balance: MicroUsd::ZERO });
        AccountId(self.accounts.len() - 1)
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

    /// An account's balance.
    pub fn balance(&self, account: AccountId) -> MicroUsd {
        self.accounts[account.0].balance
    }

    /// All accounts in the order in which they were opened.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The sum of all balances: zero, or something was posted that did not balance.
    pub fn imbalance(&self) -> MicroUsd {
        self.accounts.iter().map(|account| account.balance).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transactions_move_money() {
        let mut ledger = Ledger::default();
        let cloud = ledger.open(Owner::Cloud, Purpose::FirstParty { deployment: 0 });
        let outside = ledger.open(Owner::Outside, Purpose::Settlement);
        let price = MicroUsd::from_tokens(1_500, 0.72);
        ledger.post(&[(outside, -price), (cloud, price)]);
        assert_eq!(ledger.accounts()[0].balance.to_string(), "0.001080 USD");
        assert_eq!(ledger.accounts()[1].balance.to_string(), "-0.001080 USD");
        assert_eq!(ledger.imbalance(), MicroUsd::ZERO);
    }

    #[test]
    #[should_panic(expected = "must balance")]
    fn money_does_not_appear() {
        let mut ledger = Ledger::default();
        let account = ledger.open(Owner::Cloud, Purpose::Settlement);
        ledger.post(&[(account, MicroUsd::from_usd(1.0))]);
    }
}
