//! The order of lists moves no bit of any number.

use super::Ending;
use super::compose;
use super::draw::Draw;
use coopsim::experiment::{Metrics, Results, VariantResults};
use coopsim::scenario::{self, Overrides};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Runs a scenario as it was drawn, and with its tenants, models, regions, clusters and applications in
/// another order. Everything that was found of each name is compared, as text, which shows every bit.
pub fn case(seed: u64) -> Result<Ending, String> {
    let folder = tempfile::TempDir::new().map_err(|error| error.to_string())?;
    let mut one = compose::scenario(seed, folder.path());
    let models = one["models"].as_array().expect("a list").iter();
    let models = models.map(|model| model["name"].clone()).collect();
    name_leaders(&mut one, &models);
    let mut other = one.clone();
    shuffle(&mut other, &mut Draw::new(!seed));
    let found = match (run(&one, folder.path()), run(&other, folder.path())) {
        (Ok(Some(one)), Ok(Some(other))) => [by_name(&one), by_name(&other)],
        (Ok(None), Ok(None)) => return Ok(Ending::Refused("in any order".into())),
        // An objective that no capacity meets, say: then for the same reason.
        (Err(one), Err(other)) if one == other => return Ok(Ending::Ran),
        (Err(why), _) | (_, Err(why)) => return Err(format!("fails in one order: {why}")),
        _ => return Err("only one of two orders is refused".into()),
    };
    let [one, other] = &found;
    match one.iter().zip(other).find(|(one, other)| one != other) {
        Some((one, other)) => Err(format!("in another order\n{one}\nis\n{other}")),
        None if one.len() == other.len() => Ok(Ending::Ran),
        None => Err("in another order there are more or fewer results".into()),
    }
}

/// What the run found; nothing where the scenario is refused.
fn run(given: &Value, folder: &Path) -> Result<Option<Results>, String> {
    let file = folder.join("x.yaml");
    let text = serde_json::to_string_pretty(given).expect("it is JSON");
    fs::write(&file, text).map_err(|error| error.to_string())?;
    match scenario::load(&file, &Overrides::default()) {
        Ok(scenario) => super::run(&scenario, 1).map(Some),
        Err(_) => Ok(None),
    }
}

/// Where nobody is named, the first model of the file leads: an order with a meaning, which has to stay.
fn name_leaders(value: &mut Value, models: &Value) {
    match value {
        Value::Object(map) => {
            if let Some(Value::Object(concentration)) = map.get_mut("concentration") {
                concentration.entry("models").or_insert_with(|| models.clone());
            }
            map.values_mut().for_each(|inner| name_leaders(inner, models));
        }
        Value::Array(list) => list.iter_mut().for_each(|inner| name_leaders(inner, models)),
        _ => {}
    }
}

fn shuffle(scenario: &mut Value, draw: &mut Draw) {
    for key in ["tenants", "models"] {
        permute(&mut scenario[key], draw);
    }
    let regions = &mut scenario["cloud"]["regions"];
    let each = regions.as_array_mut().expect("a list").iter_mut();
    each.for_each(|region| drop(permute(&mut region["clusters"], draw)));
    permute(regions, draw);
    let moved = permute(&mut scenario["applications"], draw);
    let first = moved.iter().position(|&from| from == 0).expect("it went somewhere");
    let variants = scenario.get_mut("variants").and_then(Value::as_array_mut);
    for variant in variants.into_iter().flatten() {
        // A variant says by its place which application it changes.
        let set = variant["set"].as_object_mut().expect("a map");
        for key in ["slo", "choice"] {
            if let Some(value) = set.remove(&format!("applications[0].{key}")) {
                set.insert(format!("applications[{first}].{key}"), value);
            }
        }
    }
}

/// Puts a list in any order. Returns which element each one was.
fn permute(list: &mut Value, draw: &mut Draw) -> Vec<usize> {
    let list = list.as_array_mut().expect("a list");
    let mut from: Vec<usize> = (0..list.len()).collect();
    for place in (1..list.len()).rev() {
        let other = draw.whole(0, place as u64) as usize;
        list.swap(place, other);
        from.swap(place, other);
    }
    from
}

/// Everything that was found, a line for each name of each kind, in the order of names.
fn by_name(results: &Results) -> Vec<String> {
    let mut lines: Vec<_> = results.variants.iter().flat_map(of_variant).collect();
    lines.extend(results.differences.iter().map(|difference| format!("{difference:?}")));
    lines.extend(results.attributions.iter().map(|attribution| format!("{attribution:?}")));
    lines.sort();
    lines
}

fn of_variant(variant: &VariantResults) -> Vec<String> {
    let named = |kind: &str, name: &str, metrics: &Metrics| {
        format!("{} {kind} {name}: {metrics:?}", variant.name)
    };
    let groups = [
        ("model", &variant.by_model),
        ("tenant", &variant.by_tenant),
        ("cluster", &variant.by_cluster),
        ("application", &variant.by_application),
    ];
    let mut lines = vec![named("all", "", &variant.metrics)];
    for (kind, group) in groups {
        lines.extend(group.iter().map(|(name, metrics)| named(kind, name, metrics)));
    }
    lines.push(format!("{}: {:?}", variant.name, variant.distributions));
    lines.extend(variant.series.iter().map(|series| format!("{}: {series:?}", variant.name)));
    lines
}
