//! From metered use to postings: who pays whom for what.

use super::ledger::{AccountId, Ledger, Owner, Purpose};
use super::{MicroUsd, Terms, TokenPrice};
use crate::units::UsdPerHour;

const NANOS_PER_HOUR: f64 = 3600e9;

/// What a deployment is billed by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tariff {
    /// Its vendor, by index.
    pub tenant: usize,
    /// How the cloud is paid.
    pub terms: Terms,
    /// What customers pay for tokens; absent where the cloud has no part in it.
    pub price: Option<TokenPrice>,
}

/// What a deployment used since it was last billed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// Prompt tokens of completed requests.
    pub input_tokens: u64,
    /// Output tokens of completed requests.
    pub output_tokens: u64,
    /// Accelerator-nanoseconds held.
    pub held: u128,
}

/// The cloud's books: the ledger, its chart of accounts, and the tokens that were billed.
#[derive(Clone, Debug)]
pub struct Billing {
    ledger: Ledger,
    tariffs: Vec<Tariff>,
    revenue: Vec<AccountId>,
    vendors: Vec<AccountId>,
    energy: Vec<AccountId>,
    capital: Vec<AccountId>,
    customers: AccountId,
    suppliers: AccountId,
    /// Tokens of every bill so far, whoever is paid for them.
    billed_tokens: u64,
}

impl Billing {
    /// Opens the accounts of deployments (one tariff each), `tenants` vendors and `clusters`.
    pub fn new(tariffs: Vec<Tariff>, tenants: usize, clusters: usize) -> Self {
        let mut ledger = Ledger::default();
        let mut revenue = |(deployment, tariff): (usize, &Tariff)| {
            let purpose = match tariff.terms {
                Terms::Rental { .. } => Purpose::Rental { deployment },
                Terms::Marketplace { .. } => Purpose::Marketplace { deployment },
                Terms::FirstParty => Purpose::FirstParty { deployment },
            };
            ledger.open(Owner::Cloud, purpose)
        };
        Self {
            revenue: tariffs.iter().enumerate().map(&mut revenue).collect(),
            tariffs,
            energy: (0..clusters)
                .map(|cluster| ledger.open(Owner::Cloud, Purpose::Energy { cluster }))
                .collect(),
            capital: (0..clusters)
                .map(|cluster| ledger.open(Owner::Cloud, Purpose::Capital { cluster }))
                .collect(),
            vendors: (0..tenants)
                .map(|tenant| ledger.open(Owner::Tenant(tenant), Purpose::Settlement))
                .collect(),
            customers: ledger.open(Owner::Outside, Purpose::Settlement),
            suppliers: ledger.open(Owner::Outside, Purpose::Settlement),
            ledger,
            billed_tokens: 0,
        }
    }

    /// Bills a deployment's use.
    pub fn bill(&mut self, deployment: usize, used: &Use) {
        let tariff = self.tariffs[deployment];
        let (revenue, vendor) = (self.revenue[deployment], self.vendors[tariff.tenant]);
        self.billed_tokens += used.input_tokens + used.output_tokens;
        match tariff.terms {
            Terms::Rental { price } => {
                let rent = hourly(used.held, price);
                self.ledger.post(&[(vendor, -rent), (revenue, rent)]);
            }
            Terms::Marketplace { take_rate } => {
                let sales = tariff.sales(used);
                let part = sales.part(take_rate);
                let entries = [(self.customers, -sales), (revenue, part), (vendor, sales - part)];
                self.ledger.post(&entries);
            }
            Terms::FirstParty => {
                let sales = tariff.sales(used);
                self.ledger.post(&[(self.customers, -sales), (revenue, sales)]);
            }
        }
    }

    /// Pays for a cluster's energy.
    pub fn pay_energy(&mut self, cluster: usize, cost: MicroUsd) {
        self.ledger.post(&[(self.energy[cluster], -cost), (self.suppliers, cost)]);
    }

    /// Pays for a cluster's accelerators: `time` accelerator-nanoseconds in service.
    pub fn pay_capital(&mut self, cluster: usize, time: u128, price: UsdPerHour) {
        let cost = hourly(time, price);
        self.ledger.post(&[(self.capital[cluster], -cost), (self.suppliers, cost)]);
    }

    /// The ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Tokens of every bill so far.
    pub fn billed_tokens(&self) -> u64 {
        self.billed_tokens
    }
}

impl Tariff {
    fn sales(&self, used: &Use) -> MicroUsd {
        self.price.map_or(MicroUsd::ZERO, |price| {
            MicroUsd::from_tokens(used.input_tokens, price.input.0)
                + MicroUsd::from_tokens(used.output_tokens, price.output.0)
        })
    }
}

fn hourly(nanos: u128, price: UsdPerHour) -> MicroUsd {
    MicroUsd::from_usd(nanos as f64 / NANOS_PER_HOUR * price.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::UsdPerMillionTokens;

    #[test]
    fn each_kind_of_terms_pays_the_right_accounts() {
        let price =
            TokenPrice { input: UsdPerMillionTokens(1.0), output: UsdPerMillionTokens(4.0) };
        let tariff = |tenant, terms| Tariff { tenant, terms, price: Some(price) };
        let tariffs = vec![
            tariff(0, Terms::Rental { price: UsdPerHour(3.0) }),
            tariff(1, Terms::Marketplace { take_rate: 0.25 }),
            tariff(2, Terms::FirstParty),
        ];
        let mut billing = Billing::new(tariffs, 3, 1);
        let used = Use { input_tokens: 1_000_000, output_tokens: 500_000, held: 7_200_000_000_000 };
        (0..3).for_each(|deployment| billing.bill(deployment, &used));
        billing.pay_capital(0, 3_600_000_000_000, UsdPerHour(1.5));
        billing.pay_energy(0, MicroUsd::from_usd(0.1));
        let balances: Vec<_> =
            billing.ledger().accounts().iter().map(|account| account.balance.as_usd()).collect();
        // Revenue of the three, energy, capital, the three vendors, customers, suppliers.
        assert_eq!(balances, [6.0, 0.75, 3.0, -0.1, -1.5, -6.0, 2.25, 0.0, -6.0, 1.6]);
        assert_eq!(billing.ledger().imbalance(), MicroUsd::ZERO);
        assert_eq!(billing.billed_tokens(), 4_500_000);
    }
}
