//! What was turned away, and what came too late.

use super::{join, missed, quoted, unbroken};
use crate::experiment::service::{self, ATTAINED_MIN};
use crate::experiment::{Metrics, Results, VariantResults};
use crate::report::numbers;
use crate::report::text::fit;

/// More variants than this are counted, and only the worst is named.
pub(super) const NAMED_MAX: usize = 3;

/// A variant, and the part of its calls of which a warning speaks.
pub(super) type Part<'a> = (&'a VariantResults, f64);

/// Sentences over all variants, what was turned away first.
pub(in crate::report) fn warnings(results: &Results) -> Vec<String> {
    let found = |part: &dyn Fn(&VariantResults) -> Option<f64>| -> Vec<Part> {
        results.variants.iter().filter_map(|variant| Some((variant, part(variant)?))).collect()
    };
    let rejected = found(&turned_away);
    let mut late = found(&|variant| attained(variant, results.measured_s));
    late.retain(|(_, part)| *part < ATTAINED_MIN);
    let most = rejected.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
    let least = late.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1));
    let rejected = most.map(|worst| {
        let parts = parts(&rejected, worst, "requests.rejected");
        format!("Turned away: {parts}.")
    });
    let late = least.map(|worst| {
        let parts = parts(&late, worst, "");
        let text =
            format!("Fewer than 99 % of the calls that have an objective (`slo`) met it: {parts}.");
        text + &missed::reasons(&late, worst)
    });
    rejected.into_iter().chain(late).collect()
}

/// Whether nothing that a variant did was of use: no call inside its objective, or where there is
/// none, no call served at all.
pub(super) fn useless(variant: &VariantResults) -> bool {
    let mean = |metric: &str| variant.metrics.get(metric).map(|estimate| estimate.mean);
    let served = mean("throughput.goodput_requests_per_s").or_else(|| mean("requests.completed"));
    served == Some(0.0) && mean("requests.arrived").is_some_and(|arrived| arrived > 0.0)
}

/// The part of a variant's calls that was turned away, if it is any to speak of.
pub(super) fn turned_away(variant: &VariantResults) -> Option<f64> {
    let rejected = variant.metrics.get("requests.rejected")?.mean;
    let arrived = variant.metrics.get("requests.arrived")?.mean;
    service::turned_away(arrived, rejected)
}

/// The part of the calls with an objective that was inside it, among those of the applications
/// that have one.
fn attained(variant: &VariantResults, measured_s: f64) -> Option<f64> {
    const GOODPUT: &str = "throughput.goodput_requests_per_s";
    let arrived_of = |metrics: &Metrics| Some(metrics.get("requests.arrived")?.mean);
    let inside_per_s = variant.metrics.get(GOODPUT)?.mean;
    let applications = variant.by_application.values();
    let with_objective = applications.filter(|metrics| metrics.contains_key(GOODPUT));
    let arrived = if with_objective.clone().count() == variant.by_application.len() {
        arrived_of(&variant.metrics)?
    } else {
        with_objective.filter_map(arrived_of).sum()
    };
    service::attained(inside_per_s, measured_s, arrived)
}

/// “3.1 % in “split”, mostly of “atlas-70b”, and none in “other””
fn parts(found: &[Part], worst: Part, of: &str) -> String {
    let one = |(variant, part): &Part| {
        let amount = match *part {
            0.0 => "none".to_owned(),
            part => unbroken(&numbers::value(part, "fraction")),
        };
        let model = mostly(variant, of).map(|model| format!(" (mostly of {model})"));
        format!("{amount} in {}{}", quoted(&variant.name), model.unwrap_or_default())
    };
    if found.len() <= NAMED_MAX {
        return join(&found.iter().map(one).collect::<Vec<_>>(), "and");
    }
    format!("in {} variants, at the worst {}", found.len(), one(&worst))
}

/// The model that has more than half of a count, where there are several.
fn mostly(variant: &VariantResults, metric: &str) -> Option<String> {
    let total = variant.metrics.get(metric)?.mean;
    let models = variant.by_model.iter().filter(|_| variant.by_model.len() > 1);
    let mut counts = models.filter_map(|(name, metrics)| Some((name, metrics.get(metric)?.mean)));
    let (name, _) = counts.find(|(_, count)| *count > total / 2.0)?;
    Some(fit(name, super::NAME_COLUMNS))
}
