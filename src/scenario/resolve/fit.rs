//! Whether what is deployed fits its accelerators, nodes and clusters.

use super::Checker;
use crate::catalog::Accelerator;
use crate::cloud::ClusterSpec;
use crate::scenario::path::Path;
use crate::scenario::schema::Scenario;
use crate::scenario::suggest::listed;
use crate::scheduler::CapacitySplit;
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

/// Requires the replicas of the `fixed` capacity split to fit their clusters.
pub(super) fn replicas_fit(
    scenario: &Scenario,
    clusters: &[Option<ClusterSpec>],
    deployments: &[Option<DeploymentSpec>],
    capacity: CapacitySplit,
    check: &mut Checker,
) {
    if capacity != CapacitySplit::Fixed {
        return;
    }
    let paths = scenario.models.iter().enumerate().flat_map(|(model, given)| {
        let at = Path::default().key("models").index(model).key("deployments");
        (0..given.deployments.len()).map(move |index| at.index(index).key("replicas"))
    });
    let placed = paths.zip(deployments).collect::<Vec<_>>();
    for (index, cluster) in clusters.iter().enumerate() {
        let Some(cluster) = cluster else { continue };
        let mut here = placed
            .iter()
            .filter_map(|(path, deployment)| Some((path, deployment.as_ref()?)))
            .filter(|(_, deployment)| deployment.cluster == index)
            .collect::<Vec<_>>();
        // Widest first: what is left over by wide replicas can still hold narrow ones.
        here.sort_by_key(|(_, deployment)| std::cmp::Reverse(deployment.accelerators));
        pack(cluster, &here, check);
    }
}

/// Fills the cluster's nodes, fullest first, and refuses the first deployment that finds no room.
fn pack(cluster: &ClusterSpec, deployments: &[(&Path, &DeploymentSpec)], check: &mut Checker) {
    let mut nodes_with_free = vec![0_u64; cluster.per_node as usize + 1];
    nodes_with_free[cluster.per_node as usize] = u64::from(cluster.nodes);
    for (path, deployment) in deployments {
        let width = deployment.accelerators as usize;
        if width == 0 || width > cluster.per_node as usize {
            return;
        }
        let mut left = u64::from(deployment.replicas);
        for free in width..nodes_with_free.len() {
            let per_node = (free / width) as u64;
            let full = nodes_with_free[free].min(left / per_node);
            nodes_with_free[free] -= full;
            nodes_with_free[free % width] += full;
            left -= full * per_node;
            if left > 0 && left < per_node && nodes_with_free[free] > 0 {
                nodes_with_free[free] -= 1;
                nodes_with_free[free - width * left as usize] += 1;
                left = 0;
            }
        }
        if left > 0 {
            let (name, nodes, size) = (&cluster.name, cluster.nodes, cluster.per_node);
            let message = format!(
                "{left} of these {} replicas find no room in cluster `{name}`: {nodes} nodes of {size} accelerators, {width} for a replica",
                deployment.replicas
            );
            check.refuse(path, message);
            return;
        }
    }
}
