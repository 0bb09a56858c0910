//! How far times of a token are from what was measured on a run's chips, with its class of model and its load.

use super::results::VariantResults;
use crate::catalog::{
    self, Accelerator, Architecture, Engine, LatencyError, ModelClass, UserBand, latency_errors,
};
use crate::metrics::MetricId;
use crate::scenario::Variant;
use crate::serving::{BatchingPolicy, Performance, Role, RooflineSpec, TokenServing};
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
            let Some((spec, serving)) = derived(deployment) else { continue };
            let Some(batch) = mean_batch(results, model) else { continue };
            let chip = &spec.accelerator.name;
            let note = match never_measured(spec, serving) {
                None => note(chip, class(spec), UserBand::of(batch)),
                Some(what) => unmeasured(&what),
            };
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    notes
}

/// From what times of tokens are derived, if they are, and how iterations are made up.
fn derived(deployment: &DeploymentSpec) -> Option<(&RooflineSpec, &TokenServing)> {
    let ServingSpec::Tokens(serving) = &deployment.serving else { return None };
    match &serving.performance {
        Performance::Roofline(spec) if serving.role != Role::Prefill => Some((spec, serving)),
        _ => None,
    }
}

/// What of a deployment is like nothing that was measured: the first of chip, model, engine and way of serving.
fn never_measured(spec: &RooflineSpec, serving: &TokenServing) -> Option<String> {
    let given = [
        (is_known_chip(&spec.accelerator), &spec.accelerator.name),
        (is_known_model(&spec.architecture), &spec.architecture.name),
        (is_known_engine(&spec.engine), &spec.engine.name),
    ];
    if let Some((_, name)) = given.into_iter().find(|(known, _)| !known) {
        return Some(format!("{name} as it is given here"));
    }
    let way = match (serving.role, serving.batching.policy) {
        (Role::Decode, _) => "replicas that only decode",
        _ if spec.beams > 1 => "beam search",
        (_, BatchingPolicy::Static) => {
            "static batches that go on to the end of their longest member"
        }
        _ => return None,
    };
    Some(way.to_owned())
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

fn unmeasured(what: &str) -> String {
    format!(
        "No measurement of {what} is in the validation: how far times of tokens are from measured ones is not known."
    )
}

/// Whether a chip is no other than the catalogue's of that name, whatever power it takes and however many share a node.
fn is_known_chip(chip: &Accelerator) -> bool {
    let Accelerator { idle_power, peak_power, per_node, .. } = *chip;
    let known = catalog::accelerator(&chip.name);
    known.is_some_and(|known| Accelerator { idle_power, peak_power, per_node, ..known } == *chip)
}

/// Whether a model is no other than the catalogue's of that name.
fn is_known_model(model: &Architecture) -> bool {
    catalog::architecture(&model.name).as_ref() == Some(model)
}

/// Whether an engine takes as long as the catalogue's of that name, whatever it does before a call is admitted and
/// however many it admits.
fn is_known_engine(engine: &Engine) -> bool {
    let Engine { per_request, memory, max_batch, token_budget, .. } = *engine;
    let known = catalog::engine(&engine.name);
    known.is_some_and(|known| {
        Engine { per_request, memory, max_batch, token_budget, ..known } == *engine
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::SimDuration;

    #[test]
    fn a_chip_that_nobody_measured_has_no_error() {
        let note = note("my-chip", ModelClass::Dense, UserBand::Few);
        assert!(note.starts_with("No measurement of my-chip is in the validation"), "{note}");
    }

    #[test]
    fn power_and_nodes_do_not_make_another_chip() {
        let known = catalog::accelerator("H100-SXM").expect("a chip of the catalogue");
        assert!(is_known_chip(&Accelerator { peak_power: None, ..known.clone() }));
        assert!(is_known_chip(&Accelerator { per_node: Some(3), ..known.clone() }));
        assert!(!is_known_chip(&Accelerator { link_bandwidth: None, ..known.clone() }));
        assert!(!is_known_chip(&Accelerator { name: "mine".to_owned(), ..known }));
    }

    #[test]
    fn limits_do_not_make_another_engine_but_times_do() {
        let known = catalog::engine("vllm").expect("an engine of the catalogue");
        assert!(is_known_engine(&Engine { max_batch: 8, memory: 0.5, ..known.clone() }));
        let slow = SimDuration::from_secs(1);
        assert!(!is_known_engine(&Engine { iteration: slow, ..known.clone() }));
        assert!(!is_known_engine(&Engine { name: "mine".to_owned(), ..known }));
        assert!(!is_known_engine(&Engine::ideal()));
    }

    #[test]
    fn a_model_of_another_shape_has_no_error() {
        let known = catalog::architecture("Llama-3.1-8B").expect("a model of the catalogue");
        assert!(is_known_model(&known));
        assert!(!is_known_model(&Architecture { layers: 320, ..known }));
    }

    #[test]
    fn a_measured_chip_has_its_own_error() {
        let error = &latency_errors()[0];
        let note = note(&error.accelerator, error.class, error.users);
        let expected = format!("median of {} measured rows", error.rows);
        assert!(note.contains(&expected) && note.contains(error.users.label()), "{note}");
    }
}
