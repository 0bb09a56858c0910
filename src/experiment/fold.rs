//! What is kept of replications, folded in as they come: sums whose memory does not grow with their number.

use super::axes::Axes;
use super::comparison::{Comparison, size};
use super::payoff::Tables;
use super::task::Task;
use crate::ids::{CaseId, ModelId};
use crate::metrics::{LatencyHistogram, Mean, MetricId, Moments};
use crate::simulation::{Outcome, Trend};
use typed_index_collections::TiVec;

/// What is kept of an experiment.
pub(super) struct Fold<'a> {
    axes: &'a Axes,
    pub cases: TiVec<CaseId, CaseFold<'a>>,
    /// What strategies pay in worlds, if the cases are that.
    pub payoffs: Option<Tables>,
    /// What later cases of the same replication are compared with.
    baseline: Option<(CaseId, Outcome)>,
}

impl<'a> Fold<'a> {
    /// Nothing, yet. `comparison` says how a case is compared with its baseline, if it is.
    pub(super) fn new(
        axes: &'a Axes,
        payoffs: Option<Tables>,
        comparison: impl Fn(CaseId, CaseId) -> Option<Comparison<'a>>,
    ) -> Self {
        let case = |case| {
            let baseline = axes.baseline(case);
            let compared = if baseline == case { None } else { comparison(baseline, case) };
            CaseFold { compared, ..CaseFold::default() }
        };
        Self { axes, cases: axes.cases().map(case).collect(), payoffs, baseline: None }
    }

    /// Takes in the outcome of a task; they come in their order.
    pub(super) fn add(&mut self, task: &Task, outcome: Outcome) {
        let fold = &mut self.cases[task.case];
        fold.add(&outcome);
        if let Some(payoffs) = &mut self.payoffs {
            let values = &outcome.values[0];
            payoffs.add(task.case, |id| Some((values.get(id)?, size(values, id))));
        }
        if let Some(comparison) = &mut fold.compared {
            let (case, baseline) = self.baseline.as_ref().expect("baselines come first");
            debug_assert_eq!(*case, self.axes.baseline(task.case));
            comparison.add(baseline, &outcome);
        }
        if self.axes.baseline(task.case) == task.case {
            self.baseline = Some((task.case, outcome));
        }
    }
}

/// What is kept of one case.
#[derive(Default)]
pub(super) struct CaseFold<'a> {
    /// By scope and metric, in the order of the outcomes' values.
    metrics: Vec<Vec<Moments>>,
    /// Latencies over the whole cloud: wait, TTFT, TPOT and E2E.
    pub latencies: [LatencyHistogram; 4],
    /// The time series.
    pub buckets: Vec<BucketFold>,
    /// How the queue of each model changed.
    pub trends: TiVec<ModelId, Trend>,
    /// The differences from its baseline, if it is compared.
    pub compared: Option<Comparison<'a>>,
}

/// What is kept of one bucket of the time series.
pub(super) struct BucketFold {
    pub start_s: f64,
    pub end_s: f64,
    /// One for each series.
    pub moments: Vec<Moments>,
}

impl CaseFold<'_> {
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
    pub(super) fn mean(&self, scope: usize, id: MetricId) -> Option<Mean> {
        self.metrics.get(scope)?[id as usize].mean()
    }
}

impl BucketFold {
    fn of(row: &crate::simulation::Row) -> Self {
        let moments = vec![Moments::default(); row.values.len()];
        Self { start_s: row.start_s, end_s: row.end_s, moments }
    }
}
