//! `summary.json`: the results themselves.

use crate::experiment::Results;

/// The results as indented JSON in the order of their fields, with a trailing newline.
///
/// The time series are not part of it; see [`timeseries_csv`](super::timeseries_csv).
pub fn summary_json(results: &Results) -> String {
    let mut text = serde_json::to_string_pretty(results)
        .expect("results hold only strings, numbers and maps with string keys");
    text.push('\n');
    text
}
