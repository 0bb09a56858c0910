//! What strategies pay in worlds: which is best in which, and what the wrong bet costs. As a file, a table on the
//! terminal, a table on the page and sentences; the heat map is an exhibit.

mod csv;
mod page;
mod sentences;
mod table;
#[cfg(test)]
mod tests;

pub(super) use csv::payoff_csv;
pub(super) use page::{Table as PageTable, tables as page_tables};
pub(super) use sentences::sentences;
pub(super) use table::table;

use super::numbers;
use crate::experiment::{Bounded, Cell, Estimate, Payoff};

/// A mean with the half-width of its interval, which is symmetric.
fn mean(found: &Bounded, unit: &str) -> String {
    let ci95 = found.bounds.map(|bounds| (bounds.high - bounds.low) / 2.0);
    numbers::estimate(&Estimate { mean: found.value, ci95, n: 0, unit: unit.to_owned() })
}

/// A regret with where it may be: `12.3 (11.9 to 13.0)`; nothing but the number where it is exact.
pub(super) fn regret(found: &Bounded, unit: &str) -> String {
    let of = |value| numbers::value(value, unit);
    match found.bounds {
        Some(bounds) if bounds.low < bounds.high => {
            format!("{} ({} to {})", of(found.value), of(bounds.low), of(bounds.high))
        }
        _ => of(found.value),
    }
}

/// What a payoff is called.
pub(super) fn title(payoff: &Payoff) -> &str {
    match payoff.metric.as_str() {
        "margin.operating_usd" => "Operating margin",
        "revenue.total_usd" => "Revenue",
        other => other,
    }
}

/// How a strategy stands in a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Intervals show that it is the best.
    Best,
    /// It may be the best, or as good.
    Open,
    /// Another is better.
    Behind,
}

/// How the strategy with an index stands in the world with an index.
pub(super) fn standing(payoff: &Payoff, strategy: usize, world: usize) -> Standing {
    let cells: Vec<&Cell> =
        payoff.strategies.iter().filter_map(|strategy| strategy.cells.get(world)).collect();
    let open = cells.iter().filter(|cell| cell.may_be_best).count();
    match cells.get(strategy) {
        Some(cell) if cell.may_be_best && open == 1 => Standing::Best,
        Some(cell) if cell.may_be_best => Standing::Open,
        _ => Standing::Behind,
    }
}

/// `30 %`.
pub(super) fn percent(probability: f64) -> String {
    let rounded = (probability * 1e4).round() / 1e2;
    format!("{rounded} %")
}
