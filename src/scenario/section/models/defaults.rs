//! What a model and its deployments have that do not say.

use crate::catalog::{self, Engine, Scheduling};
use crate::scenario::path::Path;
use crate::scenario::schema::{
    self, Batching, Deployment, KvAdmission, Model, NameOr, Performance, Preemption, usual,
};
use crate::scenario::section::defaults::Changed;

/// Spells it out.
pub(in crate::scenario) fn fill(models: &mut [Model], changed: &Changed) {
    let at = Path::default().key("models");
    for (index, model) in models.iter_mut().enumerate() {
        fill_model(&at.index(index), model, changed);
    }
}

fn fill_model(at: &Path, model: &mut Model, changed: &Changed) {
    if let Some(price) = &mut model.price
        && !changed.below(&at.key("price").key("input"))
    {
        price.cached_input.get_or_insert(price.input);
    }
    // Of an architecture that a variant changes it is not known.
    let mixture =
        (!changed.below(&at.key("architecture"))).then(|| is_mixture(model.architecture.as_ref()));
    for (index, deployment) in model.deployments.iter_mut().enumerate() {
        fill_deployment(&at.key("deployments").index(index), deployment, changed, mixture, true);
    }
}

fn is_mixture(given: Option<&NameOr<schema::Architecture>>) -> bool {
    let experts = |name: &str| catalog::architecture(name).is_some_and(|it| it.experts.is_some());
    match given {
        None => false,
        Some(NameOr::Name(name)) => experts(name),
        Some(NameOr::Inline(given)) => {
            given.experts.is_some() || given.base.as_deref().is_some_and(experts)
        }
    }
}

fn fill_deployment(
    at: &Path,
    deployment: &mut Deployment,
    changed: &Changed,
    mixture: Option<bool>,
    whole: bool,
) {
    // Which keys there are at all depends on it.
    if changed.below(&at.key("performance")) {
        return;
    }
    match deployment.performance {
        Performance::Roofline => {
            fill_roofline(at, deployment, changed, mixture);
            if !changed.below(&at.key("engine")) {
                fill_from_engine(at, deployment, changed, whole);
            }
            fill_batching(at, deployment, changed, mixture);
        }
        Performance::Affine(_) => {
            deployment.accelerators.get_or_insert(usual::ACCELERATORS);
            fill_limits(deployment);
            deployment.batching.get_or_insert_default();
            fill_batching(at, deployment, changed, mixture);
        }
        // The limits may be where the tables end, which may be in a file.
        Performance::Profile(_) => {
            deployment.accelerators.get_or_insert(usual::ACCELERATORS);
            deployment.batching.get_or_insert_default();
            fill_batching(at, deployment, changed, mixture);
        }
        Performance::ServiceTime(_) => {
            deployment.accelerators.get_or_insert(usual::ACCELERATORS);
        }
    }
}

fn fill_roofline(at: &Path, deployment: &mut Deployment, changed: &Changed, mixture: Option<bool>) {
    deployment.engine.get_or_insert_with(|| NameOr::Name(usual::ENGINE.to_owned()));
    deployment.tensor.get_or_insert(usual::DEGREE);
    deployment.pipeline.get_or_insert(usual::DEGREE);
    deployment.expert.get_or_insert(usual::DEGREE);
    let weights = *deployment.precision.get_or_insert(usual::PRECISION);
    if !changed.below(&at.key("precision")) {
        deployment.compute_precision.get_or_insert(weights);
        if let Some(mixture) = mixture {
            deployment.shared_precision.get_or_insert(weights.of_shared_weights(mixture));
        }
    }
    deployment.kv_precision.get_or_insert(usual::PRECISION);
    // A pool that only processes prompts has none.
    let decodes = !matches!(deployment.batching, Some(Batching::Disaggregated(_)));
    if decodes && !changed.below(&at.key("batching")) {
        deployment.beams.get_or_insert(usual::BEAMS);
    }
}

fn fill_limits(deployment: &mut Deployment) {
    deployment.max_batch.get_or_insert(usual::MAX_BATCH);
    deployment.token_budget.get_or_insert(usual::TOKEN_BUDGET);
}

/// What the engine says where the deployment does not.
fn fill_from_engine(at: &Path, deployment: &mut Deployment, changed: &Changed, whole: bool) {
    let Some(engine) = deployment.engine.as_ref().and_then(effective_engine) else { return };
    // Each of the limits depends on the other.
    if !changed.below(&at.key("max-batch")) && !changed.below(&at.key("token-budget")) {
        let (batch, budget) = usual::limits(&engine, deployment.max_batch, deployment.token_budget);
        deployment.max_batch.get_or_insert(batch);
        deployment.token_budget.get_or_insert(budget);
    }
    let own = match engine.batching {
        Scheduling::PrefillFirst if whole => Batching::PrefillFirst,
        Scheduling::PrefillFirst | Scheduling::Continuous => Batching::Continuous,
    };
    deployment.batching.get_or_insert(own);
}

/// An engine's scheduling, of one that makes sense.
fn effective_engine(given: &NameOr<schema::Engine>) -> Option<Engine> {
    match given {
        NameOr::Name(name) => catalog::engine(name),
        NameOr::Inline(given) => {
            let base = match &given.base {
                Some(base) => catalog::engine(base)?,
                None => Engine::ideal(),
            };
            let (max_batch, token_budget) =
                usual::limits(&base, given.max_batch, given.token_budget);
            let batching = given.batching.unwrap_or(base.batching);
            Some(Engine { batching, max_batch, token_budget, ..base })
        }
    }
}

fn fill_batching(at: &Path, deployment: &mut Deployment, changed: &Changed, mixture: Option<bool>) {
    if let Some(Batching::Disaggregated(split)) = &mut deployment.batching {
        let at = at.key("batching").key("disaggregated").key("decode");
        fill_deployment(&at, &mut split.decode, changed, mixture, false);
    }
    deployment.prefix_cache.get_or_insert(usual::PREFIX_CACHE);
    let admission = *deployment.kv_admission.get_or_insert(usual::KV_ADMISSION);
    if admission != KvAdmission::Optimistic || changed.below(&at.key("kv-admission")) {
        return;
    }
    let preemption = *deployment.preemption.get_or_insert(usual::PREEMPTION);
    if preemption == Preemption::Swap && !changed.below(&at.key("preemption")) {
        deployment.host_bandwidth.get_or_insert(usual::HOST_BANDWIDTH);
    }
}
