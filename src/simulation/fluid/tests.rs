//! What a fluid foresees is held to what simulations of it hold.

use super::*;
use crate::scenario::{Overrides, load};
use crate::simulation::policies::Policies;
use crate::simulation::run::Simulation;
use std::io::Write;
use std::sync::atomic::AtomicBool;

/// What is foreseen over what a simulation holds at once, at least and at most: what is said of memory is meant to be
/// within these bounds.
const BOUNDS: std::ops::RangeInclusive<f64> = 0.8..=3.0;

const QUEUE: &str = "
name: queue
replications: 1
window: {horizon: 4m, drain: 1s}
cloud:
  regions:
    - name: r
      clusters: [{name: a, accelerator: {name: s}, nodes: 40, accelerators-per-node: 1}]
tenants: [{name: T, terms: first-party}]
models:
  - name: m
    tenant: T
    price: {input: 1 USD/Mtok, output: 1 USD/Mtok}
    deployments:
      - cluster: a
        replicas: 20
        performance:
          service-time:
            distribution: {exponential: {mean: 1s}}
            slots: 1
applications:
  - name: x
    arrivals: {poisson: {rate: 100/s}}
scheduler: {capacity: fixed, routing: least-requests}
";

/// Replicas that serve tokens, each with a KV cache of at most five such calls.
const TOKENS: [(&str, &str); 2] = [
    ("service-time:", "affine: {overhead: 40ms, kv-capacity: 2000, kv-per-token: 100kB}"),
    ("            distribution: {exponential: {mean: 1s}}\n            slots: 1\n", ""),
];
const ARRIVALS: &str = "{poisson: {rate: 100/s}}";
const LENGTHS: (&str, &str) = (
    ARRIVALS,
    "{poisson: {rate: 30/s}}\n    lengths: {input: {constant: 100}, output: {constant: 300}}",
);
const SESSIONS: (&str, &str) = (
    ARRIVALS,
    "{poisson: {rate: 30/s}}\n    lengths: {input: {constant: 100}, output: {constant: 30}}\n    sessions: {turns: {constant: 4}, think: {exponential: {mean: 10s}}}",
);
const COLD: [(&str, &str); 2] = [
    ("routing: least-requests", "routing: least-requests, start: cold"),
    ("accelerators-per-node: 1", "accelerators-per-node: 1, provisioning: 3m"),
];

/// The most calls that a simulation holds at once, and what was foreseen.
fn held_and_foreseen(changes: &[(&str, &str)], replication: u32) -> (f64, f64) {
    let mut yaml = QUEUE.to_owned();
    for (old, new) in changes {
        assert!(yaml.contains(old), "{old}");
        yaml = yaml.replace(old, new);
    }
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(yaml.as_bytes()).expect("it is writable");
    let scenario = load(file.path(), &Overrides::default()).expect("the scenario is sound");
    let prepared = Prepared::new(&scenario.variants[0].setup).expect("it has room");
    let foreseen = most_at_once(&prepared).into_iter().sum();
    let simulation = Simulation::new(&prepared, Policies::of(&prepared), 1, replication)
        .expect("it has no trace");
    let held = simulation.most_at_once(&AtomicBool::new(false)).expect("nobody stops it");
    (held as f64, foreseen)
}

fn agrees(what: &str, changes: &[(&str, &str)]) {
    let (held, foreseen) = held_and_foreseen(changes, 0);
    assert!(held > 500.0, "{what}: only {held} calls at once tell nothing");
    assert!(BOUNDS.contains(&(foreseen / held)), "{what}: {foreseen} foreseen, {held} held");
}

#[test]
fn more_comes_than_can_be_done_until_the_horizon() {
    let [tokens, law] = TOKENS;
    agrees("overload", &[]);
    agrees("tokens", &[tokens, law, LENGTHS]);
    agrees("sharing", &[("slots: 1", "slots: 1\n            discipline: processor-sharing")]);
    agrees("conversations", &[tokens, law, SESSIONS]);
}

#[test]
fn others_go_on_calling_through_the_drain() {
    agrees("drain", &[("4m, drain: 1s", "1m, drain: 3m")]);
    // The first minute's calls are done with after a good minute more.
    agrees("a drain that ends early", &[("4m, drain: 1s", "1m, drain: 60m"), ("100/s", "40/s")]);
    let long = [("{exponential: {mean: 1s}}", "{constant: 1h}"), ("slots: 1", "slots: 400")];
    agrees("long service", &[long[0], long[1], ("4m, drain: 1s", "1m, drain: 2m")]);
}

#[test]
fn nobody_is_served_before_a_replica_is_ready() {
    let ([start, provisioning], [tokens, law]) = (COLD, TOKENS);
    agrees("cold", &[start, provisioning, ("slots: 1", "slots: 10")]);
    agrees("cold conversations", &[start, provisioning, tokens, law, SESSIONS]);
}

#[test]
fn what_varies_is_followed() {
    let crowd = "{poisson: {rate: 10/s}}\n    modulation: {flash-crowds: [{start: 1h, duration: 1m, factor: 10}]}";
    agrees("a crowd", &[(ARRIVALS, crowd), ("4m, drain", "12h, drain")]);
    let hours = "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]";
    let hours = format!(
        "{{poisson: {{rate: 4/s}}}}\n    modulation: {{hour-of-day: {{factors: {hours}}}}}"
    );
    agrees("hours of the day", &[(ARRIVALS, &hours), ("4m, drain", "2d, drain")]);
    let arrivals = format!("arrivals: {ARRIVALS}");
    let once = (&*arrivals, "all-at-once: {calls: 5000, at: 1m}");
    agrees("all at once", &[once]);
    agrees("all at once, to the end", &[once, ("4m, drain: 1s", "end-of-calls")]);
}

#[test]
fn whoever_is_sent_on_without_a_look_at_loads_waits_behind_the_slowest() {
    let slow = "performance:\n          service-time:\n            distribution: {exponential: {mean: 1s}}\n            slots: 1\n";
    let fast = slow.replace("slots: 1", "slots: 20");
    let both = format!("{slow}      - cluster: b\n        replicas: 20\n        {fast}");
    let one = "{name: a, accelerator: {name: s}, nodes: 40, accelerators-per-node: 1}";
    let two = format!("{one}, {}", one.replace("name: a,", "name: b,"));
    agrees("two kinds", &[(one, &two), (slow, &both), ("least-requests", "round-robin")]);
}

#[test]
fn places_are_limits() {
    agrees("places", &[("slots: 1", "slots: 1\n            queue: 50")]);
}

/// Where less comes than can be done, next to nobody waits.
#[test]
fn a_light_load_leaves_nobody_behind() {
    let (held, foreseen) = held_and_foreseen(&[("100/s", "10/s"), ("4m, drain: 1s", "1h")], 0);
    assert!(held < 100.0 && foreseen < 100.0, "{foreseen} foreseen, {held} held");
}

/// Visits of five seconds to a state in which twenty times as much comes as can be done, six in an hour: in some of
/// nine hours one lasts long, in others none.
#[test]
fn bursts_are_reckoned_with() {
    let bursts =
        "mmpp: {rate: 10/s, states: [{factor: 1, sojourn: 10m}, {factor: 60, sojourn: 5s}]}";
    let changes = [("poisson: {rate: 100/s}", bursts), ("4m, drain", "1h, drain")];
    let mut found: Vec<_> =
        (0..9).map(|replication| held_and_foreseen(&changes, replication)).collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (held, foreseen) = found[found.len() / 2];
    assert!(BOUNDS.contains(&(foreseen / held)), "{foreseen} foreseen, {held} held");
}
