//! Whether what is deployed fits its accelerators, nodes and clusters.

use super::Supply;
use crate::catalog::Accelerator;
use crate::cloud::{ClusterSpec, Nodes, Want};
use crate::ids::ClusterId;
use crate::scenario::path::Path;
use crate::scenario::schema::{Deployment, usual};
use crate::scenario::section::Checker;
use crate::scenario::section::cloud::NODES_MAX;
use crate::scenario::section::plausible::MAX_KV_TOKENS;
use crate::scenario::suggest::listed;
use crate::scheduler::filter::{self, NodeView};
use crate::scheduler::{CapacitySplit, SchedulerSpec, capacity, placement};
use crate::serving::RooflineSpec;
use crate::setup::DeploymentSpec;
use crate::units::Precision;
use typed_index_collections::TiVec;

/// Requires a node of the cluster to hold a replica of so many accelerators.
pub(in crate::scenario) fn node_holds(
    path: &Path,
    accelerators: u32,
    cluster: Option<&ClusterSpec>,
    check: &mut Checker,
) -> bool {
    let Some(cluster) = cluster else { return false };
    let allowed = 1..=cluster.per_node;
    if allowed.contains(&accelerators) {
        return true;
    }
    let (name, most) = (&cluster.name, cluster.per_node);
    let message = format!(
        "found {accelerators}, expected 1 to {most}: a replica fits on one node of cluster `{name}`"
    );
    check.refuse(path, message);
    false
}

/// The accelerators of a replica, if its degrees of parallelism are sound and a node holds it.
pub(in crate::scenario) fn degrees(
    at: &Path,
    given: &Deployment,
    cluster: Option<&ClusterSpec>,
    check: &mut Checker,
) -> Option<u32> {
    let cluster = cluster?;
    let degrees =
        [("tensor", given.tensor), ("pipeline", given.pipeline), ("expert", given.expert)];
    let mut product = 1_u32;
    for (key, degree) in degrees {
        let degree = degree.unwrap_or(usual::DEGREE);
        if !node_holds(&at.key(key), degree, Some(cluster), check) {
            return None;
        }
        product = product.saturating_mul(degree);
    }
    if product > cluster.per_node {
        let product_of: Vec<_> = degrees
            .iter()
            .filter_map(|(key, degree)| degree.map(|degree| format!("{key} {degree}")))
            .collect();
        let (name, most) = (&cluster.name, cluster.per_node);
        let message = format!(
            "found {product} accelerators ({}), expected at most {most}: a replica fits on one node of cluster `{name}`",
            product_of.join(" × ")
        );
        check.refuse(at, message);
        return None;
    }
    Some(product)
}

/// Requires the accelerator to be able to run the model, and to have room for it; `base` is the chip of the
/// catalogue that it is another one than.
pub(in crate::scenario) fn roofline_fits(
    at: &Path,
    given: &Deployment,
    roofline: &RooflineSpec,
    cluster: &ClusterSpec,
    base: Option<&str>,
    check: &mut Checker,
) {
    let chip = &roofline.accelerator;
    for (figure, missing) in
        [("hbm", chip.hbm.0 == 0.0), ("hbm-bandwidth", chip.hbm_bandwidth.0 == 0.0)]
    {
        if missing {
            let message =
                format!("`{}` has no `{figure}`: it is needed to serve tokens", chip.name);
            return check.refuse(&at.key("cluster"), message);
        }
    }
    let several = several(given);
    if roofline.accelerators() > 1 && chip.link_bandwidth.is_none() {
        let message = format!(
            "`{}` has no `link-bandwidth`: it is needed when `{several}` is above 1",
            chip.name
        );
        check.refuse(&at.key(several), message);
    }
    precision_has_peak(at, given, roofline, base, check);
    shared_has_peak(at, given, roofline, check);
    if let Some((key, message)) = indivisible(roofline) {
        check.refuse(&at.key(key), message);
        return;
    }
    match roofline.kv_capacity_tokens() {
        None => check.refuse(&at.key(several), does_not_fit(roofline, cluster)),
        Some(tokens) if tokens > MAX_KV_TOKENS => {
            let message = format!(
                "the KV cache of a replica would hold {tokens:.1e} tokens: at most {MAX_KV_TOKENS:.0e} are plausible",
                tokens = tokens as f64,
                MAX_KV_TOKENS = MAX_KV_TOKENS as f64
            );
            check.refuse(at, message);
        }
        Some(_) => {}
    }
}

/// The degree of parallelism that a replica of several accelerators has.
fn several(given: &Deployment) -> &'static str {
    let above = |degree: Option<u32>| degree.is_some_and(|degree| degree > 1);
    match (above(given.tensor), above(given.pipeline), above(given.expert)) {
        (false, true, _) => "pipeline",
        (false, false, true) => "expert",
        _ => "tensor",
    }
}

