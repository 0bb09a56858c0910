//! A kind of contract is a file: this one adds prepaid capacity, and nothing else knows of it.

use coopsim::economics::billing::{Billing, Posted};
use coopsim::economics::contract::{Contract, Supply, for_supply};
use coopsim::economics::journal::Payment;
use coopsim::economics::ledger::Party;
use coopsim::economics::statement::Statement;
use coopsim::economics::{Label, Metered, MicroUsd, Subject};
use coopsim::engine::SimTime;
use coopsim::ids::{ClusterId, DeploymentId, TenantId};
use coopsim::metrics::MetricId;
use coopsim::units::UsdPerHour;

const FEE: Label = Label::Revenue(MetricId::CommitmentRevenue);
const OVERAGE: Label = Label::Revenue(MetricId::RentalRevenue);
const REFUND: Label = Label::Credit(MetricId::SlaCredit);

/// A vendor takes accelerators or pays for them all the same. What it holds above them costs more, and part of
/// the price of what it leaves idle is given back.
#[derive(Clone, Copy, Debug)]
struct Prepaid {
    vendor: TenantId,
    accelerators: u32,
    price: UsdPerHour,
    overage: UsdPerHour,
    refund: UsdPerHour,
}

impl Contract for Prepaid {
    fn due(&self, used: &Metered) -> Vec<Payment> {
        let vendor = Party::Vendor(self.vendor);
        let paid = u128::from(self.accelerators) * u128::from(used.elapsed().as_nanos());
        let above = used.held.saturating_sub(paid);
        let idle = paid.saturating_sub(used.held);
        vec![
            vendor.pays(Party::Cloud(FEE), MicroUsd::from_hours(paid, self.price)),
            vendor.pays(Party::Cloud(OVERAGE), MicroUsd::from_hours(above, self.overage)),
            Party::Cloud(REFUND).pays(vendor, MicroUsd::from_hours(idle, self.refund)),
        ]
    }
}

const PREPAID: Prepaid = Prepaid {
    vendor: TenantId::new(3),
    accelerators: 8,
    price: UsdPerHour(2.05),
    overage: UsdPerHour(2.95),
    refund: UsdPerHour(0.35),
};
const SUBJECT: Subject = Subject::Deployment(DeploymentId::new(5));
const HOUR: u64 = 3_600_000_000_000;

/// What is shown after `hours` in which `accelerators` were held.
fn held(hours: u64, accelerators: u64) -> Metered {
    Metered {
        until: SimTime::from_nanos(hours * HOUR),
        held: u128::from(hours * accelerators * HOUR),
        ..Metered::default()
    }
}

fn signed() -> Billing {
    let mut billing = Billing::default();
    billing.sign(SUBJECT, Box::new(PREPAID));
    billing
}

/// The statement of all that was posted.
fn statement(billing: &Billing) -> Statement {
    let accounts = billing.ledger().accounts().iter();
    Statement::new(accounts.filter_map(|account| match account.party {
        Party::Cloud(label) => Some((label, account.subject, account.balance)),
        _ => None,
    }))
}

#[test]
fn prepaid_capacity_is_posted_by_label_and_audited() {
    // Eight accelerators for ten hours: of a vendor that holds ten, and of one that holds five.
    for (accelerators, overage, refund) in [(10, 20.0 * 2.95, 0.0), (5, 0.0, 30.0 * 0.35)] {
        let mut billing = signed();
        let used = held(10, accelerators);
        billing.bill(SUBJECT, &used);
        let usd = MicroUsd::from_usd;
        let by_metric = statement(&billing).revenue_by_metric();
        assert_eq!(by_metric[&MetricId::CommitmentRevenue], usd(80.0 * 2.05));
        assert_eq!(by_metric[&MetricId::RentalRevenue], usd(overage));
        assert_eq!(by_metric[&MetricId::SlaCredit], usd(-refund));
        assert_eq!(statement(&billing).revenue(), usd(80.0 * 2.05 + overage - refund));
        let labels = billing.posted_and_due(SUBJECT, &used);
        assert_eq!(labels.keys().copied().collect::<Vec<_>>(), [OVERAGE, FEE, REFUND]);
        for (label, Posted { posted, due }) in labels {
            assert_eq!(posted, due, "{label}");
            assert!(label.amount(posted) >= MicroUsd::ZERO, "{label}");
        }
        assert_eq!(billing.ledger().imbalance(), MicroUsd::ZERO);
    }
}

#[test]
fn a_thousand_small_spans_are_one_large_span_though_some_are_above_and_some_below() {
    let mut small = signed();
    let mut shown = Metered::default();
    for span in 1..=1000_u64 {
        // About 2.8 seconds each; between 3 and 15 accelerators, 9 on average.
        shown.until = SimTime::from_nanos(span * 2_777_777_777);
        shown.held += u128::from(3 + span * 7 % 13) * 2_777_777_777;
        small.bill(SUBJECT, &shown);
    }
    let mut large = signed();
    large.bill(SUBJECT, &shown);
    assert_eq!(small.ledger().accounts(), large.ledger().accounts());
    assert!(statement(&large).revenue() > MicroUsd::from_usd(8.0 * 0.77 * 2.05));
}

#[test]
fn it_stands_beside_what_the_cloud_pays_for() {
    let mut billing = signed();
    let capital = for_supply(Supply::Capital { price: UsdPerHour(1.0) });
    billing.sign(Subject::Cluster(ClusterId::new(0)), capital);
    billing.bill(SUBJECT, &held(1, 8));
    billing.bill(Subject::Cluster(ClusterId::new(0)), &held(1, 16));
    let statement = statement(&billing);
    assert_eq!(statement.costs(1)[&MetricId::CapitalCost], MicroUsd::from_usd(16.0));
    assert_eq!(statement.revenue(), MicroUsd::from_usd(8.0 * 2.05));
}
