//! Payoffs as a terminal shows them.

use super::{Standing, mean, percent, regret, standing, title};
use crate::experiment::{Payoff, Results};
use crate::report::numbers;
use crate::report::text::{columns_of, fit, wrap};

/// Columns of strategies' names, at most.
const NAMES_MAX: usize = 22;
/// Columns of `412.3 ± 5.2 k *`.
const CELL: usize = 17;
const GAP: usize = 2;

/// For each payoff: means and regrets by world, then what there is over all worlds; at last the sentences. At most `width`
/// columns, in blocks where worlds are too many.
pub(in crate::report) fn table(results: &Results, width: usize) -> String {
    let mut out = String::new();
    for payoff in &results.payoffs {
        by_world(payoff, width, &mut out);
        over_all(payoff, width, &mut out);
    }
    if !results.payoffs.is_empty() {
        lines(
            "* intervals show that it is the best in that world; + it may be, and so may another",
            width,
            &mut out,
        );
        out.push('\n');
        for sentence in super::sentences(results) {
            lines(&sentence.replace('\u{A0}', " "), width, &mut out);
        }
        out.push('\n');
    }
    out
}

fn lines(text: &str, width: usize, out: &mut String) {
    for line in wrap(text, width) {
        out.push_str(&line);
        out.push('\n');
    }
}

fn heading(payoff: &Payoff, rest: &str) -> String {
    let unit = numbers::label_unit(&payoff.unit);
    let comma = if unit.is_empty() { "" } else { ", " };
    format!("{}{comma}{unit}: {rest}", title(payoff))
}

fn by_world(payoff: &Payoff, width: usize, out: &mut String) {
    lines(&heading(payoff, "mean, and regret against the best in the same world"), width, out);
    let names = names(payoff);
    let worlds: Vec<usize> = (0..payoff.worlds.len()).collect();
    for block in worlds.chunks(((width.saturating_sub(names)) / (CELL + GAP)).max(1)) {
        let odds = |&world: &usize| percent(payoff.worlds[world].probability);
        row("", block.iter().map(|&world| payoff.worlds[world].name.clone()), names, out);
        row("", block.iter().map(odds), names, out);
        for (index, strategy) in payoff.strategies.iter().enumerate() {
            let found = |&world: &usize| {
                let mark = match standing(payoff, index, world) {
                    Standing::Best => " *",
                    Standing::Open => " +",
                    Standing::Behind => "  ",
                };
                mean(&strategy.cells[world].mean, &payoff.unit) + mark
            };
            row(&strategy.name, block.iter().map(found), names, out);
            let behind = |&world: &usize| match strategy.cells[world].regret.value {
                0.0 => "0  ".to_owned(),
                regret => numbers::value(regret, &payoff.unit) + "  ",
            };
            row("  regret", block.iter().map(behind), names, out);
        }
        out.push('\n');
    }
}

fn over_all(payoff: &Payoff, width: usize, out: &mut String) {
    lines(&heading(payoff, "over all worlds"), width, out);
    let (names, unit) = (names(payoff), &*payoff.unit);
    let heads = ["mean", "std. deviation", "CVaR 5 %", "largest regret"];
    let columns: Vec<usize> = (0..heads.len()).collect();
    for block in columns.chunks(((width.saturating_sub(names)) / (CELL + GAP)).max(1)) {
        row("", block.iter().map(|&column| heads[column].to_owned()), names, out);
        for strategy in &payoff.strategies {
            let cell = |&column: &usize| match column {
                0 => mean(&strategy.mean, unit),
                1 => mean(&strategy.deviation, unit),
                2 => mean(&strategy.cvar, unit),
                _ => {
                    let found = regret(&strategy.regret, unit);
                    let short = numbers::value(strategy.regret.value, unit);
                    if columns_of(&found) <= CELL { found } else { short }
                }
            };
            row(&strategy.name, block.iter().map(cell), names, out);
        }
        out.push('\n');
    }
}

fn names(payoff: &Payoff) -> usize {
    let longest = payoff.strategies.iter().map(|strategy| columns_of(&strategy.name)).max();
    longest.unwrap_or(0).clamp(8, NAMES_MAX)
}

fn row(name: &str, cells: impl Iterator<Item = String>, names: usize, out: &mut String) {
    let name = fit(name, names);
    let mut line = name.clone() + &" ".repeat(names - columns_of(&name).min(names));
    for cell in cells {
        let cell = fit(&cell, CELL);
        line += &" ".repeat(GAP + CELL - columns_of(&cell).min(CELL));
        line += &cell;
    }
    out.push_str(line.trim_end());
    out.push('\n');
}
