//! Which limit of an objective is missed, and by how much.

use super::warnings::{NAMED_MAX, Part};
use super::{join, quoted, unbroken};
use crate::experiment::{Limit, VariantResults};
use crate::report::numbers;
use crate::report::text::fit;

/// This part of the calls has to be inside: a limit counts as missed where its percentile is above it.
const PERCENTILE: &str = "p99";

/// What of their objectives variants miss, of which these parts of the calls were inside: of each, or where they are many
/// of the worst.
pub(super) fn reasons(late: &[Part], worst: Part) -> String {
    let told = if late.len() <= NAMED_MAX { late } else { &[worst] };
    // What is said of several in the same words is said once.
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for (variant, inside) in told {
        let Some(reason) = reason(variant, *inside) else { continue };
        let name = quoted(&variant.name);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => reasons.push((reason, vec![name])),
        }
    }
    let sentences = reasons.iter().map(|(reason, of)| format!(" In {} {reason}.", join(of, "and")));
    sentences.collect()
}

/// Completes “In “split” …”.
fn reason(variant: &VariantResults, inside: f64) -> Option<String> {
    let limits = &variant.objectives;
    let several = limits.iter().any(|limit| limit.application != limits[0].application);
    let missed: Vec<_> = limits.iter().filter_map(|limit| miss(variant, limit, several)).collect();
    if !missed.is_empty() {
        return Some(join(&missed, "and"));
    }
    let mean = |metric: &str| variant.metrics.get(metric).map_or(0.0, |estimate| estimate.mean);
    let without_end = mean("requests.rejected") + mean("requests.unfinished");
    let missing = (1.0 - inside) * mean("requests.arrived");
    match limits.len() {
        0 => None,
        _ if without_end > missing / 2.0 => {
            Some("it is for calls that were turned away or did not end".to_owned())
        }
        1 => None,
        _ => Some("99 % meet each limit by itself, only not all of them together".to_owned()),
    }
}

/// “the time to first token is 657 ms at the 99th percentile, 31 % above its limit of 500 ms”
fn miss(variant: &VariantResults, limit: &Limit, several: bool) -> Option<String> {
    let metrics = variant.by_application.get(&limit.application)?;
    let found = metrics.get(&format!("{}.{PERCENTILE}", limit.latency))?.mean;
    if found <= limit.limit_s {
        return None;
    }
    let what = match limit.latency.as_str() {
        "latency.ttft_s" => "the time to first token",
        "latency.tpot_s" => "the time per output token",
        _ => "the time to the last token",
    };
    let seconds = |value: f64| unbroken(&numbers::value(value, "s"));
    let of = if several {
        format!(" of {}", fit(&limit.application, super::NAME_COLUMNS))
    } else {
        String::new()
    };
    let (at, most) = (seconds(found), seconds(limit.limit_s));
    let above = 100.0 * (found / limit.limit_s - 1.0);
    let above =
        if above < 100.0 { format!("{above:.1}\u{A0}%") } else { format!("{above:.0}\u{A0}%") };
    Some(format!("{what}{of} is {at} at the 99th percentile, {above} above its limit of {most}"))
}
