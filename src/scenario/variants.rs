//! What variants change, and what changes them.

use super::diagnostic::Finding;
use super::overrides::Override;
use super::path::{self, Path, Segment};
use super::section::Checker;
use super::shape::Shape;
use super::source::Place;
use super::tree::{Entry, Node, Value};
use super::{curve, product, schema, suggest};
use indexmap::IndexMap;

/// The tree without its variants, as `variant` changes it.
pub(super) fn variant_tree(tree: &Node, variant: &Node) -> Result<Node, Vec<Finding>> {
    let mut changed = tree.clone();
    for list in product::LISTS {
        changed.remove(&Path::default().key(list));
    }
    changed.remove(&Path::default().key("indifference"));
    let mut findings = Vec::new();
    for (key, entry) in variant.entry("set").into_iter().flat_map(|set| set.node.entries()) {
        let applied = Override::from_entry(key, entry).and_then(|change| {
            if let Some(finding) = shared(&change) {
                return Err(finding);
            }
            change.apply(&mut changed)
        });
        findings.extend(applied.err());
    }
    if findings.is_empty() { Ok(changed) } else { Err(findings) }
}

/// Why a variant cannot change this, if it cannot.
fn shared(change: &Override) -> Option<Finding> {
    let (first @ Segment::Key(key), place) = change.steps.first()? else { return None };
    let reason = Shape::root().step(first).same_in_all_variants()?;
    Some(Finding::new(*place, format!("a variant cannot set `{key}`: {reason}")))
}

/// The command line has the last word: what it sets is set in the variants that change it too.
pub(super) fn override_variants(tree: &mut Node, change: &Override) {
    let path = change.path();
    let known = tree.clone();
    let Value::Map(entries) = &mut tree.value else { return };
    let lists = entries.iter_mut().filter(|(key, _)| product::LISTS.contains(&&***key));
    let variants = lists.filter_map(|(_, entry)| match &mut entry.node.value {
        Value::List(variants) => Some(variants),
        Value::Map(curve) => match &mut curve.get_mut("for-each")?.node.value {
            Value::List(sides) => Some(sides),
            _ => None,
        },
        Value::Scalar(_) => None,
    });
    for (_, variant) in variants.flatten() {
        let Some(Node { value: Value::Map(set), .. }) =
            variant.child_mut(&Segment::Key("set".into()))
        else {
            continue;
        };
        if contend(set, &path, &known) {
            let place = Place {
                end: change.steps.last().map_or(0, |step| step.1.end),
                ..change.steps[0].1
            };
            set.insert(path.to_string(), Entry { key: place, node: change.value.clone() });
        }
    }
}

/// Whether a variant sets `path` or something above or below it; what is below is taken out.
fn contend(set: &mut IndexMap<String, Entry>, path: &Path, tree: &Node) -> bool {
    let mut contended = false;
    set.retain(|key, _| {
        let Some(other) = path_of(key, tree) else { return true };
        contended |= path.contains(&other) || other.contains(path);
        !path.contains(&other)
    });
    contended
}

/// Where a key of a `set` leads in `tree`, if it is a path.
fn path_of(key: &str, tree: &Node) -> Option<Path> {
    let steps = path::parse(key).ok()?;
    Some(Path(steps.into_iter().map(|(segment, _)| segment).collect()).by_index(tree))
}

/// A variant that sets `path` or something above or below it, and the path that it sets.
pub(super) fn contending_variant(tree: &Node, path: &Path) -> Option<(String, String)> {
    let variants = product::variants(tree).unwrap_or_default();
    let contends = |key: &str| {
        let other = path_of(key, tree)?;
        (path.contains(&other) || other.contains(path)).then(|| key.to_owned())
    };
    variants.iter().find_map(|(_, variant)| {
        let name = variant.entry("name").and_then(|entry| entry.node.as_str())?;
        let mut set = variant.entry("set").into_iter().flat_map(|set| set.node.entries());
        set.find_map(|(key, _)| Some((name.to_owned(), contends(key)?)))
    })
}

/// Leaves only the variants of these `names`, if there are any; each was written at `place`.
pub(super) fn keep_variants(
    tree: &mut Node,
    names: &[String],
    place: impl Fn(usize) -> Place,
) -> Result<(), Vec<Finding>> {
    if names.is_empty() {
        return Ok(());
    }
    curve::spell_out(tree)?;
    let mut findings = Vec::new();
    for (index, name) in names.iter().enumerate() {
        findings.extend(select(&mut tree.clone(), name, place(index)).err());
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    product::spell_out(tree, place(0));
    let variants = tree.get_mut(&Path::default().key("variants"));
    if let Some(Value::List(items)) = variants.map(|variants| &mut variants.value) {
        let is_kept = |node: &Node| {
            let name = node.entry("name").and_then(|entry| entry.node.as_str());
            name.is_some_and(|name| names.iter().any(|kept| kept == name))
        };
        items.retain(|(_, item)| is_kept(item));
    }
    Ok(())
}

/// Leaves only the variant called `name`. A scenario without variants is its own variant.
pub(super) fn select(tree: &mut Node, name: &str, place: Place) -> Result<(), Finding> {
    product::spell_out(tree, place);
    let own = tree.entry("name").and_then(|entry| entry.node.as_str()).map(str::to_owned);
    let variants = tree.get_mut(&Path::default().key("variants"));
    let Some(Value::List(items)) = variants.map(|variants| &mut variants.value) else {
        if own.as_deref() == Some(name) {
            return Ok(());
        }
        return Err(Finding::new(
            place,
            format!("no variant `{name}`: the scenario has no variants"),
        ));
    };
    let named =
        |node: &Node| node.entry("name").and_then(|entry| entry.node.as_str()).map(str::to_owned);
    let names = items.iter().filter_map(|(_, item)| named(item)).collect::<Vec<_>>();
    if !names.iter().any(|known| known == name) {
        let message = format!("no variant `{name}`, {}", suggest::expected(&names));
        return Err(Finding::new(place, message).hint(suggest::did_you_mean(name, &names)));
    }
    items.retain(|(_, item)| named(item).as_deref() == Some(name));
    Ok(())
}

/// Names of variants that are none, or there twice.
pub(super) fn variant_names(tree: &Node, base: &schema::Scenario) -> Vec<Finding> {
    let schema::Variants::Listed(variants) = &base.variants else { return Vec::new() };
    if variants.is_empty() {
        return Vec::new();
    }
    let mut check = Checker::new(tree);
    let at = Path::default().key("variants");
    let names = variants.iter().enumerate();
    check.names(
        "variant",
        &at,
        names.map(|(index, one)| (at.index(index).key("name"), &*one.name)),
    );
    check.finish()
}
