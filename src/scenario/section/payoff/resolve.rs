//! What must hold for strategies and worlds to make sense.

use super::schema::{Strategy, World};
use crate::scenario::Variant;
use crate::scenario::diagnostic::Finding;
use crate::scenario::path::{self, Path};
use crate::scenario::product;
use crate::scenario::schema::Scenario;
use crate::scenario::section::Checker;
use crate::scenario::tree::Node;
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// Probabilities may miss 1 by so much.
const SUM_SLACK: f64 = 1e-9;

/// What is wrong with the strategies and worlds of a file, whatever they set.
pub(in crate::scenario) fn check(tree: &Node, scenario: &Scenario) -> Vec<Finding> {
    let mut check = Checker::new(tree);
    let root = Path::default();
    let [strategies, worlds] = ["strategies", "worlds"].map(|key| root.key(key));
    match (tree.get(&strategies).is_some(), tree.get(&worlds).is_some()) {
        (false, false) => {
            if scenario.indifference.is_some() {
                let message = "`indifference` is of `strategies` and `worlds`, and there are none";
                check.refuse_key(&root.key("indifference"), message);
            }
            return check.finish();
        }
        (true, false) => check.refuse_key(
            &strategies,
            "`strategies` are compared in `worlds`, and there are none: give at least one, of probability 1",
        ),
        (false, true) => check.refuse_key(
            &worlds,
            "in `worlds` one compares `strategies`, and there are none: give at least one",
        ),
        (true, true) => {}
    }
    if tree.entry("variants").is_some() {
        let message = "beside `strategies` and `worlds` there are no `variants`: their product is what is compared";
        check.refuse_key(&root.key("variants"), message);
    }
    if !check.is_fine() {
        return check.finish();
    }
    let name = |list: &Path, index: usize| list.index(index).key("name");
    let names = scenario.strategies.iter().enumerate();
    let names = names.map(|(index, one)| (name(&strategies, index), &*one.name));
    check.names("strategy", &strategies, names);
    let names = scenario.worlds.iter().enumerate();
    let names = names.map(|(index, one)| (name(&worlds, index), &*one.name));
    check.names("world", &worlds, names);
    case_names(scenario, &strategies, &mut check);
    probabilities(&scenario.worlds, &worlds, &mut check);
    if let Some(part) = scenario.indifference
        && !(0.0..=1.0).contains(&part.0)
    {
        let message = format!("found {}, expected 0 to 1", part.0);
        check.refuse(&root.key("indifference"), message);
    }
    collisions(tree, scenario, &strategies, &mut check);
    check.finish()
}

/// Cases are called by both names, which together must not be read in two ways.
fn case_names(scenario: &Scenario, list: &Path, check: &mut Checker) {
    let mut seen = BTreeMap::new();
    for world in &scenario.worlds {
        for (index, strategy) in scenario.strategies.iter().enumerate() {
            let name = product::name(&world.name, &strategy.name);
            let pair = (&world.name, &strategy.name);
            match seen.get(&name) {
                Some(&first) if first != pair => {
                    let message = format!("two cases would be called `{name}`");
                    check.refuse(&list.index(index).key("name"), message);
                }
                _ => drop(seen.insert(name, pair)),
            }
        }
    }
}

fn probabilities(worlds: &[World], list: &Path, check: &mut Checker) {
    let mut is_fine = !worlds.is_empty();
    for (index, world) in worlds.iter().enumerate() {
        is_fine &= check.positive(&list.index(index).key("probability"), world.probability.0, 1.0);
    }
    let sum: f64 = worlds.iter().map(|world| world.probability.0).sum();
    if is_fine && (sum - 1.0).abs() > SUM_SLACK {
        // As many digits as it takes to see what is wrong.
        let shown = format!("{sum:.10}");
        let shown = shown.trim_end_matches('0').trim_end_matches('.');
        check.refuse_key(list, format!("the probabilities of the worlds sum to {shown}, not to 1"));
    }
}

/// What a strategy sets and a world, too: one of both would have no effect.
fn collisions(tree: &Node, scenario: &Scenario, list: &Path, check: &mut Checker) {
    let paths = |set: &IndexMap<String, serde_json::Value>| -> Vec<(String, Path)> {
        let path = |key: &String| {
            let steps = path::parse(key).ok()?.into_iter().map(|(segment, _)| segment);
            // Whether items are told by name or by index.
            Some((key.clone(), Path(steps.collect()).by_index(tree)))
        };
        set.keys().filter_map(path).collect()
    };
    let worlds: Vec<_> = scenario
        .worlds
        .iter()
        .flat_map(|world| paths(&world.set).into_iter().map(move |path| (&world.name, path)))
        .collect();
    for (index, Strategy { set, .. }) in scenario.strategies.iter().enumerate() {
        for (key, path) in paths(set) {
            let contends = |(_, (_, other)): &&(&String, (String, Path))| {
                path.contains(other) || other.contains(&path)
            };
            let Some((world, (other, _))) = worlds.iter().find(contends) else { continue };
            check.refuse_key(
                &list.index(index).key("set").key(&key),
                format!(
                    "a strategy sets `{key}`, and world `{world}` sets `{other}`: only one of both can decide what is there"
                ),
            );
        }
    }
}

/// Strategies that are the same as an earlier one in each world. `cases` are all strategies of the first world, then
/// those of the second, and so on.
pub(in crate::scenario) fn without_effect(
    tree: &Node,
    scenario: &Scenario,
    cases: &[Variant],
) -> Vec<Finding> {
    let mut check = Checker::new(tree);
    let count = scenario.strategies.len();
    let is_like = |one: usize, two: usize| {
        let mut worlds = cases.chunks(count);
        worlds.all(|world| world[one].setup == world[two].setup)
    };
    for (index, strategy) in scenario.strategies.iter().enumerate() {
        if let Some(like) = (0..index).find(|&earlier| is_like(earlier, index)) {
            let at = Path::default().key("strategies").index(index).key("name");
            let (name, like) = (&strategy.name, &scenario.strategies[like].name);
            check.refuse(
                &at,
                format!(
                    "strategy `{name}` changes nothing: in each world it is the same as `{like}`"
                ),
            );
        }
    }
    check.finish()
}
