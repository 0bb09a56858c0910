//! The JSON Schema says what the reader takes: wherever a map or a word may stand, both know the same keys
//! and the same words.

use crate::scenario::{shape, structure, yaml};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// A key and a word that nobody knows.
const STRANGER: &str = "no-such";

/// Makes a whole scenario of a value that stands somewhere in it.
type Put<'a> = &'a dyn Fn(Value) -> Value;

#[derive(Default)]
struct Walk {
    /// The definitions that were visited.
    seen: BTreeSet<&'static str>,
    /// Maps and choices that were compared.
    compared: usize,
}

impl Walk {
    fn visit(&mut self, schema: &'static Value, put: Put) {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            if self.seen.insert(reference) {
                self.visit(shape::definition(reference).expect("it is defined"), put);
            }
            return;
        }
        for part in list(schema, "anyOf") {
            self.visit(part, put);
        }
        self.choice(schema, put);
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            let known = properties.keys().map(String::as_str).collect();
            self.compare(&known, put(with(schema, STRANGER, json!(1))));
            self.entries(schema, properties, put);
        }
        if let Some(items) = schema.get("items") {
            self.visit(items, &|item| put(json!([item])));
        }
    }

    /// A word, or a map with one entry.
    fn choice(&mut self, schema: &'static Value, put: Put) {
        let mut known: BTreeSet<_> =
            list(schema, "enum").iter().filter_map(Value::as_str).collect();
        for choice in list(schema, "oneOf") {
            known.extend(choice.get("const").and_then(Value::as_str));
            let Some(entry) = choice.get("properties").and_then(Value::as_object) else { continue };
            known.extend(entry.keys().map(String::as_str));
            self.entries(&Value::Null, entry, put);
        }
        if !known.is_empty() {
            self.compare(&known, put(json!(STRANGER)));
        }
    }

    fn entries(&mut self, map: &Value, entries: &'static Map<String, Value>, put: Put) {
        for (key, value) in entries {
            self.visit(value, &|value| put(with(map, key, value)));
        }
    }

    /// Reads a scenario with a stranger in it: the one error lists what is known.
    fn compare(&mut self, known: &BTreeSet<&str>, scenario: Value) {
        let tree = yaml::parse(&scenario.to_string(), 0).expect("JSON is YAML");
        let found = structure::read(&tree).expect_err("there is a stranger");
        let [finding] = &found[..] else { panic!("{scenario}: {found:?}") };
        let (stranger, expected) = finding.message.split_once("expected").expect("a list");
        assert!(stranger.contains(STRANGER), "{scenario}: {finding:?}");
        let listed: BTreeSet<_> = expected.split('`').skip(1).step_by(2).collect();
        assert_eq!(listed, *known, "{scenario}");
        self.compared += 1;
    }
}

/// A map of the schema, as small as it may be, with one entry more.
fn with(schema: &Value, key: &str, value: Value) -> Value {
    let smallest = shape::example(schema).unwrap_or_else(|| json!({}));
    let mut entries = smallest.as_object().expect("a map").clone();
    entries.insert(key.to_owned(), value);
    Value::Object(entries)
}

fn list<'a>(schema: &'a Value, keyword: &str) -> &'a [Value] {
    schema.get(keyword).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[test]
fn reader_and_schema_know_the_same_words() {
    let mut walk = Walk::default();
    walk.visit(shape::document(), &|scenario| scenario);
    let definitions = shape::document()["$defs"].as_object().expect("a map").len();
    assert_eq!(walk.seen.len(), definitions, "all are met");
    assert!(walk.compared > 70, "{}", walk.compared);
}

#[test]
fn what_is_written_for_a_missing_value_is_read() {
    let smallest = shape::example(shape::document()).expect("a scenario can be written");
    let tree = yaml::parse(&smallest.to_string(), 0).expect("JSON is YAML");
    assert!(structure::read(&tree).is_ok(), "{smallest}");
}
