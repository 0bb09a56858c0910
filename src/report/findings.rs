//! One or two plain sentences from the numbers, for the head of the page.

use super::numbers;
use super::text::fit;
use crate::experiment::{Difference, Results, VariantResults};

/// What the sentences speak about, in words; of several metrics the first that there is. A cluster
/// that serves tokens is soon always busy, so that its work is better told in FLOPs.
const TOPICS: [&[(&str, &str)]; 3] = [
    &[("revenue.total_usd", "revenue")],
    &[("latency.wait_s.p99", "the 99th-percentile wait")],
    &[
        ("utilisation.mfu", "model FLOPs utilisation"),
        ("utilisation.busy", "the busy share of the accelerators"),
    ],
];

/// Above this many comparisons only the extremes are told; the table has them all.
const COMPARISONS_MAX: usize = 3;

/// Names are cut here: the tables have them whole.
const NAME_COLUMNS: usize = 48;

/// The findings, a sentence or two each; empty where the results say nothing.
pub(super) fn findings(results: &Results) -> Vec<String> {
    let Some((first, others)) = results.variants.split_first() else {
        return Vec::new();
    };
    if results.differences.is_empty() {
        return absolute(results, first, others);
    }
    if others.len() <= COMPARISONS_MAX {
        return others.iter().filter_map(|other| comparison(results, first, other)).collect();
    }
    let mut by_revenue: Vec<_> =
        others.iter().filter(|v| revenue(v).is_some_and(f64::is_finite)).collect();
    by_revenue.sort_by(|a, b| revenue(b).unwrap_or(0.0).total_cmp(&revenue(a).unwrap_or(0.0)));
    let extremes = [by_revenue.first(), by_revenue.last()];
    let told = extremes.into_iter().flatten().filter_map(|v| comparison(results, first, v));
    let lead = format!(
        "Of {} variants compared with “{}”, these earn the most and the least.",
        others.len(),
        short(&first.name)
    );
    std::iter::once(lead).chain(told).collect()
}

fn revenue(variant: &VariantResults) -> Option<f64> {
    variant.metrics.get("revenue.total_usd").map(|estimate| estimate.mean)
}

/// “Against one-winner, split changes revenue by −3.1 ± 0.4 %, …”
fn comparison(results: &Results, first: &VariantResults, other: &VariantResults) -> Option<String> {
    let told = |(metric, words): &(&str, &'static str)| {
        let difference =
            results.differences.iter().find(|d| d.metric == *metric && d.variant == other.name)?;
        Some((*words, difference, amount(difference, first)?))
    };
    let found: Vec<_> = TOPICS.iter().filter_map(|topic| topic.iter().find_map(told)).collect();
    if found.is_empty() {
        return None;
    }
    let clauses: Vec<_> =
        found.iter().map(|(words, _, amount)| format!("{words} by {}", unbroken(amount))).collect();
    let mut sentence = format!(
        "Against “{}”, “{}” changes {}.",
        short(&first.name),
        short(&other.name),
        join(&clauses)
    );
    let unsure: Vec<_> = found
        .iter()
        .filter(|(_, difference, _)| numbers::excludes_zero(difference) == Some(false))
        .map(|(words, ..)| (*words).to_owned())
        .collect();
    sentence.push_str(&match (found[0].1.ci95, unsure.len()) {
        (None, _) => " One replication gives no interval.".to_owned(),
        (_, 0) if found.len() == 1 => " The 95\u{A0}% interval excludes zero.".to_owned(),
        (_, 0) => " The 95\u{A0}% intervals exclude zero.".to_owned(),
        (_, n) if n == found.len() => " No 95\u{A0}% interval excludes zero.".to_owned(),
        _ => format!(" For {} the 95\u{A0}% interval includes zero.", join(&unsure)),
    });
    Some(sentence)
}

/// Percent of the baseline, or points for a fraction.
fn amount(difference: &Difference, first: &VariantResults) -> Option<String> {
    let base = first.metrics.get(&difference.metric)?;
    if base.unit == "fraction" {
        let points = numbers::difference(difference, &base.unit);
        return Some(points.replace(" pp", " percentage points"));
    }
    numbers::relative(difference, base)
        .or_else(|| Some(numbers::difference(difference, &base.unit)))
}

/// Without differences: what the first variant does, and who earns most and least.
fn absolute(results: &Results, first: &VariantResults, others: &[VariantResults]) -> Vec<String> {
    let clauses: Vec<_> = [
        ("revenue.total_usd", "earns", " USD"),
        ("utilisation.busy", "keeps", " of the accelerators' time busy"),
        ("latency.wait_s.p99", "has a 99th-percentile wait of", ""),
    ]
    .iter()
    .filter_map(|(metric, verb, rest)| {
        let estimate = first.metrics.get(*metric)?;
        Some(format!("{verb} {}{rest}", unbroken(&numbers::estimate(estimate))))
    })
    .collect();
    let mut sentences = Vec::new();
    if !clauses.is_empty() {
        let measured = unbroken(&numbers::value(results.measured_s, "s"));
        sentences.push(format!(
            "In {measured} measured, “{}” {}.",
            short(&first.name),
            join(&clauses)
        ));
    }
    let ranked = || results.variants.iter().filter_map(|v| Some((v, revenue(v)?)));
    let most = ranked().max_by(|a, b| a.1.total_cmp(&b.1));
    let least = ranked().min_by(|a, b| a.1.total_cmp(&b.1));
    if let (false, Some((most, _)), Some((least, _))) = (others.is_empty(), most, least) {
        sentences.push(format!(
            "The mean revenue is highest in “{}” and lowest in “{}”; run a comparison for paired intervals.",
            short(&most.name),
            short(&least.name)
        ));
    }
    sentences
}

fn short(name: &str) -> String {
    fit(name, NAME_COLUMNS)
}

/// A number that does not break across lines.
fn unbroken(number: &str) -> String {
    number.replace(' ', "\u{A0}")
}

fn join(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}
