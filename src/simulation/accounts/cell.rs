//! What is counted of the calls of each application at each station: the raw material of every metric.

use super::latencies::Latencies;
use crate::engine::Gauge;
use crate::engine::{SimDuration, SimTime};
use crate::ids::{ApplicationId, ClusterId, DeploymentId, ModelId, StationId, TenantId};
use crate::serving::Request;
use crate::setup::{Setup, Slo};
use typed_index_collections::TiVec;

/// Cumulative counts. All are integers, so a window's counts are exact differences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::simulation) struct Counts {
    pub arrived: u64,
    pub completed: u64,
    pub rejected: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// Of `input_tokens`, those found in a prefix cache.
    pub cached_tokens: u64,
    /// Request-nanoseconds.
    pub waiting_area: u128,
    pub in_system_area: u128,
}

impl Counts {
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        Self {
            arrived: self.arrived - earlier.arrived,
            completed: self.completed - earlier.completed,
            rejected: self.rejected - earlier.rejected,
            input_tokens: self.input_tokens - earlier.input_tokens,
            output_tokens: self.output_tokens - earlier.output_tokens,
            cached_tokens: self.cached_tokens - earlier.cached_tokens,
            waiting_area: self.waiting_area - earlier.waiting_area,
            in_system_area: self.in_system_area - earlier.in_system_area,
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.arrived += other.arrived;
        self.completed += other.completed;
        self.rejected += other.rejected;
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.cached_tokens += other.cached_tokens;
        self.waiting_area += other.waiting_area;
        self.in_system_area += other.in_system_area;
    }
}

/// The books of one application at one station.
#[derive(Clone, Debug)]
pub(in crate::simulation) struct Cell {
    pub application: ApplicationId,
    pub station: StationId,
    /// What requests are held to.
    slo: Option<Slo>,
    counts: Counts,
    waiting: Gauge,
    in_system: Gauge,
    /// Sum over requests ended of the time they were in the system or waited: Little's other side.
    pub sojourn_sum: u128,
    pub wait_sum: u128,
    /// Boxed, and made at the first record: what ends before the window needs none.
    pub latencies: Option<Box<Latencies>>,
}

impl Cell {
    /// Empty books of an application at a station, whose requests are held to `slo`.
    pub(crate) fn new(application: ApplicationId, station: StationId, slo: Option<Slo>) -> Self {
        Self {
            application,
            station,
            slo,
            counts: Counts::default(),
            waiting: Gauge::default(),
            in_system: Gauge::default(),
            sojourn_sum: 0,
            wait_sum: 0,
            latencies: None,
        }
    }

    pub(crate) fn arrive(&mut self, now: SimTime) {
        self.counts.arrived += 1;
        self.in_system.enter(now);
        self.waiting.enter(now);
    }

    /// An arrival that is turned away at once: it never is in the system.
    pub(crate) fn reject(&mut self) {
        self.counts.arrived += 1;
        self.counts.rejected += 1;
    }

    pub(crate) fn start(&mut self, now: SimTime, request: &Request) {
        self.waiting.leave(now);
        self.wait_sum += u128::from(now.since(request.arrived).as_nanos());
    }

    /// A request ended at `now`. If it is one of those that are measured, `unloaded` is the time that it would
    /// have taken alone.
    pub(crate) fn end(&mut self, now: SimTime, request: &Request, unloaded: Option<SimDuration>) {
        self.in_system.leave(now);
        self.sojourn_sum += u128::from(now.since(request.arrived).as_nanos());
        let counts = &mut self.counts;
        counts.completed += 1;
        counts.input_tokens += u64::from(request.input);
        counts.output_tokens += u64::from(request.output);
        counts.cached_tokens += u64::from(request.reused);
        if let Some(unloaded) = unloaded {
            let latencies = self.latencies.get_or_insert_default();
            latencies.record(now, request, unloaded, self.slo.as_ref());
        }
    }

    /// Brings the areas up to `now`.
    pub(crate) fn settle(&mut self, now: SimTime) {
        self.waiting.settle(now);
        self.in_system.settle(now);
        self.counts.waiting_area = self.waiting.area();
        self.counts.in_system_area = self.in_system.area();
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// For tests that cook the books.
    #[cfg(test)]
    pub(crate) fn counts_mut(&mut self) -> &mut Counts {
        &mut self.counts
    }

    pub(crate) fn waiting(&self) -> u64 {
        self.waiting.count()
    }

    pub(crate) fn in_flight(&self) -> u64 {
        self.in_system.count()
    }
}

/// Where requests are counted: a deployment, or nowhere for a model without a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulation) struct Station {
    pub model: ModelId,
    pub tenant: TenantId,
    pub cluster: Option<ClusterId>,
}

/// All stations: the deployments, then one for each model's requests that find no replica.
pub(in crate::simulation) fn stations(setup: &Setup) -> TiVec<StationId, Station> {
    let tenant = |model: ModelId| setup.models[model].tenant;
    let deployed = setup.deployments.iter().map(|spec| Station {
        model: spec.model,
        tenant: tenant(spec.model),
        cluster: Some(spec.cluster),
    });
    let nowhere =
        setup.models.keys().map(|model| Station { model, tenant: tenant(model), cluster: None });
    deployed.chain(nowhere).collect()
}

/// Where requests to a deployment are counted.
pub(in crate::simulation) fn station_of(deployment: DeploymentId) -> StationId {
    StationId::new(deployment.index())
}
