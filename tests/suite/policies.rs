//! Policies that nobody but this file knows: they take the place of the scenario's, and every audit holds.

use crate::desk::Desk;
use coopsim::cloud::{Residents, Want};
use coopsim::engine::{SimDuration, SimTime};
use coopsim::ids::{DeploymentId, ModelId, RequestId};
use coopsim::market::{Demand, Epoch, Signals};
use coopsim::metrics::MetricId;
use coopsim::scenario::{Overrides, load};
use coopsim::scheduler::control::{Controller, FleetView, Order};
use coopsim::scheduler::filter::{Filter, NodeView};
use coopsim::scheduler::line::{Line, Waiting};
use coopsim::setup::Setup;
use coopsim::simulation::{Outcome, Policies, Prepared};
use std::sync::atomic::AtomicBool;
use typed_index_collections::{TiVec, ti_vec};

const YAML: &str = "\
name: policies
window: {horizon: 400s, bucket: 100s}
cloud: {regions: [{name: here, clusters: [{name: servers, accelerator: {name: server}, nodes: 4, accelerators-per-node: 2, provisioning: 10s}]}]}
tenants: [{name: Aurora, terms: {rental: {price: 3 USD/h}}}, {name: Borealis, terms: first-party}]
models:
  - name: a
    tenant: Aurora
    deployments: [{cluster: servers, replicas: 1, performance: {service-time: {distribution: {constant: 1s}, slots: 1}}}]
  - name: b
    tenant: Borealis
    deployments: [{cluster: servers, replicas: 1, performance: {service-time: {distribution: {constant: 1s}, slots: 1}}}]
applications: [{name: callers, arrivals: {poisson: {rate: 1.6/s}}, choice: {fixed: {a: 0.5, b: 0.5}}}]
scheduler: {capacity: fixed, placement: first-fit}
";

fn setup() -> Setup {
    let desk = Desk::new();
    desk.write("x.yaml", YAML);
    let scenario = load(&desk.path("x.yaml"), &Overrides::default()).expect("it is sound");
    scenario.variants[0].setup.in_order_of_names()
}

/// Runs a replication, audits and all, with what `change` makes of the scenario's policies.
fn run(change: impl FnOnce(&mut Policies<'_>)) -> Outcome {
    let setup = setup();
    let prepared = Prepared::new(&setup).expect("it has room");
    let mut policies = Policies::of(&prepared);
    change(&mut policies);
    prepared.run_with(policies, 1, 0, &AtomicBool::new(false)).expect("the books are right")
}

fn value(outcome: &Outcome, id: MetricId) -> f64 {
    outcome.values[0].get(id).expect("it is defined")
}

/// The mean of a bucket's row, by its place there.
fn allocated(outcome: &Outcome) -> Vec<f64> {
    outcome.rows.iter().map(|row| row.values[1]).collect()
}

/// The plan, and from 100 s to 200 s a replica of each model more.
struct Helping<'a> {
    plan: Box<dyn Controller + 'a>,
}

impl Controller for Helping<'_> {
    fn review(&mut self, view: &FleetView<'_>, orders: &mut Vec<Order>) -> Option<SimDuration> {
        let seconds = view.now.since(SimTime::ZERO).as_secs_f64();
        let deployments = view.deployments.keys();
        if seconds == 0.0 {
            self.plan.review(view, orders);
        } else if seconds == 100.0 {
            assert!(view.deployments.iter().all(|each| each.serving == 1 && each.starting == 0));
            orders.extend(deployments.map(|deployment| Order::Start { deployment, node: None }));
        } else if seconds == 200.0 {
            assert!(view.deployments.iter().all(|each| each.serving == 2));
            orders.extend(deployments.map(|deployment| Order::Drain { deployment }));
        } else {
            assert!(view.deployments.iter().all(|each| each.serving == 1 && each.draining <= 1));
            return None;
        }
        Some(SimDuration::from_secs(100))
    }
}

#[test]
fn a_controller_starts_and_stops_replicas() {
    let outcome = run(|policies| {
        let plan = std::mem::replace(&mut policies.controller, Box::new(Nobody));
        policies.controller = Box::new(Helping { plan });
    });
    // Two of eight accelerators; four of them for a hundred seconds; then until what was left is served, for at
    // most as many seconds as calls were there.
    let allocated = allocated(&outcome);
    assert_eq!((allocated[0], allocated[1]), (0.25, 0.5));
    assert!(allocated[2] >= 0.25 && allocated[2] < 0.3, "{allocated:?}");
    assert_eq!(allocated[3], 0.25);
    // They are paid for as long as they are held, also while they wait for their hardware.
    let held = allocated.iter().sum::<f64>() * 8.0 * 100.0;
    let rent = value(&outcome, MetricId::RentalRevenue);
    assert!((rent - held / 2.0 / 3600.0 * 3.0).abs() < 1e-3 * rent, "{rent} for {held}");
    assert_eq!(value(&outcome, MetricId::Rejected), 0.0);
}

