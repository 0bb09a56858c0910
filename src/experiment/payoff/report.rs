//! What a report says of the payoffs of strategies in worlds, with names in the place of numbers.

use super::bounds::Bounded;
use super::candidates::candidates;
use super::dominance::dominances;
use super::matrix::{Among, Matrix};
use super::regret::{minimax, regrets};
use super::risk::{Risk, risk};
use super::selection::selection_bound;
use crate::ids::{StrategyId, WorldId};
use crate::metrics::MetricId;
use crate::scenario::Product;
use serde::{Deserialize, Serialize};

/// What strategies pay in worlds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Payoff {
    /// What is paid: `margin.operating_usd` or `revenue.total_usd`, over the whole cloud and the measured window.
    pub metric: String,
    /// Unit of all amounts here.
    pub unit: String,
    /// The worlds, in the order of the scenario.
    pub worlds: Vec<WorldOdds>,
    /// The strategies, in the order of the scenario.
    pub strategies: Vec<StrategyPayoff>,
    /// Who pays most in the mean over all worlds.
    pub best: Best,
    /// Whose largest regret is the least.
    pub minimax: Minimax,
    /// Which strategies are never worse than which others.
    pub dominances: Vec<Dominance>,
}

/// A world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorldOdds {
    /// Its name.
    pub name: String,
    /// How probable it is.
    pub probability: f64,
}

/// What a strategy pays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StrategyPayoff {
    /// Its name.
    pub name: String,
    /// The mean over worlds, by their probability, and replications.
    pub mean: Bounded,
    /// The standard deviation over worlds and replications.
    pub deviation: Bounded,
    /// The mean of the worst 5 % of probability.
    pub cvar: Bounded,
    /// The largest regret in any world.
    pub regret: Bounded,
    /// In each world, in their order.
    pub cells: Vec<Cell>,
}

/// What a strategy pays in a world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The mean over replications.
    pub mean: Bounded,
    /// Replications.
    pub n: u32,
    /// How much less that is than what the best strategy pays in this world.
    pub regret: Bounded,
    /// Whether intervals leave open that it is the best in this world. Where one alone may be, it is.
    pub may_be_best: bool,
}

/// Who pays most in the mean over all worlds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Its name.
    pub strategy: String,
    /// Strategies whose means differ by no more are as good as each other.
    pub zone: f64,
    /// P\*: a lower bound on the probability that the mean of the one that is named is within the zone of the best.
    pub bound: f64,
    /// All of which intervals leave open that they are the best.
    pub candidates: Vec<String>,
}

/// Whose largest regret is the least.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Minimax {
    /// Its name.
    pub strategy: String,
    /// All of which intervals leave open that theirs is the least.
    pub candidates: Vec<String>,
}

/// A strategy that pays at least as much as another in each world, and more in one, by means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dominance {
    /// The better one.
    pub strategy: String,
    /// The one that it dominates.
    pub over: String,
    /// Whether intervals support it.
    pub shown: bool,
}

impl Payoff {
    /// What a table says. The zone of indifference is a part of the revenue of the strategy that is named the best.
    pub(super) fn of(
        id: MetricId,
        table: &Matrix,
        revenue: Option<&Matrix>,
        product: &Product,
    ) -> Self {
        let definition = id.definition();
        let name = |strategy: StrategyId| product.strategies[strategy.index()].clone();
        let names = |all: Vec<StrategyId>| all.into_iter().map(name).collect();
        let best = table.best(Among::All);
        let scale = revenue.unwrap_or(table).alone(best, Among::All).mean.abs();
        let zone = product.indifference * scale;
        let least = minimax(table);
        let dominance = |found: super::dominance::Dominates| Dominance {
            strategy: name(found.strategy),
            over: name(found.over),
            shown: found.shown,
        };
        let worlds = product.worlds.iter();
        Self {
            metric: definition.name.to_owned(),
            unit: definition.unit.to_owned(),
            worlds: worlds
                .map(|world| WorldOdds { name: world.name.clone(), probability: world.probability })
                .collect(),
            strategies: strategies(table, &name),
            best: Best {
                strategy: name(best),
                zone,
                bound: selection_bound(table, best, zone).max(0.0),
                candidates: names(candidates(table, Among::All)),
            },
            minimax: Minimax { strategy: name(least.least), candidates: names(least.candidates) },
            dominances: dominances(table).into_iter().map(dominance).collect(),
        }
    }
}

fn strategies(table: &Matrix, name: &dyn Fn(StrategyId) -> String) -> Vec<StrategyPayoff> {
    let (regrets, largest) = (regrets(table), minimax(table).largest);
    let best: Vec<_> = table.worlds().map(|world| candidates(table, Among::World(world))).collect();
    let n = u32::try_from(table.replications()).unwrap_or(u32::MAX);
    let cell = |strategy, world: WorldId| Cell {
        mean: table.alone(strategy, Among::World(world)).bounded(),
        n,
        regret: regrets[strategy][world],
        may_be_best: best[world.index()].contains(&strategy),
    };
    let of = |strategy: StrategyId| {
        let Risk { mean, deviation, cvar } = risk(table, strategy);
        StrategyPayoff {
            name: name(strategy),
            mean,
            deviation,
            cvar,
            regret: largest[strategy],
            cells: table.worlds().map(|world| cell(strategy, world)).collect(),
        }
    };
    table.strategies().map(of).collect()
}
