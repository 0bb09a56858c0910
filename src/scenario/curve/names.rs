//! What the levels of a curve are called, and where they lie.

use super::{Node, Place, Quantity, Value, shown};

/// The names that a file gives, or else names made of what stands at all paths.
pub(super) fn of(curve: &Node, levels: &[Vec<&Node>]) -> Vec<Node> {
    if let Some(names) = curve.entry("names") {
        return names.node.items().iter().map(|(_, name)| name.clone()).collect();
    }
    let name = |values: &Vec<&Node>| {
        let text = values.iter().map(|value| shown(value)).collect::<Vec<_>>().join(", ");
        let place = values.first().map_or_else(Place::default, |value| value.place);
        Node { place, value: Value::Scalar(text.into()) }
    };
    levels.iter().map(name).collect()
}

/// The unit of the levels' positions, and where each lies, if there are names and they are numbers of one unit, or else
/// the values at one of the paths are.
pub(super) fn positions(curve: &Node, levels: &[Vec<&Node>]) -> (String, Option<Vec<f64>>) {
    let names = curve.entry("names").map(|names| names.node.items());
    let names = names.map(|names| names.iter().map(|(_, name)| name).collect::<Vec<_>>());
    let paths = levels.first().map_or(0, Vec::len);
    let columns = (0..paths).map(|path| levels.iter().map(|level| level[path]).collect());
    let found = names.into_iter().chain(columns).find_map(|column: Vec<&Node>| numbers(&column));
    found.map_or_else(Default::default, |(unit, numbers)| (unit, Some(numbers)))
}

/// Different numbers of one unit.
fn numbers(nodes: &[&Node]) -> Option<(String, Vec<f64>)> {
    let quantities: Vec<Quantity> =
        nodes.iter().map(|node| Quantity::of(node)).collect::<Option<_>>()?;
    let unit = quantities.first()?.unit.trim().to_owned();
    let numbers: Vec<f64> = quantities.iter().map(|quantity| quantity.number).collect();
    let alike = quantities.iter().all(|quantity| quantity.unit.trim() == unit);
    let differ = (1..numbers.len()).all(|index| !numbers[..index].contains(&numbers[index]));
    (alike && differ).then_some((unit, numbers))
}
