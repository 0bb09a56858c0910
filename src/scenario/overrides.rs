//! Changes of single values: `--set PATH=VALUE` and a variant's `set`.

use super::diagnostic::Finding;
use super::path::{self, Path, Segment};
use super::shape::Shape;
use super::source::{Place, Source};
use super::suggest;
use super::tree::{Entry, Node, Value};
use super::yaml;
use indexmap::IndexMap;

/// A new value and where to put it, each step with the place where it was written.
#[derive(Clone, Debug)]
pub(super) struct Override {
    pub steps: Vec<(Segment, Place)>,
    pub value: Node,
}

impl Override {
    /// Reads the argument `PATH=VALUE`, the source numbered `number`.
    ///
    /// # Errors
    /// What is wrong with its path or its value.
    pub(super) fn from_argument(argument: &str, number: usize) -> Result<Self, Vec<Finding>> {
        let place = |range| Place::new(number, range);
        let Some(equals) = equals_sign(argument) else {
            let message = "expected PATH=VALUE, such as `seed=2`";
            return Err(vec![Finding::new(place(0..argument.len()), message)]);
        };
        let steps: Vec<_> = path::parse(&argument[..equals])
            .map_err(|(range, message)| vec![Finding::new(place(range), message)])?
            .into_iter()
            .map(|(segment, range)| (segment, place(range)))
            .collect();
        let start = equals + 1;
        let path = Path(steps.iter().map(|(segment, _)| segment.clone()).collect());
        let mut value =
            yaml::parse_at(&argument[start..], number, &path).map_err(|mut findings| {
                findings.iter_mut().for_each(|finding| finding.shift(start));
                findings
            })?;
        value.shift(start);
        Ok(Self { steps, value })
    }

    /// Reads an entry of a variant's `set`.
    ///
    /// # Errors
    /// What is wrong with its path.
    pub(super) fn from_entry(key: &str, entry: &Entry) -> Result<Self, Finding> {
        let place = |range| entry.key.part(range, key.len());
        let steps = path::parse(key)
            .map_err(|(range, message)| Finding::new(place(range), message))?
            .into_iter()
            .map(|(segment, range)| (segment, place(range)))
            .collect();
        Ok(Self { steps, value: entry.node.clone() })
    }

    /// The one step to a top-level key, for the options that have a flag of their own.
    pub(super) fn top_level(key: &str, place: Place, value: serde_json::Value) -> Self {
        let value = Node { place, value: Value::Scalar(value) };
        Self { steps: vec![(Segment::Key(key.to_owned()), place)], value }
    }

    /// Where the value goes.
    pub(super) fn path(&self) -> Path {
        Path(self.steps.iter().map(|(segment, _)| segment.clone()).collect())
    }

    /// The same with indices in the place of names, as `tree` has them.
    pub(super) fn by_index(mut self, tree: &Node) -> Self {
        let path = self.path().by_index(tree);
        for ((segment, _), by_index) in self.steps.iter_mut().zip(path.0) {
            *segment = by_index;
        }
        self
    }

    /// Where it was written, path and value.
    pub(super) fn place(&self) -> Place {
        let start = self.steps.first().map_or(self.value.place, |(_, place)| *place);
        Place { end: self.value.place.end.max(start.end), ..start }
    }

    /// Puts the value into `tree`. Maps that are not there yet are made; whether their keys are
    /// valid is for the schema to say.
    ///
    /// # Errors
    /// An index out of range, or a step into something that has no such part.
    pub(super) fn apply(&self, tree: &mut Node) -> Result<(), Finding> {
        let mut node = tree;
        for (depth, (segment, place)) in self.steps.iter().enumerate() {
            let so_far = Path(self.path().0[..depth].to_vec());
            write_default(node, &so_far);
            promote(node, &so_far, segment, *place);
            let last = depth + 1 == self.steps.len();
            let near = near(node, segment);
            node = step(node, segment, *place, last).map_err(|problem| {
                Finding::new(*place, problem(&so_far)).hint(near).at(&self.path())
            })?;
        }
        *node = self.value.clone();
        Ok(())
    }
}

/// What `--set`, `--seed` and `--replications` change, and what is wrong with how they say so. Each argument becomes one
/// of `sources`.
pub(super) fn of_arguments(
    set: &[String],
    seed: Option<u64>,
    replications: Option<u32>,
    sources: &mut Vec<Source>,
) -> (Vec<Override>, Vec<Finding>) {
    let (mut changes, mut findings) = (Vec::new(), Vec::new());
    for text in set {
        match Override::from_argument(text, sources.len()) {
            Ok(change) => changes.push(change),
            Err(problems) => findings.extend(problems),
        }
        sources.push(argument("--set", text));
    }
    for (key, value) in [("seed", seed), ("replications", replications.map(u64::from))] {
        let Some(value) = value else { continue };
        let text = value.to_string();
        let place = Place::new(sources.len(), 0..text.len());
        changes.push(Override::top_level(key, place, value.into()));
        sources.push(argument(&format!("--{key}"), &text));
    }
    (changes, findings)
}

/// The `=` that ends the path: the first outside quotes.
fn equals_sign(argument: &str) -> Option<usize> {
    let mut quoted = false;
    argument.char_indices().find_map(|(at, character)| {
        quoted ^= character == '"';
        (character == '=' && !quoted).then_some(at)
    })
}

