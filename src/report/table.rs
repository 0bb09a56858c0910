//! The table that a terminal shows.

use std::collections::BTreeMap;

use comfy_table::{CellAlignment, ColumnConstraint, Table, Width};

use super::curve::is_curve;
use super::curve::table::curve_tables;
use super::findings;
use super::layout::{GROUPS, Group, Line};
use super::numbers;
use super::payoff;
use super::text::{columns_of, fit, wrap};
use super::warnings;
use crate::experiment::{Difference, Results, VariantResults};

/// Of a table with more lines the head may be out of sight.
const SCREEN_LINES: usize = 40;

/// Columns of the metrics' names.
const LABEL: usize = 22;
/// Columns of `412.3 ± 5.2 ms`.
const ESTIMATE: usize = 17;
/// Columns of `+12.35 ± 0.40 k (+3.10 %) *`.
const DIFFERENCE: usize = 27;
/// Of numbers that depend on the horizon.
const MARK: char = '!';
/// Columns between columns.
const GAP: usize = 2;

/// The results as a table of at most `width` columns (at least 40): what is wrong first; the variants side
/// by side, in blocks where they are too many; then the paired differences against the first, where there
/// are any. `*` marks a difference whose 95 % interval excludes zero, `!` what depends on the horizon.
pub fn table(results: &Results, width: usize) -> String {
    let width = width.max(LABEL + GAP + 16);
    let mut out = heading(results, width);
    if !results.payoffs.is_empty() {
        push_payoffs(&mut out, results, width);
    } else if is_curve(results) {
        out += &curve_tables(results, width);
        push_legend(&mut out, results, width);
    } else {
        push_variants(&mut out, results, width);
    }
    // A terminal shows the end of a long table: what its head says is said here once more.
    let is_long = out.lines().count() > SCREEN_LINES;
    let head = findings::warnings(results).into_iter().filter(|_| is_long);
    for warning in head.chain(warnings::all(results)) {
        push_lines(&mut out, &format!("Warning: {warning}"), width);
    }
    for note in &results.notes {
        push_lines(&mut out, &format!("Note: {note}"), width);
    }
    out
}

/// What strategies pay in worlds: all numbers of all cases side by side would be too many columns.
fn push_payoffs(out: &mut String, results: &Results, width: usize) {
    out.push_str(&payoff::table(results, width));
    let example = results.variants.first().map_or("", |variant| &variant.name);
    let rest = format!(
        "All numbers of each strategy in each world are in the folder, in report.html and summary.csv; --variant \"{example}\" \
         runs one of them alone."
    );
    push_lines(out, &rest, width);
}

/// The variants side by side, and their paired differences.
fn push_variants(out: &mut String, results: &Results, width: usize) {
    let variants: Vec<_> = results.variants.iter().collect();
    for block in variants.chunks(per_block(width, ESTIMATE)) {
        let cell = |column: usize, metric: &str| {
            let variant = block[column];
            let cell = variant.metrics.get(metric).map(numbers::estimate).unwrap_or_default();
            if warnings::marks(variant, metric) { marked(&cell, ESTIMATE) } else { cell }
        };
        let names: Vec<_> = block.iter().map(|variant| variant.name.as_str()).collect();
        push_block(out, results, &names, (width, ESTIMATE), cell);
    }
    if let Some(first) = results.variants.first().filter(|_| !results.differences.is_empty()) {
        push_differences(out, results, first, width);
    }
    push_legend(out, results, width);
}

/// What marks what depends on the horizon, where something does.
fn push_legend(out: &mut String, results: &Results, width: usize) {
    if results.variants.iter().any(warnings::is_unstable) {
        let legend = format!(
            "{MARK} depends on how long it is simulated: a queue grows in that variant, or in either of a difference"
        );
        push_lines(out, &legend, width);
    }
}

/// A number that depends on the horizon, in so many columns, of which none is to spare for the mark.
fn marked(cell: &str, columns: usize) -> String {
    let narrow = cell.replacen(" ± ", "±", 1);
    match cell {
        "" => String::new(),
        _ if columns_of(cell) < columns => format!("{cell}{MARK}"),
        _ => format!("{narrow}{MARK}"),
    }
}

fn heading(results: &Results, width: usize) -> String {
    let mut out = String::new();
    for wrong in warnings::alarm(results).into_iter().chain(findings::warnings(results)) {
        push_lines(&mut out, &wrong, width);
    }
    push_lines(&mut out, &results.scenario, width);
    if !results.description.is_empty() {
        push_lines(&mut out, &results.description, width);
    }
    let runs = match results.replications {
        1 => "1 replication, no intervals".to_owned(),
        n => format!(
            "{n} replications; ± is the half-width of the 95 % interval, of which a number that is the same in all has none"
        ),
    };
    let measured = numbers::value(results.measured_s, "s");
    push_lines(&mut out, &format!("{measured} measured, seed {}, {runs}", results.seed), width);
    out.push('\n');
    out
}

