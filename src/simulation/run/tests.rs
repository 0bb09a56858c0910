//! Books that were cooked do not pass the audits.

use super::super::measure::Scope;
use super::*;
use crate::economics::contract::Contract;
use crate::economics::journal::Payment;
use crate::economics::ledger::Party;
use crate::economics::{Label, Metered, MicroUsd, Subject};
use crate::ids::{ClusterId, DeploymentId, ModelId, TenantId};
use crate::metrics::MetricId;
use crate::scenario::{Overrides, load_text};

/// Runs a small scenario to its end, without auditing it, and then audits it after `cook`.
fn audited(cook: impl FnOnce(&mut Simulation<'_>)) -> Result<(), String> {
    simulated(|_| (), cook)
}

/// Likewise, after `begin` has changed something before the first event.
fn simulated(
    begin: impl FnOnce(&mut Simulation<'_>),
    cook: impl FnOnce(&mut Simulation<'_>),
) -> Result<(), String> {
    let base = include_str!("../../../tests/suite/desk/base.yaml").to_owned();
    let scenario = load_text("base", base, &Overrides::default()).expect("the scenario is sound");
    let prepared = Prepared::new(&scenario.variants[0].setup).expect("it has room");
    let mut simulation =
        Simulation::new(&prepared, Policies::of(&prepared), 1, 0).expect("it has no trace");
    begin(&mut simulation);
    simulation.run_to_horizon(&AtomicBool::new(false)).expect("nobody stops it");
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
    let message = caught(|simulation| simulation.accounts.cells.raw[0].counts_mut().arrived += 1);
    assert!(message.contains("arrived = completed + rejected + in flight"), "{message}");
    let message = caught(|simulation| simulation.accounts.cells.raw[0].counts_mut().completed -= 1);
    assert!(message.contains("arrived = completed + rejected + in flight"), "{message}");
}

#[test]
fn a_nanosecond_of_latency_is_caught() {
    let message = caught(|simulation| simulation.accounts.cells.raw[0].sojourn_sum += 1);
    assert!(message.contains("in the system = sum of their times there"), "{message}");
    let message = caught(|simulation| simulation.accounts.cells.raw[0].wait_sum += 1);
    assert!(message.contains("waiting = sum of their waits"), "{message}");
}

#[test]
fn a_nanosecond_of_accelerator_time_is_caught() {
    let message = caught(|simulation| simulation.fleet.usage.raw[0].time[0] += 1);
    assert!(message.contains("starting + idle + busy time = time held"), "{message}");
}

#[test]
fn a_token_is_caught() {
    let message = caught(|simulation| {
        let read = simulation.accounts.calls_metered(simulation.accounts.last.at).raw[0];
        let token = Metered { output_tokens: read.output_tokens + 1, ..read };
        simulation.accounts.billing.bill(Subject::Deployment(DeploymentId::new(0)), &token);
    });
    assert!(message.contains("tokens billed = tokens served"), "{message}");
    let message = caught(|simulation| simulation.fleet.usage.raw[0].decoded += 1);
    assert!(message.contains("output tokens produced = completed + in flight"), "{message}");
}

#[test]
fn a_bill_too_many_is_caught() {
    const HOUR: u128 = 3_600_000_000_000;
    let message = caught(|simulation| {
        let read = simulation.accounts.calls_metered(simulation.accounts.last.at).raw[0];
        simulation
            .accounts
            .billing
            .bill(Subject::Deployment(DeploymentId::new(0)), &Metered { held: HOUR, ..read });
    });
    let posted = "revenue.rental_usd posted = what the use comes to (deployment 0)";
    assert!(message.contains(posted), "{message}");
    let read = |simulation: &Simulation<'_>| {
        let until = simulation.accounts.last.at;
        let held = simulation.prepared.setup.clusters.raw[0].accelerators() * until.as_nanos();
        let joules = simulation.accounts.last.joules.raw[0];
        Metered { until, held: held.into(), joules, ..Metered::default() }
    };
    let message = caught(|simulation| {
        let more = Metered { held: HOUR, ..read(simulation) };
        simulation.accounts.billing.bill(Subject::Cluster(ClusterId::new(0)), &more);
    });
    let posted = "cost.capital_usd posted = what the use comes to (cluster 0)";
    assert!(message.contains(posted), "{message}");
    let message = caught(|simulation| {
        let more = Metered { joules: Some(1e9), ..read(simulation) };
        simulation.accounts.billing.bill(Subject::Cluster(ClusterId::new(0)), &more);
    });
    let posted = "cost.energy_usd posted = what the use comes to (cluster 0)";
    assert!(message.contains(posted), "{message}");
    let honest = |simulation: &mut Simulation<'_>| {
        let same = read(simulation);
        simulation.accounts.billing.bill(Subject::Cluster(ClusterId::new(0)), &same);
    };
    assert_eq!(audited(honest), Ok(()));
}

/// A kind of contract that only this file knows: an amount for each call, in micro-dollars.
#[derive(Debug)]
struct PerCall(f64);

const FEES: Label = Label::Revenue(MetricId::CommitmentRevenue);

impl Contract for PerCall {
    fn due(&self, used: &Metered) -> Vec<Payment> {
        let fees = MicroUsd::from_tokens(used.requests, self.0);
        vec![Party::Vendor(TenantId::new(0)).pays(Party::Cloud(FEES), fees)]
    }
}

#[test]
fn a_kind_of_contract_that_nobody_else_knows_is_billed_measured_and_audited() {
    let add = |simulation: &mut Simulation<'_>| {
        simulation
            .accounts
            .billing
            .sign(Subject::Deployment(DeploymentId::new(0)), Box::new(PerCall(2_000.0)));
    };
    let check = |simulation: &mut Simulation<'_>| {
        let measured = simulation.window();
        for scope in [
            Scope::All,
            Scope::Model(ModelId::new(0)),
            Scope::Tenant(TenantId::new(0)),
            Scope::Cluster(ClusterId::new(0)),
        ] {
            let values = measured.values(scope);
            let value = |id| values.get(id).expect("it is set");
            let calls = measured.values(Scope::Model(ModelId::new(0))).get(MetricId::Completed);
            let fees = MicroUsd::from_usd(calls.expect("it is set") * 0.002).as_usd();
            assert!(fees > 0.0);
            assert_eq!(value(MetricId::CommitmentRevenue), fees, "{scope:?}");
            let sources = [
                MetricId::CommitmentRevenue,
                MetricId::RentalRevenue,
                MetricId::MarketplaceRevenue,
                MetricId::FirstPartyRevenue,
            ];
            let sum: MicroUsd = sources.iter().map(|&id| MicroUsd::from_usd(value(id))).sum();
            assert_eq!(MicroUsd::from_usd(value(MetricId::Revenue)), sum, "{scope:?}");
        }
        let rival = measured.values(Scope::Model(ModelId::new(1)));
        assert_eq!(rival.get(MetricId::CommitmentRevenue), None);
    };
    assert_eq!(simulated(add, check), Ok(()));
}

