//! Warnings in words: in short at the top, one by one below.

use crate::experiment::{Results, VariantResults, Warning};

/// Models named at the top; the others are counted.
const NAMED: usize = 2;

/// Variants named with a warning; of more it is said how many they are.
const NAMED_IN_FULL: usize = 3;

/// What stands above everything else where a model cannot serve what it is asked for: which, in which
/// variants. About a line.
pub fn alarm(results: &Results) -> Option<String> {
    let mut models: Vec<(&str, Vec<Grave>)> = Vec::new();
    for variant in &results.variants {
        for warning in variant.warnings.iter().filter(|warning| warning.is_grave()) {
            match models.iter_mut().find(|(model, _)| *model == warning.model()) {
                Some((_, found)) => found.push((variant, warning)),
                None => models.push((warning.model(), vec![(variant, warning)])),
            }
        }
    }
    let named = models.iter().take(NAMED).map(|(model, found)| in_short(results, model, found));
    let mut told: Vec<String> = named.collect();
    match models.len().saturating_sub(NAMED) {
        0 => {}
        1 => told.push("1 more model".to_owned()),
        more => told.push(format!("{more} more models")),
    }
    let word = if results.variants.iter().any(is_unstable) { "OVERLOADED" } else { "NOT SERVED" };
    (!told.is_empty()).then(|| format!("{word}: {}", told.join(", ")))
}

/// A warning and the variant that it is of.
type Grave<'a> = (&'a VariantResults, &'a Warning);

/// Whose calls have no room in a model.
fn application(warning: &Warning) -> Option<&str> {
    match warning {
        Warning::TooLong { application, .. } => Some(application),
        _ => None,
    }
}

/// Whose calls are too long for a model: the first, and how many others.
fn too_long(model: &str, found: &[Grave]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in found.iter().filter_map(|(_, warning)| application(warning)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let first = names.first().copied().unwrap_or_default();
    let others = match names.len().saturating_sub(1) {
        0 => String::new(),
        others => format!(" and {others} more"),
    };
    format!("calls of `{first}`{others} are too long for `{model}`")
}

/// The worst that is known of a model, and in which variants.
fn in_short(results: &Results, model: &str, found: &[Grave]) -> String {
    let load = |warning: &Warning| match *warning {
        Warning::Overload { load, .. } => Some(load),
        _ => None,
    };
    let is_missing = |warning: &Warning| matches!(warning, Warning::NoReplica { .. });
    let of_kind = |kind: &dyn Fn(&Warning) -> bool| -> Vec<&str> {
        let of_kind = found.iter().filter(|(_, warning)| kind(warning));
        of_kind.map(|(variant, _)| &*variant.name).collect()
    };
    let loads: Vec<f64> = found.iter().filter_map(|(_, warning)| load(warning)).collect();
    let most = loads.iter().copied().reduce(f64::max);
    let missing = of_kind(&is_missing);
    let (what, variants) = match most {
        _ if !missing.is_empty() => (format!("`{model}` has no replica"), missing),
        Some(most) => {
            let up_to = if loads.iter().any(|load| *load < most) { "up to " } else { "" };
            let what = format!("`{model}` at a load of {up_to}{most:.2}");
            (what, of_kind(&|warning| load(warning).is_some()))
        }
        None if found.iter().any(|(_, warning)| warning.is_unstable()) => {
            (format!("the queue of `{model}` grows"), of_kind(&Warning::is_unstable))
        }
        None => (too_long(model, found), of_kind(&|warning| application(warning).is_some())),
    };
    match variants[..] {
        _ if results.variants.len() == 1 => what,
        [only] => format!("{what} ({only})"),
        _ => format!("{what} (in {} variants)", variants.len()),
    }
}

/// Whether waits of some model in the variant depend on how long it is simulated.
pub(super) fn is_unstable(variant: &VariantResults) -> bool {
    variant.warnings.iter().any(Warning::is_unstable)
}

/// Whether `metric` of the whole cloud depends on the horizon in this variant.
pub(super) fn marks(variant: &VariantResults, metric: &str) -> bool {
    waits(metric) && is_unstable(variant)
}

/// The same of a model; of a tenant, cluster or application, which some unstable model may be of, as of the
/// whole cloud.
pub(super) fn marks_entity(
    variant: &VariantResults,
    scope: &str,
    name: &str,
    metric: &str,
) -> bool {
    let mut unstable = variant.warnings.iter().filter(|warning| warning.is_unstable());
    waits(metric) && unstable.any(|warning| scope != "model" || warning.model() == name)
}

fn waits(metric: &str) -> bool {
    metric.starts_with("latency.") || metric.starts_with("queue.")
}

/// Every warning as a sentence; what is wrong with a model in several variants is said once, with the worst numbers.
pub(super) fn all(results: &Results) -> Vec<String> {
    let mut kinds: Vec<Vec<Grave>> = Vec::new();
    for variant in &results.variants {
        for warning in &variant.warnings {
            match kinds.iter_mut().find(|kind| kind[0].1.is_like(warning)) {
                Some(kind) => kind.push((variant, warning)),
                None => kinds.push(vec![(variant, warning)]),
            }
        }
    }
    kinds.iter().map(|kind| sentence(results.variants.len(), kind)).collect()
}

/// What is alike in some of so many variants, in a sentence.
fn sentence(variants: usize, kind: &[Grave]) -> String {
    let heavier = |a: &&Grave, b: &&Grave| a.1.size().total_cmp(&b.1.size());
    // The first of equals.
    let (worst, warning) = kind.iter().rev().max_by(heavier).expect("somebody warned");
    let alike = kind.iter().all(|(_, other)| other.to_string() == warning.to_string());
    let names: Vec<&str> = kind.iter().map(|(variant, _)| &*variant.name).collect();
    let place = match kind.len() {
        _ if variants == 1 => return format!("{warning}."),
        all if all == variants && alike => "in all variants".to_owned(),
        few if few <= NAMED_IN_FULL && alike => format!("in {}", names.join(", ")),
        1 => format!("in {}", worst.name),
        few if few <= NAMED_IN_FULL => {
            let others: Vec<_> = names.into_iter().filter(|name| *name != worst.name).collect();
            format!("in {}; less in {}", worst.name, others.join(", "))
        }
        many if alike => format!("in {many} of {variants} variants"),
        many => format!("in {}; less in {} more of {variants} variants", worst.name, many - 1),
    };
    format!("{warning} ({place}).")
}
