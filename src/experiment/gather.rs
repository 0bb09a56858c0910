//! From what was kept of replications to estimates with intervals.

use super::fold::{BucketFold, CaseFold, Fold};
use super::listing::as_listed;
use super::results::{Bucket, Distribution, Estimate, Limit, Metrics, Series, VariantResults};
use crate::metrics::{LatencyHistogram, Mean, MetricId};
use crate::scenario::{Scenario, Variant};
use crate::setup::{ApplicationSpec, MAX_BUCKETS, Setup};
use crate::simulation::{Prepared, Scope, scopes, series_keys};
use crate::units::duration_text;
use indexmap::IndexMap;

/// Points of a distribution shown between its tails.
const CDF_STEPS: u32 = 200;
/// Probabilities shown beyond 1 − 1/[`CDF_STEPS`], for the tail on a log axis.
const CDF_TAIL: [f64; 6] = [0.9975, 0.999, 0.9995, 0.9999, 0.99999, 1.0];

/// What [`CaseFold::latencies`] holds.
const LATENCIES: [&str; 4] =
    ["latency.wait_s", "latency.ttft_s", "latency.tpot_s", "latency.e2e_s"];

/// A smaller part of the calls whose end was not seen moves no number but the highest percentiles: the table counts them.
const UNFINISHED_MIN: f64 = 1e-3;
/// Variants named in a note; of more it is said how many they are.
const NAMED_MAX: usize = 3;

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
        objectives: limits(&variant.setup),
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
pub(super) fn scope_names(setup: &Setup, scope: Scope) -> (&'static str, String) {
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

/// What applications ask of their calls, in the scenario's order.
fn limits(setup: &Setup) -> Vec<Limit> {
    let of = |application: &ApplicationSpec| {
        let slo = application.slo.unwrap_or_default();
        let parts = [("ttft", slo.ttft), ("tpot", slo.tpot), ("e2e", slo.e2e)];
        let application = application.name.clone();
        parts.into_iter().filter_map(move |(part, limit)| {
            let (application, latency) = (application.clone(), format!("latency.{part}_s"));
            Some(Limit { application, latency, limit_s: limit?.as_secs_f64() })
        })
    };
    setup.applications.iter().flat_map(of).collect()
}

/// What a reader of latencies must know: calls whose end was not seen, in those variants where they are enough to matter.
pub(super) fn unfinished_note(scenario: &Scenario, fold: &Fold<'_>) -> Option<String> {
    let part = |(variant, fold): (&Variant, &CaseFold<'_>)| {
        let unfinished = fold.mean(0, MetricId::Unfinished)?.mean;
        let part = unfinished / fold.mean(0, MetricId::Arrived)?.mean;
        (part >= UNFINISHED_MIN).then(|| (variant.name.clone(), part))
    };
    let found: Vec<_> = scenario.variants.iter().zip(&fold.cases).filter_map(part).collect();
    let (worst, most) = found.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let percent = |part: f64| format!("{:.2} %", part * 100.0);
    let of = match (found.len(), scenario.variants.len()) {
        (_, 1) => percent(*most),
        (few, _) if few <= NAMED_MAX => {
            let each = found.iter().map(|(name, part)| format!("{} in `{name}`", percent(*part)));
            each.collect::<Vec<_>>().join(", ")
        }
        (many, all) => {
            format!(
                "in {many} of {all} variants some, at the worst {} in `{worst}`,",
                percent(*most)
            )
        }
    };
    let drains = || scenario.variants.iter().map(|variant| variant.setup.window.drain);
    let (least, most) = (drains().min()?, drains().max()?);
    let drain = match least == most {
        true => duration_text(least),
        false => format!("{} to {}", duration_text(least), duration_text(most)),
    };
    Some(format!(
        "Of the calls that arrived in the measured window, {of} had not ended {drain} after it (`window.drain`; means over \
         replications): latencies are those of the others, and these count as outside their objective."
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
