//! The reference of scenario and sweep files in Markdown, from their JSON Schema: a section for each of its
//! definitions, in the order in which they are first met.

use super::shape;
use indexmap::IndexMap;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;

const HEAD: &str = "\
# Scenario files

All keys of a scenario file, made from the types that read it:
`coopsim schema --format markdown` prints this page, and `coopsim schema` the same as a JSON
Schema, for editors. What is not here is an error. The README has a tour; `coopsim check` says what
else is wrong with a file, and prints it with all defaults written out. An editor that knows YAML
schemas completes and checks scenarios, after `coopsim schema > scenario.schema.json`, where their
first line is `# yaml-language-server: $schema=scenario.schema.json`.

Each section is a kind of value, with the places where it stands; `[]` is an item of a list. A
choice is one word, or a map with one entry: both are rows of its table. In the table of a *Law of
Duration* a `value` is a duration, and so on.
";

const QUANTITIES: &str = "
## Quantities

A number and its unit, with or without a space between them. A number without a unit is an error.
";

/// The whole page.
pub(super) fn reference() -> String {
    let sections = sections(ROOT, shape::document());
    let mut page = HEAD.to_owned();
    sections[ROOT].write_tree(&sections, &mut page);
    let of_sweeps = sections_of_sweeps();
    page.push_str(SWEEPS);
    of_sweeps[SWEEP].write_tree(&of_sweeps, &mut page);
    page.push_str(QUANTITIES);
    for (name, section) in sections.iter().filter(|(_, section)| section.rows.is_empty()) {
        let _ = write!(page, "\n### {name}\n\n{}\n", filled(&section.description));
    }
    page
}

/// The section of a whole file.
const ROOT: &str = "Scenario";
/// The section of a whole sweep.
const SWEEP: &str = "Sweep";

const SWEEPS: &str = "
# Sweep files

What `coopsim sweep` reads; `coopsim schema sweep` is its JSON Schema. [Sweeps](sweeps.md) has
examples and says what comes out.
";

fn sections_of_sweeps() -> IndexMap<&'static str, Section> {
    sections(SWEEP, shape::sweep_document())
}

/// A definition, or all instances of a generic one.
struct Section {
    name: &'static str,
    description: String,
    /// Where it stands, the shortest path first.
    paths: Vec<String>,
    rows: Vec<Row>,
    /// The definitions that it names, and where.
    named: Vec<(&'static str, String)>,
}

/// A key or a word.
struct Row {
    key: String,
    kind: String,
    default: String,
    description: String,
}

/// All sections by name. Those nearest to the root are found first, so that each has its shortest path; below a
/// definition that was found before, nothing is new.
fn sections(name: &'static str, document: &'static Value) -> IndexMap<&'static str, Section> {
    let mut sections = IndexMap::new();
    let root = Section::new(name, document, "", None);
    let mut next = VecDeque::from_iter(root.named.clone());
    sections.insert(name, root);
    let mut seen = BTreeSet::new();
    while let Some((reference, path)) = next.pop_front() {
        let (family, _) = family(name_of(reference));
        let is_new = seen.insert(reference);
        if let Some(known) = sections.get_mut(family) {
            if is_new {
                // Another instance of a generic definition, whose parameter may be new.
                let named = Section::new(family, defined(reference), &path, None).named;
                next.extend(named.clone());
                known.named.extend(named);
            }
            known.paths.push(path);
            continue;
        }
        let (schema, parameter) = representative(reference);
        let section = Section::new(family, schema, &path, parameter);
        next.extend(section.named.clone());
        sections.insert(family, section);
    }
    sections
}

/// The definition that stands for all instances of a generic one, with its parameter: one that is a definition,
/// so that it can be told from plain numbers.
fn representative(reference: &'static str) -> (&'static Value, Option<&'static str>) {
    let all = shape::document().get("$defs").and_then(Value::as_object).into_iter().flatten();
    let (name, parameter) = family(name_of(reference));
    let alike = |(other, schema): (&'static String, &'static Value)| {
        let (of, parameter) = family(other);
        (of == name && parameter != Some(NUMBER)).then_some((schema, parameter))
    };
    match parameter.and_then(|_| all.into_iter().find_map(alike)) {
        Some(found) => found,
        None => (defined(reference), parameter),
    }
}

fn defined(reference: &str) -> &'static Value {
    shape::definition(reference).expect("the schema has what it names")
}

/// The name of a definition, and the parameter of a generic one.
fn family(name: &str) -> (&str, Option<&str>) {
    name.split_once('_').map_or((name, None), |(family, parameter)| (family, Some(parameter)))
}

