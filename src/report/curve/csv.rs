//! `curve.csv`: every estimate along a parameter.

use crate::experiment::{Along, Axis, Metrics, Results};
use crate::report::cell::cell;
use crate::report::csv::{optional, scopes};

/// Columns behind those of the axis.
const HEAD: [&str; 8] = ["curve", "scope", "name", "metric", "unit", "mean", "ci95", "n"];

/// Every estimate, a row each: where it lies along the axis, which curve (empty where there is one), scope, name of the
/// scoped entity (empty for `all`), metric, unit, mean, half-width of the 95 % interval (empty for one replication),
/// replications. None of results that lie along nothing.
///
/// The first column is called as the axis is, and has the names of its values; where these are not the values
/// themselves, columns follow with what stands at each path.
pub(in crate::report) fn curve_csv(results: &Results) -> Option<String> {
    let (axis, along) = results.along()?;
    let paths = paths(axis, along);
    let mut out = ::csv::Writer::from_writer(Vec::new());
    let mut row = |fields: Vec<&str>| {
        out.write_record(fields.into_iter().map(|field| cell(field).into_owned()))
            .expect("writing to memory, rows of equal length");
    };
    let beside = paths.iter().map(|(path, _)| *path);
    let is_there = paths.iter().any(|(path, _)| *path == axis.name);
    let first = if is_there { "level" } else { &*axis.name };
    row([first].into_iter().chain(beside).chain(HEAD).collect());
    for (curve, variants) in results.curves() {
        for (level, variant) in variants.iter().enumerate() {
            let place: Vec<&str> = [&*axis.values[level]]
                .into_iter()
                .chain(paths.iter().map(|(_, values)| &*values[level]))
                .collect();
            let mut write = |scope: &str, name: &str, metrics: &Metrics| {
                for (metric, estimate) in metrics {
                    let (mean, ci95) = (estimate.mean.to_string(), optional(estimate.ci95));
                    let n = estimate.n.to_string();
                    let unit = &*estimate.unit;
                    let rest = [&*curve, scope, name, metric, unit, &mean, &ci95, &n];
                    row(place.iter().copied().chain(rest).collect());
                }
            };
            write("all", "", &variant.metrics);
            for (scope, by_name) in scopes(variant) {
                by_name.iter().for_each(|(name, metrics)| write(scope, name, metrics));
            }
        }
    }
    let bytes = out.into_inner().expect("writing to memory");
    Some(String::from_utf8(bytes).expect("made of strings"))
}

/// Paths that need a column of their own, with their values.
fn paths<'a>(axis: &Axis, along: &'a Along) -> Vec<(&'a str, &'a [String])> {
    let same = |values: &[String]| values == axis.values;
    let own = along.paths.iter().filter(|path| along.paths.len() > 1 || !same(&path.values));
    own.map(|path| (&*path.path, &*path.values)).collect()
}
