//! What one replication found.

use super::latencies::Latencies;
use super::measure::{Measurement, Row, SERIES_ALL, SERIES_MODEL, Scope, Values};
use super::setup::Setup;
use super::trend::Trend;
use crate::metrics::{LatencyHistogram, MetricId};

/// What one replication found.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Every metric in every scope, in the order of [`scopes`].
    pub values: Vec<Values>,
    /// The time series, from the start of the simulation.
    pub rows: Vec<Row>,
    /// How each model's queue changed from bucket to bucket of the measured window.
    pub trends: Vec<Trend>,
    /// Waits over the whole cloud of the calls that arrived in the measured window.
    pub wait: LatencyHistogram,
    /// Likewise, to the first token.
    pub ttft: LatencyHistogram,
    /// Likewise, per output token after the first.
    pub tpot: LatencyHistogram,
    /// Likewise, to the last token.
    pub e2e: LatencyHistogram,
    /// By model, of how many calls its means of the four latencies are.
    pub latency_counts: Vec<[u64; 4]>,
}

impl Outcome {
    pub(super) fn new(window: &Measurement<'_>, rows: Vec<Row>, trends: Vec<Trend>) -> Self {
        let setup = window.prepared.setup;
        let values = scopes(setup).map(|scope| window.values(scope)).collect();
        let counts = |model| {
            let Latencies { wait, ttft, tpot, e2e, .. } = window.latencies(Scope::Model(model));
            [wait, ttft, tpot, e2e].map(|latencies| latencies.count())
        };
        let latency_counts = (0..setup.models.len()).map(counts).collect();
        let Latencies { wait, ttft, tpot, e2e, .. } = window.latencies(Scope::All);
        Self { values, rows, trends, wait, ttft, tpot, e2e, latency_counts }
    }

    /// The metrics of one model.
    pub(super) fn of_model(&self, model: usize) -> &Values {
        // The whole cloud comes first, then the models.
        &self.values[1 + model]
    }
}

/// Every scope of a variant, the whole cloud first.
pub fn scopes(setup: &Setup) -> impl Iterator<Item = Scope> {
    std::iter::once(Scope::All)
        .chain((0..setup.models.len()).map(Scope::Model))
        .chain((0..setup.tenants.len()).map(Scope::Tenant))
        .chain((0..setup.clusters.len()).map(Scope::Cluster))
        .chain((0..setup.applications.len()).map(Scope::Application))
}

/// What each value of a time-series row is.
pub fn series_keys(setup: &Setup) -> impl Iterator<Item = (Scope, MetricId)> {
    let all = SERIES_ALL.iter().map(|&id| (Scope::All, id));
    let model = |model| SERIES_MODEL.iter().map(move |&id| (Scope::Model(model), id));
    all.chain((0..setup.models.len()).flat_map(model))
}