fn push_differences(out: &mut String, results: &Results, first: &VariantResults, width: usize) {
    let by_key: BTreeMap<(&str, &str), &Difference> = results
        .differences
        .iter()
        .map(|difference| ((difference.variant.as_str(), difference.metric.as_str()), difference))
        .collect();
    let marked = if results.replications > 1 {
        "; * the interval excludes zero; without ± it is exact, and the same in each replication"
    } else {
        ""
    };
    push_lines(out, &format!("Difference from {}, paired{marked}", first.name), width);
    out.push('\n');
    let others: Vec<_> = results.variants.iter().skip(1).collect();
    let room = DIFFERENCE.min(width - LABEL - GAP);
    for block in others.chunks(per_block(width, DIFFERENCE)) {
        let names: Vec<_> = block.iter().map(|variant| variant.name.as_str()).collect();
        let cell = |column: usize, metric: &str| {
            let grows = [first, block[column]].iter().any(|side| warnings::marks(side, metric));
            by_key
                .get(&(names[column], metric))
                .map(|difference| difference_cell(difference, first, grows, room))
                .unwrap_or_default()
        };
        push_block(out, results, &names, (width, DIFFERENCE), cell);
    }
}

/// `+12.35 ± 0.40 k (+3.1 %) *`: the percentage without its interval, for which there is no room,
/// and not at all where it would not fit in `column` either.
fn difference_cell(
    difference: &Difference,
    first: &VariantResults,
    grows: bool,
    column: usize,
) -> String {
    let Some(base) = first.metrics.get(&difference.metric) else {
        return String::new();
    };
    let star = if numbers::excludes_zero(difference) == Some(true) { " *" } else { "  " };
    let absolute = numbers::difference(difference, base);
    let absolute =
        if grows { marked(&absolute, column.saturating_sub(star.len())) } else { absolute };
    if let Some(percent) = numbers::relative_short(difference, first) {
        let cell = format!("{absolute} ({percent}){star}");
        if columns_of(&cell) <= column {
            return cell;
        }
    }
    absolute + star
}

fn per_block(width: usize, column: usize) -> usize {
    ((width - LABEL) / (column + GAP)).max(1)
}

/// One block: a rule, the names, and the groups' rows that have a value in it.
fn push_block(
    out: &mut String,
    results: &Results,
    names: &[&str],
    (width, column): (usize, usize),
    cell: impl Fn(usize, &str) -> String,
) {
    let column = column.min(width - LABEL - GAP);
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_width(u16::try_from(width).unwrap_or(80));
    let head = names.iter().map(|name| fit(name, column));
    table.add_row([String::new()].into_iter().chain(head));
    for group in GROUPS {
        push_group(&mut table, results, group, names.len(), column, &cell);
    }
    let fixed = |columns: usize| Width::Fixed(u16::try_from(columns).unwrap_or(u16::MAX));
    let constraints = [ColumnConstraint::Absolute(fixed(LABEL))]
        .into_iter()
        .chain(names.iter().map(|_| ColumnConstraint::Absolute(fixed(column + GAP))));
    table.set_constraints(constraints);
    for (index, table_column) in table.column_iter_mut().enumerate() {
        table_column.set_padding((if index == 0 { 0 } else { 2 }, 0));
        if index > 0 {
            table_column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out.push('\n');
}

fn push_group(
    table: &mut Table,
    results: &Results,
    group: &Group,
    columns: usize,
    column_width: usize,
    cell: &impl Fn(usize, &str) -> String,
) {
    let rows: Vec<_> = group
        .lines
        .iter()
        .map(|line| {
            let cells: Vec<_> =
                (0..columns).map(|column| fit(&cell(column, line.metric), column_width)).collect();
            (label_of(results, line), cells)
        })
        .filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()))
        .collect();
    if rows.is_empty() {
        return;
    }
    table.add_row([group.title.to_uppercase()]);
    for (label, cells) in rows {
        table.add_row([label].into_iter().chain(cells));
    }
}

/// The short label, indented where it is that of a part, with the unit where the numbers do not carry it.
fn label_of(results: &Results, line: &Line) -> String {
    let unit = results
        .variants
        .iter()
        .find_map(|variant| variant.metrics.get(line.metric))
        .map_or("", |estimate| numbers::label_unit(&estimate.unit));
    let indent = if line.part { "  " } else { "" };
    let comma = if unit.is_empty() { "" } else { ", " };
    let with_unit = format!("{indent}{}{comma}{unit}", line.label);
    fit_label(&with_unit)
}

fn fit_label(label: &str) -> String {
    if columns_of(label) <= LABEL { label.to_owned() } else { fit(label, LABEL) }
}

fn push_lines(out: &mut String, text: &str, width: usize) {
    for line in wrap(text, width) {
        out.push_str(&line);
        out.push('\n');
    }
}
