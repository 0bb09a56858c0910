//! How far from published measurements, in a few numbers.

use super::rows::Published;
use serde::Serialize;

/// Absolute relative errors of a group of published rows: 0.1 is 10 %.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Accuracy {
    /// The table.
    pub table: String,
    /// The chip; `None` for all of the table.
    pub accelerator: Option<String>,
    /// How many rows.
    pub rows: usize,
    /// Median of all rows.
    pub median: f64,
    /// 90th percentile of all rows.
    pub p90: f64,
    /// Median of the rows that factors may have been fitted to, if there are any.
    pub median_fitted: Option<f64>,
    /// Median of the rows that were left out of the fit, if there are any.
    pub median_held_out: Option<f64>,
}

/// The accuracy of each table by accelerator, in the order of their first rows, and of tables with
/// several accelerators as a whole.
pub fn accuracy(rows: &[Published]) -> Vec<Accuracy> {
    let mut groups = Vec::new();
    for table in distinct(rows.iter().map(|row| row.table.as_str())) {
        let of_table: Vec<&Published> = rows.iter().filter(|row| row.table == table).collect();
        let chips = distinct(of_table.iter().map(|row| row.accelerator.as_str()));
        for &chip in &chips {
            let of_chip = of_table.iter().copied().filter(|row| row.accelerator == chip);
            groups.push(Accuracy::of(table, Some(chip), &of_chip.collect::<Vec<_>>()));
        }
        if chips.len() > 1 {
            groups.push(Accuracy::of(table, None, &of_table));
        }
    }
    groups
}

/// The names in the order in which they first come.
pub(super) fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut kept = Vec::new();
    for name in names {
        if !kept.contains(&name) {
            kept.push(name);
        }
    }
    kept
}

impl Accuracy {
    fn of(table: &str, accelerator: Option<&str>, rows: &[&Published]) -> Self {
        let errors = |keep: &dyn Fn(&Published) -> bool| {
            let kept = rows.iter().filter(|row| keep(row));
            kept.map(|row| row.error().abs()).collect::<Vec<_>>()
        };
        let all = errors(&|_| true);
        Self {
            table: table.to_owned(),
            accelerator: accelerator.map(str::to_owned),
            rows: rows.len(),
            median: quantile(&all, 0.5).expect("a group has rows"),
            p90: quantile(&all, 0.9).expect("a group has rows"),
            median_fitted: quantile(&errors(&|row| !row.held_out), 0.5),
            median_held_out: quantile(&errors(&|row| row.held_out), 0.5),
        }
    }
}

/// Linear between order statistics (Hyndman and Fan 1996, type 7); `None` of nothing.
pub(super) fn quantile(values: &[f64], probability: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = probability * (sorted.len().checked_sub(1)? as f64);
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(low + (high - low) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(accelerator: &str, simulated: f64, held_out: bool) -> Published {
        Published {
            table: "a table".to_owned(),
            accelerator: accelerator.to_owned(),
            model: "a model".to_owned(),
            case: "128/128 TP1".to_owned(),
            published: 100.0,
            simulated,
            unit: "tokens/s",
            held_out,
        }
    }

    #[test]
    fn groups_by_table_and_chip() {
        let rows = [
            row("one", 90.0, false),
            row("two", 101.0, true),
            row("one", 130.0, true),
            row("one", 120.0, false),
        ];
        let found = accuracy(&rows);
        let heads: Vec<_> =
            found.iter().map(|group| (group.accelerator.as_deref(), group.rows)).collect();
        assert_eq!(heads, [(Some("one"), 3), (Some("two"), 1), (None, 4)]);
        let close = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-12;
        assert!(close(Some(found[0].median), 0.2) && close(Some(found[0].p90), 0.28));
        assert!(close(found[0].median_fitted, 0.15) && close(found[0].median_held_out, 0.3));
        assert_eq!(found[1].median_fitted, None);
        assert!(accuracy(&[]).is_empty());
    }

    #[test]
    fn quantiles_are_linear_between_values() {
        assert_eq!(quantile(&[3.0, 1.0, 2.0, 4.0], 0.5), Some(2.5));
        assert_eq!(quantile(&[5.0], 0.9), Some(5.0));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
