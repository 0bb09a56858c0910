//! What became of the calls that arrived in the measured window, whenever they ended.

use crate::engine::{SimDuration, SimTime};
use crate::metrics::LatencyHistogram;
use crate::serving::Request;
use crate::setup::Slo;

/// The resolution of a slowdown's integer sum.
const SLOWDOWN_SCALE: f64 = 1e6;

/// Distributions of latencies, and what else is known of calls that ended.
#[derive(Clone, Debug, Default)]
pub(in crate::simulation) struct Latencies {
    pub wait: LatencyHistogram,
    pub ttft: LatencyHistogram,
    pub tpot: LatencyHistogram,
    pub e2e: LatencyHistogram,
    pub slowdown: Slowdown,
    /// Calls that met their objective.
    pub inside_slo: u64,
}

impl Latencies {
    /// A call ended that would have taken `unloaded` alone.
    pub(crate) fn record(
        &mut self,
        ended: SimTime,
        request: &Request,
        unloaded: SimDuration,
        slo: Option<&Slo>,
    ) {
        let record = Record::new(ended, request);
        self.wait.record(record.wait);
        self.e2e.record(record.e2e);
        record.ttft.iter().for_each(|&ttft| self.ttft.record(ttft));
        record.tpot.iter().for_each(|&tpot| self.tpot.record(tpot));
        self.slowdown.record(record.e2e, unloaded);
        self.inside_slo += u64::from(slo.is_some_and(|slo| record.meets(slo)));
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.wait.merge(&other.wait);
        self.ttft.merge(&other.ttft);
        self.tpot.merge(&other.tpot);
        self.e2e.merge(&other.e2e);
        self.slowdown.merge(&other.slowdown);
        self.inside_slo += other.inside_slo;
    }
}

/// How many calls have a slowdown, and the sum of those, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::simulation) struct Slowdown {
    count: u64,
    sum: u128,
}

impl Slowdown {
    /// A call that takes no time alone has none.
    fn record(&mut self, e2e: SimDuration, unloaded: SimDuration) {
        if unloaded > SimDuration::ZERO {
            let slowdown = e2e.as_nanos() as f64 / unloaded.as_nanos() as f64;
            self.count += 1;
            self.sum += u128::from((slowdown * SLOWDOWN_SCALE) as u64);
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
    }

    pub(crate) fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64 / SLOWDOWN_SCALE)
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
