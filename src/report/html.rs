//! `report.html`: one self-contained page. This file says what is on it; the template, how it looks.

use std::collections::BTreeMap;
use std::ops::Range;

use askama::Template;

use super::chart::{self, Chart};
use super::csv::scopes;
use super::curve::is_curve;
use super::curve::page::{CurveTable, curve_pages};
use super::findings::{Finding, findings};
use super::layout::{BREAKDOWN, GROUPS, Line};
use super::numbers;
use super::payoff;
use super::text::{clean, fit};
use super::warnings;
use super::why::{Why, why};
use crate::experiment::{Difference, Estimate, Metrics, Results, VariantResults};
use crate::metrics::{definition, definitions};

/// What a scenario may state and nothing follows from beyond what is said here.
const LIMITS: [(&str, &str); 3] = [
    (
        "Shares are fixed.",
        "Which model a call goes to is drawn from given shares (or read from a trace): no price, wait or failure moves demand from \
         one model to another, or away.",
    ),
    (
        "Prices move nothing.",
        "They turn use into revenue and cost, and that is all: no customer calls less, no vendor leaves, and no replica is \
         placed for a price.",
    ),
    (
        "Regions have no effect.",
        "They are names of groups of clusters: there is no distance, no law and no failure in them, and a call may go to any \
         replica of its model.",
    ),
];

/// What the template fills in. It escapes every text; only `svg` and `style` are inserted as they
/// are, and both are made here.
#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    style: &'static str,
    scenario: String,
    /// Which model cannot serve what it is asked for.
    alarm: Option<String>,
    description: String,
    findings: Vec<Finding>,
    /// How long, how often, what ± means.
    basis: String,
    /// The first variant's name, when there are differences.
    baseline: Option<String>,
    /// Whether a queue grows in some variant.
    unstable: bool,
    variants: Vec<String>,
    sides: Vec<Side>,
    /// What lies along a parameter, in the place of variants side by side.
    curves: Vec<CurveTable>,
    /// What strategies pay in worlds, if the variants are that.
    payoffs: Vec<payoff::PageTable>,
    why: Vec<Why>,
    charts: Vec<Figure>,
    breakdowns: Vec<Breakdown>,
    full: Vec<Row>,
    definitions: Vec<Term>,
    /// What no number here reacts to.
    limits: [(&'static str, &'static str); 3],
    not_modelled: Vec<Term>,
    notes: Vec<String>,
    provenance: Vec<(&'static str, String)>,
    reproduce: String,
}

/// Variants that are compared with each other.
struct Side {
    /// What they have in common; empty where it is everything.
    title: String,
    variants: Vec<String>,
    groups: Vec<Section>,
}

/// Rows under a heading.
struct Section {
    title: &'static str,
    rows: Vec<Row>,
}

/// A metric and its values.
struct Row {
    metric: Name,
    /// Whether it is a part of the row above.
    part: bool,
    cells: Vec<Cell>,
}

/// A metric's name with what explains it.
struct Name {
    label: String,
    unit: String,
    /// Public name, and the anchor of its definition.
    name: String,
    definition: String,
}

/// An estimate, and its difference from the first variant.
struct Cell {
    estimate: String,
    /// Whether it depends on the horizon, since a queue grows.
    grows: bool,
    /// For a pointer that rests on it.
    title: String,
    difference: Option<Delta>,
}

/// A paired difference.
struct Delta {
    absolute: String,
    /// Whether it depends on the horizon.
    grows: bool,
    relative: String,
    excludes_zero: bool,
}

/// A chart on the page.
struct Figure {
    svg: String,
    alt: String,
    caption: &'static str,
    file: String,
}

/// A table of one scope: a line per entity and variant.
struct Breakdown {
    title: &'static str,
    scope: &'static str,
    columns: Vec<Name>,
    entities: Vec<Entity>,
}

/// An entity's lines.
struct Entity {
    name: String,
    lines: Vec<(String, Vec<Cell>)>,
}

/// A metric's definition.
struct Term {
    name: String,
    unit: String,
    text: String,
}

/// What a reader must know, warnings first.
fn notes(results: &Results) -> Vec<String> {
    let warnings = warnings::all(results).into_iter().map(|text| format!("Warning: {text}"));
    warnings.chain(results.notes.iter().cloned()).map(|note| clean(&note)).collect()
}

