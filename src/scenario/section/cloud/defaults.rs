//! What a cluster has that does not say.

use crate::catalog;
use crate::scenario::path::Path;
use crate::scenario::schema::{Cloud, Cluster, NameOr};
use crate::scenario::section::defaults::Changed;

/// Spells it out.
pub(in crate::scenario) fn fill(cloud: &mut Cloud, changed: &Changed) {
    let regions = Path::default().key("cloud").key("regions");
    for (index, region) in cloud.regions.iter_mut().enumerate() {
        let at = regions.index(index).key("clusters");
        for (index, cluster) in region.clusters.iter_mut().enumerate() {
            if !changed.below(&at.index(index).key("accelerator")) {
                fill_cluster(cluster);
            }
        }
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
