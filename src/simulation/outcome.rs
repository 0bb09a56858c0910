//! What one replication found.

use super::accounts::{Latencies, Trend};
use super::measure::{Measurement, Row, Scope, Values, scopes, series_keys};
use crate::ids::ModelId;
use crate::metrics::LatencyHistogram;
use crate::setup::Setup;
use serde::{Deserialize, Serialize};
use typed_index_collections::TiVec;

/// What one replication found. It can be stored: what is read back is the same to the last bit.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
        let counts = |model| window.latency_counts(Scope::Model(model));
        let latency_counts = setup.models.keys().map(counts).collect();
        let Latencies { wait, ttft, tpot, e2e, .. } = window.latencies(Scope::All);
        Self { values, rows, trends, wait, ttft, tpot, e2e, latency_counts }
    }

    /// Whether it has the scopes, models and series of a setup, as each of its replications has.
    pub fn is_of(&self, setup: &Setup) -> bool {
        let (models, series) = (setup.models.len(), series_keys(setup).count());
        self.values.len() == scopes(setup).count()
            && [self.trends.len(), self.latency_counts.len()] == [models; 2]
            && self.rows.iter().all(|row| row.values.len() == series)
    }

    /// The metrics of one model.
    pub(super) fn of_model(&self, model: ModelId) -> &Values {
        // The whole cloud comes first, then the models.
        &self.values[1 + model.index()]
    }
}
