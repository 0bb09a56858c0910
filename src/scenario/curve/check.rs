//! What must hold for a curve to make sense.

use super::{Findings, at, meet, name_of, parsed};
use crate::scenario::diagnostic::Finding;
use crate::scenario::path::Path;
use crate::scenario::product::MAX_VARIANTS;
use crate::scenario::section::Checker;
use crate::scenario::source::Place;
use crate::scenario::sweep::quantity::shown;
use crate::scenario::tree::{Node, Value};

type Paths = [(String, Place)];

/// Refuses a curve among variants that are listed.
pub(super) fn in_list(tree: &Node) -> Result<(), Findings> {
    let items = tree.entry("variants").map_or(&[][..], |entry| entry.node.items());
    let refuse = |(_, item): &(usize, Node)| {
        let message = "`along` is of a curve, which stands alone: `variants: {along: PATH, values: […]}` in the place of a list";
        item.entry("along").map(|entry| Finding::new(entry.key, message).at(&at()))
    };
    none(items.iter().filter_map(refuse).collect())
}

/// Refuses lists of values that are not as long as there are paths.
pub(super) fn lengths(paths: &Paths, values: &Node) -> Result<(), Findings> {
    let wanted = format!("expected a list with a value for each of the {} paths", paths.len());
    let refuse = |(index, item): &(usize, Node)| {
        let found = match &item.value {
            Value::List(items) if items.len() == paths.len() => return None,
            Value::List(items) => format!("a list of {}", items.len()),
            _ => format!("`{}`", shown(item)),
        };
        let path = at().key("values").index(*index);
        Some(Finding::new(item.place, format!("found {found}, {wanted}")).at(&path))
    };
    none(values.items().iter().filter_map(refuse).collect())
}

/// Everything else.
pub(super) fn all(
    tree: &Node,
    curve: &Node,
    paths: &Paths,
    levels: &[Vec<&Node>],
    names: &[Node],
) -> Result<(), Findings> {
    let sides = curve.entry("for-each").map(|entry| entry.node.items());
    let mut findings = empty(tree, paths, levels, sides);
    findings.extend(colliding(tree, paths, sides.unwrap_or_default()));
    findings.extend(equal(levels));
    let count = levels.len() * sides.map_or(1, <[_]>::len);
    if count > MAX_VARIANTS {
        let message = format!("{count} variants are too many: at most {MAX_VARIANTS}");
        findings.push(Finding::new(tree.locate(&at()), message).at(&at()));
    }
    findings.extend(name_of_axis(tree, curve));
    findings.extend(names_of_levels(tree, curve, levels, names));
    if let Some(sides) = sides {
        findings.extend(names_of_sides(tree, sides));
    }
    none(findings)
}

