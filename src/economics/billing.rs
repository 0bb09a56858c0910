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
    /// Of the prompt tokens, those found in a prefix cache.
    pub cached_tokens: u64,
    /// Accelerator-nanoseconds held.
    pub held: u128,
}

impl Use {
    fn and(self, more: &Self) -> Self {
        Self {
            input_tokens: self.input_tokens + more.input_tokens,
            output_tokens: self.output_tokens + more.output_tokens,
            cached_tokens: self.cached_tokens + more.cached_tokens,
            held: self.held + more.held,
        }
    }
}

/// The cloud's books: the ledger, its chart of accounts, and the meters.
///
/// An amount is rounded once, for everything metered so far, and what was posted of it before is
/// taken off: however often it is billed, no more than a rounding is lost or won.
#[derive(Clone, Debug)]
pub struct Billing {
    ledger: Ledger,
    /// By deployment: use billed so far.
    used: Vec<Use>,
    /// By cluster: accelerator-nanoseconds paid so far.
    in_service: Vec<u128>,
    tariffs: Vec<Tariff>,
    revenue: Vec<AccountId>,
    vendors: Vec<AccountId>,
    /// By cluster, and what was paid so far.
    energy: Vec<(AccountId, MicroUsd)>,
    capital: Vec<AccountId>,
    customers: AccountId,
    suppliers: AccountId,
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
            used: vec![Use::default(); tariffs.len()],
            in_service: vec![0; clusters],
            tariffs,
            energy: (0..clusters)
                .map(|cluster| {
                    (ledger.open(Owner::Cloud, Purpose::Energy { cluster }), MicroUsd::ZERO)
                })
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
        }
    }

    /// Bills a deployment's use since it was last billed.
    pub fn bill(&mut self, deployment: usize, used: &Use) {
        let tariff = self.tariffs[deployment];
        let (revenue, vendor) = (self.revenue[deployment], self.vendors[tariff.tenant]);
        let before = self.used[deployment];
        let after = before.and(used);
        self.used[deployment] = after;
        let sales = tariff.sales(&after) - tariff.sales(&before);
        let part = tariff.revenue(&after) - tariff.revenue(&before);
        match tariff.terms {
            Terms::Rental { .. } => self.ledger.post(&[(vendor, -part), (revenue, part)]),
            Terms::Marketplace { .. } => {
                let entries = [(self.customers, -sales), (revenue, part), (vendor, sales - part)];
                self.ledger.post(&entries);
            }
            Terms::FirstParty => self.ledger.post(&[(self.customers, -part), (revenue, part)]),
        }
    }

    /// Pays for a cluster's energy, which has cost `usd` since the start.
    pub fn pay_energy(&mut self, cluster: usize, usd: f64) {
        let due = MicroUsd::from_usd(usd);
        let cost = due - std::mem::replace(&mut self.energy[cluster].1, due);
        self.ledger.post(&[(self.energy[cluster].0, -cost), (self.suppliers, cost)]);
    }

    /// Pays for a cluster's accelerators: `time` accelerator-nanoseconds in service since they
    /// were last paid.
    pub fn pay_capital(&mut self, cluster: usize, time: u128, price: UsdPerHour) {
        let before = self.in_service[cluster];
        let after = before + time;
        self.in_service[cluster] = after;
        let cost = hourly(after, price) - hourly(before, price);
        self.ledger.post(&[(self.capital[cluster], -cost), (self.suppliers, cost)]);
    }

    /// What was posted as the cloud's revenue from a deployment, and what its use makes of it.
    pub fn revenue_posted_and_due(&self, deployment: usize, used: &Use) -> (MicroUsd, MicroUsd) {
        (self.ledger.balance(self.revenue[deployment]), self.tariffs[deployment].revenue(used))
    }

    /// What was posted as a cluster's capital cost, and what `time` accelerator-nanoseconds in
    /// service make of it.
    pub fn capital_posted_and_due(
        &self,
        cluster: usize,
        time: u128,
        price: UsdPerHour,
    ) -> (MicroUsd, MicroUsd) {
        (-self.ledger.balance(self.capital[cluster]), hourly(time, price))
    }

    /// The ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Tokens of every bill so far.
    pub fn billed_tokens(&self) -> u64 {
        self.used.iter().map(|used| used.input_tokens + used.output_tokens).sum()
    }
}

