//! Models and their deployments.

use super::batching::{self, disaggregated};
use super::performance::{self, table};
use super::{architecture, crowd, engine, fit};
use crate::catalog::Architecture;
use crate::cloud::ClusterSpec;
use crate::ids::{ClusterId, ModelId, TenantId};
use crate::scenario::path::Path;
use crate::scenario::schema::{self, Deployment, Model, Performance, Scenario, usual};
use crate::scenario::section::checker::MAX_ENTITIES;
use crate::scenario::section::{Checker, cloud, plausible};
use crate::scheduler::CapacitySplit;
use crate::serving::Performance as Timed;
use crate::serving::{Role, RooflineSpec};
use crate::setup::{DeploymentSpec, ModelSpec, ServingSpec};
use crate::units::Bytes;
use typed_index_collections::TiVec;

/// What is on offer.
pub(in crate::scenario) struct Supply {
    pub models: TiVec<ModelId, ModelSpec>,
    /// Of all models, in order; `None` where one makes no sense.
    pub deployments: Vec<Option<DeploymentSpec>>,
    /// Where each of them is in the file.
    pub paths: Vec<Path>,
}

impl Supply {
    pub(crate) fn push(&mut self, path: Path, deployment: Option<DeploymentSpec>) {
        self.paths.push(path);
        self.deployments.push(deployment);
    }
}

pub(in crate::scenario) fn resolve(
    scenario: &Scenario,
    clusters: &[Option<ClusterSpec>],
    capacity: &CapacitySplit,
    check: &mut Checker,
) -> Supply {
    let at = Path::default().key("models");
    let names = scenario.models.iter().enumerate();
    check.names(
        "model",
        &at,
        names.map(|(index, model)| (at.index(index).key("name"), &*model.name)),
    );
    let mut supply = Supply { models: TiVec::new(), deployments: Vec::new(), paths: Vec::new() };
    for (index, model) in scenario.models.iter().enumerate() {
        let at = at.index(index);
        supply.models.push(resolve_model(&at, model, &scenario.tenants, check));
        let architecture = model.architecture.as_ref().and_then(|architecture| {
            architecture::resolve(&at.key("architecture"), architecture, check)
        });
        let context = Context { scenario, clusters, capacity, index, model, architecture };
        for (index, deployment) in model.deployments.iter().enumerate() {
            let at = at.key("deployments").index(index);
            disaggregated::resolve(&context, at, deployment, &mut supply, check);
        }
    }
    supply
}

/// Whether any of the model's deployments serves tokens.
pub(in crate::scenario) fn serves_tokens(model: &Model) -> bool {
    let tokens = |one: &Deployment| !matches!(one.performance, Performance::ServiceTime(_));
    model.deployments.iter().any(tokens)
}

fn resolve_model(
    at: &Path,
    model: &Model,
    tenants: &[schema::Tenant],
    check: &mut Checker,
) -> ModelSpec {
    let names = tenants.iter().map(|tenant| &*tenant.name).collect::<Vec<_>>();
    let tenant = check.lookup("tenant", &at.key("tenant"), &model.tenant, &names);
    let shared = tenant.and_then(|tenant| tenants[tenant].terms.earns_from_tokens());
    if let (Some(terms), None, true) = (shared, &model.price, serves_tokens(model)) {
        let message =
            format!("missing field `price`: `{}` {terms}, so tokens are revenue", model.tenant);
        check.refuse_key(at, message);
    }
    if let Some(price) = &model.price {
        let at = at.key("price");
        plausible::check(&at.key("input"), price.input, check);
        plausible::check_given(&at.key("cached-input"), price.cached_input, check);
        plausible::check(&at.key("output"), price.output, check);
    }
    if model.deployments.len() > MAX_ENTITIES {
        let message = format!("too many deployments: at most {}", MAX_ENTITIES);
        check.refuse(&at.key("deployments"), message);
    }
    ModelSpec {
        name: model.name.clone(),
        tenant: TenantId::new(tenant.unwrap_or(0)),
        price: model.price.as_ref().map(Into::into),
    }
}