/// Starts nothing at all.
struct Nobody;

impl Controller for Nobody {
    fn review(&mut self, _: &FleetView<'_>, _: &mut Vec<Order>) -> Option<SimDuration> {
        None
    }
}

#[test]
fn without_replicas_all_are_turned_away() {
    let outcome = run(|policies| policies.controller = Box::new(Nobody));
    assert_eq!(value(&outcome, MetricId::Completed), 0.0);
    assert_eq!(value(&outcome, MetricId::Rejected), value(&outcome, MetricId::Arrived));
    assert_eq!(value(&outcome, MetricId::Unsold), 1.0);
}

/// Starts three replicas of each model, wherever placement puts them.
struct Three;

impl Controller for Three {
    fn review(&mut self, view: &FleetView<'_>, orders: &mut Vec<Order>) -> Option<SimDuration> {
        let deployments = || view.deployments.keys().collect::<Vec<DeploymentId>>();
        let turns = (0..3).flat_map(|_| deployments());
        orders.extend(turns.map(|deployment| Order::Start { deployment, node: None }));
        None
    }
}

/// Nobody beside another tenant.
struct Apart;

impl Filter for Apart {
    fn allows(&self, want: &Want, node: &NodeView) -> bool {
        matches!(node.residents, Residents::Nobody)
            || node.residents == Residents::Only(want.tenant)
    }
}

#[test]
fn a_filter_keeps_rivals_apart() {
    let together = run(|policies| policies.controller = Box::new(Three));
    // First fit puts one of each on each of three nodes.
    assert_eq!(value(&together, MetricId::CoresidentHours), 3.0 * 400.0 / 3600.0);
    let apart = run(|policies| {
        policies.controller = Box::new(Three);
        policies.filters.push(Box::new(Apart));
    });
    assert_eq!(value(&apart, MetricId::CoresidentHours), 0.0);
    assert_eq!(value(&apart, MetricId::Allocated), 0.75);
}

/// Last come, first served.
#[derive(Debug, Default)]
struct Stack(Vec<RequestId>);

impl Line for Stack {
    fn join(&mut self, who: Waiting) -> bool {
        self.0.push(who.id);
        true
    }

    fn head(&self) -> Option<RequestId> {
        self.0.last().copied()
    }

    fn take_head(&mut self) -> Option<RequestId> {
        self.0.pop()
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

/// With equal service times the order changes who waits, not how many: the mean number in the system is the same, to
/// the last bit, and the longest wait is longer.
#[test]
fn a_line_says_who_is_next() {
    let first = run(|_| ());
    let last = run(|policies| policies.line = Box::new(|| Stack::default().into()));
    assert_eq!(value(&first, MetricId::InSystem), value(&last, MetricId::InSystem));
    assert!(value(&last, MetricId::WaitMax) > value(&first, MetricId::WaitMax));
    let own = |outcome: &Outcome| outcome.latency_counts[ModelId::new(0)];
    assert_eq!(own(&first), own(&last));
}

/// Everybody moves to the model that was called less.
struct Fickle;

impl Demand for Fickle {
    fn shares(&mut self, epoch: &Epoch, seen: &Signals<'_>) -> TiVec<ModelId, f64> {
        let [one, other] = [0, 1].map(|model| seen.models[ModelId::new(model)]);
        assert_eq!(one.arrived + other.arrived == 0, epoch.number == 0);
        // Nobody waits less than a second, and who was not called yet has answered nothing.
        assert!(one.mean_sojourn_s.is_none_or(|seconds| seconds >= 1.0));
        assert!(epoch.number > 1 || other.mean_sojourn_s.is_none());
        if one.arrived > other.arrived { ti_vec![0.0, 1.0] } else { ti_vec![1.0, 0.0] }
    }

    fn reconsiders(&self) -> Option<SimDuration> {
        Some(SimDuration::from_secs(100))
    }
}

/// Of four epochs of 100 s each model has two, and all the calls in them.
#[test]
fn customers_choose_by_what_they_saw() {
    let setup = setup();
    let prepared = Prepared::new(&setup).expect("it has room");
    let policies = Policies { demand: Box::new(|_| Box::new(Fickle)), ..Policies::of(&prepared) };
    let stopped = AtomicBool::new(false);
    let outcome = prepared.run_with(policies, 1, 0, &stopped).expect("the books are right");
    let arrived = |model: usize| outcome.values[1 + model].get(MetricId::Arrived).expect("a count");
    assert_eq!(arrived(0) + arrived(1), value(&outcome, MetricId::Arrived));
    // Poisson counts of 320 each differ by more than 5 standard deviations once in a million seeds.
    assert!((arrived(0) - arrived(1)).abs() < 5.0 * 640_f64.sqrt(), "{}", arrived(0));
}
