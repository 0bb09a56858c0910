//! Models, tenants and clusters of two variants, matched by name, and what a replication says of them.

use super::bennet::Item;
use crate::economics::Terms;
use crate::ids::ModelId;
use crate::metrics::MetricId;
use crate::setup::Setup;
use crate::simulation::{Outcome, Values};
use std::mem::Discriminant;

/// Something with a name in one variant or in both: its indices there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Matched<'a> {
    pub name: &'a str,
    /// In the first variant and in the other.
    pub index: [Option<usize>; 2],
}

/// All names of two lists, those of the first one first.
pub(super) fn matched<'a>(first: &[&'a str], other: &[&'a str]) -> Vec<Matched<'a>> {
    let position = |names: &[&str], name| names.iter().position(|each| *each == name);
    let both =
        |&name: &&'a str| Matched { name, index: [position(first, name), position(other, name)] };
    let new = other.iter().filter(|name| !first.contains(name));
    first.iter().chain(new).map(both).collect()
}

/// A variant and one of its replications.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub setup: &'a Setup,
    pub outcome: &'a Outcome,
}

impl Side<'_> {
    /// What was found of the whole cloud.
    pub(super) fn all(&self) -> &Values {
        &self.outcome.values[0]
    }

    /// A metric of a model; none where there is no such model.
    pub(super) fn model(&self, model: Option<usize>, id: MetricId) -> Option<f64> {
        self.outcome.values[1 + model?].get(id)
    }

    /// A metric of a cluster; none where there is no such cluster.
    pub(super) fn cluster(&self, cluster: Option<usize>, id: MetricId) -> Option<f64> {
        let before = 1 + self.setup.models.len() + self.setup.tenants.len();
        self.outcome.values[before + cluster?].get(id)
    }

    /// Prompt and output tokens served by a model, if it serves tokens.
    pub(super) fn tokens(&self, model: Option<usize>) -> Option<f64> {
        Some(
            self.model(model, MetricId::InputTokens)?
                + self.model(model, MetricId::OutputTokens)?,
        )
    }

    /// Accelerator-hours that a model holds, and its rent.
    pub(super) fn rent(&self, model: Option<usize>) -> Item {
        let all: u64 = self.setup.clusters.iter().map(|cluster| cluster.accelerators()).sum();
        let of = |id| self.model(model, id).unwrap_or(0.0);
        let volume = of(MetricId::Allocated) * all as f64 * self.hours();
        Item { volume, value: of(MetricId::RentalRevenue) }
    }

    /// How long is measured.
    fn hours(&self) -> f64 {
        let seconds = self.setup.window.length.as_secs_f64();
        self.all().get(MetricId::Makespan).unwrap_or(seconds) / 3600.0
    }

    /// What kind of terms a model's vendor has.
    pub(super) fn terms(&self, model: Option<usize>) -> Option<Discriminant<Terms>> {
        let tenant = self.setup.models[ModelId::new(model?)].tenant;
        Some(std::mem::discriminant(&self.setup.tenants[tenant].terms))
    }

    /// The part of all calls that are a model's, among those that the `latency`-th mean is of, and what
    /// it adds to that mean; none where there are no calls.
    pub(super) fn latency(&self, model: Option<usize>, latency: Latency) -> Option<Item> {
        let counts = &self.outcome.latency_counts;
        let all: u64 = counts.iter().map(|counts| counts[latency.place]).sum();
        let own = model.map_or(0, |model| counts[ModelId::new(model)][latency.place]);
        let volume = own as f64 / all as f64;
        let mean = self.model(model, latency.mean);
        (all > 0).then(|| Item { volume, value: volume * mean.unwrap_or(0.0) })
    }
}

/// One of the four latencies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Latency {
    /// Its mean.
    pub mean: MetricId,
    /// Its place in [`Outcome::latency_counts`].
    pub place: usize,
}
