//! What a model and its deployments have that do not say.

use crate::scenario::path::Path;
use crate::scenario::schema::{
    Batching, Deployment, KvAdmission, Model, Performance, Preemption, usual,
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
    for (index, deployment) in model.deployments.iter_mut().enumerate() {
        fill_deployment(&at.key("deployments").index(index), deployment, changed);
    }
}

fn fill_deployment(at: &Path, deployment: &mut Deployment, changed: &Changed) {
    // Which keys there are at all depends on it.
    if changed.below(&at.key("performance")) {
        return;
    }
    match deployment.performance {
        Performance::Roofline => {
            fill_roofline(at, deployment, changed);
            fill_limits(deployment);
            fill_batching(at, deployment, changed);
        }
        Performance::Affine(_) => {
            deployment.accelerators.get_or_insert(usual::ACCELERATORS);
            fill_limits(deployment);
            fill_batching(at, deployment, changed);
        }
        // The limits may be where the tables end, which may be in a file.
        Performance::Profile(_) => {
            deployment.accelerators.get_or_insert(usual::ACCELERATORS);
            fill_batching(at, deployment, changed);
        }
        Performance::ServiceTime(_) => {
            deployment.accelerators.get_or_insert(usual::ACCELERATORS);
        }
    }
}

fn fill_roofline(at: &Path, deployment: &mut Deployment, changed: &Changed) {
    deployment.tensor.get_or_insert(usual::DEGREE);
    deployment.pipeline.get_or_insert(usual::DEGREE);
    deployment.expert.get_or_insert(usual::DEGREE);
    let weights = *deployment.precision.get_or_insert(usual::PRECISION);
    if !changed.below(&at.key("precision")) {
        deployment.compute_precision.get_or_insert(weights);
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

fn fill_batching(at: &Path, deployment: &mut Deployment, changed: &Changed) {
    let batching = deployment.batching.get_or_insert_default();
    if let Batching::Disaggregated(split) = batching {
        let at = at.key("batching").key("disaggregated").key("decode");
        fill_deployment(&at, &mut split.decode, changed);
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
