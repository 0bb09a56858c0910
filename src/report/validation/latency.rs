//! Errors of latencies in a terminal: a table for each quantity, a line for each group.

use super::table::{WIDTH, push_line, push_wrapped};
use crate::report::text::fit;
use crate::validation::{Latencies, LatencyAccuracy, Quantity, Spread, latency_accuracy};

/// Columns of a group's name.
const LABEL: usize = 24;
/// Columns of how many rows, and of each error in per cent.
const COLUMNS: [usize; 4] = [7, 7, 7, 7];

/// What the rows are, then their errors.
pub(super) fn push_latency(out: &mut String, latency: &Latencies) {
    let Latencies { origin, not_simulated, rows } = latency;
    out.push('\n');
    push_wrapped(
        out,
        &format!(
            "Measured latencies: {} rows of {origin} are compared, {not_simulated} cannot be simulated. In \
             per cent: the median of absolute errors, their 90th percentile, and the median with its sign.",
            rows.len()
        ),
    );
    let groups = latency_accuracy(rows);
    for quantity in Quantity::ALL {
        let of_quantity: Vec<_> = groups.iter().filter(|of| of.quantity == quantity).collect();
        if !of_quantity.is_empty() {
            out.push('\n');
            push_quantity(out, quantity, &of_quantity);
        }
    }
}

fn push_quantity(out: &mut String, quantity: Quantity, groups: &[&LatencyAccuracy]) {
    let title = fit(&format!("ERRORS IN %: {}", quantity.label()), WIDTH);
    out.push_str(&format!("{title}\n"));
    let half: usize = COLUMNS.iter().sum();
    push_line(out, ("", LABEL), &[("fitted", half), ("left out of fits", half)]);
    let head = ["rows", "median", "90th", "sign"].map(str::to_owned);
    push_cells(out, "", &[head.clone(), head]);
    for group in groups {
        push_cells(out, &name(group), &[cells(group.fitted), cells(group.left_out)]);
    }
}

/// A group as its line calls it.
pub(super) fn name(group: &LatencyAccuracy) -> String {
    match group.by {
        "all" => "all".to_owned(),
        "model" => group.group.clone(),
        "users" => format!("{} users", group.group),
        by => format!("{by} {}", group.group),
    }
}

/// Rows, median, 90th percentile and median with its sign, the errors in per cent.
pub(super) fn cells(spread: Option<Spread>) -> [String; 4] {
    let Some(Spread { rows, median, p90, bias }) = spread else {
        return ["–", "", "", ""].map(str::to_owned);
    };
    let size = |error: f64| format!("{:.1}", 100.0 * error);
    let signed = format!("{:+.1}", 100.0 * bias).replace('-', "−");
    [rows.to_string(), size(median), size(p90), signed]
}

fn push_cells(out: &mut String, label: &str, halves: &[[String; 4]; 2]) {
    let columns: Vec<(&str, usize)> =
        halves.iter().flat_map(|half| half.iter().map(String::as_str).zip(COLUMNS)).collect();
    push_line(out, (label, LABEL), &columns);
}