/// The page.
pub(super) fn page(results: &Results, charts: &[Chart]) -> String {
    let page = Page {
        style: include_str!("templates/style.css"),
        scenario: clean(&results.scenario),
        alarm: warnings::alarm(results).map(|alarm| clean(&alarm)),
        description: clean(&results.description),
        findings: findings(results),
        basis: basis(results),
        baseline: results
            .variants
            .first()
            .filter(|_| !results.differences.is_empty())
            .map(|first| fit(baseline(results, first), 48)),
        unstable: results.variants.iter().any(warnings::is_unstable),
        variants: results.variants.iter().map(|variant| clean(&variant.name)).collect(),
        sides: unless_curve(results, sides),
        curves: curve_pages(results),
        payoffs: payoff::page_tables(results),
        why: unless_curve(results, why),
        charts: charts.iter().map(figure).collect(),
        breakdowns: unless_curve(results, breakdowns),
        full: unless_curve(results, full),
        definitions: used_definitions(results),
        limits: LIMITS,
        not_modelled: results.not_modelled.iter().map(|name| term(name, "")).collect(),
        notes: notes(results),
        provenance: provenance(results),
        reproduce: reproduce(results),
    };
    let mut html = page.render().expect("the template only formats strings");
    html.push('\n');
    html
}

/// What the first of those that are compared is called.
fn baseline<'a>(results: &'a Results, first: &'a VariantResults) -> &'a str {
    let strategy = results.payoffs.first().and_then(|payoff| payoff.strategies.first());
    strategy.map_or(&first.name, |strategy| &strategy.name)
}

/// What shows each variant by itself, which says nothing of so many.
fn unless_curve<T>(results: &Results, show: fn(&Results) -> Vec<T>) -> Vec<T> {
    if is_curve(results) { Vec::new() } else { show(results) }
}

fn basis(results: &Results) -> String {
    let measured = numbers::value(results.measured_s, "s");
    match results.replications {
        1 => format!("{measured} measured in 1 replication: no intervals."),
        n => format!(
            "{measured} measured in each of {n} replications; ± is the half-width of the 95 % \
             Student-t interval over replications. A number without ± is the same in all of \
             them, as what is planned is."
        ),
    }
}

fn figure(Chart { file, drawing }: &Chart) -> Figure {
    Figure {
        svg: chart::svg(&drawing.picture),
        alt: drawing.alt.clone(),
        caption: drawing.caption,
        file: file.clone(),
    }
}

type Differences<'a> = BTreeMap<(&'a str, &'a str), &'a Difference>;

fn by_variant_and_metric(results: &Results) -> Differences<'_> {
    results.differences.iter().map(|d| ((d.variant.as_str(), d.metric.as_str()), d)).collect()
}

fn sides(results: &Results) -> Vec<Side> {
    let (all, compared) = (results.variants.len(), results.compared());
    let side = |start: usize| {
        let variants = start..(start + compared).min(all);
        Side {
            title: clean(&results.values_at(start).join(", ")),
            variants: results.variants[variants.clone()].iter().map(|v| clean(&v.name)).collect(),
            groups: groups(results, &variants),
        }
    };
    (0..all.max(1)).step_by(compared).map(side).collect()
}

fn groups(results: &Results, variants: &Range<usize>) -> Vec<Section> {
    let differences = by_variant_and_metric(results);
    GROUPS
        .iter()
        .map(|group| Section {
            title: group.title,
            rows: group
                .lines
                .iter()
                .filter_map(|line| {
                    let row = row(results, variants, &differences, line.metric, line.label)?;
                    Some(Row { part: line.part, ..row })
                })
                .collect(),
        })
        .filter(|section| !section.rows.is_empty())
        .collect()
}

/// All metrics of the whole cloud under their public names.
fn full(results: &Results) -> Vec<Row> {
    let differences = by_variant_and_metric(results);
    metric_names(results)
        .into_iter()
        .filter_map(|metric| {
            row(results, &(0..results.variants.len()), &differences, metric, metric)
        })
        .collect()
}

/// The metrics of the whole cloud in any variant, defined ones in their order first.
fn metric_names(results: &Results) -> Vec<&str> {
    let has = |metric: &str| results.variants.iter().any(|v| v.metrics.contains_key(metric));
    let mut names: Vec<&str> =
        definitions().iter().map(|definition| definition.name).filter(|name| has(name)).collect();
    for name in results.variants.iter().flat_map(|variant| variant.metrics.keys()) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names
}

/// A metric by itself; none where no variant has it.
fn row(
    results: &Results,
    variants: &Range<usize>,
    differences: &Differences,
    metric: &str,
    label: &str,
) -> Option<Row> {
    let estimate = |variant: usize| results.variants[variant].metrics.get(metric);
    let unit = &variants.clone().find_map(estimate)?.unit;
    let cell = |index: usize| {
        let variant = &results.variants[index];
        Cell {
            difference: delta(differences, variant, results.baseline(index), metric),
            ..cell(estimate(index), warnings::marks(variant, metric))
        }
    };
    let cells = variants.clone().map(cell).collect();
    Some(Row { metric: name(metric, label, unit), part: false, cells })
}

