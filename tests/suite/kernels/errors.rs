//! How far laws are from the tables.

use super::rows::Row;
use coopsim::catalog::{ErrorSpread, Fitted, KernelErrors, KernelTable, Library};
use std::collections::BTreeMap;

/// Times below are not judged, microseconds: clocks tick in steps of up to two.
const LEAST: f64 = 5.0;

/// A row and what its law says.
pub struct Judged {
    key: (KernelTable, &'static str, Library),
    held_out: bool,
    left_out: bool,
    off: f64,
}

/// Relative distance of what the law of a row says.
pub fn judge<S>(table: KernelTable, row: &Row<S>, micros: f64) -> Option<Judged> {
    (row.micros > LEAST).then(|| Judged {
        key: (table, row.system.accelerator, row.library),
        held_out: row.held_out,
        left_out: row.left_out.is_some(),
        off: (micros / row.micros - 1.0).abs(),
    })
}

/// Spreads by table, chip and library.
pub fn summary(rows: Vec<Judged>) -> Vec<KernelErrors> {
    let mut groups = BTreeMap::<_, [Vec<f64>; 3]>::new();
    for row in rows {
        let part = if row.left_out { 2 } else { usize::from(row.held_out) };
        groups.entry(row.key).or_default()[part].push(row.off);
    }
    let errors =
        |((table, accelerator, library), [fitted, held_out, left_out]): (_, [Vec<f64>; 3])| {
            KernelErrors {
                table,
                accelerator: String::from(accelerator),
                library,
                fitted: spread(fitted),
                held_out: spread(held_out),
                left_out: left_out.len(),
            }
        };
    groups.into_iter().map(errors).collect()
}

fn spread(mut errors: Vec<f64>) -> ErrorSpread {
    errors.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = (errors.len() as f64 * share) as usize;
        (errors.get(place).copied().unwrap_or(f64::NAN) * 1000.0).round() / 10.0
    };
    ErrorSpread { median: at(0.5), p90: at(0.9), rows: errors.len() }
}

/// The constants of a row's law.
pub fn law<'a, K: PartialEq, L, S>(
    laws: &'a [Fitted<K, L>],
    row: &Row<S>,
    of: &K,
) -> &'a Fitted<K, L> {
    let found = laws
        .iter()
        .find(|law| law.class == row.system.class && law.library == row.library && law.of == *of);
    found.unwrap_or_else(|| panic!("no constants for {:?} {:?}", row.system.class, row.library))
}
