//! The table of a terminal: a line for each value of the parameter, the headline metrics beside each other.

use super::{Headline, headlines};
use crate::experiment::{Difference, Results, VariantResults};
use crate::report::numbers;
use crate::report::text::{columns_of, fit};
use crate::report::warnings;
use std::collections::BTreeMap;

/// Columns between columns.
const GAP: usize = 2;
/// Columns of the names of values.
const NAME_MAX: usize = 24;

/// The curves of results, in at most `width` columns as far as their first columns fit; then their paired differences
/// from the first value, if there are any.
pub(in crate::report) fn curve_tables(results: &Results, width: usize) -> String {
    let mut out = String::new();
    for (name, variants) in results.curves() {
        let title = if name.is_empty() { String::new() } else { format!("{name}\n") };
        out += &title;
        out += &block(results, variants, width, &mean);
        out.push('\n');
    }
    let half_widths = "Means; their 95 % intervals are in report.html and curve.csv.\n\n";
    if results.replications > 1 {
        out += half_widths;
    }
    if !results.differences.is_empty() {
        out += &differences(results, width);
    }
    out
}

fn mean(variant: &VariantResults, metric: &str) -> String {
    let Some(estimate) = variant.metrics.get(metric) else { return String::new() };
    let mark = if warnings::marks(variant, metric) { "!" } else { "" };
    format!("{}{mark}", numbers::value(estimate.mean, &estimate.unit))
}

fn differences(results: &Results, width: usize) -> String {
    let known: BTreeMap<(&str, &str), &Difference> = results
        .differences
        .iter()
        .map(|difference| ((&*difference.variant, &*difference.metric), difference))
        .collect();
    let mut out = String::new();
    for (name, variants) in results.curves() {
        let Some((first, others)) = variants.split_first() else { continue };
        let cell = |variant: &VariantResults, metric: &str| {
            let found = known.get(&(&*variant.name, metric)).zip(first.metrics.get(metric));
            let Some((difference, base)) = found else { return String::new() };
            let star = if numbers::excludes_zero(difference) == Some(true) { "*" } else { "" };
            let grows = [first, variant].iter().any(|side| warnings::marks(side, metric));
            let mark = if grows { "!" } else { "" };
            format!("{}{mark}{star}", numbers::signed(difference.mean, None, &base.unit))
        };
        let of = if name.is_empty() { String::new() } else { format!("{name}: ") };
        let sure =
            if results.replications > 1 { "; * the 95 % interval excludes zero" } else { "" };
        let from = results.along().map_or("", |(axis, _)| &*axis.values[0]);
        out += &format!("{of}difference from {}, paired{sure}\n", fit(from, NAME_MAX));
        out += &block(results, others, width, &cell);
        out.push('\n');
    }
    out
}

/// Lines for the last values of the axis, as many as there are variants.
fn block(
    results: &Results,
    variants: &[VariantResults],
    width: usize,
    cell: &dyn Fn(&VariantResults, &str) -> String,
) -> String {
    let Some((axis, _)) = results.along() else { return String::new() };
    let names = &axis.values[axis.values.len() - variants.len()..];
    let mut first = vec![fit(&axis.name, NAME_MAX), String::new(), String::new()];
    first.extend(names.iter().map(|name| fit(name, NAME_MAX)));
    let mut columns = vec![first];
    let mut used = widest(&columns[0]);
    for headline in headlines(results) {
        let column = column(results, headline, variants, cell);
        used += GAP + widest(&column);
        // The first always fits.
        if used > width && columns.len() > 1 {
            break;
        }
        columns.push(column);
    }
    // A line in which no column has anything is left out.
    let line = |row: usize| {
        let cells = columns.iter().enumerate().map(|(index, column)| {
            let (cell, columns) = (&column[row], widest(column));
            let blank = " ".repeat(columns - columns_of(cell));
            if index == 0 { format!("{cell}{blank}") } else { format!("{blank}{cell}") }
        });
        cells.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
    };
    let lines = (0..columns[0].len()).map(line).filter(|line| !line.is_empty());
    lines.map(|line| line + "\n").collect()
}

/// The head of a column, its unit, and its cells.
fn column(
    results: &Results,
    headline: &Headline,
    variants: &[VariantResults],
    cell: &dyn Fn(&VariantResults, &str) -> String,
) -> Vec<String> {
    let mut all = results.variants.iter();
    let unit = all.find_map(|variant| variant.metrics.get(headline.metric));
    let unit = unit.map_or("", |estimate| numbers::label_unit(&estimate.unit));
    let unit = if unit == "accelerators" { "" } else { unit };
    let mut column: Vec<String> = headline.head.map(str::to_owned).to_vec();
    column.push(unit.to_owned());
    column.extend(variants.iter().map(|variant| cell(variant, headline.metric)));
    column
}

fn widest(column: &[String]) -> usize {
    column.iter().map(|cell| columns_of(cell)).max().unwrap_or(0)
}
