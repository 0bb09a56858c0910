//! Defaults that depend on other values, spelled out in the resolved scenario. (All others are written
//! because their types have a value.)
//!
//! What a variant changes may decide what a default is, or whether its key may stand there at all:
//! such a default is left to be derived again in each variant.

use super::path::{self, Path};
use super::resolve::{nice_bucket, usual_drain};
use super::schema;
use super::schema::{
    Batching, Cluster, Deployment, Horizon, KvAdmission, Model, NameOr, Performance, Preemption,
    Scenario, Variant, Window, usual,
};
use crate::catalog::{self, Engine, Scheduling};

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
            deployment.shared_precision.get_or_insert(usual::shared(weights, mixture));
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
            Some(Engine {
                batching: given.batching.unwrap_or(base.batching),
                max_batch: given.max_batch.unwrap_or(base.max_batch),
                token_budget: given.token_budget.unwrap_or(base.token_budget),
                ..base
            })
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
