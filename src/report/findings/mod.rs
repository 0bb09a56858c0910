//! Plain sentences from the numbers, for the head of the page: what is wrong first, then who
//! stands where, then what each variant changes.

mod comparison;
mod missed;
mod ranking;
#[cfg(test)]
mod tests;
mod warnings;

pub(super) use warnings::warnings;

use super::curve;
use super::numbers;
use super::payoff;
use super::text::{clean, fit};
use super::warnings::is_unstable;
use crate::experiment::{Results, VariantResults};

/// Above this many comparisons only the extremes are told; the table has them all.
const COMPARISONS_MAX: usize = 4;

/// Money that differs by less than this part of what it is part of makes no difference to anybody, however sure it is:
/// a bill's rounding, or the energy of a few idle moments.
const HARDLY: f64 = 1e-3;

/// Variants whose calls or accelerators differ by less than this factor are of one scale.
const SAME_SCALE: f64 = 1.2;

/// Names are cut here: the tables have them whole.
const NAME_COLUMNS: usize = 48;

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// Whether it speaks of work that was not done as it should be.
    pub(super) warning: bool,
    /// A sentence or two.
    pub(super) text: String,
}

/// What a money metric is called, the one that says most first.
const MONEY: [(&str, &str); 2] =
    [("margin.operating_usd", "the operating margin"), ("revenue.total_usd", "revenue")];

/// The findings; empty where the results say nothing.
pub(super) fn findings(results: &Results) -> Vec<Finding> {
    let finding = |warning| move |text: String| Finding { warning, text: clean(&text) };
    let warnings = warnings::warnings(results).into_iter().map(finding(true));
    warnings.chain(told(results).into_iter().map(finding(false))).collect()
}

fn told(results: &Results) -> Vec<String> {
    let Some((first, others)) = results.variants.split_first() else {
        return Vec::new();
    };
    if !results.payoffs.is_empty() {
        return payoff::sentences(results);
    }
    if curve::is_curve(results) {
        return curve::findings::told(results);
    }
    let ranking = ranking::ranking(results);
    if results.differences.is_empty() {
        return first_variant(results, first).into_iter().chain(ranking.sentences).collect();
    }
    let compare = |other| comparison::comparison(results, first, other);
    if others.len() <= COMPARISONS_MAX {
        let compared = others.iter().filter_map(compare);
        return ranking.sentences.into_iter().chain(compared).collect();
    }
    let extremes = ranking.extremes.into_iter().flat_map(<[&VariantResults; 2]>::from);
    let extremes = extremes.filter(|variant| variant.name != first.name);
    ranking.sentences.into_iter().chain(extremes.filter_map(compare)).collect()
}

/// Without differences: what the first variant does.
fn first_variant(results: &Results, first: &VariantResults) -> Option<String> {
    let clauses: Vec<_> = [
        ("margin.operating_usd", "has an operating margin of", " USD"),
        ("revenue.total_usd", "earns", " USD"),
        ("latency.wait_s.p99", "has a 99th-percentile wait of", ""),
        ("utilisation.busy", "keeps", " of the accelerators' time busy"),
    ]
    .iter()
    .filter_map(|(metric, verb, rest)| {
        let estimate = first.metrics.get(*metric)?;
        Some(format!("{verb} {}{rest}", unbroken(&numbers::estimate(estimate))))
    })
    .collect();
    (!clauses.is_empty()).then(|| {
        let measured = unbroken(&numbers::value(results.measured_s, "s"));
        format!("In {measured} measured, {} {}.", with_caveat(first), join(&clauses, "and"))
    })
}

/// A variant's name as it stands in a sentence.
pub(super) fn quoted(name: &str) -> String {
    format!("“{}”", fit(name, NAME_COLUMNS))
}

/// The same, and in the same breath what must not be overlooked when it earns more than others: “a” (overloaded).
fn with_caveat(variant: &VariantResults) -> String {
    let name = quoted(&variant.name);
    let turned_away = warnings::turned_away(variant);
    match turned_away {
        _ if is_unstable(variant) => format!("{name} (overloaded)"),
        Some(part) => {
            let part = unbroken(&numbers::value(part, "fraction"));
            format!("{name} (which turns {part} of the calls away)")
        }
        None => name,
    }
}

/// A number that does not break across lines.
pub(super) fn unbroken(number: &str) -> String {
    number.replace(' ', "\u{A0}")
}

/// “a, b and c”, or with another word between the last two.
pub(super) fn join(parts: &[String], word: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [start @ .., last] => format!("{} {word} {last}", start.join(", ")),
    }
}
