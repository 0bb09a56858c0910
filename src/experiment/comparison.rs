//! Paired differences of a case from its baseline, folded in replication by replication, and what they are made of.

use super::attribution::{Block, attributions, blocks};
use super::results::{Attribution, Difference};
use super::rounding::beyond_rounding;
use crate::metrics::{Mean, MetricId, Moments};
use crate::setup::Setup;
use crate::simulation::{Outcome, Values};

/// What is kept of a case's differences.
pub(super) struct Comparison<'a> {
    /// The names of the baseline and of the case.
    names: [&'a str; 2],
    /// By metric, over the whole cloud.
    differences: Vec<Moments>,
    /// What they are made of: the parts of all blocks, one after the other.
    blocks: Vec<Block<'a>>,
    parts: Vec<Moments>,
}

impl<'a> Comparison<'a> {
    /// Nothing, yet, of the differences of the second from the first. Setups are those that are simulated.
    pub(super) fn new(names: [&'a str; 2], [first, other]: [&'a Setup; 2]) -> Self {
        let blocks = blocks(first, other);
        let parts = blocks.iter().map(|block| block.keys().len()).sum();
        Self {
            names,
            differences: vec![Moments::default(); MetricId::ALL.len()],
            blocks,
            parts: vec![Moments::default(); parts],
        }
    }

    /// Takes in both outcomes of a replication. What is not defined in it is left out of that mean.
    pub(super) fn add(&mut self, baseline: &Outcome, run: &Outcome) {
        for (moments, &id) in self.differences.iter_mut().zip(MetricId::ALL) {
            let difference = difference(&baseline.values[0], &run.values[0], id);
            difference.into_iter().for_each(|value| moments.add(value));
        }
        let parts = self.blocks.iter().flat_map(|block| block.values(baseline, run));
        for (moments, value) in self.parts.iter_mut().zip(parts) {
            value.into_iter().for_each(|value| moments.add(value));
        }
    }

    /// The difference of each metric that is defined for both.
    pub(super) fn differences(&self) -> impl Iterator<Item = Difference> {
        let [baseline, variant] = self.names;
        let difference = move |(id, moments): (&MetricId, &Moments)| {
            let Mean { mean, ci95, .. } = moments.mean()?;
            Some(Difference {
                metric: id.definition().name.to_owned(),
                baseline: baseline.to_owned(),
                variant: variant.to_owned(),
                mean,
                ci95,
            })
        };
        MetricId::ALL.iter().zip(&self.differences).filter_map(difference)
    }

    /// What they are made of.
    pub(super) fn attributions(&self) -> Vec<Attribution> {
        attributions(self.names, &self.blocks, self.parts.iter().map(Moments::mean))
    }
}

fn difference(baseline: &Values, run: &Values, id: MetricId) -> Option<f64> {
    comparable(run, baseline, id).then_some(())?;
    let (value, base) = (run.get(id)?, baseline.get(id)?);
    Some(beyond_rounding(value - base, size(run, id).max(size(baseline, id))))
}

/// The size of what a metric is computed from: of a margin, which may be near zero, revenue and cost.
pub(super) fn size(values: &Values, id: MetricId) -> f64 {
    let of = |id| values.get(id).map_or(0.0, f64::abs);
    match id {
        MetricId::Margin => of(MetricId::Revenue).max(of(MetricId::Cost)),
        id => of(id),
    }
}

/// Whether two values of a metric mean the same: costs are with energy or without.
fn comparable(a: &Values, b: &Values, id: MetricId) -> bool {
    let with_energy = |values: &Values| values.get(MetricId::EnergyCost).is_some();
    !matches!(id, MetricId::Cost | MetricId::Margin) || with_energy(a) == with_energy(b)
}