fn none(findings: Findings) -> Result<(), Findings> {
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

/// Lists in which something must be.
fn empty(
    tree: &Node,
    paths: &Paths,
    levels: &[Vec<&Node>],
    sides: Option<&[(usize, Node)]>,
) -> Findings {
    let refuse = |key: &str, message: &str| {
        let at = at().key(key);
        Finding::new(tree.locate_key(&at), message).at(&at)
    };
    let mut findings = Vec::new();
    if paths.is_empty() {
        findings.push(refuse("along", "there is no path: give at least one"));
    }
    if levels.is_empty() {
        findings.push(refuse("values", "there are no values: give at least two"));
    } else if levels.len() == 1 {
        let message =
            "one value makes no curve: give at least two, or write it where its path leads";
        findings.push(refuse("values", message));
    }
    if sides.is_some_and(<[_]>::is_empty) {
        findings
            .push(refuse("for-each", "there is nothing for which to draw a curve: leave it out"));
    }
    findings
}

/// Paths that lead to the same, and what is set beside them.
fn colliding(tree: &Node, paths: &Paths, sides: &[(usize, Node)]) -> Findings {
    let led = |text: &str| parsed(text).map(|path| path.by_index(tree));
    let along: Vec<(&str, Path)> =
        paths.iter().filter_map(|(text, _)| Some((&**text, led(text)?))).collect();
    let mut findings = Vec::new();
    for (index, (text, path)) in along.iter().enumerate() {
        if let Some((other, _)) = along[..index].iter().find(|(_, other)| meet(other, path)) {
            let message = format!("`{text}` and `{other}` lead to the same value");
            let place = paths.iter().find(|(known, _)| known == text).map(|(_, place)| *place);
            let place =
                if index > 0 && text == other { paths[index].1 } else { place.unwrap_or_default() };
            findings.push(Finding::new(place, message).at(&at().key("along")));
        }
    }
    for (_, side) in sides {
        for (key, entry) in side.entry("set").into_iter().flat_map(|set| set.node.entries()) {
            let Some(path) = led(key) else { continue };
            let Some((text, _)) = along.iter().find(|(_, other)| meet(other, &path)) else {
                continue;
            };
            let message = format!(
                "`{key}` is set beside the curve along `{text}`: only one of both can decide what is there"
            );
            findings.push(Finding::new(entry.key, message).at(&at().key("for-each")));
        }
    }
    findings
}

/// Values that are there twice.
fn equal(levels: &[Vec<&Node>]) -> Findings {
    let texts: Vec<Vec<String>> =
        levels.iter().map(|level| level.iter().map(|value| shown(value)).collect()).collect();
    let again = |index: usize| texts[..index].contains(&texts[index]);
    let refuse = |index: usize| {
        let message = format!("`{}` is there twice", texts[index].join(", "));
        let place = levels[index].first().map_or_else(Place::default, |value| value.place);
        Finding::new(place, message).at(&at().key("values").index(index))
    };
    (0..levels.len()).filter(|&index| again(index)).map(refuse).collect()
}

/// What the axis is called heads a column, beside others.
fn name_of_axis(tree: &Node, curve: &Node) -> Findings {
    const COLUMNS: [&str; 8] = ["curve", "scope", "name", "metric", "unit", "mean", "ci95", "n"];
    let path = at().key("called");
    let Some(called) = curve.entry("called").and_then(|entry| entry.node.as_str()) else {
        return Vec::new();
    };
    if COLUMNS.contains(&called) {
        let message = format!("`{called}` is another column of curve.csv: call it otherwise");
        return vec![Finding::new(tree.locate(&path), message).at(&path)];
    }
    let mut check = Checker::new(tree);
    check.names("axis", &path, [(path.clone(), called)].into_iter());
    check.finish()
}

fn names_of_levels(tree: &Node, curve: &Node, levels: &[Vec<&Node>], names: &[Node]) -> Findings {
    let list = at().key("names");
    let is_scalar = |node: &Node| matches!(node.value, Value::Scalar(_));
    if curve.entry("names").is_none() {
        let odd = levels.iter().flatten().find(|value| !is_scalar(value));
        let message =
            "what is no single value makes no name: give `names`, one for each of the values";
        return odd.map(|value| Finding::new(value.place, message).at(&list)).into_iter().collect();
    }
    if names.len() != levels.len() {
        let message =
            format!("{} names for {} values: each value has one", names.len(), levels.len());
        return vec![Finding::new(tree.locate_key(&list), message).at(&list)];
    }
    if let Some(odd) = names.iter().find(|name| !is_scalar(name)) {
        return vec![Finding::new(odd.place, "expected a name or a number").at(&list)];
    }
    let texts: Vec<String> = names.iter().map(shown).collect();
    let mut check = Checker::new(tree);
    let named = texts.iter().enumerate().map(|(index, name)| (list.index(index), &**name));
    check.names("level", &list, named);
    check.finish()
}

fn names_of_sides(tree: &Node, sides: &[(usize, Node)]) -> Findings {
    let list = at().key("for-each");
    let names: Vec<_> = sides
        .iter()
        .filter_map(|(index, side)| Some((list.index(*index).key("name"), name_of(side)?)))
        .collect();
    let mut check = Checker::new(tree);
    check.names("curve", &list, names.iter().map(|(path, name)| (path.clone(), &**name)));
    if sides.is_empty() { Vec::new() } else { check.finish() }
}
