//! From what was kept of replications to estimates with intervals.

use super::fold::{BucketFold, Quantities, VariantFold};
use super::listing::as_listed;
use super::results::{Bucket, Difference, Distribution, Estimate, Metrics, Series, VariantResults};
use super::rounding::beyond_rounding;
use crate::metrics::{LatencyHistogram, Mean, MetricId};
use crate::scenario::Variant;
use crate::setup::{MAX_BUCKETS, Setup};
use crate::simulation::{Outcome, Prepared, Scope, Values, scopes, series_keys};
use indexmap::IndexMap;

/// Points of a distribution shown between its tails.
const CDF_STEPS: u32 = 200;
/// Probabilities shown beyond 1 − 1/[`CDF_STEPS`], for the tail on a log axis.
const CDF_TAIL: [f64; 6] = [0.9975, 0.999, 0.9995, 0.9999, 0.99999, 1.0];

/// What [`VariantFold::latencies`] holds.
const LATENCIES: [&str; 4] =
    ["latency.wait_s", "latency.ttft_s", "latency.tpot_s", "latency.e2e_s"];

/// One variant's numbers from its replications.
pub(super) fn variant_results(
    variant: &Variant,
    prepared: &Prepared<'_>,
    fold: &VariantFold,
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

fn metrics(fold: &VariantFold, scope: usize) -> Metrics {
    let estimate = |&id: &MetricId| {
        let Mean { mean, ci95, n } = fold.mean(scope, id)?;
        let definition = id.definition();
        let unit = definition.unit.to_owned();
        Some((definition.name.to_owned(), Estimate { mean, ci95, n, unit }))
    };
    MetricId::ALL.iter().filter_map(estimate).collect()
}

/// What a reader of latencies must know of a variant: calls whose end was not seen, if there were any.
pub(super) fn unfinished_note(variant: &Variant, fold: &VariantFold) -> Option<String> {
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
pub(super) fn long_bucket_note(variant: &Variant, fold: &VariantFold) -> Option<String> {
    let (last, bucket) = (fold.buckets.last()?, variant.setup.window.bucket.as_secs_f64());
    let length = last.end_s - last.start_s;
    (fold.buckets.len() as u64 == MAX_BUCKETS && length > bucket * 1.5).then(|| {
        format!(
            "The time series of `{}` has the most points that are kept, {MAX_BUCKETS}: its last one is {length:.1} s long, the others {bucket} s.",
            variant.name
        )
    })
}

/// Every metric of each later variant minus that of the first.
pub(super) fn paired() -> Quantities<'static> {
    Quantities::new(|outcomes: &[Outcome]| {
        let Some((baseline, others)) = outcomes.split_first() else { return Vec::new() };
        let difference = |run: &Outcome, id: MetricId| {
            let (run, baseline) = (&run.values[0], &baseline.values[0]);
            comparable(run, baseline, id).then_some(())?;
            let (value, base) = (run.get(id)?, baseline.get(id)?);
            Some(beyond_rounding(value - base, size(run, id).max(size(baseline, id))))
        };
        let of_run = |run| MetricId::ALL.iter().map(move |&id| difference(run, id));
        others.iter().flat_map(of_run).collect()
    })
}

/// The size of what a metric is computed from: of a margin, which may be near zero, revenue and cost.
fn size(values: &Values, id: MetricId) -> f64 {
    let of = |id| values.get(id).map_or(0.0, f64::abs);
    match id {
        MetricId::Margin => of(MetricId::Revenue).max(of(MetricId::Cost)),
        id => of(id),
    }
}

/// Whether two values of a metric mean the same: costs are with energy or without.
fn comparable(a: &Values, b: &Values, id: MetricId) -> bool {
    let with_energy = |values: &Values| values.get(MetricId::EnergyCost).is_some();
    !matches!(id, MetricId::Cost | MetricId::Margin) || with_energy(a) == with_energy(b)
}

/// Each later variant minus the first, from [`paired`].
pub(super) fn differences(variants: &[Variant], paired: &Quantities<'_>) -> Vec<Difference> {
    let Some((baseline, others)) = variants.split_first() else { return Vec::new() };
    let keys = others.iter().flat_map(|other| MetricId::ALL.iter().map(move |id| (other, id)));
    let difference = |((variant, id), mean): ((&Variant, &MetricId), Option<Mean>)| {
        let Mean { mean, ci95, .. } = mean?;
        Some(Difference {
            metric: id.definition().name.to_owned(),
            baseline: baseline.name.clone(),
            variant: variant.name.clone(),
            mean,
            ci95,
        })
    };
    keys.zip(paired.means()).filter_map(difference).collect()
}

fn distributions(fold: &VariantFold) -> IndexMap<String, Distribution> {
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
    series_keys(setup).enumerate().map(one).collect()
}
