//! The tables of the page: a line for each value of the parameter, a table for each curve.

use super::headlines;
use crate::experiment::{Estimate, Results};
use crate::report::numbers;
use crate::report::text::clean;
use crate::report::warnings;

/// A curve as a table.
pub(in crate::report) struct CurveTable {
    /// The curve's name, empty where there is one.
    pub(in crate::report) name: String,
    /// What the parameter is called.
    pub(in crate::report) axis: String,
    /// The metrics: public name, label, unit.
    pub(in crate::report) columns: Vec<(&'static str, &'static str, String)>,
    /// A value of the parameter, its means with their half-widths, and whether each depends on the horizon.
    pub(in crate::report) rows: Vec<(String, Vec<(String, bool)>)>,
}

/// The curves of results; none where variants lie along nothing.
pub(in crate::report) fn curve_pages(results: &Results) -> Vec<CurveTable> {
    let Some((axis, _)) = results.along() else { return Vec::new() };
    let shown = headlines(results);
    let first = |metric: &str| -> Option<&Estimate> {
        results.variants.iter().find_map(|variant| variant.metrics.get(metric))
    };
    let unit = |metric: &str| first(metric).map_or("", |one| numbers::label_unit(&one.unit));
    let columns: Vec<_> =
        shown.iter().map(|one| (one.metric, one.title, clean(unit(one.metric)))).collect();
    let curves = results.curves().into_iter();
    let tables = curves.map(|(name, variants)| {
        let rows = axis.values.iter().zip(variants).map(|(value, variant)| {
            let cell = |metric: &str| {
                let estimate = variant.metrics.get(metric);
                let text = estimate.map_or_else(|| "–".to_owned(), numbers::estimate);
                (text, warnings::marks(variant, metric))
            };
            (clean(value), shown.iter().map(|one| cell(one.metric)).collect())
        });
        let rows = rows.collect();
        CurveTable { name: clean(&name), axis: clean(&axis.name), columns: columns.clone(), rows }
    });
    tables.collect()
}
