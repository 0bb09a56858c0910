//! First-party: the cloud sells the tokens of a model of its own.

use super::{Contract, sales};
use crate::economics::journal::Payment;
use crate::economics::ledger::Party;
use crate::economics::{Label, Metered, TokenPrice};
use crate::metrics::MetricId;

pub(super) const SALES: Label = Label::Revenue(MetricId::FirstPartyRevenue);

#[derive(Clone, Copy, Debug)]
pub(super) struct FirstParty {
    pub price: Option<TokenPrice>,
}

impl Contract for FirstParty {
    fn due(&self, used: &Metered) -> Vec<Payment> {
        vec![Party::Customers.pays(Party::Cloud(SALES), sales(self.price, used))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::economics::MicroUsd;
    use crate::economics::contract::tests::{PRICE, USED};

    #[test]
    fn all_sales_are_the_clouds() {
        let sales = Party::Customers.pays(Party::Cloud(SALES), MicroUsd::from_usd(3.0));
        assert_eq!(FirstParty { price: Some(PRICE) }.due(&USED), [sales]);
    }
}
