//! Texts that a scenario is made of, and places in them.

use std::ops::Range;

/// A text that the user wrote: the scenario file, or an argument of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// What to print after `-->`: a file's path, or an argument such as `--set seed=2`.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Whether lines and columns say something.
    pub is_file: bool,
}

/// A piece of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Which source, an index.
    pub source: usize,
    /// First byte.
    pub start: usize,
    /// After the last byte.
    pub end: usize,
}

impl Place {
    /// A piece of the source numbered `source`.
    pub(super) fn new(source: usize, range: Range<usize>) -> Self {
        Self { source, start: range.start, end: range.end }
    }

    /// The piece at `range` within this one, if this one has as many bytes as `length`: otherwise
    /// (escapes in a quoted key) all of it.
    pub(super) fn part(self, range: Range<usize>, length: usize) -> Self {
        if self.end - self.start != length {
            return self;
        }
        Self { start: self.start + range.start, end: self.start + range.end, ..self }
    }
}
