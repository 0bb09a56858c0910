//! Collects what is wrong, each with the place of the value at fault.

use crate::scenario::diagnostic::Finding;
use crate::scenario::legible;
use crate::scenario::path::Path;
use crate::scenario::suggest;
use crate::scenario::tree::Node;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;

/// Most clusters, models, applications and so on in a scenario.
pub(in crate::scenario) const MAX_ENTITIES: usize = 1_000;
/// Names are printed in tables: longer ones are a mistake.
const MAX_NAME_CHARS: usize = 100;

/// What is wrong so far, and the tree in which to point at it.
pub(in crate::scenario) struct Checker<'a> {
    tree: &'a Node,
    findings: Vec<Finding>,
    notes: Vec<String>,
}

impl<'a> Checker<'a> {
    /// Nothing wrong yet.
    pub(crate) fn new(tree: &'a Node) -> Self {
        Self { tree, findings: Vec::new(), notes: Vec::new() }
    }

    /// Everything that was wrong.
    pub(crate) fn finish(self) -> Vec<Finding> {
        self.findings
    }

    /// Whether nothing was wrong so far.
    pub(crate) fn is_fine(&self) -> bool {
        self.findings.is_empty()
    }

    /// Records that the value at `path` is wrong.
    pub(crate) fn refuse(&mut self, path: &Path, message: impl Into<String>) {
        self.refuse_with(path, message, None);
    }

    /// The same, with what to do about it.
    pub(crate) fn refuse_with(
        &mut self,
        path: &Path,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        let place = self.tree.locate(path);
        self.findings.push(Finding::new(place, message).hint(hint).at(path));
    }

    /// Records what is wrong with the file that is named at `path`, and what to do where it cannot be read.
    pub(crate) fn refuse_file(&mut self, path: &Path, problem: impl Into<String>) {
        let problem = problem.into();
        let hint = problem.starts_with("cannot read").then(|| {
            format!("the scenario's comments may say where to get it; `--set '{path}=FILE'` reads another")
        });
        self.refuse_with(path, problem, hint);
    }

    /// Records that the key at `path` should not be there.
    pub(crate) fn refuse_key(&mut self, path: &Path, message: impl Into<String>) {
        let place = self.tree.locate_key(path);
        self.findings.push(Finding::new(place, message).at(path));
    }

    /// Records what a reader of the results must know.
    pub(crate) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// The notes so far.
    pub(crate) fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Requires `value` to be in `allowed`; `unit` follows the numbers in the message.
    pub(crate) fn range<T>(
        &mut self,
        path: &Path,
        value: T,
        allowed: RangeInclusive<T>,
        unit: &str,
    ) -> bool
    where
        T: PartialOrd + Display,
    {
        let inside = allowed.contains(&value);
        if !inside {
            let (low, high) = (allowed.start(), allowed.end());
            self.refuse(path, format!("found {value}{unit}, expected {low} to {high}{unit}"));
        }
        inside
    }

    /// Requires `value` to be above zero and at most `max`.
    pub(crate) fn positive(&mut self, path: &Path, value: f64, max: f64) -> bool {
        let inside = value > 0.0 && value <= max;
        if !inside {
            let message = format!("found {value}, expected more than 0 and at most {max}");
            self.refuse(path, message);
        }
        inside
    }

    /// Requires a name to be fit for tables.
    pub(crate) fn name(&mut self, path: &Path, name: &str) {
        let length = name.chars().count();
        if name.trim().is_empty() {
            self.refuse(path, "a name must not be empty");
        } else if length > MAX_NAME_CHARS {
            let message =
                format!("a name has at most {MAX_NAME_CHARS} characters, this has {length}");
            self.refuse(path, message);
        } else if name.chars().any(char::is_control) {
            self.refuse(path, "a name must not have control characters in it");
        } else if let Some(hidden) = legible::hidden(name) {
            let code = hidden.escape_unicode();
            let message =
                format!("a name must not have characters in it that are not seen: {code}");
            self.refuse(path, message);
        } else if name.trim() != name {
            self.refuse(path, format!("the name `{name}` begins or ends with a space"));
        }
    }

    /// Requires the names of `what` (singular) to be fit for tables and all different, and their
    /// number to be sane: from 1 to 1000.
    pub(crate) fn names<'n>(
        &mut self,
        what: &str,
        list: &Path,
        names: impl Iterator<Item = (Path, &'n str)>,
    ) {
        self.names_up_to(MAX_ENTITIES, what, list, names);
    }

    /// The same with another number, `most`, instead of 1000.
    pub(crate) fn names_up_to<'n>(
        &mut self,
        most: usize,
        what: &str,
        list: &Path,
        names: impl Iterator<Item = (Path, &'n str)>,
    ) {
        let mut seen = BTreeMap::new();
        let mut count = 0;
        for (path, name) in names {
            count += 1;
            self.name(&path, name);
            if let Some(first) = seen.get(name) {
                self.refuse(
                    &path,
                    format!("a second {what} named `{name}`: the first is `{first}`"),
                );
            } else {
                seen.insert(name, path.parent().unwrap_or_default());
            }
        }
        if count == 0 {
            self.refuse(list, format!("at least one {what} is needed"));
        } else if count > most {
            self.refuse(list, format!("{count} are too many: at most {most}"));
        }
    }

    /// The index of `name` in `known`, which holds the names of `what` (singular).
    pub(crate) fn lookup<S: AsRef<str>>(
        &mut self,
        what: &str,
        path: &Path,
        name: &str,
        known: &[S],
    ) -> Option<usize> {
        let found = known.iter().position(|candidate| candidate.as_ref() == name);
        if found.is_none() {
            self.unknown(what, path, name, known, false);
        }
        found
    }

    /// Records that `name` is none of `known`.
    pub(crate) fn unknown<S: AsRef<str>>(
        &mut self,
        what: &str,
        path: &Path,
        name: &str,
        known: &[S],
        is_key: bool,
    ) {
        let message = format!("unknown {what} `{name}`, {}", suggest::expected(known));
        let hint = suggest::did_you_mean(name, known);
        let place = if is_key { self.tree.locate_key(path) } else { self.tree.locate(path) };
        self.findings.push(Finding::new(place, message).hint(hint).at(path));
    }
}
