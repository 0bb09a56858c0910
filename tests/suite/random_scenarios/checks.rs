//! What must hold of any results.

use coopsim::experiment::{Distribution, Metrics, Results, VariantResults};
use coopsim::metrics::definition;
use indexmap::IndexMap;

/// What float sums of exact figures may lose.
const LOSS: f64 = 1e-9;
/// What each request, token and dollar is counted in once, by model and by tenant.
const ADDITIVE: [&str; 12] = [
    "requests.arrived",
    "requests.completed",
    "requests.rejected",
    "requests.in_flight",
    "requests.unfinished",
    "tokens.input",
    "tokens.output",
    "tokens.cached_input",
    "revenue.total_usd",
    "revenue.rental_usd",
    "revenue.marketplace_usd",
    "revenue.first_party_usd",
];
/// Latencies' statistics, from the least to the largest.
const STEPS: [&str; 5] = ["p50", "p90", "p95", "p99", "max"];
/// What may be below zero.
const SIGNED: [&str; 2] = ["margin.operating_usd", "margin.per_held_hour_usd"];
/// Fractions of something that may be exceeded.
const UNBOUNDED: [&str; 1] = ["utilisation.load"];

/// Everything that is checked; the first thing that does not hold.
pub fn check(results: &Results) -> Result<(), String> {
    for variant in &results.variants {
        let of = |place: &str, problem| format!("{}, {place}: {problem}", variant.name);
        let ends_with_calls = variant.metrics.contains_key("time.makespan_s");
        for (scope, name, metrics) in scopes(variant) {
            within_range(metrics, results)
                .and_then(|()| relations(metrics, results, ends_with_calls))
                .map_err(|problem| of(&format!("{scope} {name}"), problem))?;
        }
        sums(variant).map_err(|problem| of("sums", problem))?;
        series(variant).map_err(|problem| of("series", problem))?;
        for (name, distribution) in &variant.distributions {
            rises(distribution).map_err(|problem| of(name, problem))?;
        }
    }
    for difference in &results.differences {
        if !difference.mean.is_finite() || difference.ci95.is_some_and(|width| width < 0.0) {
            return Err(format!("{difference:?}"));
        }
    }
    Ok(())
}

fn scopes(variant: &VariantResults) -> Vec<(&'static str, &str, &Metrics)> {
    let all = std::iter::once(("all", "", &variant.metrics));
    let groups = [
        ("model", &variant.by_model),
        ("tenant", &variant.by_tenant),
        ("cluster", &variant.by_cluster),
        ("application", &variant.by_application),
    ];
    let grouped = groups.into_iter().flat_map(|(scope, group)| {
        group.iter().map(move |(name, metrics)| (scope, name.as_str(), metrics))
    });
    all.chain(grouped).collect()
}

/// Finite, with the unit of its definition, not negative, fractions up to 1.
fn within_range(metrics: &Metrics, results: &Results) -> Result<(), String> {
    for (name, estimate) in metrics {
        let fail = |why: &str| Err(format!("{name} {why}: {estimate:?}"));
        let Some(definition) = definition(name) else { return fail("is not defined") };
        if definition.unit != estimate.unit {
            return fail("has another unit");
        }
        if !estimate.mean.is_finite() || estimate.n < 1 || estimate.n > results.replications {
            return fail("is no estimate");
        }
        if estimate.ci95.is_some_and(|width| !width.is_finite() || width < 0.0) {
            return fail("has no interval");
        }
        if estimate.mean < 0.0 && !SIGNED.contains(&&**name) {
            return fail("is negative");
        }
        let fraction = definition.unit == "fraction" && !UNBOUNDED.contains(&&**name);
        if fraction && estimate.mean > 1.0 + LOSS {
            return fail("is above 1");
        }
    }
    Ok(())
}

/// A metric's mean, if it is an average over all replications: others are about other runs.
fn mean(metrics: &Metrics, name: &str, results: &Results) -> Option<f64> {
    let estimate = metrics.get(name)?;
    (estimate.n == results.replications).then_some(estimate.mean)
}

