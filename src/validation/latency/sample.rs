//! A fair sample of measured rows, small enough for the catalogue: chosen by a hash of what was run, not by what came out.

use super::LatencyRow;
use crate::catalog;
use crate::validation::hash::fnv_1a;
use std::collections::BTreeMap;

/// Of each source, chip, model, degree and band of users the row whose hash is least, in the order of `rows`, which
/// are [`sound`](super::sound). Rows whose chip or model the catalogue lacks are left out.
pub fn sample_of(rows: &[LatencyRow]) -> Vec<LatencyRow> {
    let mut least: BTreeMap<String, (u64, usize)> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| is_known(row)) {
        let found = (fnv_1a(&identity(row)), index);
        least.entry(cell(row)).and_modify(|best| *best = found.min(*best)).or_insert(found);
    }
    let mut kept: Vec<usize> = least.into_values().map(|(_, index)| index).collect();
    kept.sort_unstable();
    kept.into_iter().map(|index| rows[index].clone()).collect()
}

/// What one row is kept of.
fn cell(row: &LatencyRow) -> String {
    let LatencyRow { source, accelerator, model, tensor, expert, .. } = row;
    format!("{source} {accelerator} {model} {tensor} {expert:?} {:?}", row.band())
}

/// What was run.
fn identity(row: &LatencyRow) -> String {
    let LatencyRow { source, date, engine_version, input_tokens, output_tokens, .. } = row;
    let group = row.group();
    format!(
        "{source} {date} {engine_version} {group} {input_tokens} {output_tokens} {:?}",
        row.concurrency
    )
}

/// Whether the catalogue has what the row is of.
fn is_known(row: &LatencyRow) -> bool {
    let chip = catalog::accelerator(&row.accelerator);
    chip.is_some() && row.architecture().is_some() && row.concurrency.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::MeasuredRows;

    #[test]
    fn what_was_measured_does_not_choose() {
        let mut rows = MeasuredRows::sample().rows;
        assert_eq!(sample_of(&rows), rows, "there is one of each");
        for row in &mut rows {
            row.tpot_ms = row.tpot_ms.map(|time| 3.0 * time);
            row.ttft_ms = None;
        }
        assert_eq!(sample_of(&rows), rows);
    }

    #[test]
    fn one_of_each_is_kept_in_any_order() {
        let sample = MeasuredRows::sample().rows;
        let twins = sample.iter().cloned().map(|row| LatencyRow { output_tokens: 7, ..row });
        let mut rows: Vec<_> = sample.iter().cloned().chain(twins).collect();
        let first = sample_of(&rows);
        assert_eq!(first.len(), sample.len());
        rows.reverse();
        let mut second = sample_of(&rows);
        second.reverse();
        let cells = |rows: &[LatencyRow]| {
            let mut cells: Vec<_> = rows.iter().map(|row| (cell(row), row.output_tokens)).collect();
            cells.sort();
            cells
        };
        assert_eq!(cells(&first), cells(&second));
    }
}
