//! The payoff of each strategy in each world, replication by replication.

use super::paired::Paired;
use crate::experiment::rounding::beyond_rounding;
use crate::ids::{StrategyId, WorldId};
use typed_index_collections::{TiVec, ti_vec};

/// Payoffs of strategies in worlds. It is filled replication by replication; each cell has as many of them as the others
/// before anything is asked.
#[derive(Clone, Debug)]
pub(super) struct Matrix {
    /// How probable each world is; they add up to 1.
    probabilities: TiVec<WorldId, f64>,
    /// The replications of each cell, in their order.
    cells: TiVec<StrategyId, TiVec<WorldId, Vec<f64>>>,
    /// The largest number that a payoff was computed from: what differs by less than its rounding is the same.
    size: f64,
}

/// Where strategies are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Among {
    /// In one world.
    World(WorldId),
    /// In the mean over all worlds, each counted by its probability.
    All,
}

impl Matrix {
    /// Without any replication, yet.
    pub(crate) fn new(strategies: usize, probabilities: TiVec<WorldId, f64>) -> Self {
        let row = ti_vec![Vec::new(); probabilities.len()];
        Self { probabilities, cells: ti_vec![row; strategies], size: 0.0 }
    }

    /// Takes in the next replication of a cell. `size` is that of the largest number that `value` was computed from.
    pub(crate) fn push(&mut self, strategy: StrategyId, world: WorldId, value: f64, size: f64) {
        self.cells[strategy][world].push(value);
        self.size = self.size.max(size.abs()).max(value.abs());
    }

    /// The strategies.
    pub(crate) fn strategies(&self) -> impl Iterator<Item = StrategyId> + Clone + use<> {
        (0..self.cells.len()).map(StrategyId::new)
    }

    /// The worlds.
    pub(crate) fn worlds(&self) -> impl Iterator<Item = WorldId> + Clone + use<> {
        (0..self.probabilities.len()).map(WorldId::new)
    }

    /// All strategies but one.
    pub(crate) fn others(
        &self,
        than: StrategyId,
    ) -> impl Iterator<Item = StrategyId> + Clone + use<> {
        self.strategies().filter(move |&other| other != than)
    }

    /// How probable a world is.
    pub(crate) fn probability(&self, world: WorldId) -> f64 {
        self.probabilities[world]
    }

    /// Replications of each cell.
    pub(crate) fn replications(&self) -> usize {
        self.cells.iter().flatten().map(Vec::len).min().unwrap_or(0)
    }

    /// The payoff of a replication.
    pub(crate) fn value(&self, strategy: StrategyId, world: WorldId, replication: usize) -> f64 {
        self.cells[strategy][world][replication]
    }

    /// The payoff of a replication in one world, or its mean over all.
    pub(crate) fn payoff(&self, strategy: StrategyId, among: Among, replication: usize) -> f64 {
        self.over(among, |world| self.value(strategy, world, replication))
    }

    fn over(&self, among: Among, value: impl Fn(WorldId) -> f64) -> f64 {
        match among {
            Among::World(world) => value(world),
            Among::All => self.worlds().map(|world| self.probabilities[world] * value(world)).sum(),
        }
    }

    /// What `strategy` is worth more than `other`, paired by replication.
    pub(crate) fn lead(&self, strategy: StrategyId, other: StrategyId, among: Among) -> Paired {
        let lead = |replication| {
            self.over(among, |world| {
                let [one, two] = [strategy, other].map(|each| self.value(each, world, replication));
                beyond_rounding(one - two, self.size)
            })
        };
        Paired::of((0..self.replications()).map(lead))
    }

    /// The mean of a strategy by itself.
    pub(crate) fn alone(&self, strategy: StrategyId, among: Among) -> Paired {
        Paired::of(
            (0..self.replications()).map(|replication| self.payoff(strategy, among, replication)),
        )
    }

    /// The strategy with the largest mean, the first of equals.
    pub(crate) fn best(&self, among: Among) -> StrategyId {
        let better = |best, other| {
            if self.lead(other, best, among).mean > 0.0 { other } else { best }
        };
        self.strategies().reduce(better).unwrap_or(StrategyId::new(0))
    }
}