/// What a deployment is resolved in.
pub(in crate::scenario) struct Context<'a> {
    scenario: &'a Scenario,
    clusters: &'a [Option<ClusterSpec>],
    pub capacity: &'a CapacitySplit,
    index: usize,
    model: &'a Model,
    architecture: Option<Architecture>,
}

impl Context<'_> {
    /// One pool of replicas, that serve requests in `role`.
    pub(crate) fn resolve(
        &self,
        at: &Path,
        given: &Deployment,
        role: Role,
        check: &mut Checker,
    ) -> Option<DeploymentSpec> {
        let paths = cloud::paths(&self.scenario.cloud);
        let names = paths.iter().map(|(_, _, cluster)| &*cluster.name).collect::<Vec<_>>();
        let index = check.lookup("cluster", &at.key("cluster"), &given.cluster, &names);
        let replicas = self.replicas(at, given, check);
        misplaced(at, given, check);
        let cluster = index.and_then(|index| self.clusters[index].as_ref());
        let (accelerators, weights, serving) = match &given.performance {
            Performance::Roofline => self.roofline(at, given, role, cluster, check)?,
            Performance::Affine(affine) => {
                let accelerators = accelerators(at, given, cluster, check);
                let timed = Timed::Affine(performance::affine(at, affine, accelerators, check));
                let (weights, serving) = tokens(at, given, role, timed, check);
                (accelerators, weights, serving)
            }
            Performance::Profile(profile) => {
                let accelerators = accelerators(at, given, cluster, check);
                let table = table::profile(at, profile, accelerators, check)?;
                let (weights, serving) = tokens(at, given, role, Timed::Profile(table), check);
                (accelerators, weights, serving)
            }
            Performance::ServiceTime(service) => {
                let place = at.key("performance").key("service-time");
                let serving = performance::service_time(&place, service, check);
                (accelerators(at, given, cluster, check), Bytes(0.0), serving)
            }
        };
        Some(DeploymentSpec {
            model: ModelId::new(self.index),
            cluster: ClusterId::new(index?),
            accelerators,
            weights,
            serving,
            replicas,
            handover: None,
        })
    }

    fn replicas(&self, at: &Path, given: &Deployment, check: &mut Checker) -> u32 {
        let path = at.key("replicas");
        match (self.capacity, given.replicas) {
            (CapacitySplit::Fixed, None) => {
                check.refuse_key(at, "missing field `replicas`: `scheduler.capacity` is `fixed`");
                0
            }
            (CapacitySplit::Fixed, Some(replicas)) => {
                check.range(&path, replicas, 1..=crowd::MAX_REPLICAS, "");
                replicas
            }
            (other, Some(_)) => {
                let message = format!(
                    "`replicas` goes with `scheduler.capacity: fixed`, here it is `{}`",
                    other.name()
                );
                check.refuse_key(&path, message);
                0
            }
            (_, None) => 0,
        }
    }

    fn roofline(
        &self,
        at: &Path,
        given: &Deployment,
        role: Role,
        cluster: Option<&ClusterSpec>,
        check: &mut Checker,
    ) -> Option<(u32, Bytes, ServingSpec)> {
        if self.model.architecture.is_none() {
            let name = &self.model.name;
            check.refuse_key(
                at,
                format!("`{name}` has no `architecture`: it is needed to serve tokens"),
            );
        }
        let accelerators = fit::degrees(at, given, cluster, check);
        let weights = given.precision.unwrap_or(usual::PRECISION);
        let engine = engine::of_deployment(at, given, check);
        let mixture = self.architecture.as_ref().is_some_and(|shape| shape.experts.is_some());
        let roofline = RooflineSpec {
            accelerator: cluster?.accelerator.clone(),
            architecture: self.architecture.clone()?,
            tensor: given.tensor.unwrap_or(usual::DEGREE),
            pipeline: given.pipeline.unwrap_or(usual::DEGREE),
            expert: given.expert.unwrap_or(usual::DEGREE),
            engine: engine?,
            weights,
            shared: given.shared_precision.unwrap_or_else(|| weights.of_shared_weights(mixture)),
            compute: given.compute_precision.unwrap_or(weights),
            kv: given.kv_precision.unwrap_or(usual::PRECISION),
            beams: given.beams.unwrap_or(usual::BEAMS),
        };
        check.range(&at.key("beams"), roofline.beams, 1..=1000, "");
        if accelerators.is_some() {
            let paths = cloud::paths(&self.scenario.cloud);
            let own = paths.iter().find(|(_, _, cluster)| cluster.name == given.cluster);
            let base = own.and_then(|(_, _, own)| cloud::another_chip(&own.accelerator));
            fit::roofline_fits(at, given, &roofline, cluster?, base, check);
        }
        let (weights, serving) =
            tokens(at, given, role, Timed::Roofline(Box::new(roofline)), check);
        Some((accelerators?, weights, serving))
    }
}

