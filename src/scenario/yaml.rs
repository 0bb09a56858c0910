//! From YAML text to a tree of placed values.
//!
//! Two readers see the same text: `serde_yaml` says what the values are, and `saphyr-parser` where
//! they are. What only one of them could read is refused.

use super::diagnostic::Finding;
use super::path::Path;
use super::source::Place;
use super::tree::{Entry, Node, Value};
use indexmap::IndexMap;
use indexmap::map::Entry as Slot;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span};
use std::collections::BTreeMap;

/// Values in one file, aliases expanded: far above any scenario, below what exhausts memory.
const MAX_NODES: usize = 1_000_000;
/// Nested lists and maps.
const MAX_DEPTH: usize = 64;

/// Reads `text`, the source numbered `source`. An empty text is null.
///
/// # Errors
/// What is wrong with it: the first error of syntax, or all duplicate and unusable keys.
pub(super) fn parse(text: &str, source: usize) -> Result<Node, Vec<Finding>> {
    parse_at(text, source, &Path::default())
}

/// The same of a text whose value goes to `root`.
///
/// # Errors
/// As for [`parse`].
pub(super) fn parse_at(text: &str, source: usize, root: &Path) -> Result<Node, Vec<Finding>> {
    let places = Places::new(text, source);
    let mut builder = Builder::new(&places, root);
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => builder.event(event, span).map_err(|finding| vec![finding])?,
            Err(error) => {
                let place = places.at(*error.marker());
                let message = format!("not YAML: {}", error.info());
                return Err(vec![Finding::new(place, message).hint(unquoted_path(text, place))]);
            }
        }
    }
    let mut root = builder.root.unwrap_or_else(|| null(places.place(0, 0)));
    if !builder.findings.is_empty() {
        return Err(builder.findings);
    }
    let values = serde_yaml::from_str(text).map_err(|error| {
        let start = error.location().map_or(0, |location| location.index().min(text.len()));
        vec![Finding::new(places.place(start, start), format!("not YAML: {error}"))]
    })?;
    let mut findings = Vec::new();
    fill(&mut root, values, &mut findings);
    if findings.is_empty() { Ok(root) } else { Err(findings) }
}

/// A hint, if the text stops being YAML at the `[0]` of a path that is not in quotes.
fn unquoted_path(text: &str, place: Place) -> Option<String> {
    let part = |character: char| character.is_alphanumeric() || "-_.[]".contains(character);
    let (before, after) = text.split_at_checked(place.start)?;
    let index = after.strip_prefix('[')?;
    let end = index.find(']').filter(|&end| end > 0)?;
    if !index[..end].bytes().all(|byte| byte.is_ascii_digit()) || !before.ends_with(part) {
        return None;
    }
    let start = before.trim_end_matches(part).len();
    let length = after.find(|character| !part(character)).unwrap_or(after.len());
    let path = &text[start..place.start + length];
    Some(format!("a path with an index in it stands in quotes: `\"{path}\"`"))
}

fn null(place: Place) -> Node {
    Node { place, value: Value::Scalar(serde_json::Value::Null) }
}

/// Turns the reader's positions, which count characters, into bytes.
struct Places {
    source: usize,
    /// The first byte of each character, and the length of the text.
    bytes: Vec<usize>,
}

impl Places {
    fn new(text: &str, source: usize) -> Self {
        let ends = std::iter::once(text.len());
        Self { source, bytes: text.char_indices().map(|(byte, _)| byte).chain(ends).collect() }
    }

    fn place(&self, start: usize, end: usize) -> Place {
        Place::new(self.source, start..end)
    }

    fn byte(&self, marker: Marker) -> usize {
        self.bytes[marker.index().min(self.bytes.len() - 1)]
    }

    fn at(&self, marker: Marker) -> Place {
        self.place(self.byte(marker), self.byte(marker))
    }

    fn of(&self, span: Span) -> Place {
        self.place(self.byte(span.start), self.byte(span.end))
    }
}

/// A collection that is not complete yet.
enum Open {
    List {
        place: Place,
        anchor: usize,
        items: Vec<(usize, Node)>,
    },
    Map {
        place: Place,
        anchor: usize,
        entries: IndexMap<String, Entry>,
        key: Option<(String, Place)>,
    },
}

/// Builds the tree from the reader's events.
struct Builder<'a> {
    places: &'a Places,
    at: &'a Path,
    open: Vec<Open>,
    root: Option<Node>,
    anchors: BTreeMap<usize, (usize, Node)>,
    nodes: usize,
    findings: Vec<Finding>,
}

