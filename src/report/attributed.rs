//! Questions to the parts of differences.

use crate::experiment::{Attribution, Part, Results};

/// What a metric's difference of a variant from the first is made of, told by `all`, `model`, `tenant`
/// or `cluster`.
pub(super) fn attribution<'a>(
    results: &'a Results,
    variant: &str,
    metric: &str,
    by: &str,
) -> Option<&'a Attribution> {
    results
        .attributions
        .iter()
        .find(|each| each.metric == metric && each.variant == variant && each.by == by)
}

/// The parts of each entity, in their order.
pub(super) fn by_entity(attribution: &Attribution) -> Vec<(&str, Vec<&Part>)> {
    let mut entities: Vec<(&str, Vec<&Part>)> = Vec::new();
    for part in &attribution.parts {
        match entities.iter_mut().find(|(name, _)| *name == part.name) {
            Some((_, parts)) => parts.push(part),
            None => entities.push((&part.name, vec![part])),
        }
    }
    entities
}

/// What an entity's parts come to.
pub(super) fn sum(parts: &[&Part]) -> f64 {
    parts.iter().map(|part| part.mean).sum()
}

/// Contributions that differ by less than this part of the largest are equal to a reader.
const ALIKE: f64 = 0.05;

/// Who contributes most in the direction of a change, and how much each: all whose contributions are about equal, in their
/// order, with the mean of them. None where there is one entity only, or nothing changes.
pub(super) fn responsible(attribution: &Attribution, change: f64) -> Option<(Vec<&str>, f64)> {
    let entities = by_entity(attribution);
    let contributions = || entities.iter().map(|(name, parts)| (*name, sum(parts)));
    let most = contributions().map(|(_, part)| part * change.signum()).reduce(f64::max)?;
    let equals = || {
        let alike = |part: f64| part * change.signum() >= most * (1.0 - ALIKE);
        contributions().filter(move |(_, part)| alike(*part))
    };
    let mean = equals().map(|(_, part)| part).sum::<f64>() / equals().count() as f64;
    let names = equals().map(|(name, _)| name).collect();
    (entities.len() > 1 && most > 0.0).then_some((names, mean))
}
