//! Books that were cooked do not pass the audits.

use super::*;
use crate::scenario::{Overrides, load};
use std::io::Write;

/// Runs a small scenario to its end, without auditing it, and then audits it after `cook`.
fn audited(cook: impl FnOnce(&mut Simulation<'_>)) -> Result<(), String> {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    let yaml = include_str!("../../../tests/desk/base.yaml");
    file.write_all(yaml.as_bytes()).expect("it is writable");
    let scenario = load(file.path(), &Overrides::default()).expect("the scenario is sound");
    let prepared = Prepared::new(&scenario.variants[0].setup).expect("it has room");
    let mut simulation = Simulation::new(&prepared, 1, 0).expect("it has no trace");
    let end = SimTime::ZERO + prepared.setup.window.horizon;
    let running = AtomicBool::new(false);
    while simulation.step(end, &running).expect("nobody stops it") {}
    cook(&mut simulation);
    simulation.audit().map_err(|failure| failure.to_string())
}

/// What the audit says after `cook`.
fn caught(cook: impl FnOnce(&mut Simulation<'_>)) -> String {
    audited(cook).expect_err("the books were cooked")
}

#[test]
fn honest_books_pass() {
    assert_eq!(audited(|_| ()), Ok(()));
}

#[test]
fn a_request_too_many_is_caught() {
    let message = caught(|simulation| simulation.cells[0].counts_mut().arrived += 1);
    assert!(message.contains("arrived = completed + rejected + in flight"), "{message}");
    let message = caught(|simulation| simulation.cells[0].counts_mut().completed -= 1);
    assert!(message.contains("arrived = completed + rejected + in flight"), "{message}");
}

#[test]
fn a_nanosecond_of_latency_is_caught() {
    let message = caught(|simulation| simulation.cells[0].sojourn_sum += 1);
    assert!(message.contains("in the system = sum of their times there"), "{message}");
    let message = caught(|simulation| simulation.cells[0].wait_sum += 1);
    assert!(message.contains("waiting = sum of their waits"), "{message}");
}

#[test]
fn a_nanosecond_of_accelerator_time_is_caught() {
    let message = caught(|simulation| simulation.usage[0].time[0] += 1);
    assert!(message.contains("starting + idle + busy time = time held"), "{message}");
}

#[test]
fn a_token_is_caught() {
    let message = caught(|simulation| {
        let token = crate::economics::billing::Use { output_tokens: 1, ..Default::default() };
        simulation.billing.bill(0, &token);
    });
    assert!(message.contains("tokens billed = tokens served"), "{message}");
    let message = caught(|simulation| simulation.usage[0].decoded += 1);
    assert!(message.contains("output tokens produced = completed + in flight"), "{message}");
}

#[test]
fn a_bill_too_many_is_caught() {
    let message = caught(|simulation| {
        let hour = crate::economics::billing::Use { held: 3_600_000_000_000, ..Default::default() };
        (0..simulation.usage.len()).for_each(|each| simulation.billing.bill(each, &hour));
    });
    assert!(message.contains("revenue posted = price × use"), "{message}");
    let message = caught(|simulation| {
        let price = simulation.prepared.setup.clusters[0].capital.expect("it has a price");
        simulation.billing.pay_capital(0, 3_600_000_000_000, price);
    });
    assert!(message.contains("capital cost posted = price × time"), "{message}");
}
