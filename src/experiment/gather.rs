//! From the outcomes of replications to estimates with intervals.

use super::results::{Bucket, Difference, Distribution, Estimate, Metrics, Series, VariantResults};
use crate::metrics::{LatencyHistogram, Mean, MetricId};
use crate::scenario::Variant;
use crate::simulation::{Outcome, Scope, Setup, scopes, series_keys};
use indexmap::IndexMap;

/// Points of a distribution shown between its tails.
const CDF_STEPS: u32 = 200;
/// Probabilities shown beyond 1 − 1/[`CDF_STEPS`], for the tail on a log axis.
const CDF_TAIL: [f64; 6] = [0.9975, 0.999, 0.9995, 0.9999, 0.99999, 1.0];

/// One variant's numbers from its replications.
pub(super) fn variant_results(variant: &Variant, outcomes: &[Outcome]) -> VariantResults {
    let setup = &variant.setup;
    let mut results = VariantResults {
        name: variant.name.clone(),
        metrics: Metrics::new(),
        by_model: IndexMap::new(),
        by_tenant: IndexMap::new(),
        by_cluster: IndexMap::new(),
        by_application: IndexMap::new(),
        distributions: distributions(outcomes),
        series: series(setup, outcomes),
    };
    for (index, scope) in scopes(setup).enumerate() {
        let metrics = metrics(outcomes, index);
        let (_, name) = scope_names(setup, scope);
        let group = match scope {
            Scope::All => {
                results.metrics = metrics;
                continue;
            }
            Scope::Model(_) => &mut results.by_model,
            Scope::Tenant(_) => &mut results.by_tenant,
            Scope::Cluster(_) => &mut results.by_cluster,
            Scope::Application(_) => &mut results.by_application,
        };
        group.insert(name, metrics);
    }
    results
}

/// The public names of a scope: its kind and the entity.
fn scope_names(setup: &Setup, scope: Scope) -> (&'static str, String) {
    match scope {
        Scope::All => ("all", String::new()),
        Scope::Model(index) => ("model", setup.models[index].name.clone()),
        Scope::Tenant(index) => ("tenant", setup.tenants[index].name.clone()),
        Scope::Cluster(index) => ("cluster", setup.clusters[index].name.clone()),
        Scope::Application(index) => ("application", setup.applications[index].name.clone()),
    }
}

fn metrics(outcomes: &[Outcome], scope: usize) -> Metrics {
    let estimate = |&id: &MetricId| {
        let values: Vec<f64> =
            outcomes.iter().filter_map(|outcome| outcome.values[scope].get(id)).collect();
        let Mean { mean, ci95, n } = Mean::of(&values)?;
        let definition = id.definition();
        let unit = definition.unit.to_owned();
        Some((definition.name.to_owned(), Estimate { mean, ci95, n, unit }))
    };
    MetricId::ALL.iter().filter_map(estimate).collect()
}

/// Each later variant minus the first, paired by replication.
pub(super) fn differences(variants: &[Variant], outcomes: &[&[Outcome]]) -> Vec<Difference> {
    let Some((baseline, others)) = variants.split_first() else { return Vec::new() };
    let difference = |variant: &Variant, runs: &[Outcome], id: MetricId| {
        let pairs = runs.iter().zip(outcomes[0]);
        let values: Vec<f64> = pairs
            .filter_map(|(run, base)| Some(run.values[0].get(id)? - base.values[0].get(id)?))
            .collect();
        let Mean { mean, ci95, .. } = Mean::of(&values)?;
        Some(Difference {
            metric: id.definition().name.to_owned(),
            baseline: baseline.name.clone(),
            variant: variant.name.clone(),
            mean,
            ci95,
        })
    };
    let of_variant = |(variant, runs): (&Variant, &&[Outcome])| {
        MetricId::ALL.iter().filter_map(|&id| difference(variant, runs, id)).collect::<Vec<_>>()
    };
    others.iter().zip(&outcomes[1..]).flat_map(of_variant).collect()
}

fn distributions(outcomes: &[Outcome]) -> IndexMap<String, Distribution> {
    type Pick = fn(&Outcome) -> &LatencyHistogram;
    let kinds: [(&str, Pick); 4] = [
        ("latency.wait_s", |outcome| &outcome.wait),
        ("latency.ttft_s", |outcome| &outcome.ttft),
        ("latency.tpot_s", |outcome| &outcome.tpot),
        ("latency.e2e_s", |outcome| &outcome.e2e),
    ];
    let distribution = |(name, pick): (&str, Pick)| {
        let mut merged = LatencyHistogram::default();
        outcomes.iter().for_each(|outcome| merged.merge(pick(outcome)));
        let body = (0..CDF_STEPS).map(|step| f64::from(step) / f64::from(CDF_STEPS));
        let mut cdf = merged.cdf(body.chain(CDF_TAIL));
        cdf.dedup();
        (!cdf.is_empty()).then(|| (name.to_owned(), Distribution { cdf }))
    };
    kinds.into_iter().filter_map(distribution).collect()
}

fn series(setup: &Setup, outcomes: &[Outcome]) -> Vec<Series> {
    let bucket = |column: usize, row: usize| {
        let values: Vec<f64> =
            outcomes.iter().map(|outcome| outcome.rows[row].values[column]).collect();
        let Mean { mean, ci95, .. } = Mean::of(&values)?;
        let times = &outcomes[0].rows[row];
        Some(Bucket { start_s: times.start_s, end_s: times.end_s, mean, ci95 })
    };
    let rows = outcomes.first().map_or(0, |outcome| outcome.rows.len());
    let one = |(column, (scope, id)): (usize, (Scope, MetricId))| {
        let (scope, name) = scope_names(setup, scope);
        let definition = id.definition();
        Series {
            scope: scope.to_owned(),
            name,
            metric: definition.name.to_owned(),
            unit: definition.unit.to_owned(),
            buckets: (0..rows).filter_map(|row| bucket(column, row)).collect(),
        }
    };
    series_keys(setup).enumerate().map(one).collect()
}
