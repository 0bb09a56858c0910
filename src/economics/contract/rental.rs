//! Rental: a vendor pays for the accelerators that its replicas hold, and keeps what its tokens earn.

use super::Contract;
use crate::economics::journal::Payment;
use crate::economics::ledger::Party;
use crate::economics::{Label, Metered, MicroUsd};
use crate::ids::TenantId;
use crate::metrics::MetricId;
use crate::units::UsdPerHour;

pub(super) const RENT: Label = Label::Revenue(MetricId::RentalRevenue);

#[derive(Clone, Copy, Debug)]
pub(super) struct Rental {
    pub vendor: TenantId,
    /// Per accelerator-hour held.
    pub price: UsdPerHour,
}

impl Contract for Rental {
    fn due(&self, used: &Metered) -> Vec<Payment> {
        let rent = MicroUsd::from_hours(used.held, self.price);
        vec![Party::Vendor(self.vendor).pays(Party::Cloud(RENT), rent)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_held_are_paid_whatever_they_were_used_for() {
        let rental = Rental { vendor: TenantId::new(4), price: UsdPerHour(3.0) };
        let used =
            Metered { held: 7_200_000_000_000, input_tokens: 1_000_000, ..Metered::default() };
        let rent =
            Party::Vendor(TenantId::new(4)).pays(Party::Cloud(RENT), MicroUsd::from_usd(6.0));
        assert_eq!(rental.due(&used), [rent]);
    }
}