impl Tariff {
    /// The cloud's revenue from so much use.
    fn revenue(&self, used: &Use) -> MicroUsd {
        match self.terms {
            Terms::Rental { price } => hourly(used.held, price),
            Terms::Marketplace { take_rate } => self.sales(used).part(take_rate),
            Terms::FirstParty => self.sales(used),
        }
    }

    /// What customers pay for the tokens.
    fn sales(&self, used: &Use) -> MicroUsd {
        self.price.map_or(MicroUsd::ZERO, |price| {
            let computed = used.input_tokens - used.cached_tokens;
            MicroUsd::from_tokens(computed, price.input.0)
                + MicroUsd::from_tokens(used.cached_tokens, price.cached_input.0)
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
        let price = TokenPrice {
            input: UsdPerMillionTokens(1.0),
            cached_input: UsdPerMillionTokens(0.5),
            output: UsdPerMillionTokens(4.0),
        };
        let tariff = |tenant, terms| Tariff { tenant, terms, price: Some(price) };
        let tariffs = vec![
            tariff(0, Terms::Rental { price: UsdPerHour(3.0) }),
            tariff(1, Terms::Marketplace { take_rate: 0.25 }),
            tariff(2, Terms::FirstParty),
        ];
        let mut billing = Billing::new(tariffs, 3, 1);
        let used = Use {
            input_tokens: 1_200_000,
            output_tokens: 500_000,
            cached_tokens: 400_000,
            held: 7_200_000_000_000,
        };
        (0..3).for_each(|deployment| billing.bill(deployment, &used));
        billing.pay_capital(0, 3_600_000_000_000, UsdPerHour(1.5));
        billing.pay_energy(0, 0.1);
        let balances: Vec<_> =
            billing.ledger().accounts().iter().map(|account| account.balance.as_usd()).collect();
        // Revenue of the three, energy, capital, the three vendors, customers, suppliers.
        assert_eq!(balances, [6.0, 0.75, 3.0, -0.1, -1.5, -6.0, 2.25, 0.0, -6.0, 1.6]);
        assert_eq!(billing.ledger().imbalance(), MicroUsd::ZERO);
        assert_eq!(billing.billed_tokens(), 5_100_000);
    }

    #[test]
    fn a_thousand_small_bills_are_one_large_bill() {
        let price = TokenPrice {
            input: UsdPerMillionTokens(0.15),
            cached_input: UsdPerMillionTokens(0.075),
            output: UsdPerMillionTokens(0.6),
        };
        let terms = [
            Terms::Rental { price: UsdPerHour(2.95) },
            Terms::Marketplace { take_rate: 0.2 },
            Terms::FirstParty,
        ];
        let tariffs = terms.map(|terms| Tariff { tenant: 0, terms, price: Some(price) });
        let small = Use { input_tokens: 2, output_tokens: 1, cached_tokens: 1, held: 1_000_000 };
        let large = Use {
            input_tokens: 2000,
            output_tokens: 1000,
            cached_tokens: 1000,
            held: 1_000_000_000,
        };
        let balances = |times: u32, used: &Use| {
            let mut billing = Billing::new(tariffs.to_vec(), 1, 1);
            for _ in 0..times {
                (0..terms.len()).for_each(|deployment| billing.bill(deployment, used));
                billing.pay_capital(0, used.held, UsdPerHour(1.44));
            }
            let accounts = billing.ledger().accounts().iter();
            accounts.map(|account| account.balance).collect::<Vec<_>>()
        };
        assert_eq!(balances(1000, &small), balances(1, &large));
    }
}