/// Writes the word out that stands at `path` where nothing is written, if a map can stand for it, so that a path leads
/// into what is there by default.
fn write_default(node: &mut Node, path: &Path) {
    let shape = Shape::at(path);
    let absent = matches!(&node.value, Value::Scalar(serde_json::Value::Null));
    if let (true, Some(word), Some(_)) = (absent, shape.default_word(), shape.short_for()) {
        node.value = Value::Scalar(word.into());
    }
}

/// Makes a map of a word that a map can stand for, so that a path can go on below it:
/// `proportional` becomes `{proportional: {}}`, and `H100-SXM` becomes `{base: H100-SXM}`.
fn promote(node: &mut Node, path: &Path, next: &Segment, place: Place) {
    let (Some(word), Segment::Key(next)) = (node.as_str(), next) else { return };
    let key = match (word == next, Shape::at(path).short_for()) {
        (true, _) => next.clone(),
        (false, Some(key)) => key.to_owned(),
        (false, None) => return,
    };
    let child = if word == next { empty_map(place) } else { node.clone() };
    let entries = IndexMap::from([(key, Entry { key: node.place, node: child })]);
    node.value = Value::Map(entries);
}

fn empty_map(place: Place) -> Node {
    Node { place, value: Value::Map(IndexMap::new()) }
}

/// The names of a list's items.
fn names(list: &Node) -> Vec<String> {
    let name = |(_, item): &(usize, Node)| item.entry("name")?.node.as_str().map(str::to_owned);
    list.items().iter().filter_map(name).collect()
}

/// What a name in a path was most likely meant to be, where no item has it.
fn near(list: &Node, segment: &Segment) -> Option<String> {
    let Segment::Name(name) = segment else { return None };
    if list.named(name).is_some() { None } else { suggest::did_you_mean(name, &names(list)) }
}

fn null(place: Place) -> Node {
    Node { place, value: Value::Scalar(serde_json::Value::Null) }
}

/// Describes what went wrong, given the path of the node where it did.
type Problem = Box<dyn Fn(&Path) -> String>;

/// One step down, by `segment` that was written at `place`; an entry that gets a new value was written
/// there, too.
fn step<'a>(
    node: &'a mut Node,
    segment: &Segment,
    place: Place,
    last: bool,
) -> Result<&'a mut Node, Problem> {
    if matches!(&node.value, Value::Scalar(serde_json::Value::Null)) {
        node.value = Value::Map(IndexMap::new());
    }
    let found = describe(node);
    let (names, named) = match segment {
        Segment::Name(name) => (names(node), node.named(name)),
        _ => (Vec::new(), None),
    };
    match (segment, &mut node.value) {
        (Segment::Key(key), Value::Map(entries)) => {
            let fresh = || Entry { key: place, node: null(place) };
            let entry = entries.entry(key.clone()).or_insert_with(fresh);
            if last {
                entry.key = place;
            }
            Ok(&mut entry.node)
        }
        (Segment::Index(index), Value::List(items)) => {
            let (index, length) = (*index, items.len());
            match items.get_mut(index) {
                Some((_, item)) => Ok(item),
                None if length == 1 => Err(Box::new(move |at| {
                    format!("`{at}` has no item [{index}]: it has only [0]")
                })),
                None if length == 0 => Err(Box::new(|at| format!("`{at}` is empty"))),
                None => Err(Box::new(move |at| {
                    let last = length - 1;
                    format!("`{at}` has no item [{index}]: its indices are 0 to {last}")
                })),
            }
        }
        (Segment::Key(key), Value::List(_)) => {
            let key = key.clone();
            Err(Box::new(move |at| {
                format!(
                    "`{at}` is a list: expected an index such as `[0]`, or a name in brackets, before `{key}`"
                )
            }))
        }
        (Segment::Key(key), _) => {
            let key = key.clone();
            Err(Box::new(move |at| format!("`{at}` is {found}: it has no field `{key}`")))
        }
        (Segment::Name(name), Value::List(items)) => {
            let found = items.iter_mut().find(|(index, _)| Some(*index) == named);
            found.map(|(_, item)| item).ok_or_else(|| {
                let (name, expected) = (name.clone(), suggest::expected(&names));
                let problem: Problem =
                    Box::new(move |at| format!("`{at}` has no item called `{name}`: {expected}"));
                problem
            })
        }
        (Segment::Index(_) | Segment::Name(_), _) => {
            let item = Path(vec![segment.clone()]);
            Err(Box::new(move |at| format!("`{at}` is {found}: it has no item {item}")))
        }
    }
}

fn describe(node: &Node) -> String {
    match &node.value {
        Value::Scalar(serde_json::Value::String(text)) => format!("the text `{text}`"),
        Value::Scalar(scalar) => format!("`{scalar}`"),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a map".to_owned(),
    }
}

/// A command-line argument as a source; places count in `text`, which follows the flag.
pub(super) fn argument(flag: &str, text: &str) -> Source {
    const MAX_NAME_CHARS: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    let mut name = format!("{flag} {}", line.chars().take(MAX_NAME_CHARS).collect::<String>());
    if name.len() < flag.len() + 1 + text.len() {
        name.push('…');
    }
    Source { name, text: text.to_owned(), is_file: false }
}
