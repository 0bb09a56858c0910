//! Whether what is deployed fits its accelerators, nodes and clusters.

use super::Checker;
use super::cloud::{NODES_MAX, PER_NODE_MAX};
use super::models::Supply;
use crate::catalog::Accelerator;
use crate::cloud::{ClusterSpec, FreeCapacity};
use crate::scenario::path::Path;
use crate::scenario::suggest::listed;
use crate::scheduler::{CapacitySplit, SchedulerSpec, capacity, placement};
use crate::serving::{Precision, RooflineSpec};
use crate::simulation::DeploymentSpec;

/// Requires a node of the cluster to hold a replica of so many accelerators.
pub(super) fn node_holds(
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

/// Requires the accelerator to be able to run the model, and to have room for it.
pub(super) fn roofline_fits(
    at: &Path,
    roofline: &RooflineSpec,
    cluster: &ClusterSpec,
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
    if roofline.tensor > 1 && chip.link_bandwidth.is_none() {
        let message = format!(
            "`{}` has no `link-bandwidth`: it is needed when `tensor` is above 1",
            chip.name
        );
        check.refuse(&at.key("tensor"), message);
    }
    precision_has_peak(at, roofline, check);
    if roofline.kv_capacity_tokens().is_none() {
        check.refuse(&at.key("tensor"), does_not_fit(roofline, cluster));
    }
}

fn precision_has_peak(at: &Path, roofline: &RooflineSpec, check: &mut Checker) {
    let Accelerator { name, peak, .. } = &roofline.accelerator;
    let peaks = [
        (Precision::Bf16, "bf16", peak.bf16),
        (Precision::Fp8, "fp8", peak.fp8),
        (Precision::Fp4, "fp4", peak.fp4),
    ];
    let known = |precision| peaks.iter().any(|&(of, _, peak)| of == precision && peak.is_some());
    if !known(roofline.weights) {
        let names = peaks.iter().filter(|(_, _, peak)| peak.is_some());
        let names = names.map(|&(_, name, _)| name).collect::<Vec<_>>();
        let wanted =
            peaks.iter().find(|(of, ..)| *of == roofline.weights).map_or("", |peak| peak.1);
        let list = if names.is_empty() { "none".to_owned() } else { listed(&names) };
        let message = format!("`{name}` has no peak for `{wanted}`, only for: {list}");
        check.refuse(&at.key("precision"), message);
    }
}

fn does_not_fit(roofline: &RooflineSpec, cluster: &ClusterSpec) -> String {
    let (model, chip) = (&roofline.architecture.name, &roofline.accelerator.name);
    let enough = (roofline.tensor..=cluster.per_node)
        .find(|&tensor| RooflineSpec { tensor, ..roofline.clone() }.kv_capacity_tokens().is_some());
    let gigabytes = roofline.weight_bytes() / 1e9;
    let problem = format!(
        "`{model}` does not fit on {} × `{chip}`: its weights take {gigabytes:.1} GB",
        roofline.tensor
    );
    match enough {
        Some(enough) => format!("{problem}; {enough} would do"),
        None => format!("{problem}, more than a node of {} has", cluster.per_node),
    }
}

/// Requires the replicas of the `fixed` capacity split to find nodes, by the policies that will
/// place them: a scenario that loads has room.
pub(super) fn replicas_fit(
    clusters: &[Option<ClusterSpec>],
    supply: &Supply,
    scheduler: SchedulerSpec,
    check: &mut Checker,
) {
    if scheduler.capacity != CapacitySplit::Fixed {
        return;
    }
    let paths = supply.paths.iter().map(|path| path.key("replicas"));
    // What is wrong in itself was refused already.
    let sound = paths.zip(&supply.deployments).filter_map(|(path, deployment)| {
        let deployment = deployment.as_ref()?;
        let cluster = clusters[deployment.cluster].as_ref().filter(|spec| is_sound(spec))?;
        (1..=cluster.per_node).contains(&deployment.accelerators).then_some((path, deployment))
    });
    let (paths, sound): (Vec<_>, Vec<_>) = sound.unzip();
    let free = |cluster: &Option<ClusterSpec>| {
        let sound = cluster.as_ref().filter(|spec| is_sound(spec));
        sound.map_or(FreeCapacity::new(0, 0), |spec| FreeCapacity::new(spec.nodes, spec.per_node))
    };
    let mut free: Vec<_> = clusters.iter().map(free).collect();
    let mut view = capacity::View {
        deployments: sound.iter().map(|spec| candidate(spec)).collect(),
        clusters: Vec::new(),
        demand: Vec::new(),
    };
    let turns = capacity::policy(scheduler.capacity);
    let placement = placement::policy(scheduler.placement);
    while let Some(turn) = turns.next(&view) {
        let each = &mut view.deployments[turn];
        if let Some(node) = placement.place(&free[each.cluster], each.accelerators) {
            free[each.cluster].take(node, each.accelerators);
            each.placed += 1;
        } else {
            let full = each.cluster;
            let cluster = clusters[full].as_ref().expect("only sound ones are here");
            check.refuse(&paths[turn], no_room(each, cluster));
            // One mistake, one error: the others would find no room for the same reason.
            let others = view.deployments.iter_mut().filter(|other| other.cluster == full);
            others.for_each(|other| other.open = false);
        }
    }
}

/// Whether a cluster's size was not refused.
fn is_sound(cluster: &ClusterSpec) -> bool {
    cluster.nodes <= NODES_MAX && cluster.per_node <= PER_NODE_MAX
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
