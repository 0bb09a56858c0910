//! What may stand where in a scenario, as its JSON Schema says: for whoever goes through a tree without
//! reading it into the types that the schema is made from.

use super::path::{self, Path, Segment};
use super::schema::Scenario;
use super::sweep::SweepFile;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// The JSON Schema of scenario files.
pub(super) fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        let mut document = schemars::schema_for!(Scenario).into();
        plain(&mut document);
        document
    });
    &DOCUMENT
}

/// The JSON Schema of sweep files.
pub(super) fn sweep_document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        let mut document = schemars::schema_for!(SweepFile).into();
        plain(&mut document);
        document
    });
    &DOCUMENT
}

/// Puts each description on one line, and says in numbers what numbers 32 bits hold.
fn plain(schema: &mut Value) {
    match schema {
        Value::Object(entries) => {
            if entries.get("format") == Some(&json!("uint32")) {
                entries.insert("maximum".to_owned(), json!(u32::MAX));
            }
            if let Some(Value::String(text)) = entries.get_mut("description") {
                *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            }
            entries.values_mut().for_each(plain);
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

/// The schema that a `$ref` names.
pub(super) fn definition(reference: &str) -> Option<&'static Value> {
    let pointer = reference.strip_prefix('#')?;
    document().pointer(pointer).or_else(|| sweep_document().pointer(pointer))
}

/// All that the schema says of a place: of each way to write it.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape(Vec<&'static Map<String, Value>>);

impl Shape {
    /// Of a whole scenario.
    pub(super) fn root() -> Self {
        Self::of(document())
    }

    /// Of what is at `path`; empty where nothing may stand.
    pub(super) fn at(path: &Path) -> Self {
        Self::root().below(path)
    }

    /// Of a whole sweep.
    pub(super) fn sweep() -> Self {
        Self::of(sweep_document())
    }

    /// Of what is at `path` below this; empty where nothing may stand.
    pub(super) fn below(&self, path: &Path) -> Self {
        path.0.iter().fold(self.clone(), |shape, segment| shape.step(segment))
    }

    fn of(schema: &'static Value) -> Self {
        let mut shape = Self::default();
        shape.add(schema);
        shape
    }

    fn add(&mut self, schema: &'static Value) {
        let Value::Object(schema) = schema else { return };
        self.0.push(schema);
        if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(definition) {
            self.add(target);
        }
        for keyword in ["anyOf", "oneOf"] {
            list(schema, keyword).iter().for_each(|choice| self.add(choice));
        }
    }

    /// One step down.
    pub(super) fn step(&self, segment: &Segment) -> Self {
        let mut below = Self::default();
        for schema in &self.0 {
            let child = match segment {
                Segment::Key(key) => schema
                    .get("properties")
                    .and_then(|properties| properties.get(key))
                    .or_else(|| schema.get("additionalProperties")),
                Segment::Index(index) => {
                    list(schema, "prefixItems").get(*index).or_else(|| schema.get("items"))
                }
                Segment::Name(_) => schema.get("items"),
            };
            child.into_iter().for_each(|child| below.add(child));
        }
        below
    }

    /// Down to the entry `key` of a map: of one whose keys are paths, such as a variant's `set`, to
    /// what such a path leads to.
    pub(super) fn entry(&self, key: &str) -> Self {
        let names = self.0.iter().filter_map(|schema| schema.get("propertyNames")?.get("format"));
        match (names.into_iter().any(|format| format == "path"), path::parse(key)) {
            (true, Ok(steps)) => Self::at(&Path(steps.into_iter().map(|(step, _)| step).collect())),
            _ => self.step(&Segment::Key(key.to_owned())),
        }
    }

    fn annotation(&self, keyword: &str) -> Option<&'static str> {
        self.0.iter().find_map(|schema| schema.get(keyword)?.as_str())
    }

    /// Whether it is the name of a file.
    pub(super) fn is_file(&self) -> bool {
        self.annotation("format") == Some("file")
    }

    /// The key of a map for which a word here is short.
    pub(super) fn short_for(&self) -> Option<&'static str> {
        self.annotation("x-short-for")
    }

    /// The word that is meant where nothing is written, if it is one.
    pub(super) fn default_word(&self) -> Option<&'static str> {
        self.annotation("default")
    }

    /// Why variants cannot differ here, if they cannot.
    pub(super) fn same_in_all_variants(&self) -> Option<&'static str> {
        self.annotation("x-same-in-all-variants")
    }

    /// Whether an empty map says something: that each of its keys has its default, or what is so without
    /// it. That it lacks what is required, or has no names where some are needed, is for others to say,
    /// who know what it is for.
    pub(super) fn may_be_empty(&self) -> bool {
        let is_default = self.0.iter().any(|schema| schema.get("default") == Some(&json!({})));
        is_default || self.0.iter().any(|schema| maps_may_be_empty(schema))
    }

    /// Keys that a map here must have.
    pub(super) fn required(&self) -> Vec<&'static str> {
        let required = self.0.iter().flat_map(|schema| list(schema, "required"));
        required.filter_map(Value::as_str).collect()
    }

    /// A value that may stand here, as small as possible.
    pub(super) fn example(&self) -> Option<Value> {
        self.0.first().and_then(|schema| smallest(schema))
    }
}

fn maps_may_be_empty(schema: &Map<String, Value>) -> bool {
    match schema.get("properties").and_then(Value::as_object) {
        _ if !list(schema, "required").is_empty() => true,
        Some(properties) => properties.values().all(|property| property.get("default").is_some()),
        None => schema.get("additionalProperties").is_some_and(|names| *names != json!(false)),
    }
}

/// A value that `schema` allows, as small as possible.
pub(super) fn example(schema: &Value) -> Option<Value> {
    smallest(schema.as_object()?)
}

fn smallest(schema: &Map<String, Value>) -> Option<Value> {
    let first = |keyword| list(schema, keyword).first();
    if let Some(value) = schema.get("const").or(first("enum")).or(first("examples")) {
        return Some(value.clone());
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        return example(definition(target)?);
    }
    let choice = first("anyOf").or(first("oneOf"));
    if let Some(choice) = choice.filter(|_| !schema.contains_key("properties")) {
        return example(choice);
    }
    let types = schema.get("type")?;
    match types.as_str().or_else(|| types.get(0)?.as_str())? {
        "string" => Some(json!("x")),
        "integer" | "number" => Some(json!(1)),
        "boolean" => Some(json!(false)),
        "array" => list(schema, "prefixItems").iter().map(example).collect(),
        "object" => {
            let properties = schema.get("properties");
            let required = list(schema, "required").iter().filter_map(Value::as_str);
            let entry = |key: &str| Some((key.to_owned(), example(properties?.get(key)?)?));
            required.map(entry).collect::<Option<Map<_, _>>>().map(Value::Object)
        }
        _ => None,
    }
}

/// The items of a list in a schema; none if there is no such list.
fn list<'a>(schema: &'a Map<String, Value>, keyword: &str) -> &'a [Value] {
    schema.get(keyword).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