/// What the schema calls plain numbers in the name of a generic definition.
const NUMBER: &str = "double";

impl Section {
    fn new(
        name: &'static str,
        schema: &'static Value,
        path: &str,
        parameter: Option<&str>,
    ) -> Self {
        let mut rows = Rows { path, rows: Vec::new(), named: Vec::new() };
        rows.choices(schema, "", false);
        let Rows { mut rows, named, .. } = rows;
        if let Some(parameter) = parameter {
            let link = link(parameter);
            rows.iter_mut().for_each(|row| row.kind = row.kind.replace(&link, "value"));
        }
        let paths = Vec::from_iter((!path.is_empty()).then(|| path.to_owned()));
        Self { name, description: text(schema, "description"), paths, rows, named }
    }

    /// The section, and after it those that have their shortest path through it.
    fn write_tree(&self, sections: &IndexMap<&str, Self>, page: &mut String) {
        self.write(page);
        for (reference, path) in &self.named {
            let below = &sections[family(name_of(reference)).0];
            if below.paths.first() == Some(path) && !below.rows.is_empty() {
                below.write_tree(sections, page);
            }
        }
    }

    fn write(&self, page: &mut String) {
        let _ = write!(page, "\n## {}\n\n{}\n", self.name, filled(&self.description));
        if !self.paths.is_empty() {
            let paths: Vec<_> = self.paths.iter().map(|path| format!("`{path}`")).collect();
            let _ = write!(page, "\n{}\n", filled(&format!("At {}.", paths.join(", "))));
        }
        page.push_str("\n| key | value | default | meaning |\n|---|---|---|---|\n");
        for Row { key, kind, default, description } in &self.rows {
            let _ = writeln!(page, "| `{key}` | {kind} | {default} | {description} |");
        }
    }
}

/// Most columns of a line that is not a row of a table.
const COLUMNS: usize = 99;

/// A paragraph on as many lines as it needs.
fn filled(paragraph: &str) -> String {
    let (mut filled, mut column) = (String::new(), 0);
    for word in paragraph.split_whitespace() {
        let width = word.chars().count();
        let fits = column + 1 + width <= COLUMNS;
        let gap = match column {
            0 => "",
            _ if fits => " ",
            _ => "\n",
        };
        column = if fits { column + gap.len() + width } else { width };
        filled.push_str(gap);
        filled.push_str(word);
    }
    filled
}

/// The rows of a definition, while they are collected.
struct Rows<'a> {
    /// Where the definition stands.
    path: &'a str,
    rows: Vec<Row>,
    /// What it names, and where.
    named: Vec<(&'static str, String)>,
}

impl Rows<'_> {
    /// The rows of all ways to write `schema`, which stands at `prefix` below the definition. A map
    /// that is a choice has one entry, and is described in its place.
    fn choices(&mut self, schema: &'static Value, prefix: &str, is_choice: bool) {
        list(schema, "oneOf").iter().for_each(|choice| self.choices(choice, prefix, true));
        list(schema, "anyOf").iter().for_each(|choice| self.choices(choice, prefix, false));
        let description = || text(schema, "description");
        if prefix.is_empty() {
            schema.get("const").into_iter().for_each(|word| self.word(word, description()));
            list(schema, "enum").iter().for_each(|word| self.word(word, String::new()));
        }
        let entries = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        for (key, value) in entries {
            let is_required = list(schema, "required").iter().any(|required| required == key);
            let of_choice = is_choice.then(description);
            let default = default(value, is_required && !is_choice);
            self.entry(&format!("{prefix}{key}"), value, default, of_choice);
        }
        if let Some(value @ Value::Object(_)) = schema.get("additionalProperties") {
            self.entry(&format!("{prefix}NAME"), value, String::new(), Some(names_of(schema)));
        }
        if let Some(item) = schema.get("items") {
            self.choices(item, &format!("{}[].", prefix.trim_end_matches('.')), false);
        }
    }

    fn word(&mut self, word: &Value, description: String) {
        let (key, kind) = (yaml(word), "word".to_owned());
        self.rows.push(Row { key, kind, default: String::new(), description });
    }

    fn entry(
        &mut self,
        key: &str,
        value: &'static Value,
        default: String,
        description: Option<String>,
    ) {
        let mut description = description.unwrap_or_else(|| text(value, "description"));
        if value.get("x-same-in-all-variants").is_some() {
            description.push_str(" The same in all variants.");
        }
        self.rows.push(Row { key: key.to_owned(), kind: kind(value), default, description });
        let dot = if self.path.is_empty() { "" } else { "." };
        self.name(value, &format!("{}{dot}{key}", self.path));
        self.choices(value, &format!("{key}."), false);
    }

    /// Notes the definitions that `schema` names for what is at `path`.
    fn name(&mut self, schema: &'static Value, path: &str) {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            self.named.push((reference, path.to_owned()));
        }
        for choice in ["oneOf", "anyOf"].into_iter().flat_map(|keyword| list(schema, keyword)) {
            self.name(choice, path);
        }
        let items = schema.get("items").into_iter().chain(list(schema, "prefixItems"));
        items.for_each(|item| self.name(item, &format!("{path}[]")));
    }
}

