//! What is wrong with a scenario, shown at the line where it is wrong.

use super::legible::readable;
use super::path::Path;
use super::source::{Place, Source};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// Where it was written.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to do about it, in a few words.
    pub label: Option<String>,
    /// The path of the value at fault.
    pub path: Option<String>,
    /// The variants in which it is wrong, when not in all.
    pub variants: Vec<String>,
}

impl Finding {
    /// Something wrong at `place`.
    pub(super) fn new(place: Place, message: impl Into<String>) -> Self {
        let message = readable(&message.into());
        Self { place, message, label: None, path: None, variants: Vec::new() }
    }

    /// With a few words under the place.
    pub(super) fn label(self, label: &str) -> Self {
        self.hint(Some(label.to_owned()))
    }

    /// With a few words under the place, if there are any.
    pub(super) fn hint(self, label: Option<String>) -> Self {
        Self { label, ..self }
    }

    /// With the path, unless it is only a key, which the place shows.
    pub(super) fn at(self, path: &Path) -> Self {
        let nested = path.0.len() > 1;
        Self { path: nested.then(|| readable(&path.to_string())), ..self }
    }

    /// Moved `offset` bytes on.
    pub(super) fn shift(&mut self, offset: usize) {
        self.place.start += offset;
        self.place.end += offset;
    }
}

/// Sorts findings, joins those that are alike but for the variant, and does not name variants where
/// it is all `variants` of them.
pub(super) fn merge(mut findings: Vec<Finding>, variants: usize) -> Vec<Finding> {
    findings.sort_by(|a, b| (a.place, &a.message).cmp(&(b.place, &b.message)));
    findings.dedup_by(|later, first| {
        let same = (later.place, &later.message) == (first.place, &first.message);
        if same {
            first.variants.append(&mut later.variants);
        }
        same
    });
    for finding in &mut findings {
        finding.variants.dedup();
        if finding.variants.len() == variants && variants > 1 {
            finding.variants.clear();
        }
    }
    findings
}

/// Everything that is wrong with a scenario, in the order of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics {
    sources: Vec<Source>,
    findings: Vec<Finding>,
}

impl Diagnostics {
    /// Sorts what was found and drops what was found twice.
    pub(super) fn new(sources: Vec<Source>, findings: Vec<Finding>) -> Self {
        Self { sources, findings: merge(findings, 1) }
    }

    /// How many errors there are, at least 1.
    pub fn count(&self) -> usize {
        self.findings.len()
    }

    /// The errors as text, with the escape codes of a terminal's colours if `colour`.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut text = String::new();
        for finding in &self.findings {
            let shown = renderer.render(&[self.group(finding)]);
            let source = &self.sources[finding.place.source];
            text += &match source.is_file {
                true => shown,
                false => without_line(shown, &source.name, &self.sources[0].name),
            };
            text += "\n\n";
        }
        let errors = if self.count() == 1 { "error" } else { "errors" };
        text + &format!("{} {errors} in {}", self.count(), self.sources[0].name)
    }

    fn group<'a>(&'a self, finding: &'a Finding) -> Group<'a> {
        let source = &self.sources[finding.place.source];
        let (line, text, span) = line_of(&source.text, finding.place);
        let mark = AnnotationKind::Primary.span(span).label(finding.label.as_deref());
        let snippet = Snippet::source(text).line_start(line).annotation(mark);
        let title = Level::ERROR.primary_title(&*finding.message);
        let mut group = title.element(snippet.path(&*source.name));
        if let Some(path) = &finding.path {
            group = group.element(Level::NOTE.with_name("path").message(path));
        }
        if !finding.variants.is_empty() {
            let names = readable(&finding.variants.join(", "));
            group = group.element(Level::NOTE.with_name("variant").message(names));
        }
        group
    }
}

/// Puts the file for which an argument was meant behind its `name`, in the place of line and column: it is all there is
/// to see of it.
fn without_line(shown: String, name: &str, file: &str) -> String {
    let Some(end) = shown.find(&format!("{name}:")).map(|start| start + name.len()) else {
        return shown;
    };
    let numbers = |character: char| character == ':' || character.is_ascii_digit();
    format!("{} (for {file}){}", &shown[..end], shown[end..].trim_start_matches(numbers))
}

/// The line on which `place` starts: its number, its text, and the bytes of `place` in it.
fn line_of(text: &str, place: Place) -> (usize, &str, std::ops::Range<usize>) {
    let start = character(text, place.start);
    let end = character(text, place.end.max(start));
    let first = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let last = text[start..].find('\n').map_or(text.len(), |length| start + length);
    let number = 1 + text[..first].matches('\n').count();
    let line = text[first..last].trim_end();
    let from = (start - first).min(line.len());
    let to = (end - first).clamp(from, line.len());
    (number, line, from..to)
}

/// The start of the character that the byte at `index` is part of.
fn character(text: &str, index: usize) -> usize {
    let index = index.min(text.len());
    (0..=index).rev().find(|&index| text.is_char_boundary(index)).unwrap_or(0)
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}
