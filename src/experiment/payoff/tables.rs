//! Payoffs of strategies in worlds, as they come from replications.

use super::matrix::Matrix;
use super::report::Payoff;
use crate::ids::{CaseId, StrategyId, WorldId};
use crate::metrics::MetricId;
use crate::scenario::Product;

/// What counts as payoff, the one that says most first.
const METRICS: [MetricId; 2] = [MetricId::Margin, MetricId::Revenue];

/// The replications' payoffs. Unlike all else that is kept they grow with replications: two numbers each, since the worst
/// of them are asked for.
pub(in crate::experiment) struct Tables {
    product: Product,
    /// A table for each of [`METRICS`]; none where it is not defined in each replication, or does not mean the same.
    tables: [Option<Matrix>; METRICS.len()],
    /// Whether costs have energy in them, as known from the first outcome.
    with_energy: Option<bool>,
}

impl Tables {
    /// Nothing, yet.
    pub(crate) fn new(product: &Product) -> Self {
        let table = || {
            let probabilities = product.worlds.iter().map(|world| world.probability).collect();
            Some(Matrix::new(product.strategies.len(), probabilities))
        };
        Self { product: product.clone(), tables: [table(), table()], with_energy: None }
    }

    /// Takes in an outcome of a case: the value of each metric, with the size of what it is computed from.
    pub(crate) fn add(&mut self, case: CaseId, value: impl Fn(MetricId) -> Option<(f64, f64)>) {
        let strategies = self.product.strategies.len();
        let strategy = StrategyId::new(case.index() % strategies);
        let world = WorldId::new(case.index() / strategies % self.product.worlds.len());
        let with_energy = value(MetricId::EnergyCost).is_some();
        let is_alike = *self.with_energy.get_or_insert(with_energy) == with_energy;
        for (table, id) in self.tables.iter_mut().zip(METRICS) {
            let value = value(id).filter(|_| is_alike || id != MetricId::Margin);
            match (table.as_mut(), value) {
                (Some(table), Some((value, size))) => table.push(strategy, world, value, size),
                _ => *table = None,
            }
        }
    }

    /// What there is to say of each metric that has a table.
    pub(crate) fn payoffs(&self) -> Vec<Payoff> {
        let revenue = self.tables[1].as_ref();
        let of = |(table, id): (&Option<Matrix>, MetricId)| {
            Some(Payoff::of(id, table.as_ref()?, revenue, &self.product))
        };
        self.tables.iter().zip(METRICS).filter_map(of).collect()
    }
}
