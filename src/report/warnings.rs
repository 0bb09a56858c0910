//! Warnings in words: in short at the top, one by one below.

use crate::experiment::{Results, VariantResults, Warning};

/// Models named at the top; the others are counted.
const NAMED: usize = 2;

/// What stands above everything else where a model cannot serve what it is asked for: which, in which
/// variants. About a line.
pub fn alarm(results: &Results) -> Option<String> {
    let mut grave: Vec<String> = Vec::new();
    for variant in &results.variants {
        for warning in variant.warnings.iter().filter(|warning| warning.is_grave()) {
            let short = in_short(results, variant, warning);
            if !grave.contains(&short) {
                grave.push(short);
            }
        }
    }
    let more = match grave.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", {more} more"),
    };
    grave.truncate(NAMED);
    let word = if results.variants.iter().any(is_unstable) { "OVERLOADED" } else { "NOT SERVED" };
    (!grave.is_empty()).then(|| format!("{word}: {}{more}", grave.join(", ")))
}

fn in_short(results: &Results, variant: &VariantResults, warning: &Warning) -> String {
    let model = warning.model();
    let what = match warning {
        Warning::NoReplica { .. } => format!("`{model}` has no replica"),
        Warning::Overload { load, .. } => format!("`{model}` at a load of {load:.2}"),
        Warning::QueueGrows { .. } => format!("the queue of `{model}` grows"),
        Warning::TooSmall { .. } => format!("`{model}` is short of replicas"),
    };
    match results.variants.len() {
        1 => what,
        _ => format!("{what} ({})", variant.name),
    }
}

/// Whether waits of some model in the variant depend on how long it is simulated.
pub(super) fn is_unstable(variant: &VariantResults) -> bool {
    variant.warnings.iter().any(Warning::is_unstable)
}

/// Whether `metric` of the whole cloud depends on the horizon in this variant.
pub(super) fn marks(variant: &VariantResults, metric: &str) -> bool {
    let waits = metric.starts_with("latency.") || metric.starts_with("queue.");
    waits && is_unstable(variant)
}

/// Every warning as a sentence; what several variants have in common is said once.
pub(super) fn all(results: &Results) -> Vec<String> {
    let mut sentences: Vec<(String, Vec<&str>)> = Vec::new();
    for variant in &results.variants {
        for warning in &variant.warnings {
            let sentence = warning.to_string();
            match sentences.iter_mut().find(|(known, _)| *known == sentence) {
                Some((_, variants)) => variants.push(&variant.name),
                None => sentences.push((sentence, vec![&variant.name])),
            }
        }
    }
    let with_variants = |(sentence, variants): (String, Vec<&str>)| {
        if results.variants.len() == 1 {
            format!("{sentence}.")
        } else {
            format!("{sentence} (in {}).", variants.join(", "))
        }
    };
    sentences.into_iter().map(with_variants).collect()
}