/// Why the model cannot be divided as the degrees of parallelism say, and which degree is at fault.
fn indivisible(roofline: &RooflineSpec) -> Option<(&'static str, String)> {
    let RooflineSpec { architecture: shape, tensor, pipeline, expert, .. } = roofline;
    let name = &shape.name;
    let uneven = |parts: &str, count: u32, what: &str| {
        format!("{parts} cannot share the {count} {what} of `{name}` evenly")
    };
    let ranks = format!("{tensor} ranks");
    if !shape.heads.is_multiple_of(*tensor) {
        return Some(("tensor", uneven(&ranks, shape.heads, "heads")));
    }
    if !shape.kv_heads.is_multiple_of(*tensor) && !tensor.is_multiple_of(shape.kv_heads) {
        return Some(("tensor", uneven(&ranks, shape.kv_heads, "key and value heads")));
    }
    if *pipeline > shape.layers {
        let layers = shape.layers;
        return Some(("pipeline", format!("`{name}` has {layers} layers, fewer than {pipeline}")));
    }
    match shape.experts {
        None if *expert > 1 => {
            Some(("expert", format!("`{name}` is dense: it has no experts to spread")))
        }
        Some(experts) if !experts.count.is_multiple_of(*expert) => {
            Some(("expert", uneven(&format!("{expert} groups"), experts.count, "experts")))
        }
        _ => None,
    }
}

/// Requires a published peak at the precision of matrix products, and these to be able to represent
/// the weights.
fn precision_has_peak(
    at: &Path,
    given: &Deployment,
    roofline: &RooflineSpec,
    base: Option<&str>,
    check: &mut Checker,
) {
    let key = if given.compute_precision.is_some() { "compute-precision" } else { "precision" };
    let (weights, compute) = (roofline.weights, roofline.compute);
    if compute.bytes() < weights.bytes() {
        let message = format!(
            "weights in `{}` cannot be multiplied in `{}`: expected at least their precision",
            weights.name(),
            compute.name()
        );
        return check.refuse(&at.key(key), message);
    }
    let Accelerator { name, peak, .. } = &roofline.accelerator;
    let peaks =
        [(Precision::Bf16, peak.bf16), (Precision::Fp8, peak.fp8), (Precision::Fp4, peak.fp4)];
    let has = |wanted| peaks.iter().any(|&(of, peak)| of == wanted && peak.is_some());
    // A chip that is defined without a base, and without a 16-bit peak, does everything at the peak it has.
    let also = (base.is_some() && compute != Precision::Bf16).then_some(Precision::Bf16);
    let Some(missing) = std::iter::once(compute).chain(also).find(|&wanted| !has(wanted)) else {
        return;
    };
    let known = peaks.iter().filter(|(_, peak)| peak.is_some());
    let known: Vec<_> = known.map(|(precision, _)| precision.name()).collect();
    let list = if known.is_empty() { "none".to_owned() } else { listed(&known) };
    let wanted = missing.name();
    let mut message = format!("`{name}` has no peak for `{wanted}`, only for: {list}");
    if missing != compute {
        message += ". Attention and the output head run in 16 bits";
    }
    if let Some(base) = base {
        message += &format!(
            ". A chip with a name or a peak of its own has none of those of `{base}`: give `peak.{wanted}`, too"
        );
    }
    check.refuse(&at.key(key), message);
}

/// Requires a peak at the precision of the weights that work on every token, where that is given.
fn shared_has_peak(at: &Path, given: &Deployment, roofline: &RooflineSpec, check: &mut Checker) {
    let computed = given.shared_precision.map(|_| roofline.shared_compute());
    let Some(shared) = computed.filter(|&shared| shared != roofline.compute) else {
        return;
    };
    let Accelerator { name, peak, .. } = &roofline.accelerator;
    let known = match shared {
        // What there is none of is computed at whatever peak there is.
        Precision::Bf16 => true,
        Precision::Fp8 => peak.fp8.is_some(),
        Precision::Fp4 => peak.fp4.is_some(),
    };
    if !known {
        let message = format!("`{name}` has no peak for `{}`", shared.name());
        check.refuse(&at.key("shared-precision"), message);
    }
}

