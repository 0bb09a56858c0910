//! How far times of a token are from what was measured on a run's chips, with its class of model and its load.

use super::results::VariantResults;
use crate::catalog::{self, Accelerator, LatencyError, ModelClass, UserBand, latency_errors};
use crate::metrics::MetricId;
use crate::scenario::Variant;
use crate::serving::{Performance, Role, RooflineSpec};
use crate::setup::{DeploymentSpec, ServingSpec};

/// A note for each chip, class of model and band of load, in the order in which variants have them. Deployments whose times
/// are given, not derived from their chip, have none, nor do models that decoded nothing.
pub(super) fn error_notes<'a>(
    variants: impl IntoIterator<Item = (&'a Variant, &'a VariantResults)>,
) -> Vec<String> {
    let mut notes = Vec::new();
    for (variant, results) in variants {
        for deployment in &variant.setup.deployments {
            let model = &variant.setup.models[deployment.model].name;
            let Some(spec) = derived(deployment) else { continue };
            let Some(batch) = mean_batch(results, model) else { continue };
            let note = match is_as_known(&spec.accelerator) {
                true => note(&spec.accelerator.name, class(spec), UserBand::of(batch)),
                false => unmeasured(&format!("{} as it is given here", spec.accelerator.name)),
            };
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    notes
}

/// From what times of tokens are derived, if they are.
fn derived(deployment: &DeploymentSpec) -> Option<&RooflineSpec> {
    let ServingSpec::Tokens(serving) = &deployment.serving else { return None };
    match &serving.performance {
        Performance::Roofline(spec) if serving.role != Role::Prefill => Some(spec),
        _ => None,
    }
}

fn class(spec: &RooflineSpec) -> ModelClass {
    match spec.architecture.experts {
        Some(_) => ModelClass::Mixture,
        None => ModelClass::Dense,
    }
}

/// Sequences that decode together on a replica: as many users as it serves at once.
fn mean_batch(results: &VariantResults, model: &str) -> Option<f64> {
    let metrics = results.by_model.get(model)?;
    Some(metrics.get(MetricId::DecodeBatch.definition().name)?.mean)
}

fn note(chip: &str, class: ModelClass, users: UserBand) -> String {
    let of_chip = || latency_errors().iter().filter(|error| error.accelerator == chip);
    let (models, label) = (class.models(), users.label());
    let found = of_chip().find(|error| (error.class, error.users) == (class, users));
    match found {
        Some(LatencyError { rows, median, p90, .. }) => format!(
            "Times of tokens on {chip} with {models} were off by {median:.0} % in the median of {rows} measured rows (90th \
             percentile {p90:.0} %) with {label} users at once a replica, as there are here (coopsim validate)."
        ),
        None if of_chip().next().is_none() => unmeasured(chip),
        None => format!(
            "No measurement of {models} on {chip} with {label} users at once a replica, as there are here, is in the validation."
        ),
    }
}

fn unmeasured(chip: &str) -> String {
    format!(
        "No measurement of {chip} is in the validation: how far its times of tokens are from measured ones is not known."
    )
}

/// Whether a chip is no other than the catalogue's of that name, whatever power it takes.
fn is_as_known(chip: &Accelerator) -> bool {
    let Accelerator { idle_power, peak_power, .. } = *chip;
    let known = catalog::accelerator(&chip.name);
    known.is_some_and(|known| Accelerator { idle_power, peak_power, ..known } == *chip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chip_that_nobody_measured_has_no_error() {
        let note = note("my-chip", ModelClass::Dense, UserBand::Few);
        assert!(note.starts_with("No measurement of my-chip is in the validation"), "{note}");
    }

    #[test]
    fn power_does_not_make_another_chip() {
        let known = catalog::accelerator("H100-SXM").expect("a chip of the catalogue");
        assert!(is_as_known(&Accelerator { peak_power: None, ..known.clone() }));
        assert!(!is_as_known(&Accelerator { per_node: Some(3), ..known.clone() }));
        assert!(!is_as_known(&Accelerator { name: "mine".to_owned(), ..known }));
    }

    #[test]
    fn a_measured_chip_has_its_own_error() {
        let error = &latency_errors()[0];
        let note = note(&error.accelerator, error.class, error.users);
        let expected = format!("median of {} measured rows", error.rows);
        assert!(note.contains(&expected) && note.contains(error.users.label()), "{note}");
    }
}
