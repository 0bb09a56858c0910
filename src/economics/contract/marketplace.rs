//! Marketplace: the cloud sells a vendor's tokens to customers and keeps a part.

use super::{Contract, sales};
use crate::economics::journal::Payment;
use crate::economics::ledger::Party;
use crate::economics::{Label, Metered, TokenPrice};
use crate::ids::TenantId;
use crate::metrics::MetricId;

pub(super) const PART: Label = Label::Revenue(MetricId::MarketplaceRevenue);

#[derive(Clone, Copy, Debug)]
pub(super) struct Marketplace {
    pub vendor: TenantId,
    /// The cloud's part, 0 to 1.
    pub take_rate: f64,
    pub price: Option<TokenPrice>,
}

impl Contract for Marketplace {
    /// The part is taken of all sales, and the vendor gets what is left, so that no rounding is lost.
    fn due(&self, used: &Metered) -> Vec<Payment> {
        let sales = sales(self.price, used);
        let part = sales.part(self.take_rate);
        vec![
            Party::Customers.pays(Party::Cloud(PART), part),
            Party::Customers.pays(Party::Vendor(self.vendor), sales - part),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::economics::MicroUsd;
    use crate::economics::contract::tests::{PRICE, USED};

    #[test]
    fn sales_are_shared() {
        let due = Marketplace { vendor: TenantId::new(1), take_rate: 0.25, price: Some(PRICE) }
            .due(&USED);
        let (customers, vendor) = (Party::Customers, Party::Vendor(TenantId::new(1)));
        let part = customers.pays(Party::Cloud(PART), MicroUsd::from_usd(0.75));
        assert_eq!(due, [part, customers.pays(vendor, MicroUsd::from_usd(2.25))]);
    }

    #[test]
    fn without_a_price_nothing_is_sold() {
        let due = Marketplace { vendor: TenantId::new(1), take_rate: 0.25, price: None }.due(&USED);
        assert!(due.iter().all(|payment| payment.amount == MicroUsd::ZERO));
    }
}
