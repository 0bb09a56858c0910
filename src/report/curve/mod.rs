//! What is told of results that lie along a parameter: the metrics in front, a table, and sentences.

pub(super) mod csv;
pub(super) mod findings;
pub(super) mod page;
pub(super) mod table;
#[cfg(test)]
mod tests;

use crate::experiment::{Results, VariantResults};

/// A metric that stands in the table and has a picture.
pub(super) struct Headline {
    /// Public name.
    pub(super) metric: &'static str,
    /// Two lines at the head of a column.
    pub(super) head: [&'static str; 2],
    /// Above a picture.
    pub(super) title: &'static str,
}

const fn headline(metric: &'static str, head: [&'static str; 2], title: &'static str) -> Headline {
    Headline { metric, head, title }
}

/// What is shown along a parameter, where results have it.
pub(super) const HEADLINES: &[Headline] = &[
    headline("accelerators.held", ["Accel.", "held"], "Accelerators held"),
    headline("latency.ttft_s.p99", ["TTFT", "p99"], "Time to first token, p99"),
    headline("utilisation.load", ["Load", ""], "Load of what is held"),
    headline("revenue.total_usd", ["Revenue", ""], "Revenue"),
    headline("margin.operating_usd", ["Margin", ""], "Operating margin"),
    headline(
        "revenue.per_held_hour_usd",
        ["Revenue", "/held h"],
        "Revenue per held accelerator-hour",
    ),
    headline("margin.per_held_hour_usd", ["Margin", "/held h"], "Margin per held accelerator-hour"),
];

/// Whether results lie along a parameter.
pub(super) fn is_curve(results: &Results) -> bool {
    results.along().is_some()
}

/// Those headlines of which some variant has a mean.
pub(super) fn headlines(results: &Results) -> Vec<&'static Headline> {
    let has = |variant: &VariantResults, metric: &str| variant.metrics.contains_key(metric);
    let any = |one: &&Headline| results.variants.iter().any(|variant| has(variant, one.metric));
    HEADLINES.iter().filter(any).collect()
}
