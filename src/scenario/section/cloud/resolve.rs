//! Clusters and what they cost.

use super::accelerator;
use crate::cloud::ClusterSpec;
use crate::scenario::path::Path;
use crate::scenario::schema::{Cloud, Cluster};
use crate::scenario::section::{Checker, plausible};

/// Most nodes of a cluster.
pub(in crate::scenario) const NODES_MAX: u32 = 100_000;
/// Most accelerators of a node.
pub(in crate::scenario) const PER_NODE_MAX: u32 = 1024;

/// The clusters of all regions, in order; `None` where the accelerator makes no sense.
pub(in crate::scenario) fn resolve(cloud: &Cloud, check: &mut Checker) -> Vec<Option<ClusterSpec>> {
    let at = Path::default().key("cloud");
    check.range(&at.key("pue"), cloud.pue, 1.0..=10.0, "");
    plausible::check_given(&at.key("electricity"), cloud.electricity, check);
    let regions = at.key("regions");
    let region_names = cloud.regions.iter().enumerate();
    check.names(
        "region",
        &regions,
        region_names.map(|(index, region)| (regions.index(index).key("name"), &*region.name)),
    );
    let clusters = paths(cloud);
    let names = clusters.iter().map(|(path, _, cluster)| (path.key("name"), &*cluster.name));
    check.names("cluster", &regions, names);
    let resolved: Vec<_> = clusters
        .iter()
        .map(|(path, region, cluster)| resolve_cluster(cloud, path, region, cluster, check))
        .collect();
    note_costs(cloud, &resolved, check);
    resolved
}

/// Says what is not in the costs, and which of what is in them is assumed.
fn note_costs(cloud: &Cloud, resolved: &[Option<ClusterSpec>], check: &mut Checker) {
    let without = |missing: fn(&ClusterSpec) -> bool| {
        let names = resolved.iter().flatten().filter(|cluster| missing(cluster));
        names.map(|cluster| format!("`{}`", cluster.name)).collect::<Vec<_>>().join(", ")
    };
    let capital = without(|cluster| cluster.capital.is_none());
    let power = without(|cluster| {
        cluster.accelerator.idle_power.is_none() || cluster.accelerator.peak_power.is_none()
    });
    if !capital.is_empty() {
        check.note(format!("There is no cost and no margin: no `capital` is given of {capital}."));
    }
    let costs = if capital.is_empty() {
        "Cost and margin are without energy"
    } else {
        "Energy has no cost"
    };
    if !power.is_empty() {
        check.note(format!(
            "{costs}: the idle or the peak power of the accelerators of {power} is not known (`idle-power`, `peak-power`)."
        ));
    } else if cloud.electricity.is_none() {
        check.note(format!("{costs}: the scenario has no `cloud.electricity`."));
    }
    for cluster in paths(cloud).into_iter().map(|(_, _, cluster)| cluster) {
        if let Some((chip, idle)) = accelerator::assumed_idle_power(&cluster.accelerator) {
            check.note(format!(
                "The idle power of {chip}, {idle}, is an assumption of the catalogue: nobody publishes it (`idle-power` sets it)."
            ));
        }
    }
}

/// Each cluster with its path and its region's name.
pub(in crate::scenario) fn paths(cloud: &Cloud) -> Vec<(Path, &str, &Cluster)> {
    let regions = Path::default().key("cloud").key("regions");
    cloud
        .regions
        .iter()
        .enumerate()
        .flat_map(|(index, region)| {
            let at = regions.index(index).key("clusters");
            region
                .clusters
                .iter()
                .enumerate()
                .map(move |(index, cluster)| (at.index(index), &*region.name, cluster))
        })
        .collect()
}

fn resolve_cluster(
    cloud: &Cloud,
    path: &Path,
    region: &str,
    cluster: &Cluster,
    check: &mut Checker,
) -> Option<ClusterSpec> {
    check.range(&path.key("nodes"), cluster.nodes, 1..=NODES_MAX, "");
    plausible::check(&path.key("load-bandwidth"), cluster.load_bandwidth, check);
    plausible::check_given(&path.key("capital"), cluster.capital, check);
    let accelerator = accelerator::resolve(&path.key("accelerator"), &cluster.accelerator, check)?;
    let per_node_path = path.key("accelerators-per-node");
    let Some(per_node) = cluster.accelerators_per_node.or(accelerator.per_node) else {
        let message = format!(
            "missing field `accelerators-per-node`: how many `{}` share a node is not in the catalogue",
            accelerator.name
        );
        check.refuse_key(path, message);
        return None;
    };
    if !check.range(&per_node_path, per_node, 1..=PER_NODE_MAX, "") {
        // No replica fits such a node: that is said once.
        return None;
    }
    Some(ClusterSpec {
        name: cluster.name.clone(),
        region: region.to_owned(),
        accelerator,
        nodes: cluster.nodes,
        per_node,
        capital: cluster.capital,
        pue: cloud.pue,
        electricity: cloud.electricity,
        load_bandwidth: cluster.load_bandwidth,
        provisioning: cluster.provisioning,
    })
}
