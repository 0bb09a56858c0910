//! Curves: a variant for each value of a parameter, so that results lie along it.
//!
//! A curve is written out as variants, which go the way of all others; what is kept of it is where
//! each of them lies.

mod check;
mod names;

use super::diagnostic::Finding;
use super::path::{self, Path};
use super::source::Place;
use super::sweep::quantity::{Quantity, shown};
use super::tree::{Entry, Node, Value};
use indexmap::IndexMap;

/// Where the variants of a scenario lie along a parameter. They are all levels of the first curve, then all of the
/// second, and so on.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What the parameter is called.
    pub called: String,
    /// The paths of what changes, as they are written, at least one; of several, all change together.
    pub paths: Vec<String>,
    /// What stands there, one after the other.
    pub levels: Vec<Level>,
    /// Unit of the levels' positions; empty where they have none.
    pub unit: String,
    /// The curves beside each other; none where there is one.
    pub curves: Vec<String>,
}

/// A value of the parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Unique name: as it was given, or else the values.
    pub name: String,
    /// What stands at each of the paths.
    pub values: Vec<String>,
    /// Where it lies, if all levels are numbers of one unit: their names, or else what stands at the first path where
    /// that is so.
    pub position: Option<f64>,
}

/// A curve as its file has it.
pub(super) struct Written {
    pub(super) curve: Curve,
    /// The variants that it stands for.
    pub(super) variants: Vec<(usize, Node)>,
}

type Findings = Vec<Finding>;

/// Where the variants are.
pub(super) fn at() -> Path {
    Path::default().key("variants")
}

/// The curve of a file, if its variants are one. Of what is not written as the schema has it nothing is made: that is
/// for the schema to say.
///
/// # Errors
/// What makes no sense in it.
pub(super) fn read(tree: &Node) -> Result<Option<Written>, Findings> {
    check::in_list(tree)?;
    let Some(node) = tree.entry("variants").map(|entry| &entry.node) else { return Ok(None) };
    let (Some(paths), Some(values)) = (paths(node), node.entry("values")) else { return Ok(None) };
    let Some(levels) = levels(&paths, &values.node) else {
        return check::lengths(&paths, &values.node).map(|()| None);
    };
    let names = names::of(node, &levels);
    check::all(tree, node, &paths, &levels, &names)?;
    let names: Vec<String> = names.iter().map(shown).collect();
    let (unit, positions) = names::positions(node, &levels);
    let called = node.entry("called").and_then(|entry| entry.node.as_str()).map(str::to_owned);
    let texts: Vec<String> = paths.iter().map(|(text, _)| text.clone()).collect();
    let level = |(index, name): (usize, &String)| Level {
        name: name.clone(),
        values: levels[index].iter().map(|value| shown(value)).collect(),
        position: positions.as_ref().map(|positions| positions[index]),
    };
    let for_each = node.entry("for-each").map_or(&[][..], |entry| entry.node.items());
    let curve = Curve {
        called: called.unwrap_or_else(|| texts.join(" and ")),
        levels: names.iter().enumerate().map(level).collect(),
        paths: texts,
        unit,
        curves: for_each.iter().filter_map(|(_, one)| name_of(one)).collect(),
    };
    let sides: Vec<_> = match for_each {
        [] => vec![None],
        several => several.iter().map(|(_, side)| Some(side)).collect(),
    };
    let each = sides.iter().flat_map(|side| names.iter().zip(&levels).map(move |one| (*side, one)));
    let variant = |(side, (name, values)): (Option<&Node>, (&String, &Vec<&Node>))| {
        variant(side, name, &paths, values)
    };
    Ok(Some(Written { curve, variants: each.map(variant).enumerate().collect() }))
}

/// The items of `variants`, or the variants that a curve stands for.
///
/// # Errors
/// What makes no sense in the curve.
pub(super) fn variants(tree: &Node) -> Result<Vec<(usize, Node)>, Findings> {
    let listed = || tree.entry("variants").map_or(&[][..], |entry| entry.node.items()).to_vec();
    Ok(read(tree)?.map_or_else(listed, |written| written.variants))
}

