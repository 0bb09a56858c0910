//! Results are shown in the order of the file; what is simulated goes by names.

use super::results::{Metrics, VariantResults};
use crate::setup::Setup;
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// Puts what was found of each model, tenant, cluster and application in the order of `file`.
pub(super) fn as_listed(results: &mut VariantResults, file: &Setup) {
    arrange(&mut results.by_model, file.models.iter().map(|each| &each.name));
    arrange(&mut results.by_tenant, file.tenants.iter().map(|each| &each.name));
    arrange(&mut results.by_cluster, file.clusters.iter().map(|each| &each.name));
    arrange(&mut results.by_application, file.applications.iter().map(|each| &each.name));
    // The whole cloud has no name and comes first; those of one model stay together.
    let names = file.models.iter().map(|model| model.name.as_str());
    let places: BTreeMap<&str, usize> = names.zip(0..).collect();
    results.series.sort_by_key(|series| places.get(series.name.as_str()).copied());
}

fn arrange<'n>(found: &mut IndexMap<String, Metrics>, names: impl Iterator<Item = &'n String>) {
    *found = names.filter_map(|name| found.swap_remove_entry(name)).collect();
}
