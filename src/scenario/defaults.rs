//! Defaults that depend on other values, spelled out in the resolved scenario. (All others are written
//! because their types have a value.)
//!
//! What a variant changes may decide what a default is, or whether its key may stand there at all:
//! such a default is left to be derived again in each variant.

use super::path::{self, Path};
use super::resolve::{nice_bucket, usual_drain};
use super::schema::{
    Batching, Cluster, Deployment, Horizon, KvAdmission, Model, NameOr, Performance, Preemption,
    Scenario, Variant, Window, usual,
};
use crate::catalog;

/// Spells them out.
pub(super) fn fill(scenario: &mut Scenario) {
    if let Window { warmup, horizon: Horizon::At(horizon), .. } = scenario.window {
        scenario.window.bucket.get_or_insert_with(|| nice_bucket(horizon));
        scenario.window.drain.get_or_insert_with(|| usual_drain(warmup, horizon));
    }
    let changed = Changed::by(&scenario.variants);
    let regions = Path::default().key("cloud").key("regions");
    for (index, region) in scenario.cloud.regions.iter_mut().enumerate() {
        let at = regions.index(index).key("clusters");
        for (index, cluster) in region.clusters.iter_mut().enumerate() {
            if !changed.below(&at.index(index).key("accelerator")) {
                fill_cluster(cluster);
            }
        }
    }
    let models = Path::default().key("models");
    for (index, model) in scenario.models.iter_mut().enumerate() {
        fill_model(&models.index(index), model, &changed);
    }
}

/// What the variants set.
struct Changed(Vec<Path>);

impl Changed {
    fn by(variants: &[Variant]) -> Self {
        let keys = variants.iter().flat_map(|variant| variant.set.keys());
        let steps = keys.filter_map(|key| path::parse(key).ok());
        let path = |steps: Vec<(path::Segment, _)>| {
            Path(steps.into_iter().map(|(segment, _)| segment).collect())
        };
        Self(steps.map(path).collect())
    }

    /// Whether some variant sets what is there, or a part of it. (A variant that sets something of
    /// which it is a part brings a whole of its own.)
    fn below(&self, path: &Path) -> bool {
        self.0.iter().any(|changed| path.contains(changed))
    }
}

fn fill_cluster(cluster: &mut Cluster) {
    let base = match &cluster.accelerator {
        NameOr::Name(name) => Some(name),
        NameOr::Inline(definition) if definition.per_node.is_none() => definition.base.as_ref(),
        NameOr::Inline(_) => None,
    };
    let per_node = match (&cluster.accelerator, base) {
        (_, Some(base)) => catalog::accelerator(base).and_then(|chip| chip.per_node),
        (NameOr::Inline(definition), None) => definition.per_node,
        (NameOr::Name(_), None) => None,
    };
    cluster.accelerators_per_node = cluster.accelerators_per_node.or(per_node);
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
