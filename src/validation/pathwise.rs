//! Waits one by one, to the nanosecond, against Kiefer and Wolfowitz's recursion.
//!
//! The recursion gets the very arrivals and service times of the simulation, from the same random
//! streams. A simulation only tells sums; but its path does not depend on where it ends. So it is
//! run to the instant of each departure and to a nanosecond later: between the two, one request
//! more has ended, and the sum of the waits, in whole nanoseconds, has grown by that request's
//! wait.

use super::queue::{Law, Queue, System};
use super::rows::{Check, Verdict};
use super::theory::Workloads;
use crate::engine::{Purpose, SimDuration, SimTime, Span, Streams};
use crate::ids::{ApplicationId, DeploymentId, ModelId};
use crate::metrics::MetricId;
use crate::scenario::Scenario;
use crate::setup::{ServingSpec, Setup};
use crate::simulation::{Prepared, SimulationError};
use crate::workload::Sampler;
use std::sync::atomic::AtomicBool;

/// Utilisation, servers and law of service.
const CASES: [(f64, u32, Law); 6] = [
    (0.5, 1, Law::Gamma),
    (0.9, 1, Law::Constant),
    (0.98, 1, Law::Lognormal),
    (0.5, 10, Law::Lognormal),
    (0.9, 10, Law::Gamma),
    (0.98, 10, Law::Exponential),
];
/// Replaced for each run; it only has to be valid.
const ANY_HORIZON: f64 = 1.0;

/// A queue whose waits are compared.
pub(super) struct Path {
    scenario: Scenario,
    name: String,
    servers: u32,
}

/// When a request ends, and how long it waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Departure {
    at: SimTime,
    wait: SimDuration,
}

/// Every case.
pub(super) fn paths() -> Vec<Path> {
    let path = |(utilisation, servers, law)| {
        let system = System::Waiting { servers, law };
        let queue = Queue::new(system, utilisation);
        let name = format!("{}, ρ = {utilisation}", system.kendall());
        Path { scenario: queue.scenario(0.0, ANY_HORIZON), name, servers }
    };
    CASES.into_iter().map(path).collect()
}

impl Path {
    /// Compares the waits of the first `count` requests to end.
    ///
    /// # Errors
    /// When the simulation fails or is cancelled.
    pub(super) fn check(
        &self,
        seed: u64,
        count: usize,
        cancelled: &AtomicBool,
    ) -> Result<Check, SimulationError> {
        let setup = &self.scenario.variants[0].setup;
        let departures = self.recursion(setup, seed, count)?;
        let mut worst = 0_u64;
        let mut sum = 0;
        for (before, departure) in departures.iter().enumerate() {
            let gone = ended_before(setup, departure.at, seed, cancelled)?;
            worst = worst.max(gone.difference(before, sum));
            sum += departure.wait.as_nanos();
            let after = departure.at + SimDuration::from_nanos(1);
            let gone = ended_before(setup, after, seed, cancelled)?;
            worst = worst.max(gone.difference(before + 1, sum));
        }
        Ok(Check {
            section: "Kiefer and Wolfowitz: worst error",
            name: format!("{}: {count} waits", self.name),
            expected: 0.0,
            simulated: worst as f64,
            half_width: None,
            unit: "ns",
            verdict: Verdict::of(worst == 0),
        })
    }

    /// The first `count` departures by the recursion, in order of time.
    fn recursion(
        &self,
        setup: &Setup,
        seed: u64,
        count: usize,
    ) -> Result<Vec<Departure>, SimulationError> {
        let ServingSpec::ServiceTime { distribution, .. } =
            &setup.deployments[DeploymentId::new(0)].serving
        else {
            unreachable!("queues that wait have service times");
        };
        let streams = Streams::new(seed, 0);
        let application = &setup.applications[ApplicationId::new(0)];
        let mut calls = application.source.prepare()?.start(
            Span::from(setup.window.start),
            &application.name,
            &streams,
        )?;
        let service = Sampler::new(distribution);
        let mut stream = streams.stream(Purpose::Service, &setup.models[ModelId::new(0)].name);
        let mut servers = Workloads::new(self.servers);
        // A request that ends among the first `count` has at most as many as there are servers,
        // less one, before it that end later.
        let mut departures = Vec::new();
        while departures.len() < count + self.servers as usize {
            let call = calls.next_call()?.expect("Poisson arrivals go on");
            let service = SimDuration::from_secs_f64(service.sample(&mut stream));
            let wait = servers.arrive(call.at, service);
            departures.push(Departure { at: call.at + wait + service, wait });
        }
        departures.sort_unstable();
        departures.truncate(count);
        Ok(departures)
    }
}

/// What a simulation says of the requests that ended before an instant.
struct Ended {
    count: u64,
    wait_sum: u64,
}

impl Ended {
    /// How many nanoseconds the waits differ by; a second or more if the number of requests does.
    fn difference(&self, count: usize, wait_sum: u64) -> u64 {
        let missing = self.count.abs_diff(count as u64) * 1_000_000_000;
        missing + self.wait_sum.abs_diff(wait_sum)
    }
}

fn ended_before(
    setup: &Setup,
    end: SimTime,
    seed: u64,
    cancelled: &AtomicBool,
) -> Result<Ended, SimulationError> {
    let mut setup = setup.clone();
    setup.window.length = end.since(setup.window.measured().start);
    setup.window.bucket = setup.window.horizon();
    // Only those that ended before then are in the mean.
    setup.window.drain = SimDuration::ZERO;
    let outcome = Prepared::new(&setup)?.run(seed, 0, cancelled)?;
    let count = outcome.values[0].get(MetricId::Completed).unwrap_or(0.0);
    let mean = outcome.values[0].get(MetricId::WaitMean).unwrap_or(0.0);
    // The sum is whole and far below 2⁵³, and so the product is within a small part of it.
    Ok(Ended { count: count as u64, wait_sum: (mean * count * 1e9).round() as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_those_of_the_recursion() {
        let running = AtomicBool::new(false);
        for path in paths() {
            let check = path.check(17, 30, &running).expect("it runs");
            assert_eq!((check.simulated, check.verdict), (0.0, Verdict::Agrees), "{}", check.name);
        }
    }

    /// The comparison can fail: a recursion with one server less gives other waits.
    #[test]
    fn another_queue_is_told_apart() {
        let running = AtomicBool::new(false);
        let mut path = paths().pop().expect("there are some");
        path.servers -= 1;
        let check = path.check(17, 30, &running).expect("it runs");
        assert_eq!(check.verdict, Verdict::Deviates);
    }
}