/// What a value is, in words, with links to the sections of definitions.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return link(name_of(reference));
    }
    if let Some(word) = schema.get("const") {
        return format!("`{}`", yaml(word));
    }
    let mut kinds: Vec<String> = ["anyOf", "oneOf"]
        .into_iter()
        .flat_map(|keyword| list(schema, keyword))
        .map(kind)
        .collect();
    kinds.extend(match schema.get("type") {
        Some(Value::String(one)) => kind_of(one, schema),
        Some(Value::Array(all)) => all.iter().find_map(|one| kind_of(one.as_str()?, schema)),
        _ => None,
    });
    kinds.retain(|kind| !kind.is_empty());
    kinds.dedup();
    if kinds.is_empty() && schema.get("type").is_none() {
        return "any value".to_owned();
    }
    kinds.join(" or ")
}

/// The same of one type of JSON; that nothing may stand for what is left out goes without saying.
fn kind_of(json_type: &str, schema: &Value) -> Option<String> {
    let part = |keyword| schema.get(keyword).map(kind);
    match json_type {
        "string" if schema.get("format").is_some_and(|format| format == "file") => {
            Some("file".to_owned())
        }
        "string" => Some("text".to_owned()),
        "integer" => Some("whole number".to_owned()),
        "number" => Some("number".to_owned()),
        "boolean" => Some("`true` or `false`".to_owned()),
        "array" => match list(schema, "prefixItems") {
            [] => part("items").map(|item| format!("list of {item}")),
            pair => Some(format!("[{}]", pair.iter().map(kind).collect::<Vec<_>>().join(", "))),
        },
        "object" => Some("map".to_owned()),
        _ => None,
    }
}

/// What names a map has that gives each a value.
fn names_of(schema: &Value) -> String {
    let Some(names) = schema.get("propertyNames") else {
        return "For each NAME.".to_owned();
    };
    let words: Vec<_> =
        list(names, "enum").iter().map(|word| format!("`{}`", yaml(word))).collect();
    match words[..] {
        [] => "For each NAME.".to_owned(),
        _ => format!("NAME is one of {}.", words.join(", ")),
    }
}

/// A link to the section of a definition; an instance of a generic one says of what it is.
fn link(name: &str) -> String {
    let (family, parameter) = family(name);
    let parameter = match parameter {
        Some(NUMBER) => " of number".to_owned(),
        Some(parameter) => format!(" of {}", link(parameter)),
        None => String::new(),
    };
    format!("[{family}](#{}){parameter}", family.to_lowercase())
}

/// What a key has that is left out.
fn default(value: &Value, is_required: bool) -> String {
    match value.get("default") {
        Some(default) => format!("`{}`", yaml(default)),
        None if is_required => "required".to_owned(),
        None => String::new(),
    }
}

fn name_of(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

/// A text of the schema on one line, with nothing that would end a cell of a table.
fn text(schema: &Value, keyword: &str) -> String {
    let text = schema.get(keyword).and_then(Value::as_str).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// A value as a scenario would have it, on one line.
fn yaml(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(yaml).collect::<Vec<_>>().join(", "))
        }
        Value::Object(entries) => format!("{{{}}}", yaml_entries(entries)),
        scalar => whole(scalar).map_or_else(|| scalar.to_string(), |number| number.to_string()),
    }
}

fn yaml_entries(entries: &Map<String, Value>) -> String {
    let entries = entries.iter().map(|(key, value)| format!("{key}: {}", yaml(value)));
    entries.collect::<Vec<_>>().join(", ")
}

/// `1.0` is written as 1.
fn whole(scalar: &Value) -> Option<u64> {
    scalar
        .as_f64()
        .filter(|number| number.fract() == 0.0 && (0.0..1e15).contains(number))
        .map(|n| n as u64)
}

/// The items of a list in a schema; none if there is no such list.
fn list<'a>(schema: &'a Value, keyword: &str) -> &'a [Value] {
    schema.get(keyword).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
