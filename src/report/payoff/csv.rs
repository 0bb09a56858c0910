//! Payoffs as a tidy table.

use crate::experiment::{Bounded, Cell, Payoff, Results, StrategyPayoff};
use crate::report::csv::Rows;

const HEAD: [&str; 11] = [
    "metric",
    "unit",
    "strategy",
    "world",
    "probability",
    "quantity",
    "other",
    "value",
    "low",
    "high",
    "n",
];

/// Every number of payoffs, a row each: metric, its unit, strategy, world and its probability (both empty over all
/// worlds), quantity, value, its 95 % interval from `low` to `high` (empty where there is none), replications.
///
/// Quantities in a world are `mean`, `regret` and `may_be_best` (1 or 0: whether intervals leave open that no strategy
/// is better there). Over all worlds they are `mean`, `deviation`, `cvar_5_percent`, `regret_max`, `may_be_best` and
/// `may_be_minimax`; of the strategy that is named the best `p_star` and the `zone` that it is of, in the metric's unit; and
/// `dominates`, with the strategy that is dominated as `other`, 1 where intervals support it and 0 where only means do.
pub(in crate::report) fn payoff_csv(results: &Results) -> String {
    let mut out = Rows::new(HEAD);
    for payoff in &results.payoffs {
        for strategy in &payoff.strategies {
            in_worlds(payoff, strategy, &mut out);
            over_all(payoff, strategy, &mut out);
        }
    }
    out.finish()
}

/// What is told of a strategy, and where.
struct Place<'a> {
    payoff: &'a Payoff,
    strategy: &'a StrategyPayoff,
    world: &'a str,
    probability: String,
}

impl Place<'_> {
    fn row(&self, quantity: &str, other: &str, value: &Bounded, out: &mut Rows) {
        let bound = |bound: Option<f64>| bound.map_or_else(String::new, |bound| bound.to_string());
        let n = self.strategy.cells.first().map_or_else(String::new, |cell| cell.n.to_string());
        out.row([
            &self.payoff.metric,
            &self.payoff.unit,
            &self.strategy.name,
            self.world,
            &self.probability,
            quantity,
            other,
            &value.value.to_string(),
            &bound(value.bounds.map(|bounds| bounds.low)),
            &bound(value.bounds.map(|bounds| bounds.high)),
            &n,
        ]);
    }
}

fn exact(value: f64) -> Bounded {
    Bounded { value, bounds: None }
}

fn flag(is_so: bool) -> Bounded {
    exact(f64::from(u8::from(is_so)))
}

fn in_worlds(payoff: &Payoff, strategy: &StrategyPayoff, out: &mut Rows) {
    for (world, Cell { mean, regret, may_be_best, .. }) in payoff.worlds.iter().zip(&strategy.cells)
    {
        let probability = world.probability.to_string();
        let place = Place { payoff, strategy, world: &world.name, probability };
        place.row("mean", "", mean, out);
        place.row("regret", "", regret, out);
        place.row("may_be_best", "", &flag(*may_be_best), out);
    }
}

fn over_all(payoff: &Payoff, strategy: &StrategyPayoff, out: &mut Rows) {
    let place = Place { payoff, strategy, world: "", probability: String::new() };
    place.row("mean", "", &strategy.mean, out);
    place.row("deviation", "", &strategy.deviation, out);
    place.row("cvar_5_percent", "", &strategy.cvar, out);
    place.row("regret_max", "", &strategy.regret, out);
    let is_among = |names: &[String]| flag(names.contains(&strategy.name));
    place.row("may_be_best", "", &is_among(&payoff.best.candidates), out);
    place.row("may_be_minimax", "", &is_among(&payoff.minimax.candidates), out);
    if payoff.best.strategy == strategy.name {
        place.row("p_star", "", &exact(payoff.best.bound), out);
        place.row("zone", "", &exact(payoff.best.zone), out);
    }
    for dominance in payoff.dominances.iter().filter(|each| each.strategy == strategy.name) {
        place.row("dominates", &dominance.over, &flag(dominance.shown), out);
    }
}
