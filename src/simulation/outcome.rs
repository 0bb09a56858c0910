//! What one replication found.

use super::books::Latencies;
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
    /// Latencies over the whole cloud in the measured window.
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
    pub(super) fn new(
        window: &Measurement<'_>,
        latencies: &[Option<Box<Latencies>>],
        rows: Vec<Row>,
    ) -> Self {
        let merged = |scope| {
            let mut sum = Latencies::default();
            window
                .cells(scope)
                .filter_map(|cell| latencies[cell].as_ref())
                .for_each(|each| sum.merge(each));
            sum
        };
        let values = scopes(window.prepared.setup)
            .map(|scope| window.values(scope, Some(&merged(scope))))
            .collect();
        let models = 0..window.prepared.setup.models.len();
        let latency_counts = models
            .map(|model| {
                let Latencies { wait, ttft, tpot, e2e } = merged(Scope::Model(model));
                [wait, ttft, tpot, e2e].map(|latencies| latencies.count())
            })
            .collect();
        let Latencies { wait, ttft, tpot, e2e } = merged(Scope::All);
        Self { values, rows, trends: Vec::new(), wait, ttft, tpot, e2e, latency_counts }
    }
}

impl Outcome {
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