#[test]
fn a_wrong_sign_is_caught() {
    let message = caught(|simulation| simulation.accounts.last.joules.raw[0] = Some(-1.0));
    assert!(message.contains("no energy (cluster 0): 0 is not at most -1"), "{message}");
    let message = caught(|simulation| simulation.accounts.last.joules.raw[0] = Some(f64::NAN));
    assert!(message.contains("no energy (cluster 0): 0 is not at most NaN"), "{message}");
    let pay_customers = |simulation: &mut Simulation<'_>| {
        simulation
            .accounts
            .billing
            .sign(Subject::Deployment(DeploymentId::new(0)), Box::new(PerCall(-2_000.0)));
    };
    let message = simulated(pay_customers, |_| ()).expect_err("the contract is absurd");
    let against = "money against its direction (revenue.commitment_usd of deployment 0)";
    assert!(message.contains(against), "{message}");
    let message = caught(|simulation| {
        let cell = &mut simulation.accounts.cells.raw[0];
        let of_all = cell.counts().input_tokens + 1;
        cell.counts_mut().cached_tokens = of_all;
    });
    assert!(message.contains("cached tokens") || message.contains("revenue"), "{message}");
    let message = caught(|simulation| simulation.fleet.usage.raw[0].kv = u128::MAX);
    assert!(message.contains("KV memory held (deployment 0)"), "{message}");
}

/// A call that finds its replica full is sent to one with room, so that two replicas with a slot
/// each and without waiting places lose as many as one with two: Erlang's B formula.
#[test]
fn a_full_replica_sends_calls_to_another() {
    const SEED: u64 = 1;
    let set = [
        "window={horizon: 4h}",
        "cloud.regions[0].clusters[0].nodes=2",
        "models[0].deployments[0].replicas=2",
        "models[0].deployments[0].performance.service-time.queue=0",
        "applications[0].arrivals.poisson.rate=1.5/s",
        "scheduler.routing=round-robin",
    ];
    let overrides = Overrides { set: set.map(str::to_owned).to_vec(), ..Overrides::default() };
    let queue = include_str!("../../../tests/suite/desk/queue.yaml").to_owned();
    let scenario = load_text("queue", queue, &overrides).expect("the scenario is sound");
    let prepared = Prepared::new(&scenario.variants[0].setup).expect("it has room");
    let running = AtomicBool::new(false);
    let lost = |replication| {
        let mut simulation = Simulation::new(&prepared, Policies::of(&prepared), SEED, replication)
            .expect("no trace");
        simulation.run_to_horizon(&running).expect("nobody stops it");
        simulation.audit().expect("the books are right");
        let counts = simulation.accounts.cells.raw[0].counts();
        counts.rejected as f64 / counts.arrived as f64
    };
    let found: Vec<f64> = (0..20).map(lost).collect();
    let mean = found.iter().sum::<f64>() / 20.0;
    let variance = found.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / 19.0;
    let error = (variance / 20.0).sqrt();
    // B(2, a) = (a²/2)/(1 + a + a²/2); Student's t with 19 degrees of freedom is above 4.9 once in
    // ten thousand seeds.
    let theory = 1.125 / 3.625;
    assert!((mean - theory).abs() < 4.9 * error, "{mean} ± {error}, not {theory} (seed {SEED})");
    assert!(error < 0.01 * theory, "± {error} is wide");
}