/// What is part of something else is not more than it.
fn relations(metrics: &Metrics, results: &Results, ends_with_calls: bool) -> Result<(), String> {
    let mean = |name: &str| mean(metrics, name, results);
    let at_most = |small: &str, large: &str, factor: f64| match (mean(small), mean(large)) {
        (Some(part), Some(whole)) if part > whole * factor * (1.0 + LOSS) + LOSS => {
            Err(format!("{small} is {part}, {large} is {whole} (× {factor})"))
        }
        _ => Ok(()),
    };
    for latency in ["wait_s", "ttft_s", "tpot_s", "e2e_s"] {
        let steps = STEPS.map(|step| format!("latency.{latency}.{step}"));
        let known: Vec<_> = steps.iter().filter(|name| metrics.contains_key(*name)).collect();
        known.windows(2).try_for_each(|pair| at_most(pair[0], pair[1], 1.0))?;
        at_most(&format!("latency.{latency}.mean"), &steps[4], 1.0)?;
    }
    at_most("latency.wait_s.mean", "latency.e2e_s.mean", 1.0)?;
    at_most("tokens.cached_input", "tokens.input", 1.0)?;
    at_most("queue.length_mean", "queue.in_system_mean", 1.0)?;
    at_most("utilisation.busy", "utilisation.allocated", 1.0)?;
    // Goodput goes by arrivals, completions by the instant.
    let (bound, factor) = match ends_with_calls {
        true => ("throughput.requests_per_s", 1.0),
        false => ("requests.arrived", results.measured_s.recip()),
    };
    at_most("throughput.goodput_requests_per_s", bound, factor)?;
    if let (Some(allocated), Some(stranded)) =
        (mean("utilisation.allocated"), mean("utilisation.stranded"))
        && allocated + stranded > 1.0 + LOSS
    {
        return Err(format!("{allocated} allocated and {stranded} stranded"));
    }
    if mean("neutrality.slowdown_ratio").is_some_and(|ratio| ratio < 1.0) {
        return Err("the worst slowdown is below the best".into());
    }
    let parts = [("margin.operating_usd", "revenue.total_usd", "cost.total_usd", -1.0)];
    for (whole, one, other, sign) in parts {
        if let (Some(whole), Some(one), Some(other)) = (mean(whole), mean(one), mean(other))
            && !equal(whole, one + sign * other, one.abs() + other.abs())
        {
            return Err(format!("{whole} is not made of {one} and {other}"));
        }
    }
    // Where the energy of some cluster is not known, that of the others is left out, too.
    if let (Some(total), Some(capital)) = (mean("cost.total_usd"), mean("cost.capital_usd")) {
        let all = capital + mean("cost.energy_usd").unwrap_or(0.0);
        if !equal(total, capital, capital) && !equal(total, all, all) {
            return Err(format!("a cost of {total}, {capital} of capital and {all} with energy"));
        }
    }
    Ok(())
}

fn equal(one: f64, other: f64, size: f64) -> bool {
    (one - other).abs() <= LOSS * (1.0 + size)
}

/// Models, tenants and, for requests and tokens, applications add up to the whole.
fn sums(variant: &VariantResults) -> Result<(), String> {
    let groups: [(&str, &IndexMap<String, Metrics>); 3] = [
        ("models", &variant.by_model),
        ("tenants", &variant.by_tenant),
        ("applications", &variant.by_application),
    ];
    for name in ADDITIVE {
        let all = variant.metrics.get(name).map_or(0.0, |estimate| estimate.mean);
        for (group, members) in groups {
            if group == "applications" && name.starts_with("revenue") {
                continue;
            }
            let of = |metrics: &Metrics| metrics.get(name).map_or(0.0, |estimate| estimate.mean);
            let sum: f64 = members.values().map(of).sum();
            if !equal(all, sum, all.abs()) {
                return Err(format!("{name} is {all}, of all {group} together {sum}"));
            }
        }
    }
    Ok(())
}

fn series(variant: &VariantResults) -> Result<(), String> {
    for series in &variant.series {
        for bucket in &series.buckets {
            let fraction = series.unit == "fraction" && !UNBOUNDED.contains(&&*series.metric);
            let sound = bucket.mean.is_finite()
                && (bucket.mean >= 0.0 || SIGNED.contains(&&*series.metric))
                && !(fraction && bucket.mean > 1.0 + LOSS)
                && bucket.end_s > bucket.start_s;
            if !sound {
                return Err(format!("{} of {}: {bucket:?}", series.metric, series.name));
            }
        }
    }
    Ok(())
}

/// Values and probabilities do not fall, and probabilities end at 1.
fn rises(distribution: &Distribution) -> Result<(), String> {
    let falls =
        distribution.cdf.windows(2).find(|pair| pair[1].0 < pair[0].0 || pair[1].1 < pair[0].1);
    if let Some(pair) = falls {
        return Err(format!("falls from {:?} to {:?}", pair[0], pair[1]));
    }
    let outside =
        distribution.cdf.iter().find(|(value, p)| *value < 0.0 || !(0.0..=1.0).contains(p));
    outside.map_or(Ok(()), |point| Err(format!("{point:?}")))
}
