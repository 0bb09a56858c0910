//! Rows of the time series: the few metrics that are shown over time, of the whole cloud and of each model, each
//! station and deployment looked at once.

use super::{Measurement, NANOS_PER_SECOND, Scope, Totals};
use crate::economics::{MicroUsd, Subject};
use crate::ids::ModelId;
use crate::metrics::MetricId as M;
use crate::setup::Setup;
use serde::{Deserialize, Serialize};
use typed_index_collections::{TiVec, ti_vec};

/// The metrics of the whole cloud that are shown over time.
pub(in crate::simulation) const SERIES_ALL: &[M] = &[
    M::Busy,
    M::Allocated,
    M::QueueLength,
    M::InSystem,
    M::Arrived,
    M::RequestThroughput,
    M::OutputThroughput,
    M::Revenue,
];
/// Likewise, of each model.
pub(in crate::simulation) const SERIES_MODEL: &[M] =
    &[M::Busy, M::QueueLength, M::OutputThroughput, M::Revenue];

/// One bucket of the time series: values in the order of [`series_keys`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Seconds on the scenario's clock.
    pub start_s: f64,
    /// Seconds on the scenario's clock.
    pub end_s: f64,
    /// One value per series.
    pub values: Vec<f64>,
}

/// What each value of a time-series row is.
pub fn series_keys(setup: &Setup) -> impl Iterator<Item = (Scope, M)> {
    let all = SERIES_ALL.iter().map(|&id| (Scope::All, id));
    let model = |model| SERIES_MODEL.iter().map(move |&id| (Scope::Model(model), id));
    all.chain(setup.models.keys().flat_map(model))
}

/// What a row shows of a model or of the whole cloud.
#[derive(Clone, Copy, Default)]
struct Sums {
    totals: Totals,
    held: u128,
    busy: f64,
    revenue: MicroUsd,
}

impl Measurement<'_> {
    /// The row of this window.
    pub(crate) fn row(&self) -> Row {
        let mut all = Sums::default();
        let mut models: TiVec<ModelId, Sums> =
            ti_vec![Sums::default(); self.prepared.setup.models.len()];
        for (id, totals) in self.at.iter_enumerated() {
            all.totals.merge(totals);
            models[self.stations[id].model].totals.merge(totals);
        }
        for (id, spec) in self.prepared.setup.deployments.iter_enumerated() {
            let (held, busy, revenue) = (self.held(id), self.busy(id), self.revenue(id));
            for sums in [&mut all, &mut models[spec.model]] {
                sums.held += held;
                sums.busy += busy;
                sums.revenue += revenue;
            }
        }
        let in_service = self.in_service(Scope::All);
        let of = |sums: &Sums, ids: &[M]| -> Vec<f64> {
            ids.iter().map(|&id| self.series_value(sums, id, in_service)).collect()
        };
        let mut values = of(&all, SERIES_ALL);
        models.iter().for_each(|sums| values.extend(of(sums, SERIES_MODEL)));
        Row { start_s: self.from.at.as_secs_f64(), end_s: self.to.at.as_secs_f64(), values }
    }

    fn series_value(&self, sums: &Sums, id: M, in_service: f64) -> f64 {
        let seconds = self.nanos() / NANOS_PER_SECOND;
        let counts = &sums.totals.counts;
        let value = match id {
            M::Busy => sums.busy / in_service,
            M::Allocated => sums.held as f64 / in_service,
            M::QueueLength => counts.waiting_area as f64 / self.nanos(),
            M::InSystem => counts.in_system_area as f64 / self.nanos(),
            M::Arrived => counts.arrived as f64,
            M::RequestThroughput => counts.completed as f64 / seconds,
            M::OutputThroughput => counts.output_tokens as f64 / seconds,
            M::Revenue => sums.revenue.as_usd(),
            _ => unreachable!("no time series shows it"),
        };
        if value.is_finite() { value } else { 0.0 }
    }

    fn revenue(&self, deployment: crate::ids::DeploymentId) -> MicroUsd {
        let accounts = self.ledger.labelled(Subject::Deployment(deployment));
        let revenue = accounts.filter(|(label, ..)| label.is_revenue());
        revenue.map(|(_, id, _)| self.balance(id.index())).sum()
    }
}
