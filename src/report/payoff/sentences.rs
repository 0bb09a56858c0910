//! Which strategy is best in which world, and what does the wrong bet cost: in sentences, no more than intervals support.

use super::{mean, regret, title};
use crate::experiment::{Payoff, Results, StrategyPayoff};
use crate::report::numbers;
use crate::report::text::fit;

/// Worlds of which there is a sentence each; the table has all.
const WORLDS_MAX: usize = 8;
const NAME_COLUMNS: usize = 48;

/// What there is to say: of the first payoff by world, then of each over all worlds.
pub(in crate::report) fn sentences(results: &Results) -> Vec<String> {
    let Some(first) = results.payoffs.first() else { return Vec::new() };
    let worlds = (0..first.worlds.len().min(WORLDS_MAX)).filter_map(|world| in_world(first, world));
    worlds.chain(results.payoffs.iter().flat_map(over_all)).collect()
}

fn quoted(name: &str) -> String {
    format!("“{}”", fit(name, NAME_COLUMNS))
}

fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.into_iter().map(quoted).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

fn words(payoff: &Payoff) -> String {
    match title(payoff) {
        "Operating margin" => "operating margin".to_owned(),
        "Revenue" => "revenue".to_owned(),
        other => other.to_owned(),
    }
}

/// A number with its unit.
fn amount(text: &str, unit: &str) -> String {
    let unit = numbers::label_unit(unit);
    let space = if unit.is_empty() { "" } else { " " };
    format!("{text}{space}{unit}").replace(' ', "\u{A0}")
}

fn in_world(payoff: &Payoff, world: usize) -> Option<String> {
    let cell = |strategy: &StrategyPayoff| strategy.cells.get(world).cloned();
    let open: Vec<_> = payoff
        .strategies
        .iter()
        .filter(|strategy| cell(strategy).is_some_and(|cell| cell.may_be_best))
        .collect();
    let by_mean = |one: &&StrategyPayoff, two: &&StrategyPayoff| {
        let of = |strategy| cell(strategy).map_or(f64::NEG_INFINITY, |cell| cell.mean.value);
        of(one).total_cmp(&of(two))
    };
    let best = payoff.strategies.iter().rev().max_by(by_mean)?;
    let worst = payoff.strategies.iter().min_by(by_mean)?;
    let (name, words) = (quoted(&payoff.worlds.get(world)?.name), words(payoff));
    let largest = amount(&mean(&cell(best)?.mean, &payoff.unit), &payoff.unit);
    let who = match open.len() {
        1 => format!("{} has the largest {words}, {largest}", quoted(&best.name)),
        all if all == payoff.strategies.len() => {
            format!("no strategy is shown to have a larger {words} than another")
        }
        _ => format!(
            "the largest {words} is that of {}, which are not told apart, {largest} at most",
            listed(open.iter().map(|strategy| &*strategy.name))
        ),
    };
    let behind = cell(worst)?;
    let costs = (!behind.may_be_best).then(|| {
        let cost = amount(&regret(&behind.regret, &payoff.unit), &payoff.unit);
        format!("; the wrong bet, {}, costs {cost}", quoted(&worst.name))
    });
    Some(format!("In {name} {who}{}.", costs.unwrap_or_default()))
}

fn over_all(payoff: &Payoff) -> Vec<String> {
    let of = |name: &str| payoff.strategies.iter().find(|strategy| strategy.name == name);
    let words = words(payoff);
    [
        best(payoff, of(&payoff.best.strategy), &words),
        least_regret(payoff, of(&payoff.minimax.strategy), &words),
        dominance(payoff, &words),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn best(payoff: &Payoff, best: Option<&StrategyPayoff>, words: &str) -> Option<String> {
    let (best, found) = (best?, &payoff.best);
    let zone = amount(&numbers::value(found.zone, &payoff.unit), &payoff.unit);
    let value = amount(&mean(&best.mean, &payoff.unit), &payoff.unit);
    let others: Vec<_> = found.candidates.iter().filter(|name| **name != best.name).collect();
    let sure = match others.len() {
        0 => "the intervals show that no other has more".to_owned(),
        _ => format!(
            "the intervals do not tell it from {}",
            listed(others.into_iter().map(String::as_str))
        ),
    };
    let bound = match found.bound {
        bound if bound < 0.5 => {
            format!("That it is within {zone} of the best is not shown (P* {bound:.2})")
        }
        // Rounded down: it is a bound.
        bound => format!(
            "It is within {zone} of the best with a probability of at least {:.2} (P*)",
            (bound * 100.0).floor() / 100.0
        ),
    };
    Some(format!(
        "Over all worlds {} has the largest mean {words} found, {value}: {sure}. {bound}.",
        quoted(&best.name)
    ))
}

fn least_regret(payoff: &Payoff, least: Option<&StrategyPayoff>, words: &str) -> Option<String> {
    let least = least?;
    let largest = amount(&regret(&least.regret, &payoff.unit), &payoff.unit);
    let candidates = &payoff.minimax.candidates;
    let others: Vec<_> = candidates.iter().filter(|name| **name != least.name).collect();
    let sure = match others.len() {
        0 => String::new(),
        _ => format!(", which is not told from {}", listed(others.into_iter().map(String::as_str))),
    };
    let name = quoted(&least.name);
    Some(format!(
        "Whichever world comes, {name} gives up the least {words} at the worst, {largest}{sure}."
    ))
}

fn dominance(payoff: &Payoff, words: &str) -> Option<String> {
    let shown = payoff.dominances.iter().filter(|dominance| dominance.shown);
    let each = shown.map(|each| format!("{} than {}", quoted(&each.strategy), quoted(&each.over)));
    let each: Vec<_> = each.collect();
    (!each.is_empty())
        .then(|| format!("No less {words} in any world, and more in one, has {}.", each.join(", ")))
}
