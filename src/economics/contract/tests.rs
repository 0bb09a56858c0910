//! What must hold of every kind of contract.

use super::*;
use crate::economics::billing::{Billing, Posted};
use crate::economics::ledger::{Account, Party};
use crate::engine::SimTime;
use crate::ids::{ClusterId, DeploymentId, TenantId};
use crate::units::UsdPerMillionTokens;
use proptest::prelude::*;

pub(super) const PRICE: TokenPrice = TokenPrice {
    input: UsdPerMillionTokens(1.0),
    cached_input: UsdPerMillionTokens(0.5),
    output: UsdPerMillionTokens(4.0),
};

/// At [`PRICE`] its tokens are sold for 3 USD: 0.8 + 0.4 / 2 + 0.5 · 4.
pub(super) const USED: Metered = Metered {
    from: SimTime::ZERO,
    until: SimTime::from_nanos(3_600_000_000_000),
    requests: 1_000,
    input_tokens: 1_200_000,
    cached_tokens: 400_000,
    output_tokens: 500_000,
    held: 7_200_000_000_000,
    joules: Some(3.6e6),
};

/// Every kind of terms and supply, at prices that leave something to round. An arm for each: whoever adds a
/// kind adds it here.
fn all(usd: f64) -> Vec<(Subject, Box<dyn Contract>)> {
    let price = TokenPrice {
        input: UsdPerMillionTokens(usd / 20.0),
        cached_input: UsdPerMillionTokens(usd / 40.0),
        output: UsdPerMillionTokens(usd / 5.0),
    };
    let terms = [
        Terms::Rental { price: UsdPerHour(usd) },
        Terms::Marketplace { take_rate: 0.2 },
        Terms::FirstParty,
    ];
    let supplies = [
        Supply::Capital { price: UsdPerHour(usd / 2.0) },
        Supply::Energy { price: UsdPerKilowattHour(usd / 30.0) },
    ];
    let terms = terms.into_iter().enumerate();
    let sold = terms.map(|(index, terms)| {
        (
            Subject::Deployment(DeploymentId::new(index)),
            of(terms, TenantId::new(index), Some(price)),
        )
    });
    let bought = supplies.into_iter().enumerate();
    let bought =
        bought.map(|(index, supply)| (Subject::Cluster(ClusterId::new(index)), for_supply(supply)));
    sold.chain(bought).collect()
}

fn signed(contracts: Vec<(Subject, Box<dyn Contract>)>) -> (Billing, Vec<Subject>) {
    let mut billing = Billing::default();
    let subjects = contracts.iter().map(|&(subject, _)| subject).collect();
    contracts.into_iter().for_each(|(subject, contract)| billing.sign(subject, contract));
    (billing, subjects)
}

