//! Why a variant differs: what the differences are made of, in sentences and tables.

use super::attributed::{attribution, by_entity, responsible, sum};
use super::numbers;
use super::text::{clean, fit};
use crate::experiment::{Attribution, Part, Results, VariantResults};

/// What is told of, in words, and by what kind of entity.
const METRICS: [(&str, &str, &[&str]); 4] = [
    ("revenue.total_usd", "Revenue", &["model", "tenant"]),
    ("cost.total_usd", "Cost", &["cluster"]),
    ("latency.wait_s.mean", "Mean wait", &["model", "tenant"]),
    ("throughput.goodput_requests_per_s", "Goodput", &["model", "tenant"]),
];

/// A percentile is nobody's sum: beside the parts of the mean, each entity's own.
const BESIDE: [(&str, &str); 1] = [("latency.wait_s.mean", "latency.wait_s.p99")];

/// Entities in a table; the rest are added up.
const ROWS_MAX: usize = 12;
const NAME_COLUMNS: usize = 48;

/// The words of the parts.
const PARTS: [(&str, &str); 9] = [
    ("volume", "volume"),
    ("mix", "mix"),
    ("held", "held"),
    ("price", "price"),
    ("terms", "terms"),
    ("capital", "capital"),
    ("energy", "energy"),
    ("own", "own wait"),
    ("attained", "in time"),
];

/// A variant's differences from the first.
pub(super) struct Why {
    pub(super) variant: String,
    pub(super) sentences: Vec<String>,
    pub(super) tables: Vec<Table>,
}

/// A metric's parts by entity.
pub(super) struct Table {
    pub(super) title: String,
    pub(super) entity: &'static str,
    pub(super) columns: Vec<String>,
    /// An entity's name and its cells.
    pub(super) rows: Vec<(String, Vec<String>)>,
}

/// What there is to say of each variant but the first.
pub(super) fn why(results: &Results) -> Vec<Why> {
    let of_variant = |(index, other): (usize, &VariantResults)| {
        let first = results.baseline(index);
        let sentences = METRICS.iter().filter_map(|(metric, label, by)| {
            sentence(results, first, other, metric, label, by[0])
        });
        let tables = METRICS.iter().flat_map(|(metric, label, by)| {
            by.iter().filter_map(|by| table(results, first, other, metric, label, by))
        });
        Why {
            variant: fit(&other.name, NAME_COLUMNS),
            sentences: sentences.collect(),
            tables: tables.collect(),
        }
    };
    results
        .variants
        .iter()
        .enumerate()
        .map(of_variant)
        .filter(|why| !why.sentences.is_empty())
        .collect()
}

/// “Revenue −171 ± 47 USD: mix −150 ± 40, volume −21 ± 7; most by cirrus-405b (−120).”
fn sentence(
    results: &Results,
    first: &VariantResults,
    other: &VariantResults,
    metric: &str,
    label: &str,
    by: &str,
) -> Option<String> {
    let unit = &other.metrics.get(metric)?.unit;
    let mut differences = results.differences.iter();
    let difference = differences.find(|d| d.metric == metric && d.variant == other.name)?;
    let parts = attribution(results, &other.name, metric, "all")?;
    let whole = numbers::difference(difference, first.metrics.get(metric)?);
    // Parts are told where they are something beside what changes.
    let size = size(metric, first, other);
    let told = |part: &Part| {
        let amount = numbers::part(part.mean, part.ci95, size, unit);
        amount.map(|amount| format!("{} {amount}", word(&part.part)))
    };
    let parts: Vec<_> = parts.parts.iter().filter_map(told).collect();
    if parts.is_empty() {
        return None;
    }
    let most = attribution(results, &other.name, metric, by)
        .and_then(|entities| responsible(entities, difference.mean))
        .map_or_else(String::new, |(names, contribution)| {
            let contribution = numbers::signed(contribution, None, unit);
            let first = fit(names[0], NAME_COLUMNS);
            match names.len() {
                1 => format!("; most by {first} ({contribution})"),
                many => format!("; most by {many} alike, such as {first} ({contribution} each)"),
            }
        });
    let label_unit = numbers::label_unit(unit);
    let space = if label_unit.is_empty() { "" } else { " " };
    Some(format!("{label} {whole}{space}{label_unit}: {}{most}.", parts.join(", ")))
}

