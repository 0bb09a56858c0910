//! What one replication found.

use super::accounts::{Latencies, Trend};
use super::measure::{Measurement, Row, Scope, Values, scopes};
use crate::ids::ModelId;
use crate::metrics::LatencyHistogram;
use typed_index_collections::TiVec;

/// What one replication found.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Every metric in every scope, in the order of [`scopes`](super::scopes).
    pub values: Vec<Values>,
    /// The time series, from the start of the simulation.
    pub rows: Vec<Row>,
    /// How each model's queue changed from bucket to bucket of the measured window.
    pub trends: TiVec<ModelId, Trend>,
    /// Waits over the whole cloud of the calls that arrived in the measured window.
    pub wait: LatencyHistogram,
    /// Likewise, to the first token.
    pub ttft: LatencyHistogram,
    /// Likewise, per output token after the first.
    pub tpot: LatencyHistogram,
    /// Likewise, to the last token.
    pub e2e: LatencyHistogram,
    /// By model, of how many calls its means of the four latencies are.
    pub latency_counts: TiVec<ModelId, [u64; 4]>,
}

impl Outcome {
    pub(super) fn new(
        window: &Measurement<'_>,
        rows: Vec<Row>,
        trends: TiVec<ModelId, Trend>,
    ) -> Self {
        let setup = window.prepared.setup;
        let values = scopes(setup).map(|scope| window.values(scope)).collect();
        let counts = |model| {
            let Latencies { wait, ttft, tpot, e2e, .. } = window.latencies(Scope::Model(model));
            [wait, ttft, tpot, e2e].map(|latencies| latencies.count())
        };
        let latency_counts = setup.models.keys().map(counts).collect();
        let Latencies { wait, ttft, tpot, e2e, .. } = window.latencies(Scope::All);
        Self { values, rows, trends, wait, ttft, tpot, e2e, latency_counts }
    }

    /// The metrics of one model.
    pub(super) fn of_model(&self, model: ModelId) -> &Values {
        // The whole cloud comes first, then the models.
        &self.values[1 + model.index()]
    }
}