/// What has been used after `parts` of equal spans, each a little: whole numbers, and energy that is formed
/// from them.
fn after(parts: u64, each: [u64; 4], nanos: u64) -> Metered {
    let [input_tokens, cached, output_tokens, held] = each.map(|count| count * parts);
    Metered {
        from: SimTime::ZERO,
        until: SimTime::from_nanos(nanos * parts),
        requests: parts,
        input_tokens,
        cached_tokens: cached.min(input_tokens),
        output_tokens,
        held: u128::from(held),
        joules: Some(held as f64 * 0.7e-6),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_thousand_small_spans_are_one_large_span(
        usd in 0.01..10.0f64,
        each in [1..4u64, 0..4u64, 0..4u64, 0..4_000_000u64],
        nanos in 1..1_000_000u64,
    ) {
        let balances = |readings: &[u64]| {
            let (mut billing, subjects) = signed(all(usd));
            for &parts in readings {
                let metered = after(parts, each, nanos);
                subjects.iter().for_each(|&subject| billing.bill(subject, &metered));
            }
            let accounts = billing.ledger().accounts().iter();
            accounts.map(|account| account.balance).collect::<Vec<_>>()
        };
        let small: Vec<u64> = (1..=1000).collect();
        prop_assert_eq!(balances(&small), balances(&[1000]));
    }
}

#[test]
fn money_goes_from_party_to_party() {
    let terms = [
        Terms::Rental { price: UsdPerHour(3.0) },
        Terms::Marketplace { take_rate: 0.25 },
        Terms::FirstParty,
    ];
    let mut billing = Billing::default();
    for (index, terms) in terms.into_iter().enumerate() {
        billing.sign(
            Subject::Deployment(DeploymentId::new(index)),
            of(terms, TenantId::new(index), Some(PRICE)),
        );
        billing.bill(Subject::Deployment(DeploymentId::new(index)), &USED);
    }
    let supplies = [
        Supply::Capital { price: UsdPerHour(1.5) },
        Supply::Energy { price: UsdPerKilowattHour(0.1) },
    ];
    supplies
        .iter()
        .for_each(|&supply| billing.sign(Subject::Cluster(ClusterId::new(0)), for_supply(supply)));
    billing.bill(
        Subject::Cluster(ClusterId::new(0)),
        &Metered { held: 3_600_000_000_000, joules: USED.joules, ..Metered::default() },
    );
    let of_party = |whose: fn(&Party) -> bool| {
        let accounts = billing.ledger().accounts().iter();
        let balances = accounts.filter(|account| whose(&account.party));
        balances.map(|account| account.balance.as_usd()).collect::<Vec<_>>()
    };
    let cloud = of_party(|party| matches!(party, Party::Cloud(_)));
    assert_eq!(cloud, [6.0, 0.75, 3.0, -1.5, -0.1]);
    assert_eq!(of_party(|party| matches!(party, Party::Vendor(_))), [-6.0, 2.25]);
    assert_eq!(of_party(|party| *party == Party::Customers), [-3.0, -3.0]);
    assert_eq!(of_party(|party| *party == Party::Suppliers), [1.6]);
    assert_eq!(billing.ledger().imbalance(), MicroUsd::ZERO);
    assert_eq!(billing.billed_tokens(), 5_100_000);
}

#[test]
fn what_was_posted_is_what_the_whole_use_makes_of_it() {
    let (mut billing, subjects) = signed(all(2.95));
    for subject in subjects {
        billing.bill(subject, &after(7, [3, 1, 2, 1_000_003], 5));
        billing.bill(subject, &USED);
        let labels = billing.posted_and_due(subject, &USED);
        assert_eq!(labels.len(), 1);
        for (label, Posted { posted, due }) in labels {
            assert_eq!(posted, due, "{label} of {subject}");
            assert!(label.amount(posted) > MicroUsd::ZERO, "{label} of {subject}");
        }
        let more =
            Metered { held: 2 * USED.held, output_tokens: 600_000, joules: Some(9e6), ..USED };
        for (label, Posted { posted, due }) in billing.posted_and_due(subject, &more) {
            assert_ne!(posted, due, "{label} of {subject}");
        }
    }
}

#[test]
fn a_contract_bills_from_the_day_it_was_signed() {
    let price = UsdPerHour(3.0);
    let subject = Subject::Deployment(DeploymentId::new(0));
    let mut billing = Billing::default();
    billing.bill(subject, &USED);
    billing.sign(subject, of(Terms::Rental { price }, TenantId::new(0), None));
    let later = Metered { held: USED.held + 3_600_000_000_000, ..USED };
    billing.bill(subject, &later);
    let rent = Posted { posted: MicroUsd::from_usd(3.0), due: MicroUsd::from_usd(3.0) };
    let labels = billing.posted_and_due(subject, &later);
    assert_eq!(labels.into_iter().collect::<Vec<_>>(), [(rental::RENT, rent)]);
}

#[test]
fn every_kind_of_revenue_is_listed() {
    let (billing, _) = signed(all(1.0));
    let listed = |account: &&Account| match account.party {
        Party::Cloud(label) => !label.is_revenue() || REVENUE.contains(&label),
        _ => true,
    };
    assert_eq!(billing.ledger().accounts().iter().find(|account| !listed(account)), None);
}
