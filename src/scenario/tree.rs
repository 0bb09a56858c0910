//! A scenario as a tree of values that remember where they were written.

use super::path::{Path, Segment};
use super::source::Place;
use indexmap::IndexMap;

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    /// Of a scalar, all of it; of a list or map, its beginning.
    pub place: Place,
    /// What it holds.
    pub value: Value,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A string, number, boolean or null.
    Scalar(serde_json::Value),
    /// Items, each with the index at which it was written.
    List(Vec<(usize, Node)>),
    /// Entries in the order written.
    Map(IndexMap<String, Entry>),
}

/// An entry of a map.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// Where its key is.
    pub key: Place,
    /// Its value.
    pub node: Node,
}

impl Node {
    /// The text of a string.
    pub(super) fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) => scalar.as_str(),
            _ => None,
        }
    }

    /// The entry `key` of a map.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Map(entries) => entries.get(key),
            _ => None,
        }
    }

    /// The entries of a map; of anything else, none.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&String, &Entry)> {
        let entries = match &self.value {
            Value::Map(entries) => Some(entries.iter()),
            _ => None,
        };
        entries.into_iter().flatten()
    }

    /// The items of a list; of anything else, none.
    pub(super) fn items(&self) -> &[(usize, Node)] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The index of the item of a list that has this name.
    pub(super) fn named(&self, name: &str) -> Option<usize> {
        let is_it =
            |item: &Self| item.entry("name").and_then(|entry| entry.node.as_str()) == Some(name);
        self.items().iter().find(|(_, item)| is_it(item)).map(|&(index, _)| index)
    }

    /// One step down. Items are found by the index at which they were written.
    pub(super) fn child(&self, segment: &Segment) -> Option<&Self> {
        match segment {
            Segment::Key(key) => self.entry(key).map(|entry| &entry.node),
            Segment::Index(index) => {
                self.items().iter().find(|(written, _)| written == index).map(|(_, item)| item)
            }
            Segment::Name(name) => self.child(&Segment::Index(self.named(name)?)),
        }
    }

    /// One step down, to change.
    pub(super) fn child_mut(&mut self, segment: &Segment) -> Option<&mut Self> {
        if let Segment::Name(name) = segment {
            let index = self.named(name)?;
            return self.child_mut(&Segment::Index(index));
        }
        match (segment, &mut self.value) {
            (Segment::Key(key), Value::Map(entries)) => {
                entries.get_mut(key).map(|entry| &mut entry.node)
            }
            (Segment::Index(index), Value::List(items)) => {
                items.iter_mut().find(|(written, _)| written == index).map(|(_, item)| item)
            }
            _ => None,
        }
    }

    /// The node at `path`.
    pub(super) fn get(&self, path: &Path) -> Option<&Self> {
        path.0.iter().try_fold(self, |node, segment| node.child(segment))
    }

    /// The node at `path`, to change.
    pub(super) fn get_mut(&mut self, path: &Path) -> Option<&mut Self> {
        path.0.iter().try_fold(self, |node, segment| node.child_mut(segment))
    }

    /// Takes the node at `path` out of the tree; later items keep their indices.
    pub(super) fn remove(&mut self, path: &Path) {
        let Some((last, parents)) = path.0.split_last() else { return };
        let Some(parent) = self.get_mut(&Path(parents.to_vec())) else { return };
        match (last, &mut parent.value) {
            (Segment::Key(key), Value::Map(entries)) => {
                entries.shift_remove(key);
            }
            (Segment::Index(index), Value::List(items)) => {
                items.retain(|(written, _)| written != index);
            }
            _ => {}
        }
    }

    /// Where to point for `path`: at a scalar itself, at the key of a collection, and for what is
    /// not there at what would hold it.
    pub(super) fn locate(&self, path: &Path) -> Place {
        let mut node = self;
        let mut place = self.place;
        for segment in &path.0 {
            let key = match segment {
                Segment::Key(key) => node.entry(key).map(|entry| entry.key),
                Segment::Index(_) | Segment::Name(_) => None,
            };
            let Some(child) = node.child(segment) else { break };
            node = child;
            place = match node.value {
                Value::Scalar(_) => node.place,
                _ => key.unwrap_or(node.place),
            };
        }
        place
    }

    /// Where the key at the end of `path` is written, or what [`Self::locate`] says.
    pub(super) fn locate_key(&self, path: &Path) -> Place {
        let parent = path.parent().and_then(|parent| self.get(&parent));
        match (parent, path.0.last()) {
            (Some(parent), Some(Segment::Key(key))) => {
                parent.entry(key).map_or_else(|| self.locate(path), |entry| entry.key)
            }
            _ => self.locate(path),
        }
    }

    /// Moves every place in the tree `offset` bytes on.
    pub(super) fn shift(&mut self, offset: usize) {
        let shift = |place: &mut Place| {
            place.start += offset;
            place.end += offset;
        };
        shift(&mut self.place);
        match &mut self.value {
            Value::Scalar(_) => {}
            Value::List(items) => items.iter_mut().for_each(|(_, item)| item.shift(offset)),
            Value::Map(entries) => entries.values_mut().for_each(|entry| {
                shift(&mut entry.key);
                entry.node.shift(offset);
            }),
        }
    }
}