fn name(metric: &str, label: &str, unit: &str) -> Name {
    Name {
        label: label.to_owned(),
        unit: clean(numbers::label_unit(unit)),
        name: metric.to_owned(),
        definition: definition(metric).map_or_else(String::new, |found| found.text.to_owned()),
    }
}

fn cell(estimate: Option<&Estimate>, grows: bool) -> Cell {
    let Some(estimate) = estimate else {
        let (estimate, title) = ("–".into(), "not defined here".into());
        return Cell { estimate, grows: false, title, difference: None };
    };
    let half_width = estimate.ci95.filter(|ci95| *ci95 != 0.0);
    let half_width =
        half_width.map_or_else(String::new, |ci95| format!(" ± {}", numbers::exact(ci95)));
    let mean = numbers::exact(estimate.mean);
    let title = format!("{mean}{half_width} {}, n = {}", clean(&estimate.unit), estimate.n);
    Cell { estimate: numbers::estimate(estimate), grows, title, difference: None }
}

fn delta(
    differences: &Differences,
    variant: &VariantResults,
    first: &VariantResults,
    metric: &str,
) -> Option<Delta> {
    let difference = differences.get(&(variant.name.as_str(), metric))?;
    let base = first.metrics.get(metric)?;
    Some(Delta {
        absolute: numbers::difference(difference, base),
        grows: warnings::marks(first, metric) || warnings::marks(variant, metric),
        relative: numbers::relative(difference, first).unwrap_or_default(),
        excludes_zero: numbers::excludes_zero(difference) == Some(true),
    })
}

fn breakdowns(results: &Results) -> Vec<Breakdown> {
    let titles = ["By model", "By tenant", "By cluster", "By application"];
    titles
        .into_iter()
        .enumerate()
        .filter_map(|(scope, title)| breakdown(results, scope, title))
        .collect()
}

/// None where the scope has no entity.
fn breakdown(results: &Results, scope: usize, title: &'static str) -> Option<Breakdown> {
    let per_variant: Vec<_> =
        results.variants.iter().map(|variant| (variant, scopes(variant)[scope])).collect();
    let mut entities: Vec<&str> = Vec::new();
    for name in per_variant.iter().flat_map(|(_, (_, by_name))| by_name.keys()) {
        if !entities.contains(&name.as_str()) {
            entities.push(name);
        }
    }
    let (scope, _) = per_variant.first()?.1;
    let all = || per_variant.iter().flat_map(|(_, (_, by_name))| by_name.values());
    let columns: Vec<(&str, Name)> = BREAKDOWN
        .iter()
        .filter_map(|&Line { metric, label, .. }| {
            let estimate = all().find_map(|metrics| metrics.get(metric))?;
            Some((metric, name(metric, label, &estimate.unit)))
        })
        .collect();
    let line = |variant: &VariantResults, entity: &str, metrics: Option<&Metrics>| {
        let grows = |metric: &str| warnings::marks_entity(variant, scope, entity, metric);
        let of = |metric: &str| cell(metrics.and_then(|m| m.get(metric)), grows(metric));
        columns.iter().map(|(metric, _)| of(metric)).collect()
    };
    let entities: Vec<_> = entities
        .into_iter()
        .map(|entity| Entity {
            name: clean(entity),
            lines: per_variant
                .iter()
                .map(|(variant, (_, by_name))| {
                    (clean(&variant.name), line(variant, entity, by_name.get(entity)))
                })
                .collect(),
        })
        .collect();
    let columns = columns.into_iter().map(|(_, name)| name).collect();
    (!entities.is_empty()).then_some(Breakdown { title, scope, columns, entities })
}

/// Definitions of the metrics on the page.
fn used_definitions(results: &Results) -> Vec<Term> {
    metric_names(results)
        .into_iter()
        .filter_map(|name| Some(term(name, definition(name)?.unit)))
        .collect()
}

fn term(name: &str, unit: &str) -> Term {
    let text = definition(name).map_or("", |found| found.text);
    Term { name: clean(name), unit: unit.to_owned(), text: text.to_owned() }
}

fn provenance(results: &Results) -> Vec<(&'static str, String)> {
    vec![
        ("Scenario", clean(&results.scenario)),
        ("SHA-256 of the resolved scenario", clean(&results.scenario_sha256)),
        ("Seed", results.seed.to_string()),
        ("Replications per variant", results.replications.to_string()),
        ("Measured per replication", format!("{} s", numbers::exact(results.measured_s))),
        ("coopsim", clean(&results.version)),
        ("Format", clean(&results.schema)),
    ]
}

fn reproduce(results: &Results) -> String {
    let command = if results.differences.is_empty() { "run" } else { "compare" };
    format!(
        "coopsim {command} scenario.yaml --seed {} --replications {}",
        results.seed, results.replications
    )
}
