//! Paths into a scenario: `cloud.regions[0].clusters[1].nodes`.

use std::fmt;
use std::ops::Range;

/// One step down the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// An entry of a map.
    Key(String),
    /// An item of a list, from zero.
    Index(usize),
}

/// From the root of a scenario to one of its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Path(pub Vec<Segment>);

/// A path as it was written, each segment with its bytes in the text.
pub(super) type Spelled = Vec<(Segment, Range<usize>)>;

impl Path {
    /// The path of the entry `key` under this one.
    pub(super) fn key(&self, key: &str) -> Self {
        self.with(Segment::Key(key.to_owned()))
    }

    /// The path of the item `index` under this one.
    pub(super) fn index(&self, index: usize) -> Self {
        self.with(Segment::Index(index))
    }

    /// This path with one more segment.
    pub(super) fn with(&self, segment: Segment) -> Self {
        let mut path = self.clone();
        path.0.push(segment);
        path
    }

    /// The path without its last segment; `None` at the root.
    pub(super) fn parent(&self) -> Option<Self> {
        self.0.split_last().map(|(_, parents)| Self(parents.to_vec()))
    }

    /// Whether `other` is this path or below it.
    pub(super) fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }
}

/// Splits `text` into segments. Keys with dots or brackets in them are written in double quotes.
///
/// # Errors
/// The bytes at fault and what is wrong with them.
pub(super) fn parse(text: &str) -> Result<Spelled, (Range<usize>, String)> {
    let mut segments = Spelled::new();
    let mut at = 0;
    while at < text.len() {
        let (segment, end) = match text.as_bytes()[at] {
            b'[' => index(text, at)?,
            b'.' if at > 0 => key(text, at + 1)?,
            _ if at == 0 => key(text, at)?,
            _ => return Err((at..text.len(), "expected `.` or `[` here in the path".to_owned())),
        };
        let start = if text.as_bytes()[at] == b'.' { at + 1 } else { at };
        segments.push((segment, start..end));
        at = end;
    }
    if segments.is_empty() {
        return Err((0..text.len(), "the path is empty".to_owned()));
    }
    Ok(segments)
}

fn index(text: &str, start: usize) -> Result<(Segment, usize), (Range<usize>, String)> {
    let Some(length) = text[start..].find(']') else {
        return Err((start..text.len(), "the `[` is not closed".to_owned()));
    };
    let end = start + length + 1;
    let digits = &text[start + 1..end - 1];
    match digits.parse() {
        Ok(index) => Ok((Segment::Index(index), end)),
        Err(_) => {
            let message = format!("`[{digits}]` is not an index: expected one such as `[0]`");
            Err((start..end, message))
        }
    }
}

fn key(text: &str, start: usize) -> Result<(Segment, usize), (Range<usize>, String)> {
    let rest = &text[start..];
    if let Some(quoted) = rest.strip_prefix('"') {
        let Some(length) = quoted.find('"') else {
            return Err((start..text.len(), "the `\"` is not closed".to_owned()));
        };
        return Ok((Segment::Key(quoted[..length].to_owned()), start + length + 2));
    }
    let end = start + rest.find(['.', '[']).unwrap_or(rest.len());
    if end == start {
        let at = start.min(text.len().saturating_sub(1));
        return Err((at..text.len(), "expected a key here in the path".to_owned()));
    }
    Ok((Segment::Key(text[start..end].to_owned()), end))
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) => {
                    let dot = if position > 0 { "." } else { "" };
                    let plain = !key.is_empty() && !key.contains(['.', '[', '"', '=', ' ']);
                    let quote = if plain { "" } else { "\"" };
                    write!(f, "{dot}{quote}{key}{quote}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        Path(parse(text).unwrap().into_iter().map(|(segment, _)| segment).collect())
    }

    #[test]
    fn prints_what_it_parses() {
        for text in ["seed", "cloud.regions[0].clusters[12].nodes", r#"fixed."llama-3.1".x"#] {
            assert_eq!(path(text).to_string(), text);
        }
        let spelled = parse("a.bc[10]").unwrap();
        assert_eq!(
            spelled.iter().map(|(_, range)| range.clone()).collect::<Vec<_>>(),
            [0..1, 2..4, 4..8]
        );
    }

    #[test]
    fn refuses_what_is_not_a_path() {
        for text in ["", ".a", "a.", "a..b", "a[", "a[x]", "a[-1]", "a[0]b", "\"a", "a[0].", "é["]
        {
            let (range, message) = parse(text).expect_err(text);
            assert!(range.end <= text.len() && !message.is_empty(), "{text}");
        }
    }

    #[test]
    fn knows_what_is_below() {
        assert!(path("a.b").contains(&path("a.b[0]")));
        assert!(!path("a.b").contains(&path("a.bc")));
        assert_eq!(path("a[1]").parent(), Some(path("a")));
    }
}
