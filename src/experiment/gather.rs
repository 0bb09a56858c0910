//! From what was kept of replications to estimates with intervals.

use super::fold::{BucketFold, CaseFold};
use super::listing::as_listed;
use super::results::{Bucket, Distribution, Estimate, Metrics, Series, VariantResults};
use crate::metrics::{LatencyHistogram, Mean, MetricId};
use crate::scenario::Variant;
use crate::setup::{MAX_BUCKETS, Setup};
use crate::simulation::{Prepared, Scope, scopes, series_keys};
use indexmap::IndexMap;

/// Points of a distribution shown between its tails.
const CDF_STEPS: u32 = 200;
/// Probabilities shown beyond 1 − 1/[`CDF_STEPS`], for the tail on a log axis.
const CDF_TAIL: [f64; 6] = [0.9975, 0.999, 0.9995, 0.9999, 0.99999, 1.0];

/// What [`CaseFold::latencies`] holds.
const LATENCIES: [&str; 4] =
    ["latency.wait_s", "latency.ttft_s", "latency.tpot_s", "latency.e2e_s"];

/// One variant's numbers from its replications.
pub(super) fn variant_results(
    variant: &Variant,
    prepared: &Prepared<'_>,
    fold: &CaseFold<'_>,
) -> VariantResults {
    let setup = prepared.setup;
    let mut results = VariantResults {
        name: variant.name.clone(),
        warnings: prepared.warnings(&fold.trends),
        metrics: Metrics::new(),
        by_model: IndexMap::new(),
        by_tenant: IndexMap::new(),
        by_cluster: IndexMap::new(),
        by_application: IndexMap::new(),
        distributions: distributions(fold),
        series: series(setup, &fold.buckets),
    };
    for (index, scope) in scopes(setup).enumerate() {
        let metrics = metrics(fold, index);
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
    as_listed(&mut results, &variant.setup);
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

fn metrics(fold: &CaseFold<'_>, scope: usize) -> Metrics {
    let estimate = |&id: &MetricId| {
        let Mean { mean, ci95, n } = fold.mean(scope, id)?;
        let definition = id.definition();
        let unit = definition.unit.to_owned();
        Some((definition.name.to_owned(), Estimate { mean, ci95, n, unit }))
    };
    MetricId::ALL.iter().filter_map(estimate).collect()
}

/// What a reader of latencies must know of a variant: calls whose end was not seen, if there were any.
pub(super) fn unfinished_note(variant: &Variant, fold: &CaseFold<'_>) -> Option<String> {
    let unfinished = fold.mean(0, MetricId::Unfinished).filter(|calls| calls.mean > 0.0)?;
    let arrived = fold.mean(0, MetricId::Arrived)?;
    Some(format!(
        "Of the {:.0} calls of `{}` that arrived in the measured window, {:.1} had not ended {} s after it (means over \
         replications): latencies are those of the others, and these count as outside their objective.",
        arrived.mean,
        variant.name,
        unfinished.mean,
        variant.setup.window.drain.as_secs_f64()
    ))
}

/// What a reader of the time series must know: where calls end long after the last one arrived, there may be more
/// buckets than are kept.
pub(super) fn long_bucket_note(variant: &Variant, fold: &CaseFold<'_>) -> Option<String> {
    let (last, bucket) = (fold.buckets.last()?, variant.setup.window.bucket.as_secs_f64());
    let length = last.end_s - last.start_s;
    (fold.buckets.len() as u64 == MAX_BUCKETS && length > bucket * 1.5).then(|| {
        format!(
            "The time series of `{}` has the most points that are kept, {MAX_BUCKETS}: its last one is {length:.1} s long, the others {bucket} s.",
            variant.name
        )
    })
}

fn distributions(fold: &CaseFold<'_>) -> IndexMap<String, Distribution> {
    let distribution = |(name, latencies): (&str, &LatencyHistogram)| {
        let body = (0..CDF_STEPS).map(|step| f64::from(step) / f64::from(CDF_STEPS));
        let mut cdf = latencies.cdf(body.chain(CDF_TAIL));
        cdf.dedup();
        (!cdf.is_empty()).then(|| (name.to_owned(), Distribution { cdf }))
    };
    LATENCIES.into_iter().zip(&fold.latencies).filter_map(distribution).collect()
}

fn series(setup: &Setup, buckets: &[BucketFold]) -> Vec<Series> {
    let bucket = |bucket: &BucketFold, column: usize| {
        let Mean { mean, ci95, .. } = bucket.moments[column].mean()?;
        Some(Bucket { start_s: bucket.start_s, end_s: bucket.end_s, mean, ci95 })
    };
    let one = |(column, (scope, id)): (usize, (Scope, MetricId))| {
        let (scope, name) = scope_names(setup, scope);
        let definition = id.definition();
        Series {
            scope: scope.to_owned(),
            name,
            metric: definition.name.to_owned(),
            unit: definition.unit.to_owned(),
            buckets: buckets.iter().filter_map(|each| bucket(each, column)).collect(),
        }
    };
    // A run may be over before any time has passed: a folder could not tell a series of nothing from none.
    series_keys(setup).enumerate().map(one).filter(|series| !series.buckets.is_empty()).collect()
}
