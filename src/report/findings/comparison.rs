//! What a variant changes, in a sentence or two.

use super::{HARDLY, MONEY, SAME_SCALE, join, unbroken, with_caveat};
use crate::experiment::{Difference, Results, VariantResults};
use crate::report::attributed::{attribution, responsible};
use crate::report::numbers;
use crate::report::text::fit;

/// What the sentences speak about, in words; of several metrics the first that there is. A cluster
/// that serves tokens is soon always busy, so that its work is better told in FLOPs.
const TOPICS: [&[(&str, &str)]; 4] =
    [&[MONEY[0]], &[MONEY[1]], &[("latency.wait_s.p99", "the 99th-percentile wait")], UTILISATION];

/// Told only where it changes for sure.
const UTILISATION: &[(&str, &str)] = &[
    ("utilisation.mfu", "model FLOPs utilisation"),
    ("utilisation.busy", "the busy share of the accelerators"),
];

/// Equals that are named; of more it is said how many they are.
const EQUALS_NAMED: usize = 3;

/// The part of a change of money that one model or cluster must bring to be named for it.
const RESPONSIBLE_MIN: f64 = 0.5;

/// A metric, its words, and how it changes.
struct Change<'a> {
    words: &'static str,
    difference: &'a Difference,
    amount: String,
}

/// “Against one-winner, split changes the operating margin by −3.1 ± 0.4 %, …”
pub(super) fn comparison(
    results: &Results,
    first: &VariantResults,
    other: &VariantResults,
) -> Option<String> {
    let told = |(metric, words): &(&str, &'static str)| {
        let mut differences = results.differences.iter();
        let difference = differences.find(|d| d.metric == *metric && d.variant == other.name)?;
        let sure = numbers::excludes_zero(difference) == Some(true);
        if !sure && UTILISATION.iter().any(|(utilisation, _)| utilisation == metric) {
            return None;
        }
        let amount = amount(difference, first)? + &of_which(results, first, difference);
        Some(Change { words, difference, amount })
    };
    let told: Vec<_> = TOPICS.iter().filter_map(|topic| topic.iter().find_map(told)).collect();
    let words = |changes: &[Change], and: &str| {
        let words: Vec<_> = changes.iter().map(|change| change.words.to_owned()).collect();
        join(&words, and)
    };
    let (same, found): (Vec<_>, Vec<_>) =
        told.into_iter().partition(|change| is_none(change.difference));
    let (first_name, other_name) = (with_caveat(first), with_caveat(other) + &scale(first, other));
    if found.is_empty() {
        let same = (!same.is_empty()).then(|| words(&same, "or"))?;
        return Some(format!("Against {first_name}, {other_name} does not change {same}."));
    }
    let (hardly, found): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|change| is_hardly(change.difference, first));
    let clause = |change: &Change| format!("{} by {}", change.words, change.amount);
    let mut clauses: Vec<_> = found.iter().map(clause).collect();
    if !hardly.is_empty() {
        let words = words(&hardly, "and");
        clauses.push(format!("hardly {words} (less than 0.1\u{A0}% of revenue)"));
    }
    let not = if same.is_empty() { String::new() } else { format!(", not {}", words(&same, "or")) };
    let changes = join(&clauses, "and");
    let sentence = format!("Against {first_name}, {other_name} changes {changes}{not}.");
    Some(sentence + &certainty(&found, results.replications))
}

/// “ (10.1 times as many calls)”, where that makes money differ whatever else does.
fn scale(first: &VariantResults, other: &VariantResults) -> String {
    let calls = |variant: &VariantResults| Some(variant.metrics.get("requests.arrived")?.mean);
    let ratio = calls(first).zip(calls(other)).map(|(first, other)| other / first);
    let differs = |ratio: &f64| ratio.is_finite() && (ratio.max(1.0 / ratio) > SAME_SCALE);
    match ratio.filter(differs) {
        Some(ratio) if ratio > 0.0 => {
            format!(" (at {} times the calls)", unbroken(&numbers::value(ratio, "ratio")))
        }
        _ => String::new(),
    }
}