/// Has a file with a curve list its variants instead, so that one of them can be chosen.
///
/// # Errors
/// What makes no sense in the curve.
pub(super) fn spell_out(tree: &mut Node) -> Result<(), Findings> {
    if let Some(Written { variants, .. }) = read(tree)?
        && let Some(node) = tree.get_mut(&at())
    {
        node.value = Value::List(variants);
    }
    Ok(())
}

/// Why a change from outside cannot be made: the curve goes along what it changes.
pub(super) fn contends(tree: &Node, path: &Path, place: Place) -> Option<Finding> {
    let node = tree.get(&at())?;
    let (along, _) = { paths(node)? }.into_iter().find(|(text, _)| {
        parsed(text).map(|other| other.by_index(tree)).is_some_and(|other| meet(&other, path))
    })?;
    let message = format!("the curve goes along `{along}`: one value there would make it a point");
    let finding = Finding::new(place, message);
    Some(finding.label("`--variant` chooses one of its points").at(path))
}

/// Hands over what stands at each path of a curve, level by level, to change it.
pub(super) fn each_value(tree: &mut Node, mut change: impl FnMut(&Path, &mut Node)) {
    let Some(node) = tree.get_mut(&at()) else { return };
    let Some(paths) = paths(node) else { return };
    let paths: Vec<Path> = paths.iter().filter_map(|(text, _)| parsed(text)).collect();
    let Some(Value::List(levels)) =
        node.get_mut(&Path::default().key("values")).map(|values| &mut values.value)
    else {
        return;
    };
    for (_, level) in levels {
        match (&mut level.value, &*paths) {
            (_, [path]) => change(path, level),
            (Value::List(values), paths) => {
                let values = values.iter_mut().map(|(_, value)| value);
                paths.iter().zip(values).for_each(|(path, value)| change(path, value));
            }
            _ => {}
        }
    }
}

/// The paths of a curve, each with where it is written.
fn paths(node: &Node) -> Option<Vec<(String, Place)>> {
    let along = &node.entry("along")?.node;
    let one = |node: &Node| Some((node.as_str()?.to_owned(), node.place));
    match &along.value {
        Value::List(items) => items.iter().map(|(_, item)| one(item)).collect(),
        _ => one(along).map(|path| vec![path]),
    }
}

/// By level: a value for each path.
fn levels<'a>(paths: &[(String, Place)], values: &'a Node) -> Option<Vec<Vec<&'a Node>>> {
    let level = |item: &'a Node| match paths {
        [_] => Some(vec![item]),
        _ if item.items().len() != paths.len() => None,
        _ => Some(item.items().iter().map(|(_, value)| value).collect()),
    };
    matches!(values.value, Value::List(_)).then_some(())?;
    values.items().iter().map(|(_, item)| level(item)).collect()
}

fn name_of(node: &Node) -> Option<String> {
    node.entry("name")?.node.as_str().map(str::to_owned)
}

fn parsed(path: &str) -> Option<Path> {
    let steps = path::parse(path).ok()?;
    Some(Path(steps.into_iter().map(|(segment, _)| segment).collect()))
}

/// Whether one of two paths leads to a part of what the other leads to.
fn meet(one: &Path, other: &Path) -> bool {
    one.contains(other) || other.contains(one)
}

/// The variant that is a level of a curve. What it sets stands where it was written.
fn variant(side: Option<&Node>, level: &str, paths: &[(String, Place)], values: &[&Node]) -> Node {
    let name = match side.and_then(name_of) {
        Some(side) => format!("{side}: {level}"),
        None => level.to_owned(),
    };
    let sets = side.and_then(|side| side.entry("set")).into_iter();
    let mut set: IndexMap<String, Entry> = sets
        .flat_map(|set| set.node.entries())
        .map(|(key, entry)| (key.clone(), entry.clone()))
        .collect();
    for ((path, key), value) in paths.iter().zip(values) {
        set.insert(path.clone(), Entry { key: *key, node: (*value).clone() });
    }
    let place = values.first().map_or_else(Place::default, |value| value.place);
    let entry = |value| Entry { key: place, node: Node { place, value } };
    let name = entry(Value::Scalar(name.into()));
    let entries = [("name".to_owned(), name), ("set".to_owned(), entry(Value::Map(set)))];
    Node { place, value: Value::Map(IndexMap::from(entries)) }
}
