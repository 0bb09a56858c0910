//! From the tree to the schema's types, with all errors and not just the first.

use super::diagnostic::Finding;
use super::path::{Path, Segment};
use super::reader::{Kind, ReadError};
use super::schema::Scenario;
use super::shape::Shape;
use super::suggest;
use super::tree::{Node, Value};
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

/// After so many errors the rest is not worth reading.
const MAX_FINDINGS: usize = 100;

/// Reads a whole scenario.
///
/// # Errors
/// As for [`read_as`].
pub(super) fn read(tree: &Node) -> Result<Scenario, Vec<Finding>> {
    read_as(tree, Shape::root())
}

/// Reads a whole file of which `shape` says what may stand in it.
///
/// # Errors
/// Everything in the tree that the schema does not allow: each error is taken out of the tree, and
/// the rest read again.
pub(super) fn read_as<T: DeserializeOwned>(tree: &Node, shape: Shape) -> Result<T, Vec<Finding>> {
    // Most files are right, and a sweep reads many.
    if let Ok(file) = deserialise(tree) {
        return Ok(file);
    }
    let (tree, original) = (tree.clone(), tree);
    let mut reader = Reader::<T> {
        tree,
        original,
        shape,
        removed: Vec::new(),
        findings: Vec::new(),
        of: PhantomData,
    };
    loop {
        match deserialise::<T>(&reader.tree) {
            Ok(file) if reader.findings.is_empty() => return Ok(file),
            Ok(_) => return Err(reader.findings),
            Err((path, error)) => {
                let path = reader.as_written(&path);
                let hopeless = path.0.is_empty() && !matches!(error.kind, Kind::Missing(_));
                if !reader.note(&path, error) || hopeless || reader.findings.len() >= MAX_FINDINGS {
                    return Err(reader.findings);
                }
            }
        }
    }
}

fn deserialise<T: DeserializeOwned>(tree: &Node) -> Result<T, (Path, ReadError)> {
    serde_path_to_error::deserialize(tree).map_err(|error| {
        let segments = error.path().iter().filter_map(|segment| match segment {
            serde_path_to_error::Segment::Seq { index } => Some(Segment::Index(*index)),
            serde_path_to_error::Segment::Map { key } => Some(Segment::Key(key.clone())),
            serde_path_to_error::Segment::Enum { variant } => Some(Segment::Key(variant.clone())),
            serde_path_to_error::Segment::Unknown => None,
        });
        (Path(segments.collect()), error.into_inner())
    })
}

struct Reader<'a, T> {
    /// What is left.
    tree: Node,
    /// What was written.
    original: &'a Node,
    /// What may stand in it.
    shape: Shape,
    /// What was taken out, with its path as written.
    removed: Vec<Path>,
    findings: Vec<Finding>,
    of: PhantomData<T>,
}

impl<T: DeserializeOwned> Reader<'_, T> {
    /// The path with the indices that items had before others were taken out.
    fn as_written(&self, path: &Path) -> Path {
        let mut node = Some(&self.tree);
        let mut written = Path::default();
        for segment in &path.0 {
            // An enum's variant that is written as one word has no node of its own.
            if matches!(node, Some(Node { value: Value::Scalar(_), .. })) {
                break;
            }
            let segment = match (segment, node) {
                (Segment::Index(index), Some(list)) => {
                    let original =
                        list.items().get(*index).map_or(*index, |(original, _)| *original);
                    Segment::Index(original)
                }
                _ => segment.clone(),
            };
            node = node.and_then(|node| node.child(&segment));
            written.0.push(segment);
        }
        written
    }

    /// Records an error, unless an earlier one caused it, and takes it out of the tree. Says
    /// whether the tree has changed, so that reading again can tell more.
    fn note(&mut self, path: &Path, error: ReadError) -> bool {
        if let Kind::Missing(field) = &error.kind {
            let missing = path.key(field);
            if !self.removed.contains(&missing) {
                let place = self.original.locate_key(path);
                self.findings.push(Finding::new(place, error.message).at(path));
            }
            return self.donate(&missing) || self.remove(path);
        }
        let emptied = self.removed.iter().any(|removed| removed.parent().as_ref() == Some(path));
        if !(emptied && matches!(error.kind, Kind::Parts { .. })) {
            self.describe(path, error);
        }
        self.remove(path)
    }

    fn describe(&mut self, path: &Path, error: ReadError) {
        let in_map = matches!(self.tree.get(path), Some(Node { value: Value::Map(_), .. }));
        let (at_key, meant) = match &error.kind {
            Kind::Unknown { found, allowed, is_field } => {
                let missing = if *is_field { self.missing(path, allowed) } else { Vec::new() };
                (*is_field || in_map, suggest::meant(found, allowed, &missing).map(str::to_owned))
            }
            Kind::Parts { at_key } => (*at_key, None),
            Kind::Missing(_) | Kind::Other => (false, None),
        };
        let place = if at_key { self.key_of(path) } else { self.original.locate(path) };
        let hint = meant.as_ref().map(|word| format!("did you mean `{word}`?"));
        self.findings.push(Finding::new(place, error.message).hint(hint).at(path));
        // The field that was meant is misspelt, not missing.
        if let (Some(word), Some(parent)) = (meant, path.parent()) {
            self.removed.push(parent.key(&word));
        }
    }

    /// Of the keys that may stand beside the one at `path`, those that must and do not.
    fn missing(&self, path: &Path, allowed: &[String]) -> Vec<String> {
        let Some(parent) = path.parent() else { return Vec::new() };
        let present = |key: &String| self.original.get(&parent.key(key)).is_some();
        let required = self.shape.below(&parent).required();
        let missing = allowed.iter().filter(|key| required.contains(&key.as_str()));
        missing.filter(|key| !present(key)).cloned().collect()
    }

    /// The key that names an enum's variant, or the key at `path`.
    fn key_of(&self, path: &Path) -> super::source::Place {
        match self.original.get(path).and_then(|node| node.entries().last()) {
            Some((_, entry)) => entry.key,
            None => self.original.locate_key(path),
        }
    }

    fn remove(&mut self, path: &Path) -> bool {
        let present = !path.0.is_empty() && self.tree.get(path).is_some();
        self.tree.remove(path);
        self.removed.push(path.clone());
        present
    }

    /// Puts a stand-in at `path`, so that a reader learns of the next missing value, too. Says whether
    /// the schema takes it there.
    fn donate(&mut self, path: &Path) -> bool {
        let (Some(parent), Some(Segment::Key(key))) = (path.parent(), path.0.last()) else {
            return false;
        };
        let Some(place) = self.tree.get(&parent).map(|node| node.place) else { return false };
        let Some(example) = self.shape.below(path).example() else { return false };
        let Ok(node) = super::yaml::parse(&example.to_string(), place.source) else { return false };
        let Some(Node { value: Value::Map(entries), .. }) = self.tree.get_mut(&parent) else {
            return false;
        };
        entries.insert(key.clone(), super::tree::Entry { key: place, node });
        match deserialise::<T>(&self.tree) {
            Err((failed, _)) if path.contains(&self.as_written(&failed)) => {
                self.tree.remove(path);
                false
            }
            _ => true,
        }
    }
}
