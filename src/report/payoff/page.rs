//! Payoffs as the page shows them.

use super::{Standing, mean, percent, regret, standing, title};
use crate::experiment::{Payoff, Results};
use crate::report::numbers;
use crate::report::text::{clean, fit};

/// A payoff: a row for each strategy, a column for each world, and what there is over all.
pub(in crate::report) struct Table {
    pub(in crate::report) title: String,
    /// Names and probabilities.
    pub(in crate::report) worlds: Vec<(String, String)>,
    pub(in crate::report) rows: Vec<Row>,
}

/// A strategy.
pub(in crate::report) struct Row {
    pub(in crate::report) name: String,
    pub(in crate::report) cells: Vec<Cell>,
    /// Mean, standard deviation, CVaR and largest regret.
    pub(in crate::report) whole: Vec<String>,
}

/// A strategy in a world.
pub(in crate::report) struct Cell {
    pub(in crate::report) mean: String,
    pub(in crate::report) regret: String,
    pub(in crate::report) is_best: bool,
}

/// A table for each payoff.
pub(in crate::report) fn tables(results: &Results) -> Vec<Table> {
    results.payoffs.iter().map(table).collect()
}

fn table(payoff: &Payoff) -> Table {
    let unit = &*payoff.unit;
    let label = numbers::label_unit(unit);
    let comma = if label.is_empty() { "" } else { ", " };
    let row = |(index, strategy): (usize, &crate::experiment::StrategyPayoff)| {
        let cell = |(world, cell): (usize, &crate::experiment::Cell)| {
            let standing = standing(payoff, index, world);
            let told = match standing {
                Standing::Best => "best".to_owned(),
                Standing::Open => "may be best".to_owned(),
                Standing::Behind => format!("regret {}", regret(&cell.regret, unit)),
            };
            let is_best = standing == Standing::Best;
            Cell { mean: mean(&cell.mean, unit), regret: told, is_best }
        };
        let whole = [&strategy.mean, &strategy.deviation, &strategy.cvar].map(|it| mean(it, unit));
        let whole = whole.into_iter().chain([regret(&strategy.regret, unit)]).collect();
        let cells = strategy.cells.iter().enumerate().map(cell).collect();
        Row { name: fit(&strategy.name, 48), cells, whole }
    };
    let world =
        |world: &crate::experiment::WorldOdds| (fit(&world.name, 48), percent(world.probability));
    Table {
        title: clean(&format!("{}{comma}{label}", title(payoff))),
        worlds: payoff.worlds.iter().map(world).collect(),
        rows: payoff.strategies.iter().enumerate().map(row).collect(),
    }
}
