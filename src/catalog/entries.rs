//! The catalogue for a reader: each entry's figures, with where each comes from.

use super::embedded::{ACCELERATORS, ARCHITECTURES, ENGINES, PRICES};
use super::figure::Source;
use serde::Serialize;
use serde_json::Value;

/// A part of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Chips.
    Accelerators,
    /// Shapes of models.
    Architectures,
    /// Serving engines.
    Engines,
    /// Of accelerator-hours and of tokens.
    Prices,
}

impl Kind {
    /// All parts, in the order in which they are shown.
    pub const ALL: [Self; 4] =
        [Self::Accelerators, Self::Architectures, Self::Engines, Self::Prices];

    /// The part's name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accelerators => "accelerators",
            Self::Architectures => "architectures",
            Self::Engines => "engines",
            Self::Prices => "prices",
        }
    }
}

/// A chip, a model or a price with all that is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Unique within its kind.
    pub name: String,
    /// What says which thing this is (vendor, region, …), by name.
    pub labels: Vec<(String, Value)>,
    /// Its figures.
    pub facts: Vec<Fact>,
}

/// One figure of an entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Name of the figure, as in a scenario: `hbm-bandwidth`, `efficiency.memory`.
    pub figure: String,
    /// The figure: a string with its unit, or a plain number.
    pub value: Value,
    /// Where it comes from.
    pub source: &'static Source,
    /// What a reader should know beside the source.
    pub note: Option<String>,
}

/// All entries of a kind, in the catalogue's order.
pub fn entries(kind: Kind) -> Vec<Entry> {
    let sources = sources(kind);
    match kind {
        Kind::Accelerators => ACCELERATORS
            .accelerators
            .iter()
            .map(|item| entry(item.name.clone(), item, sources))
            .collect(),
        Kind::Architectures => ARCHITECTURES
            .architectures
            .iter()
            .map(|item| entry(item.name.clone(), item, sources))
            .collect(),
        Kind::Engines => ENGINES
            .engines
            .iter()
            .map(|item| entry(item.name().to_owned(), item, sources))
            .collect(),
        Kind::Prices => {
            let hours = PRICES.accelerator_hours.iter().map(|price| {
                let source = find(sources, &price.price.source);
                let term = price.term.name();
                let words = [&price.provider, &price.instance, term, &price.region, &source.date];
                entry(words.join(" "), price, sources)
            });
            let tokens =
                PRICES.tokens.iter().map(|price| entry(price.model.clone(), price, sources));
            hours.chain(tokens).collect()
        }
    }
}

/// The sources that the entries of a kind name.
pub fn sources(kind: Kind) -> &'static [Source] {
    match kind {
        Kind::Accelerators => &ACCELERATORS.sources,
        Kind::Architectures => &ARCHITECTURES.sources,
        Kind::Engines => &ENGINES.sources,
        Kind::Prices => &PRICES.sources,
    }
}

fn entry(name: String, item: &impl Serialize, sources: &'static [Source]) -> Entry {
    let mut entry = Entry { name, labels: Vec::new(), facts: Vec::new() };
    collect(&mut entry, "", json(item), sources);
    entry
}

fn json(item: &impl Serialize) -> Value {
    serde_json::to_value(item).expect("catalogue items are plain trees")
}

/// Sorts an item's fields into facts, which are mappings with a source, and labels, looking into
/// other mappings. The field `name` is the entry's own.
fn collect(entry: &mut Entry, prefix: &str, item: Value, sources: &'static [Source]) {
    let Value::Object(fields) = item else { return };
    for (field, value) in fields {
        let path = if prefix.is_empty() { field } else { format!("{prefix}.{field}") };
        match value {
            Value::Null => {}
            Value::Object(figure) => match figure.get("source").and_then(Value::as_str) {
                Some(source) => entry.facts.push(Fact {
                    figure: path,
                    value: figure["value"].clone(),
                    source: find(sources, source),
                    note: figure.get("note").and_then(Value::as_str).map(str::to_owned),
                }),
                None => collect(entry, &path, Value::Object(figure), sources),
            },
            label if path != "name" => entry.labels.push((path, label)),
            _ => {}
        }
    }
}

fn find(sources: &'static [Source], id: &str) -> &'static Source {
    let found = sources.iter().find(|source| source.id == id);
    found.unwrap_or_else(|| panic!("the catalogue names an unknown source `{id}`"))
}