/// What serves tokens so, with the weights that it loads.
fn tokens(
    at: &Path,
    given: &Deployment,
    role: Role,
    performance: Timed,
    check: &mut Checker,
) -> (Bytes, ServingSpec) {
    let weights = Bytes(performance.weight_bytes());
    let serving = batching::token_serving(at, given, role, performance, check);
    (weights, ServingSpec::Tokens(Box::new(serving)))
}

/// The accelerators of a replica, where they are not the degree of parallelism.
fn accelerators(
    at: &Path,
    given: &Deployment,
    cluster: Option<&ClusterSpec>,
    check: &mut Checker,
) -> u32 {
    let accelerators = given.accelerators.unwrap_or(usual::ACCELERATORS);
    fit::node_holds(&at.key("accelerators"), accelerators, cluster, check);
    accelerators
}

/// Refuses fields that the kind of performance would ignore.
fn misplaced(at: &Path, given: &Deployment, check: &mut Checker) {
    let hardware = [
        ("engine", given.engine.is_some()),
        ("tensor", given.tensor.is_some()),
        ("pipeline", given.pipeline.is_some()),
        ("expert", given.expert.is_some()),
        ("precision", given.precision.is_some()),
        ("shared-precision", given.shared_precision.is_some()),
        ("compute-precision", given.compute_precision.is_some()),
        ("kv-precision", given.kv_precision.is_some()),
        ("beams", given.beams.is_some()),
    ];
    let batching = [
        ("max-batch", given.max_batch.is_some()),
        ("token-budget", given.token_budget.is_some()),
        ("batching", given.batching.is_some()),
        ("kv-admission", given.kv_admission.is_some()),
        ("preemption", given.preemption.is_some()),
        ("host-bandwidth", given.host_bandwidth.is_some()),
        ("prefix-cache", given.prefix_cache.is_some()),
    ];
    let accelerators = [("accelerators", given.accelerators.is_some())];
    let not_roofline = "does not go with `performance: roofline`; use `tensor`";
    let only_roofline = "goes with `performance: roofline` only";
    let only_tokens = "goes with serving tokens, not with `performance: service-time`";
    let refused = match given.performance {
        Performance::Roofline => vec![(&accelerators[..], not_roofline)],
        Performance::Affine(_) | Performance::Profile(_) => vec![(&hardware[..], only_roofline)],
        Performance::ServiceTime(_) => {
            vec![(&hardware[..], only_roofline), (&batching[..], only_tokens)]
        }
    };
    for (fields, why) in refused {
        for (key, _) in fields.iter().filter(|(_, present)| *present) {
            check.refuse_key(&at.key(key), format!("`{key}` {why}"));
        }
    }
}
