//! Clusters and what they cost.

use super::{Checker, hardware, plausible};
use crate::cloud::ClusterSpec;
use crate::scenario::path::Path;
use crate::scenario::schema::{Cloud, Cluster};

/// Most nodes of a cluster.
pub(super) const NODES_MAX: u32 = 100_000;
/// Most accelerators of a node.
pub(super) const PER_NODE_MAX: u32 = 1024;

/// The clusters of all regions, in order; `None` where the accelerator makes no sense.
pub(super) fn resolve(cloud: &Cloud, check: &mut Checker) -> Vec<Option<ClusterSpec>> {
    let at = Path::default().key("cloud");
    check.range(&at.key("pue"), cloud.pue, 1.0..=10.0, "");
    plausible::check_given(&at.key("electricity"), cloud.electricity, check);
    if cloud.electricity.is_none() {
        check.note(
            "The cost of energy is left out: the scenario has no `cloud.electricity`.".into(),
        );
    }
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
    clusters
        .iter()
        .map(|(path, region, cluster)| resolve_cluster(cloud, path, region, cluster, check))
        .collect()
}

/// Each cluster with its path and its region's name.
pub(super) fn paths(cloud: &Cloud) -> Vec<(Path, &str, &Cluster)> {
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
    let accelerator = hardware::accelerator(&path.key("accelerator"), &cluster.accelerator, check)?;
    let per_node_path = path.key("accelerators-per-node");
    let Some(per_node) = cluster.accelerators_per_node.or(accelerator.per_node) else {
        let message = format!(
            "missing field `accelerators-per-node`: how many `{}` share a node is not in the catalogue",
            accelerator.name
        );
        check.refuse_key(path, message);
        return None;
    };
    check.range(&per_node_path, per_node, 1..=PER_NODE_MAX, "");
    if accelerator.idle_power.is_none() || accelerator.peak_power.is_none() {
        let (name, chip) = (&cluster.name, &accelerator.name);
        check.note(format!("The energy of cluster `{name}` is left out: the idle or the peak power of {chip} is not known (`idle-power`, `peak-power`)."));
    }
    if cluster.capital.is_none() {
        let name = &cluster.name;
        check.note(format!(
            "The capital cost of cluster `{name}` is left out: it has no `capital`."
        ));
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
