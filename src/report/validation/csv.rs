//! `validate.csv`: a row per comparison.

use crate::report::csv::{Rows, optional};
use crate::validation::{Latency, Quantity, Validation, Verdict};

/// Columns, of which each kind of row leaves some empty.
const HEAD: [&str; 12] = [
    "kind",
    "group",
    "name",
    "accelerator",
    "model",
    "unit",
    "expected",
    "simulated",
    "ci95",
    "error",
    "held_out",
    "verdict",
];

/// Every comparison, a row each. `kind` is `theory` or `published`, or of measured latencies `tpot`, `ttft` or
/// `tokens_per_s`; `group` the theory, the table or the source; `expected` the exact, published or measured value; `ci95`
/// the half-width of the 95 % interval (theory); `error` the relative error (all others).
pub(crate) fn validation_csv(validation: &Validation) -> String {
    let mut out = Rows::new(HEAD);
    for check in &validation.checks {
        let verdict = match check.verdict {
            Verdict::Agrees => "agrees",
            Verdict::Deviates => "deviates",
        };
        out.row([
            "theory",
            check.section,
            &check.name,
            "",
            "",
            check.unit,
            &check.expected.to_string(),
            &check.simulated.to_string(),
            &optional(check.half_width),
            "",
            "",
            verdict,
        ]);
    }
    for row in &validation.published {
        out.row([
            "published",
            &row.table,
            &row.case,
            &row.accelerator,
            &row.model,
            row.unit,
            &row.published.to_string(),
            &row.simulated.to_string(),
            "",
            &row.error().to_string(),
            if row.held_out { "true" } else { "false" },
            "",
        ]);
    }
    for row in &validation.latency.rows {
        latency(&mut out, row);
    }
    out.finish()
}

/// A row of measured latencies: a row for each quantity that it has.
fn latency(out: &mut Rows, row: &Latency) {
    let quantities = [
        ("tpot", Quantity::Tpot),
        ("ttft", Quantity::Ttft),
        ("tokens_per_s", Quantity::TokensPerS),
    ];
    for (kind, quantity) in quantities {
        let Some(pair) = quantity.of(row) else { continue };
        out.row([
            kind,
            &row.source,
            &format!("{}, {}", row.case, row.engine),
            &row.accelerator,
            &row.model,
            quantity.unit(),
            &pair.measured.to_string(),
            &pair.simulated.to_string(),
            "",
            &pair.error().to_string(),
            if row.held_out { "true" } else { "false" },
            "",
        ]);
    }
}
