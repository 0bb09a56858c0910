//! Each strategy in each world, as the variants that a file could have had instead.

use super::curve;
use super::diagnostic::Finding;
use super::path::Path;
use super::schema;
use super::source::Place;
use super::tree::{Entry, Node, Value};
use indexmap::IndexMap;

/// The lists whose items change values of the file.
pub(super) const LISTS: [&str; 3] = ["variants", "strategies", "worlds"];

/// Variants of a scenario that are made and not listed.
pub(super) const MAX_VARIANTS: usize = 1_000;

/// Part of the best strategy's revenue within which strategies are as good as each other, unless a file says so.
const INDIFFERENCE: f64 = 0.01;

/// Strategies and worlds of which the cases of a scenario are the product: its variants are all strategies in the first
/// world, then all in the second, and so on.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// The names of the strategies.
    pub strategies: Vec<String>,
    /// The worlds.
    pub worlds: Vec<World>,
    /// Part of the best strategy's mean revenue: strategies whose mean payoffs differ by no more are as good as each
    /// other.
    pub indifference: f64,
}

/// What may come.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    /// Its name.
    pub name: String,
    /// How probable it is, more than 0; they sum to 1.
    pub probability: f64,
}

impl Product {
    /// That of a file, if it has one.
    pub(super) fn of(scenario: &schema::Scenario) -> Option<Self> {
        let world = |world: &schema::World| World {
            name: world.name.clone(),
            probability: world.probability.0,
        };
        (!scenario.strategies.is_empty()).then(|| Self {
            strategies: scenario.strategies.iter().map(|one| one.name.clone()).collect(),
            worlds: scenario.worlds.iter().map(world).collect(),
            indifference: scenario.indifference.map_or(INDIFFERENCE, |part| part.0),
        })
    }
}

/// The items of `variants`, or those that stand for each strategy in each world, or that lie along a curve.
///
/// # Errors
/// What makes no sense in a curve.
pub(super) fn variants(tree: &Node) -> Result<Vec<(usize, Node)>, Vec<Finding>> {
    let items = |key: &str| tree.entry(key).map_or(&[][..], |entry| entry.node.items());
    let count = items("worlds").len() * items("strategies").len();
    if count > MAX_VARIANTS {
        let message = format!(
            "{} strategies in {} worlds are {count} cases: at most {MAX_VARIANTS}",
            items("strategies").len(),
            items("worlds").len()
        );
        let at = Path::default().key("strategies");
        return Err(vec![Finding::new(tree.locate_key(&at), message).at(&at)]);
    }
    let products = items("worlds").iter().flat_map(|(_, world)| {
        items("strategies").iter().map(move |(_, strategy)| both(world, strategy))
    });
    let products: Vec<_> = products.enumerate().collect();
    if products.is_empty() { curve::variants(tree) } else { Ok(products) }
}

/// What a strategy in a world is called.
pub(super) fn name(world: &str, strategy: &str) -> String {
    format!("{world}: {strategy}")
}

/// The variant that is a strategy in a world. What it sets stands where it was written.
fn both(world: &Node, strategy: &Node) -> Node {
    let called = |node: &Node| node.entry("name")?.node.as_str().map(str::to_owned);
    let name = called(world).zip(called(strategy)).map(|(world, strategy)| name(&world, &strategy));
    let set = [world, strategy].into_iter().filter_map(|part| part.entry("set"));
    let set = set.flat_map(|set| set.node.entries());
    let set = set.map(|(key, entry)| (key.clone(), entry.clone())).collect();
    let place = strategy.place;
    let entry = |value| Entry { key: place, node: Node { place, value } };
    let name = entry(Value::Scalar(name.unwrap_or_default().into()));
    let entries = [("name".to_owned(), name), ("set".to_owned(), entry(Value::Map(set)))];
    Node { place, value: Value::Map(IndexMap::from(entries)) }
}

/// Has a file with strategies and worlds list its cases as variants instead, so that one of them can be chosen.
pub(super) fn spell_out(tree: &mut Node, place: Place) {
    let Ok(cases) = variants(tree) else { return };
    let Value::Map(entries) = &mut tree.value else { return };
    if entries.contains_key("strategies") && entries.contains_key("worlds") && !cases.is_empty() {
        for key in ["strategies", "worlds", "indifference"] {
            entries.shift_remove(key);
        }
        let node = Node { place, value: Value::List(cases) };
        entries.insert("variants".to_owned(), Entry { key: place, node });
    }
}