impl<'a> Builder<'a> {
    fn new(places: &'a Places, at: &'a Path) -> Self {
        let (open, findings) = (Vec::new(), Vec::new());
        Self { places, at, open, root: None, anchors: BTreeMap::new(), nodes: 0, findings }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Finding> {
        let place = self.places.of(span);
        if let Event::Scalar(_, _, _, Some(_))
        | Event::SequenceStart(_, Some(_))
        | Event::MappingStart(_, Some(_)) = event
        {
            // Also those of YAML's own: what is tagged is read in two ways by two readers.
            return Err(Finding::new(place, "YAML tags such as `!!binary` are not supported"));
        }
        match event {
            Event::Scalar(text, style, anchor, _) => {
                if style == ScalarStyle::Plain && is_too_wide(&text) {
                    let message = format!("the whole number `{text}` is too large for any key");
                    self.findings.push(Finding::new(place, message).at(&self.path()));
                }
                let scalar = serde_json::Value::String(text.into_owned());
                self.complete(Node { place, value: Value::Scalar(scalar) }, anchor, 1)
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some((nodes, node)) => self.complete(node, 0, nodes),
                None => Err(Finding::new(place, "an alias inside what it stands for")),
            },
            Event::SequenceStart(anchor, _) => {
                self.open(Open::List { place, anchor, items: Vec::new() }, place)
            }
            Event::MappingStart(anchor, _) => {
                let entries = IndexMap::new();
                self.open(Open::Map { place, anchor, entries, key: None }, place)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(Finding::new(place, "a second document: a scenario is one document"))
            }
            _ => Ok(()),
        }
    }

    /// Where the next value goes.
    fn path(&self) -> Path {
        self.open.iter().fold(self.at.clone(), |path, open| match open {
            Open::List { items, .. } => path.index(items.len()),
            Open::Map { key: Some((key, _)), .. } => path.key(key),
            Open::Map { key: None, .. } => path,
        })
    }

    fn open(&mut self, collection: Open, place: Place) -> Result<(), Finding> {
        self.open.push(collection);
        if self.open.len() > MAX_DEPTH {
            return Err(Finding::new(place, format!("nested more than {MAX_DEPTH} levels deep")));
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Finding> {
        let (node, anchor) = match self.open.pop() {
            Some(Open::List { place, anchor, items }) => {
                (Node { place, value: Value::List(items) }, anchor)
            }
            Some(Open::Map { place, anchor, entries, .. }) => {
                let place = entries.values().next().map_or(place, |first| first.key);
                (Node { place, value: Value::Map(entries) }, anchor)
            }
            None => return Ok(()),
        };
        self.complete(node, anchor, 1)
    }

    /// Puts a whole node of `nodes` new values where it belongs.
    fn complete(&mut self, node: Node, anchor: usize, nodes: usize) -> Result<(), Finding> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            let message = format!("more than {MAX_NODES} values, aliases expanded");
            return Err(Finding::new(node.place, message));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, (count(&node), node.clone()));
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push((items.len(), node)),
            Some(Open::Map { key, .. }) if key.is_none() => match node.as_str() {
                Some(text) => *key = Some((text.to_owned(), node.place)),
                None => return Err(Finding::new(node.place, "a key must be text")),
            },
            Some(Open::Map { entries, key, .. }) => {
                let (name, place) = key.take().expect("the arm above has set it");
                self.findings.extend(insert(entries, name, Entry { key: place, node }));
            }
        }
        Ok(())
    }
}

/// Whether a text is a whole number of more than 64 bits, which values do not hold.
fn is_too_wide(text: &str) -> bool {
    let (narrow, wide) = match text.trim_start_matches(['+', '-']).split_at_checked(2) {
        Some(("0x", digits)) => radix(digits, 16),
        Some(("0o", digits)) => radix(digits, 8),
        Some(("0b", digits)) => radix(digits, 2),
        _ => {
            let narrow = text.parse::<u64>().is_ok() || text.parse::<i64>().is_ok();
            (narrow, text.parse::<u128>().is_ok() || text.parse::<i128>().is_ok())
        }
    };
    wide && !narrow
}

/// Whether digits are a number of 64 bits, and whether they are one of 128.
fn radix(digits: &str, radix: u32) -> (bool, bool) {
    let narrow = u64::from_str_radix(digits, radix).is_ok();
    (narrow, u128::from_str_radix(digits, radix).is_ok())
}

fn count(node: &Node) -> usize {
    let items = node.items().iter().map(|(_, item)| count(item)).sum::<usize>();
    1 + items + node.entries().map(|(_, entry)| count(&entry.node)).sum::<usize>()
}

fn insert(entries: &mut IndexMap<String, Entry>, name: String, entry: Entry) -> Option<Finding> {
    if name == "<<" {
        let message = "merge keys are not supported: write the entries out";
        return Some(Finding::new(entry.key, message));
    }
    match entries.entry(name) {
        Slot::Occupied(first) => {
            let message = format!("duplicate key `{}`", first.key());
            Some(Finding::new(entry.key, message).label("written twice in the same map"))
        }
        Slot::Vacant(slot) => {
            slot.insert(entry);
            None
        }
    }
}

/// Puts the values into the tree of places.
fn fill(node: &mut Node, value: serde_yaml::Value, findings: &mut Vec<Finding>) {
    let place = node.place;
    let mut refuse = |place: Place, message: &str| findings.push(Finding::new(place, message));
    match (&mut node.value, value) {
        (Value::List(items), serde_yaml::Value::Sequence(values))
            if items.len() == values.len() =>
        {
            for ((_, item), value) in items.iter_mut().zip(values) {
                fill(item, value, findings);
            }
        }
        (Value::Map(entries), serde_yaml::Value::Mapping(values))
            if entries.len() == values.len() =>
        {
            for ((name, entry), (key, value)) in entries.iter_mut().zip(values) {
                if key.as_str() != Some(name) {
                    let message = format!("the key `{name}` is not text: put it in quotes");
                    findings.push(Finding::new(entry.key, message));
                    continue;
                }
                fill(&mut entry.node, value, findings);
            }
        }
        (Value::Scalar(scalar), value) => match number_or_text(value) {
            Some(value) => *scalar = value,
            None => refuse(place, "not a finite number"),
        },
        _ => refuse(place, "this YAML can be read in two ways: write it more plainly"),
    }
}

fn number_or_text(value: serde_yaml::Value) -> Option<serde_json::Value> {
    match value {
        serde_yaml::Value::Null => Some(serde_json::Value::Null),
        serde_yaml::Value::Bool(truth) => Some(truth.into()),
        serde_yaml::Value::String(text) => Some(text.into()),
        serde_yaml::Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(natural), _) => Some(natural.into()),
            (None, Some(integer)) => Some(integer.into()),
            (None, None) => number.as_f64().and_then(serde_json::Number::from_f64).map(Into::into),
        },
        _ => None,
    }
}