/// Whether something is the same in all replications of both variants.
fn is_none(difference: &Difference) -> bool {
    difference.mean == 0.0 && difference.ci95.is_none_or(|ci95| ci95 == 0.0)
}

/// Whether a change of money is none that matters beside the revenue.
fn is_hardly(difference: &Difference, first: &VariantResults) -> bool {
    let base = |metric: &str| first.metrics.get(metric).map_or(0.0, |base| base.mean.abs());
    let money = MONEY.iter().any(|(metric, _)| *metric == difference.metric);
    let scale = base(&difference.metric).max(base("revenue.total_usd"));
    let largest = difference.mean.abs() + difference.ci95.unwrap_or(0.0);
    money && difference.mean != 0.0 && largest < HARDLY * scale
}

/// “ (aurora-70b alone −1.2 %)”, or who together: who makes most of a change of money, if one does.
fn of_which(results: &Results, first: &VariantResults, difference: &Difference) -> String {
    let by = |metric: &str, by: &str, sign: f64| {
        let parts = attribution(results, &difference.variant, metric, by)?;
        let (names, each) = responsible(parts, sign * difference.mean)?;
        let part = each * names.len() as f64 / (sign * difference.mean);
        (part >= RESPONSIBLE_MIN).then_some((names, sign * each))
    };
    let revenue = || by("revenue.total_usd", "model", 1.0);
    let total = |(names, each): &(Vec<&str>, f64)| each.abs() * names.len() as f64;
    let found = match difference.metric.as_str() {
        "revenue.total_usd" => revenue(),
        "margin.operating_usd" => [revenue(), by("cost.total_usd", "cluster", -1.0)]
            .into_iter()
            .flatten()
            .max_by(|a, b| total(a).total_cmp(&total(b))),
        _ => None,
    };
    let told = |(names, mean): (Vec<&str>, f64)| {
        let contribution = Difference { mean, ci95: None, ..difference.clone() };
        let amount = amount(&contribution, first)?;
        let fitting: Vec<_> = names.iter().map(|name| fit(name, super::NAME_COLUMNS)).collect();
        Some(match names.len() {
            1 => format!(" ({} alone {amount})", fitting[0]),
            few if few <= EQUALS_NAMED => format!(" ({} {amount} each)", join(&fitting, "and")),
            many => format!(" ({many} alike, such as {}, {amount} each)", fitting[0]),
        })
    };
    found.and_then(told).unwrap_or_default()
}

/// What the intervals say of the changes. One that was planned, and is the same in each
/// replication, has none.
fn certainty(found: &[Change], replications: u32) -> String {
    if replications < 2 {
        return " One replication gives no interval.".to_owned();
    }
    let measured: Vec<_> = found
        .iter()
        .filter_map(|change| Some((change.words, numbers::excludes_zero(change.difference)?)))
        .collect();
    let unsure: Vec<_> = measured
        .iter()
        .filter(|(_, excludes)| !excludes)
        .map(|(words, _)| (*words).to_owned())
        .collect();
    match (measured.len(), unsure.len()) {
        (0, _) => String::new(),
        (1, 0) => " The 95\u{A0}% interval excludes zero.".to_owned(),
        (_, 0) => " The 95\u{A0}% intervals exclude zero.".to_owned(),
        (all, n) if n == all => " No 95\u{A0}% interval excludes zero.".to_owned(),
        _ => format!(" For {} the 95\u{A0}% interval includes zero.", join(&unsure, "and")),
    }
}

/// Percent of the baseline; points for a fraction, and the amount itself where a percentage would say nothing,
/// as of a loss.
fn amount(difference: &Difference, first: &VariantResults) -> Option<String> {
    let base = first.metrics.get(&difference.metric)?;
    if base.unit == "fraction" {
        let points = unbroken(&numbers::difference(difference, base));
        return Some(points.replace("\u{A0}pp", " percentage points"));
    }
    let amount = numbers::relative(difference, first).unwrap_or_else(|| {
        let unit = numbers::label_unit(&base.unit);
        let space = if unit.is_empty() { "" } else { " " };
        format!("{}{space}{unit}", numbers::difference(difference, base))
    });
    Some(unbroken(&amount))
}
