//! What is counted, for each application at each place: the raw material of every metric.

use super::setup::{Setup, Slo};
use crate::engine::{SimDuration, SimTime};
use crate::metrics::{Gauge, LatencyHistogram};
use crate::serving::Request;

/// The resolution of a slowdown's integer sum.
const SLOWDOWN_SCALE: f64 = 1e6;

/// A sum and a count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub count: u64,
    pub sum: u128,
}

impl Tally {
    fn add(&mut self, value: u64) {
        self.count += 1;
        self.sum += u128::from(value);
    }

    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
    }

    fn since(&self, earlier: &Self) -> Self {
        Self { count: self.count - earlier.count, sum: self.sum - earlier.sum }
    }
}

/// Cumulative counts. All are integers, so a window's counts are exact differences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub arrived: u64,
    pub completed: u64,
    pub rejected: u64,
    /// Completed under an SLO, and inside it.
    pub with_slo: u64,
    pub inside_slo: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// Of `input_tokens`, those found in a prefix cache.
    pub cached_tokens: u64,
    /// Nanoseconds.
    pub wait: Tally,
    pub ttft: Tally,
    pub tpot: Tally,
    pub e2e: Tally,
    /// Millionths.
    pub slowdown: Tally,
    /// Request-nanoseconds.
    pub waiting_area: u128,
    pub in_system_area: u128,
}

impl Counts {
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            arrived: self.arrived - earlier.arrived,
            completed: self.completed - earlier.completed,
            rejected: self.rejected - earlier.rejected,
            with_slo: self.with_slo - earlier.with_slo,
            inside_slo: self.inside_slo - earlier.inside_slo,
            input_tokens: self.input_tokens - earlier.input_tokens,
            output_tokens: self.output_tokens - earlier.output_tokens,
            cached_tokens: self.cached_tokens - earlier.cached_tokens,
            wait: self.wait.since(&earlier.wait),
            ttft: self.ttft.since(&earlier.ttft),
            tpot: self.tpot.since(&earlier.tpot),
            e2e: self.e2e.since(&earlier.e2e),
            slowdown: self.slowdown.since(&earlier.slowdown),
            waiting_area: self.waiting_area - earlier.waiting_area,
            in_system_area: self.in_system_area - earlier.in_system_area,
        }
    }

    pub fn merge(&mut self, other: &Self) {
        self.arrived += other.arrived;
        self.completed += other.completed;
        self.rejected += other.rejected;
        self.with_slo += other.with_slo;
        self.inside_slo += other.inside_slo;
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.cached_tokens += other.cached_tokens;
        self.wait.merge(&other.wait);
        self.ttft.merge(&other.ttft);
        self.tpot.merge(&other.tpot);
        self.e2e.merge(&other.e2e);
        self.slowdown.merge(&other.slowdown);
        self.waiting_area += other.waiting_area;
        self.in_system_area += other.in_system_area;
    }
}

/// Distributions of the latencies of requests that ended in the measured window.
#[derive(Clone, Debug, Default)]
pub(super) struct Latencies {
    pub wait: LatencyHistogram,
    pub ttft: LatencyHistogram,
    pub tpot: LatencyHistogram,
    pub e2e: LatencyHistogram,
}

impl Latencies {
    pub fn merge(&mut self, other: &Self) {
        self.wait.merge(&other.wait);
        self.ttft.merge(&other.ttft);
        self.tpot.merge(&other.tpot);
        self.e2e.merge(&other.e2e);
    }
}

/// The books of one application at one place.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    /// What requests are held to.
    slo: Option<Slo>,
    counts: Counts,
    waiting: Gauge,
    in_system: Gauge,
    /// Sum over requests ended of the time they were in the system or waited: Little's other side.
    pub sojourn_sum: u128,
    pub wait_sum: u128,
    /// Boxed, and made at the first record: most cells of a large scenario stay empty.
    pub latencies: Option<Box<Latencies>>,
}

impl Cell {
    /// Empty books of requests that are held to `slo`.
    pub fn new(slo: Option<Slo>) -> Self {
        Self { slo, ..Self::default() }
    }

    pub fn arrive(&mut self, now: SimTime) {
        self.counts.arrived += 1;
        self.in_system.enter(now);
        self.waiting.enter(now);
    }

    /// An arrival that is turned away at once: it never is in the system.
    pub fn reject(&mut self) {
        self.counts.arrived += 1;
        self.counts.rejected += 1;
    }