/// Says how many accelerators would do, in tensor parallelism or, for an expert-parallel replica, in
/// more groups.
fn does_not_fit(roofline: &RooflineSpec, cluster: &ClusterSpec) -> String {
    let (model, chip) = (&roofline.architecture.name, &roofline.accelerator.name);
    let wider = |degree: u32| match roofline.expert {
        1 => RooflineSpec { tensor: degree, ..roofline.clone() },
        _ => RooflineSpec { expert: degree, ..roofline.clone() },
    };
    let enough = (1..=cluster.per_node)
        .map(wider)
        .filter(|wider| wider.accelerators() > roofline.accelerators())
        .take_while(|wider| wider.accelerators() <= cluster.per_node)
        .find(|wider| indivisible(wider).is_none() && wider.kv_capacity_tokens().is_some());
    let weights = roofline.weight_bytes() / 1e9;
    let usable = roofline.accelerator.hbm.0 * roofline.engine.memory / 1e9;
    let problem = format!(
        "`{model}` does not fit on {} × `{chip}`: its weights take {weights:.1} GB, of each chip {usable:.1} GB are \
         usable (`engine.memory` {})",
        roofline.accelerators(),
        roofline.engine.memory
    );
    match enough {
        Some(enough) => format!("{problem}; {} would do", enough.accelerators()),
        None => format!("{problem}, more than a node of {} has", cluster.per_node),
    }
}

/// Requires the replicas of the `fixed` capacity split to find nodes, by the policies that will
/// place them: a scenario that loads has room.
pub(in crate::scenario) fn replicas_fit(
    clusters: &[Option<ClusterSpec>],
    supply: &Supply,
    scheduler: &SchedulerSpec,
    check: &mut Checker,
) {
    if scheduler.capacity != CapacitySplit::Fixed {
        return;
    }
    let paths = supply.paths.iter().map(|path| path.key("replicas"));
    // What is wrong in itself was refused already.
    let sound = paths.zip(&supply.deployments).filter_map(|(path, deployment)| {
        let deployment = deployment.as_ref()?;
        let cluster =
            clusters[deployment.cluster.index()].as_ref().filter(|spec| is_sound(spec))?;
        (1..=cluster.per_node).contains(&deployment.accelerators).then_some((path, deployment))
    });
    // In the order of names, as they will be placed.
    let mut sound: Vec<_> = sound.collect();
    let cluster_name = |id: ClusterId| clusters[id.index()].as_ref().map(|spec| &spec.name);
    sound.sort_by_key(|(_, spec)| (&supply.models[spec.model].name, cluster_name(spec.cluster)));
    let (paths, sound): (TiVec<_, _>, TiVec<_, _>) = sound.into_iter().unzip();
    let free = |cluster: &Option<ClusterSpec>| {
        let sound = cluster.as_ref().filter(|spec| is_sound(spec));
        sound.map_or(Nodes::new(0, 0), |spec| Nodes::new(spec.nodes, spec.per_node))
    };
    let mut free: TiVec<ClusterId, _> = clusters.iter().map(free).collect();
    let mut view = capacity::View {
        deployments: sound.iter().map(|spec| candidate(spec)).collect(),
        order: sound.keys().collect(),
        clusters: TiVec::new(),
        needed: TiVec::new(),
    };
    let turns = capacity::policy(&scheduler.capacity);
    let placement = placement::policy(scheduler.placement);
    let filters = filter::usual();
    while let Some(turn) = turns.next(&view) {
        let each = &mut view.deployments[turn];
        let &mut capacity::Candidate { model, cluster, accelerators, .. } = each;
        let tenant = supply.models[model].tenant;
        let want = Want { deployment: turn, tenant, cluster, accelerators };
        let allowed =
            |residents| filter::all_allow(&filters, &want, &NodeView { cluster, residents });
        if let Some(node) = placement.place(free[cluster].room(&allowed), accelerators) {
            free[cluster].take(node, tenant, accelerators);
            each.placed += 1;
        } else {
            let full = each.cluster;
            let cluster = clusters[full.index()].as_ref().expect("only sound ones are here");
            check.refuse(&paths[turn], no_room(each, cluster));
            // One mistake, one error: the others would find no room for the same reason.
            let others = view.deployments.iter_mut().filter(|other| other.cluster == full);
            others.for_each(|other| other.open = false);
        }
    }
}

/// Whether a cluster's size was not refused.
fn is_sound(cluster: &ClusterSpec) -> bool {
    cluster.nodes <= NODES_MAX
}

/// `fixed` looks at numbers of replicas alone.
fn candidate(spec: &DeploymentSpec) -> capacity::Candidate {
    capacity::Candidate {
        model: spec.model,
        cluster: spec.cluster,
        accelerators: spec.accelerators,
        rate: 0.0,
        fixed: spec.replicas,
        placed: 0,
        open: true,
    }
}

fn no_room(each: &capacity::Candidate, cluster: &ClusterSpec) -> String {
    let ClusterSpec { name, nodes, per_node, .. } = cluster;
    let (left, wanted, width) = (each.fixed - each.placed, each.fixed, each.accelerators);
    format!(
        "{left} of these {wanted} replicas find no room in cluster `{name}`: {nodes} nodes of {per_node} accelerators, {width} for a replica"
    )
}
