//! `validate.csv`: a row per comparison.

use crate::report::csv::{Rows, optional};
use crate::validation::{Validation, Verdict};

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

/// Every comparison, a row each. `kind` is `theory` or `published`; `group` the theory or the
/// table; `expected` the exact or the published value; `ci95` the half-width of the 95 % interval
/// (theory); `error` the relative error (published).
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
    out.finish()
}
