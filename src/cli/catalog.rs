//! `coopsim catalog`: what the program knows about chips, models and prices, and from where.

use super::arguments::CatalogArguments;
use super::failure::Failure;
use super::format::Format;
use super::{listing, output};
use crate::catalog::{self, Entry, Fact, Kind};
use crate::scenario;
use serde_json::{Map, Value, json};

/// Prints a part of the catalogue, all of it, or one entry.
pub(super) fn catalog(arguments: &CatalogArguments) -> Result<(), Failure> {
    let kinds = match arguments.kind {
        Some(kind) => vec![Kind::from(kind)],
        None => Kind::ALL.to_vec(),
    };
    let mut chosen = Vec::new();
    for kind in kinds {
        let mut entries = catalog::entries(kind);
        if let Some(name) = &arguments.name {
            entries = pick(kind, entries, name)?;
        }
        chosen.push((kind, entries));
    }
    let width = output::width();
    output::print(&match (arguments.format, &arguments.name) {
        (Format::Json, _) => json(&chosen),
        (Format::Csv, _) => csv(&chosen),
        (Format::Table, Some(_)) => listing::chosen(&chosen[0].1, width),
        (Format::Table, None) => {
            let parts = chosen.iter().map(|(kind, _)| listing::overview(*kind, width));
            parts.collect::<Vec<_>>().join("\n")
        }
    })
}

/// The entry of this name; else those that have each of its words among theirs, or at the beginning of one, as all
/// prices of an instance have its name.
fn pick(kind: Kind, entries: Vec<Entry>, name: &str) -> Result<Vec<Entry>, Failure> {
    if let Some(entry) = entries.iter().find(|entry| entry.name == name) {
        return Ok(vec![entry.clone()]);
    }
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase().split_whitespace().map(str::to_owned).collect()
    };
    let wanted = words(name);
    let holds = |entry: &Entry, exactly: bool| {
        let own = words(&entry.name);
        let is = |word: &String, own: &String| own == word || !exactly && own.starts_with(&**word);
        !wanted.is_empty() && wanted.iter().all(|word| own.iter().any(|own| is(word, own)))
    };
    // `p5.48xlarge` is a whole word; `H100` begins several.
    let found = [true, false].into_iter().map(|exactly| {
        let found = entries.iter().filter(|entry| holds(entry, exactly));
        found.cloned().collect::<Vec<_>>()
    });
    found.into_iter().find(|found| !found.is_empty()).ok_or_else(|| {
        let names: Vec<_> = entries.iter().map(|entry| &*entry.name).collect();
        let hint = match scenario::nearest(name, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("see `coopsim catalog {}`", kind.name()),
        };
        Failure::usage(format_args!("no `{name}` among the {}: {hint}", kind.name()))
    })
}

/// `{kind: [{name, label…, figures: {figure: {value, source, date, note}}}]}`.
fn json(chosen: &[(Kind, Vec<Entry>)]) -> String {
    let kinds = chosen.iter().map(|(kind, entries)| {
        let entries = entries.iter().map(entry_json).collect();
        (kind.name().to_owned(), Value::Array(entries))
    });
    let tree = Value::Object(kinds.collect());
    format!("{tree:#}\n")
}

fn entry_json(entry: &Entry) -> Value {
    let mut fields = Map::new();
    fields.insert("name".to_owned(), Value::from(entry.name.as_str()));
    fields.extend(entry.labels.iter().cloned());
    let figures = entry.facts.iter().map(|fact| (fact.figure.clone(), fact_json(fact)));
    fields.insert("figures".to_owned(), Value::Object(figures.collect()));
    Value::Object(fields)
}

fn fact_json(fact: &Fact) -> Value {
    json!({
        "value": fact.value,
        "source": fact.source.title,
        "date": fact.source.date,
        "note": fact.note,
    })
}

/// A row per figure, and per label with no source.
fn csv(chosen: &[(Kind, Vec<Entry>)]) -> String {
    let mut rows =
        vec![["kind", "name", "figure", "value", "source", "date", "note"].map(str::to_owned)];
    for (kind, entries) in chosen {
        for entry in entries {
            let row = |figure: &str, value: &Value, rest: [&str; 3]| {
                let [source, date, note] = rest;
                let value = plain(value);
                [kind.name(), &entry.name, figure, &value, source, date, note].map(str::to_owned)
            };
            let label = |(label, value): &(String, Value)| row(label, value, ["", "", ""]);
            let fact = |fact: &Fact| {
                let note = fact.note.as_deref().unwrap_or_default();
                row(&fact.figure, &fact.value, [&fact.source.title, &fact.source.date, note])
            };
            rows.extend(entry.labels.iter().map(label));
            rows.extend(entry.facts.iter().map(fact));
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).expect("memory holds it");
    }
    String::from_utf8(writer.into_inner().expect("memory holds it")).expect("the catalogue is text")
}

/// A value without the quotes of JSON.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
