//! What a sweep found, in sentences: between what numbers lie, and which variant has more.

use super::found::{Found, Metric, Value};
use crate::report::numbers;
use crate::report::text::clean;
use crate::scenario::Sweep;
use std::collections::BTreeMap;

/// Sentences on each metric that is shown.
pub(super) fn findings(sweep: &Sweep, found: &Found) -> Vec<String> {
    let of_metric = |metric| [most(sweep, found, metric), range(sweep, found, metric)];
    found.shown().flat_map(of_metric).flatten().map(|text| clean(&text)).collect()
}

/// Between which numbers a metric lies, over all points and variants.
fn range(sweep: &Sweep, found: &Found, metric: &Metric) -> Option<String> {
    let all = metric.values.iter().enumerate().flat_map(|(variant, values)| {
        let known = values.iter().enumerate();
        known.filter_map(move |(place, value)| Some((variant, place, (*value)?)))
    });
    let by_mean =
        |a: &(usize, usize, Value), b: &(usize, usize, Value)| a.2.mean.total_cmp(&b.2.mean);
    let (least, most) = (all.clone().min_by(by_mean)?, all.max_by(by_mean)?);
    let name = named(metric);
    if least.2.mean == most.2.mean {
        let all = numbers::value(most.2.mean, &metric.unit);
        return Some(format!("{name} is the same at all points: {all}."));
    }
    let names = sweep.short_names();
    let told = |(variant, place, value): (usize, usize, Value)| {
        let settings = names.iter().zip(&found.settings[place]);
        let settings: Vec<_> = settings.map(|(name, value)| format!("{name} = {value}")).collect();
        let of = match &*found.variants {
            [_] => String::new(),
            names => format!("{}, ", names[variant]),
        };
        let number = numbers::value(value.mean, &metric.unit);
        let interval = value
            .ci95
            .map_or(String::new(), |ci95| format!(" ± {}", numbers::value(ci95, &metric.unit)));
        format!("{number}{interval} ({of}{})", settings.join(", "))
    };
    Some(format!("{name} lies between {} and {}.", told(least), told(most)))
}

/// In which variant a metric is the highest, at how many points. Only where its interval lies above all others, which
/// is more than a difference needs under common random numbers.
fn most(sweep: &Sweep, found: &Found, metric: &Metric) -> Option<String> {
    if found.variants.len() < 2 || sweep.replications < 2 {
        return None;
    }
    let mut highest: BTreeMap<usize, u64> = BTreeMap::new();
    let (mut points, mut open) = (0, 0);
    for place in 0..found.points.len() {
        let at: Vec<_> = metric.values.iter().map(|values| values[place]).collect();
        if at.iter().flatten().count() < 2 {
            continue;
        }
        points += 1;
        match above_all(&at) {
            Some(variant) => *highest.entry(variant).or_default() += 1,
            None => open += 1,
        }
    }
    if points == 0 {
        return None;
    }
    let mut parts: Vec<_> = { highest.iter() }
        .map(|(&variant, count)| format!("in {} at {count}", found.variants[variant]))
        .collect();
    if let Some(first) = parts.first_mut() {
        *first += &format!(" of {points} points");
    }
    if open > 0 {
        let of = if parts.is_empty() { format!(" of {points} points") } else { String::new() };
        parts.push(format!("in none for sure at {open}{of}"));
    }
    Some(format!("{} is highest {}.", named(metric), parts.join(", ")))
}

/// The variant of which the interval lies above those of all others.
fn above_all(values: &[Option<Value>]) -> Option<usize> {
    let known =
        || values.iter().enumerate().filter_map(|(variant, value)| Some((variant, (*value)?)));
    let half = |value: Value| value.ci95.unwrap_or(0.0);
    let (best, value) = known().max_by(|a, b| a.1.mean.total_cmp(&b.1.mean))?;
    let is_below = |other: Value| other.mean + half(other) < value.mean - half(value);
    known().all(|(variant, other)| variant == best || is_below(other)).then_some(best)
}

/// The name of a metric, with its unit.
pub(super) fn named(metric: &Metric) -> String {
    let unit = numbers::label_unit(&metric.unit);
    if unit.is_empty() { metric.name.clone() } else { format!("{} ({unit})", metric.name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_is_told_only_where_intervals_are_apart() {
        let value = |mean, ci95| Some(Value { mean, ci95: Some(ci95) });
        assert_eq!(above_all(&[value(1.0, 0.1), value(2.0, 0.1)]), Some(1));
        assert_eq!(above_all(&[value(1.0, 0.6), value(2.0, 0.6)]), None);
        assert_eq!(above_all(&[value(3.0, 0.1), None, value(2.0, 0.1)]), Some(0));
        assert_eq!(above_all(&[value(1.0, 0.0), value(1.0, 0.0)]), None);
    }
}
