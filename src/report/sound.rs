//! Whether numbers that were read from files can be those of a run: what no simulation finds is not drawn.
//!
//! JSON has no number that is not finite; the time series, which are text, are looked at row by row where
//! they are read.

use super::csv::scopes;
use crate::experiment::{Attribution, Bucket, Distribution, Metrics, Payoff, Results, Warning};

/// Fails at the first number that no run gives.
///
/// # Errors
/// Says where in the summary it is, and what is wrong with it.
pub(super) fn check(results: &Results) -> Result<(), String> {
    let most = results.replications;
    require(most > 0, || "replications is 0: there is no run".to_owned())?;
    not_negative("measured_s", results.measured_s)?;
    check_axes(results)?;
    for (place, variant) in results.variants.iter().enumerate() {
        let at = format!("variants[{place}]");
        for (number, warning) in variant.warnings.iter().enumerate() {
            check_warning(&format!("{at}.warnings[{number}]"), warning)?;
        }
        for (number, limit) in variant.objectives.iter().enumerate() {
            not_negative(&format!("{at}.objectives[{number}].limit_s"), limit.limit_s)?;
        }
        check_metrics(&format!("{at}.metrics"), &variant.metrics, most)?;
        for (scope, by_name) in scopes(variant) {
            for (name, metrics) in by_name {
                check_metrics(&format!("{at}.by_{scope}[{name:?}]"), metrics, most)?;
            }
        }
        for (name, distribution) in &variant.distributions {
            check_distribution(&format!("{at}.distributions[{name:?}].cdf"), distribution)?;
        }
    }
    for (place, payoff) in results.payoffs.iter().enumerate() {
        check_payoff(&format!("payoffs[{place}]"), payoff)?;
    }
    for (place, difference) in results.differences.iter().enumerate() {
        half_width(&format!("differences[{place}]"), difference.ci95)?;
    }
    for (place, Attribution { parts, .. }) in results.attributions.iter().enumerate() {
        for (number, part) in parts.iter().enumerate() {
            half_width(&format!("attributions[{place}].parts[{number}]"), part.ci95)?;
        }
    }
    Ok(())
}

/// Fails if a bucket of a time series, which follows `last`, has numbers that no run gives.
///
/// # Errors
/// Says what is wrong with it.
pub(super) fn check_bucket(bucket: &Bucket, last: Option<&Bucket>) -> Result<(), String> {
    let &Bucket { start_s, end_s, ci95, .. } = bucket;
    not_negative("start_s", start_s)?;
    require(end_s >= start_s, || format!("it ends at {end_s} s, before it starts at {start_s} s"))?;
    let before = last.map_or(0.0, |last| last.end_s);
    require(start_s >= before, || {
        format!("it starts at {start_s} s, before the one before it ends at {before} s")
    })?;
    ci95.map_or(Ok(()), |ci95| not_negative("ci95", ci95))
}

fn check_metrics(at: &str, metrics: &Metrics, most: u32) -> Result<(), String> {
    for (name, estimate) in metrics {
        let at = format!("{at}[{name:?}]");
        half_width(&at, estimate.ci95)?;
        let n = estimate.n;
        require((1..=most).contains(&n), || {
            format!("{at}.n is {n}, and there are {most} replications")
        })?;
    }
    Ok(())
}

fn check_axes(results: &Results) -> Result<(), String> {
    let combinations: usize = results.axes.iter().map(|axis| axis.values.len()).product();
    let variants = results.variants.len();
    require(combinations > 0 && variants.is_multiple_of(combinations), || {
        format!(
            "axes have {combinations} combinations of values, of which {variants} variants are no multiple"
        )
    })?;
    let Some((axis, along)) = results.along() else { return Ok(()) };
    let values = axis.values.len();
    require(variants == combinations, || {
        format!("there are {variants} variants along an axis, and {combinations} combinations")
    })?;
    let positions = along.positions.as_ref().map_or(values, Vec::len);
    let lengths = along.paths.iter().map(|path| path.values.len()).chain([positions]);
    for length in lengths {
        require(length == values, || {
            format!("{length} positions or values stand for the {values} values of an axis")
        })?;
    }
    Ok(())
}

fn check_payoff(at: &str, payoff: &Payoff) -> Result<(), String> {
    let Payoff { worlds, strategies, best, .. } = payoff;
    not_negative(&format!("{at}.best.zone"), best.zone)?;
    require((0.0..=1.0).contains(&best.bound), || {
        format!("{at}.best.bound is {}, and must be from 0 to 1", best.bound)
    })?;
    for (number, world) in worlds.iter().enumerate() {
        not_negative(&format!("{at}.worlds[{number}].probability"), world.probability)?;
    }
    for (number, strategy) in strategies.iter().enumerate() {
        let at = format!("{at}.strategies[{number}]");
        let (found, expected) = (strategy.cells.len(), worlds.len());
        require(found == expected, || format!("{at} has {found} cells for {expected} worlds"))?;
        let cells = strategy.cells.iter().flat_map(|cell| [cell.mean, cell.regret]);
        let whole = [strategy.mean, strategy.deviation, strategy.cvar, strategy.regret];
        for bounds in cells.chain(whole).filter_map(|each| each.bounds) {
            require(bounds.low <= bounds.high, || {
                format!("{at} has an interval from {} to {}", bounds.low, bounds.high)
            })?;
        }
    }
    Ok(())
}

fn check_distribution(at: &str, Distribution { cdf }: &Distribution) -> Result<(), String> {
    let (mut value, mut probability) = (0.0, 0.0);
    for (number, &(next_value, next_probability)) in cdf.iter().enumerate() {
        let grows = next_value >= value && next_probability >= probability;
        require(grows, || format!("{at}[{number}] is below the point before it"))?;
        require(next_probability <= 1.0, || {
            format!("{at}[{number}] has a probability of {next_probability}")
        })?;
        (value, probability) = (next_value, next_probability);
    }
    Ok(())
}

fn check_warning(at: &str, warning: &Warning) -> Result<(), String> {
    let numbers = match *warning {
        Warning::NoReplica { calls_per_s, .. } => vec![("calls_per_s", calls_per_s)],
        Warning::Overload { load, .. } => vec![("load", load)],
        Warning::QueueGrows { per_s, .. } => vec![("per_s", per_s)],
        Warning::TooSmall { load, planned_load, .. } => {
            vec![("load", load), ("planned_load", planned_load)]
        }
        Warning::TooLong { .. } | Warning::SometimesTooLong { .. } => Vec::new(),
    };
    numbers.into_iter().try_for_each(|(key, number)| not_negative(&format!("{at}.{key}"), number))
}

fn half_width(at: &str, ci95: Option<f64>) -> Result<(), String> {
    ci95.map_or(Ok(()), |ci95| not_negative(&format!("{at}.ci95"), ci95))
}

fn not_negative(what: &str, number: f64) -> Result<(), String> {
    require(number >= 0.0, || format!("{what} is {number}, and cannot be below 0"))
}

fn require(holds: bool, problem: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(problem()) }
}
