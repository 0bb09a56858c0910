//! Energy: the cloud pays for the electricity of a cluster.

use super::Contract;
use crate::economics::energy::kilowatt_hours;
use crate::economics::journal::Payment;
use crate::economics::ledger::Party;
use crate::economics::{Label, Metered, MicroUsd};
use crate::metrics::MetricId;
use crate::units::UsdPerKilowattHour;

const ENERGY: Label = Label::Cost(MetricId::EnergyCost);

#[derive(Clone, Copy, Debug)]
pub(super) struct Energy {
    /// Per kilowatt-hour at the meter.
    pub price: UsdPerKilowattHour,
}

impl Contract for Energy {
    /// Of a cluster without a meter nobody asks for anything.
    fn due(&self, used: &Metered) -> Vec<Payment> {
        let kwh = kilowatt_hours(used.joules.unwrap_or(0.0));
        let cost = MicroUsd::from_usd(kwh * self.price.0);
        vec![Party::Cloud(ENERGY).pays(Party::Suppliers, cost)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilowatt_hours_cost_their_price() {
        let used = Metered { joules: Some(7.2e6), ..Metered::default() };
        let cost = Party::Cloud(ENERGY).pays(Party::Suppliers, MicroUsd::from_usd(0.2));
        assert_eq!(Energy { price: UsdPerKilowattHour(0.1) }.due(&used), [cost]);
    }
}
