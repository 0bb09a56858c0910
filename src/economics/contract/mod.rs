//! What use comes to in money: a kind of contract a file.
//!
//! A contract says who owes whom what for all use since it was signed, and nothing else: it neither keeps
//! accounts nor rounds differences. [`Agreement`] posts what was not posted before.

mod capital;
mod energy;
mod first_party;
mod marketplace;
mod rental;
#[cfg(test)]
mod tests;

use super::journal::{Journal, Payment};
use super::{Label, Metered, MicroUsd, Subject, TokenPrice};
use crate::ids::TenantId;
use crate::units::{UsdPerHour, UsdPerKilowattHour};
use std::fmt::Debug;

/// A kind of contract.
pub trait Contract: Debug {
    /// Who owes whom what for `used`, everything since the contract was signed.
    ///
    /// Equal use must give equal payments. A label of the cloud that this contract may ever post to is best
    /// named at once, with nothing due: a cost that no account is for counts as not known.
    fn due(&self, used: &Metered) -> Vec<Payment>;
}

/// How the cloud earns from a tenant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Terms {
    /// The tenant rents its replicas' accelerators by the hour and keeps its token revenue.
    Rental {
        /// Price per accelerator-hour held.
        price: UsdPerHour,
    },
    /// The cloud sells the tenant's tokens and keeps a part.
    Marketplace {
        /// The cloud's part of token revenue, 0 to 1.
        take_rate: f64,
    },
    /// The cloud's own model: all token revenue is the cloud's.
    FirstParty,
}

/// What the cloud pays for to run a cluster.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Supply {
    /// Accelerators, and the room they stand in.
    Capital {
        /// Price per accelerator-hour in service.
        price: UsdPerHour,
    },
    /// Electricity.
    Energy {
        /// Price at the meter.
        price: UsdPerKilowattHour,
    },
}

/// The kinds of revenue that [`Terms`] can bring.
pub const REVENUE: &[Label] = &[rental::RENT, marketplace::PART, first_party::SALES];

/// The contract that `terms` are with a vendor (by its index) about a deployment whose customers pay `price`
/// for tokens; `None` where the cloud has no part in that.
pub fn of(terms: Terms, vendor: TenantId, price: Option<TokenPrice>) -> Box<dyn Contract> {
    match terms {
        Terms::Rental { price } => Box::new(rental::Rental { vendor, price }),
        Terms::Marketplace { take_rate } => {
            Box::new(marketplace::Marketplace { vendor, take_rate, price })
        }
        Terms::FirstParty => Box::new(first_party::FirstParty { price }),
    }
}

/// The contract under which the cloud gets a supply.
pub fn for_supply(supply: Supply) -> Box<dyn Contract> {
    match supply {
        Supply::Capital { price } => Box::new(capital::Capital { price }),
        Supply::Energy { price } => Box::new(energy::Energy { price }),
    }
}

/// What customers pay for the tokens of `used`.
fn sales(price: Option<TokenPrice>, used: &Metered) -> MicroUsd {
    price.map_or(MicroUsd::ZERO, |price| {
        let computed = used.input_tokens - used.cached_tokens;
        MicroUsd::from_tokens(computed, price.input.0)
            + MicroUsd::from_tokens(used.cached_tokens, price.cached_input.0)
            + MicroUsd::from_tokens(used.output_tokens, price.output.0)
    })
}

/// A contract in force: when it began, and what was posted of it so far.
#[derive(Debug)]
pub struct Agreement {
    contract: Box<dyn Contract>,
    subject: Subject,
    /// What the meter showed when it was signed.
    start: Metered,
    posted: Vec<Payment>,
}

impl Agreement {
    /// An agreement about `subject`, signed when its meter showed `start`.
    pub fn new(contract: Box<dyn Contract>, subject: Subject, start: Metered) -> Self {
        Self { contract, subject, start, posted: Vec::new() }
    }

    /// What is due in all when the meter shows `metered`.
    pub fn due(&self, metered: &Metered) -> Vec<Payment> {
        self.contract.due(&metered.since(&self.start))
    }

    /// Posts what is due, less what was posted before. Amounts are rounded once, for all use so far.
    pub fn accrue(&mut self, metered: &Metered, journal: &mut Journal) {
        let due = self.due(metered);
        journal.post(self.subject, &due, &self.posted);
        self.posted = due;
    }
}
