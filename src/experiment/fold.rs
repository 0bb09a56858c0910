//! What is kept of replications, folded in as they come: sums whose memory does not grow with their number.

use crate::ids::ModelId;
use crate::metrics::{LatencyHistogram, Mean, MetricId, Moments};
use crate::simulation::{Outcome, Trend};
use typed_index_collections::TiVec;

/// What is kept of an experiment. Numbers that need the outcomes of all variants of a replication at once are
/// [`Quantities`] beside the variants.
pub(super) struct Fold<'a> {
    /// By variant.
    pub variants: Vec<VariantFold>,
    /// Differences of metrics between variants, if they are asked for.
    pub paired: Option<Quantities<'a>>,
    /// What they are made of.
    pub parts: Option<Quantities<'a>>,
}

impl<'a> Fold<'a> {
    /// Nothing, yet, of so many variants.
    pub fn new(
        variants: usize,
        paired: Option<Quantities<'a>>,
        parts: Option<Quantities<'a>>,
    ) -> Self {
        Self { variants: (0..variants).map(|_| VariantFold::default()).collect(), paired, parts }
    }

    /// Takes in a replication: the outcomes of all variants.
    pub fn add(&mut self, outcomes: &[Outcome]) {
        for (variant, outcome) in self.variants.iter_mut().zip(outcomes) {
            variant.add(outcome);
        }
        self.paired.iter_mut().chain(&mut self.parts).for_each(|each| each.add(outcomes));
    }
}

/// What is kept of one variant.
#[derive(Default)]
pub(super) struct VariantFold {
    /// By scope and metric, in the order of the outcomes' values.
    metrics: Vec<Vec<Moments>>,
    /// Latencies over the whole cloud: wait, TTFT, TPOT and E2E.
    pub latencies: [LatencyHistogram; 4],
    /// The time series.
    pub buckets: Vec<BucketFold>,
    /// How the queue of each model changed.
    pub trends: TiVec<ModelId, Trend>,
}

/// What is kept of one bucket of the time series.
pub(super) struct BucketFold {
    pub start_s: f64,
    pub end_s: f64,
    /// One for each series.
    pub moments: Vec<Moments>,
}

impl VariantFold {
    fn add(&mut self, outcome: &Outcome) {
        if self.metrics.is_empty() {
            let metrics = vec![Moments::default(); MetricId::ALL.len()];
            self.metrics = vec![metrics; outcome.values.len()];
        }
        // Where runs end with their calls, some have more buckets than others.
        let known = self.buckets.len().min(outcome.rows.len());
        self.buckets.extend(outcome.rows[known..].iter().map(BucketFold::of));
        for (metrics, values) in self.metrics.iter_mut().zip(&outcome.values) {
            for (moments, &id) in metrics.iter_mut().zip(MetricId::ALL) {
                values.get(id).into_iter().for_each(|value| moments.add(value));
            }
        }
        self.trends.resize(outcome.trends.len(), Trend::default());
        self.trends.iter_mut().zip(&outcome.trends).for_each(|(all, one)| all.merge(one));
        let Outcome { wait, ttft, tpot, e2e, .. } = outcome;
        for (merged, latencies) in self.latencies.iter_mut().zip([wait, ttft, tpot, e2e]) {
            merged.merge(latencies);
        }
        for (bucket, row) in self.buckets.iter_mut().zip(&outcome.rows) {
            bucket.end_s = bucket.end_s.max(row.end_s);
            for (moments, &value) in bucket.moments.iter_mut().zip(&row.values) {
                moments.add(value);
            }
        }
    }

    /// A metric's mean over the replications in which it is defined, if there are any.
    pub fn mean(&self, scope: usize, id: MetricId) -> Option<Mean> {
        self.metrics.get(scope)?[id as usize].mean()
    }
}

impl BucketFold {
    fn of(row: &crate::simulation::Row) -> Self {
        let moments = vec![Moments::default(); row.values.len()];
        Self { start_s: row.start_s, end_s: row.end_s, moments }
    }
}

/// From the outcomes of all variants in one replication to numbers.
type Of<'a> = Box<dyn Fn(&[Outcome]) -> Vec<Option<f64>> + Send + 'a>;

/// Numbers that are known of a replication only once all variants' outcomes are, and their means
/// over replications.
pub(super) struct Quantities<'a> {
    of: Of<'a>,
    moments: Vec<Moments>,
}

impl<'a> Quantities<'a> {
    /// Numbers that `of` computes from the outcomes of all variants in one replication: as many, in the same order, in
    /// each. `None` leaves the replication out of that number's mean.
    pub fn new(of: impl Fn(&[Outcome]) -> Vec<Option<f64>> + Send + 'a) -> Self {
        Self { of: Box::new(of), moments: Vec::new() }
    }

    fn add(&mut self, outcomes: &[Outcome]) {
        let values = (self.of)(outcomes);
        self.moments.resize(values.len(), Moments::default());
        for (moments, value) in self.moments.iter_mut().zip(values) {
            value.into_iter().for_each(|value| moments.add(value));
        }
    }

    /// The numbers' means, in their order.
    pub fn means(&self) -> impl Iterator<Item = Option<Mean>> {
        self.moments.iter().map(Moments::mean)
    }
}