fn table(
    results: &Results,
    first: &VariantResults,
    other: &VariantResults,
    metric: &str,
    label: &str,
    by: &'static str,
) -> Option<Table> {
    let unit = &other.metrics.get(metric)?.unit;
    let attribution = attribution(results, &other.name, metric, by)?;
    let parts = parts_used(attribution);
    let size = size(metric, first, other);
    let mut entities = by_entity(attribution);
    entities.sort_by(|a, b| sum(&b.1).abs().total_cmp(&sum(&a.1).abs()));
    let beside = BESIDE.iter().find(|(of, _)| *of == metric).map(|(_, percentile)| *percentile);
    let mut columns = vec!["total".to_owned()];
    columns.extend(parts.iter().map(|part| word(part).to_owned()));
    columns.extend(beside.map(|_| "its p99".to_owned()));
    let row = |(name, found): &(&str, Vec<&Part>)| {
        let mut cells = vec![numbers::signed(sum(found), None, unit)];
        cells.extend(parts.iter().map(|part| cell(found, part, size, unit)));
        cells.extend(beside.map(|percentile| from_to(first, other, by, name, percentile)));
        (fit(name, NAME_COLUMNS), cells)
    };
    let (shown, rest) = entities.split_at(entities.len().min(ROWS_MAX));
    let mut rows: Vec<_> = shown.iter().map(row).collect();
    if !rest.is_empty() {
        let all: Vec<&Part> = rest.iter().flat_map(|(_, parts)| parts.iter().copied()).collect();
        let mut cells = vec![numbers::signed(sum(&all), None, unit)];
        cells.resize(columns.len(), String::new());
        rows.push((format!("{} others", rest.len()), cells));
    }
    let label_unit = numbers::label_unit(unit);
    let comma = if label_unit.is_empty() { "" } else { ", " };
    let title = format!("{label}{comma}{} by {by}", clean(label_unit));
    Some(Table { title, entity: by, columns, rows })
}

/// The parts that some entity has, in the order of the words.
fn parts_used(attribution: &Attribution) -> Vec<&'static str> {
    let used = |part: &&str| attribution.parts.iter().any(|each| each.part == **part);
    PARTS.iter().map(|(part, _)| *part).filter(used).collect()
}

fn cell(found: &[&Part], part: &str, size: f64, unit: &str) -> String {
    let Some(found) = found.iter().find(|each| each.part == part) else { return String::new() };
    numbers::part(found.mean, found.ci95, size, unit)
        .unwrap_or_else(|| numbers::NEARLY_NOTHING.into())
}

/// The larger of a metric's values on both sides: what its parts are told beside.
fn size(metric: &str, first: &VariantResults, other: &VariantResults) -> f64 {
    let sides = [first, other].into_iter().filter_map(|side| side.metrics.get(metric));
    sides.map(|side| side.mean.abs()).fold(0.0, f64::max)
}

/// An entity's own value in the first variant and in the other.
fn from_to(
    first: &VariantResults,
    other: &VariantResults,
    by: &str,
    name: &str,
    metric: &str,
) -> String {
    let of = |variant: &VariantResults| {
        let scope = if by == "tenant" { &variant.by_tenant } else { &variant.by_model };
        let estimate = scope.get(name).and_then(|metrics| metrics.get(metric));
        estimate.map_or_else(|| "–".to_owned(), |e| numbers::value(e.mean, &e.unit))
    };
    format!("{} → {}", of(first), of(other))
}

fn word(part: &str) -> &str {
    PARTS.iter().find(|(known, _)| *known == part).map_or("other", |(_, word)| word)
}
