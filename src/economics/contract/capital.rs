//! Capital: the cloud pays for the accelerators of a cluster by the hour, whether somebody holds them or not.

use super::Contract;
use crate::economics::journal::Payment;
use crate::economics::ledger::Party;
use crate::economics::{Label, Metered, MicroUsd};
use crate::metrics::MetricId;
use crate::units::UsdPerHour;

const CAPITAL: Label = Label::Cost(MetricId::CapitalCost);

#[derive(Clone, Copy, Debug)]
pub(super) struct Capital {
    /// Per accelerator-hour in service.
    pub price: UsdPerHour,
}

impl Contract for Capital {
    fn due(&self, used: &Metered) -> Vec<Payment> {
        let cost = MicroUsd::from_hours(used.held, self.price);
        vec![Party::Cloud(CAPITAL).pays(Party::Suppliers, cost)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_in_service_cost_capital() {
        let used = Metered { held: 3_600_000_000_000, ..Metered::default() };
        let cost = Party::Cloud(CAPITAL).pays(Party::Suppliers, MicroUsd::from_usd(1.5));
        assert_eq!(Capital { price: UsdPerHour(1.5) }.due(&used), [cost]);
    }
}