    pub fn start(&mut self, now: SimTime, request: &Request) {
        self.waiting.leave(now);
        self.wait_sum += u128::from(now.since(request.arrived).as_nanos());
    }

    /// A request ended at `now`; alone it would have taken `unloaded`.
    pub fn end(&mut self, now: SimTime, request: &Request, unloaded: SimDuration, measured: bool) {
        let record = Record::new(now, request);
        self.in_system.leave(now);
        self.sojourn_sum += u128::from(record.e2e.as_nanos());
        self.count(&record, request, unloaded);
        if measured {
            let latencies = self.latencies.get_or_insert_default();
            latencies.wait.record(record.wait);
            latencies.e2e.record(record.e2e);
            record.ttft.iter().for_each(|&ttft| latencies.ttft.record(ttft));
            record.tpot.iter().for_each(|&tpot| latencies.tpot.record(tpot));
        }
    }

    fn count(&mut self, record: &Record, request: &Request, unloaded: SimDuration) {
        let counts = &mut self.counts;
        counts.completed += 1;
        counts.input_tokens += u64::from(request.input);
        counts.output_tokens += u64::from(request.output);
        counts.cached_tokens += u64::from(request.reused);
        counts.wait.add(record.wait.as_nanos());
        counts.e2e.add(record.e2e.as_nanos());
        record.ttft.iter().for_each(|ttft| counts.ttft.add(ttft.as_nanos()));
        record.tpot.iter().for_each(|tpot| counts.tpot.add(tpot.as_nanos()));
        if unloaded > SimDuration::ZERO {
            let slowdown = record.e2e.as_nanos() as f64 / unloaded.as_nanos() as f64;
            counts.slowdown.add((slowdown * SLOWDOWN_SCALE) as u64);
        }
        if let Some(slo) = &self.slo {
            counts.with_slo += 1;
            counts.inside_slo += u64::from(record.meets(slo));
        }
    }

    /// Brings the areas up to `now`.
    pub fn settle(&mut self, now: SimTime) {
        self.waiting.settle(now);
        self.in_system.settle(now);
        self.counts.waiting_area = self.waiting.area();
        self.counts.in_system_area = self.in_system.area();
    }

    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// For tests that cook the books.
    #[cfg(test)]
    pub fn counts_mut(&mut self) -> &mut Counts {
        &mut self.counts
    }

    pub fn waiting(&self) -> u64 {
        self.waiting.count()
    }

    pub fn in_flight(&self) -> u64 {
        self.in_system.count()
    }
}

/// A request's latencies, as the metrics define them.
struct Record {
    wait: SimDuration,
    ttft: Option<SimDuration>,
    /// For two output tokens or more.
    tpot: Option<SimDuration>,
    e2e: SimDuration,
}

impl Record {
    fn new(ended: SimTime, request: &Request) -> Self {
        let started = request.started.expect("it ended, so it started");
        let per_token = |first: SimTime| {
            let gaps = u64::from(request.output).checked_sub(1).filter(|&gaps| gaps > 0)?;
            Some(SimDuration::from_nanos(ended.since(first).as_nanos() / gaps))
        };
        Self {
            wait: started.since(request.arrived),
            ttft: request.first_token.map(|first| first.since(request.arrived)),
            tpot: request.first_token.and_then(per_token),
            e2e: ended.since(request.arrived),
        }
    }

    fn meets(&self, slo: &Slo) -> bool {
        let within =
            |latency: Option<SimDuration>, limit: Option<SimDuration>| match (latency, limit) {
                (Some(latency), Some(limit)) => latency <= limit,
                _ => true,
            };
        within(self.ttft, slo.ttft)
            && within(self.tpot, slo.tpot)
            && within(Some(self.e2e), slo.e2e)
    }
}

/// Where requests are counted: a deployment, or nowhere for a model without a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub model: usize,
    pub tenant: usize,
    pub cluster: Option<usize>,
}

/// All places: the deployments, then one for each model's requests that find no replica.
pub(super) fn places(setup: &Setup) -> Vec<Place> {
    let tenant = |model: usize| setup.models[model].tenant;
    let deployed = setup.deployments.iter().map(|spec| Place {
        model: spec.model,
        tenant: tenant(spec.model),
        cluster: Some(spec.cluster),
    });
    let nowhere =
        (0..setup.models.len()).map(|model| Place { model, tenant: tenant(model), cluster: None });
    deployed.chain(nowhere).collect()
}
