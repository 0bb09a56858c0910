//! Paths into a scenario: `cloud.regions[0].clusters[1].nodes`, or by names `tenants[Aurora].terms`.

use super::tree::Node;
use std::fmt;
use std::ops::Range;

/// One step down the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// An entry of a map.
    Key(String),
    /// An item of a list, from zero.
    Index(usize),
    /// The item of a list that has this name.
    Name(String),
}

/// A segment and where it ends in the text, or what is wrong there.
type Step = Result<(Segment, usize), (Range<usize>, String)>;

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

    /// The path by which `tree` knows what this one leads to: names of items become their indices, as far as there
    /// are such items.
    pub(super) fn by_index(&self, tree: &Node) -> Self {
        let mut node = Some(tree);
        let step = |segment: &Segment| {
            let segment = match (segment, node) {
                (Segment::Name(name), Some(list)) => {
                    list.named(name).map_or_else(|| segment.clone(), Segment::Index)
                }
                _ => segment.clone(),
            };
            node = node.and_then(|node| node.child(&segment));
            segment
        };
        Self(self.0.iter().map(step).collect())
    }

    /// Whether `other` is this path or below it.
    pub(super) fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }
}

/// Splits `text` into segments. Keys with dots or brackets in them are written in double quotes, and so are names with
/// brackets in them or that look like an index.
///
/// # Errors
/// The bytes at fault and what is wrong with them.
pub(super) fn parse(text: &str) -> Result<Spelled, (Range<usize>, String)> {
    let mut segments = Spelled::new();
    let mut at = 0;
    while at < text.len() {
        let (segment, end) = match text.as_bytes()[at] {
            b'[' => item(text, at)?,
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

fn item(text: &str, start: usize) -> Step {
    if let Some(name) = quoted_name(text, start) {
        return name;
    }
    let Some(length) = text[start..].find(']') else {
        return Err((start..text.len(), "the `[` is not closed".to_owned()));
    };
    let end = start + length + 1;
    let item = &text[start + 1..end - 1];
    let is_number = item.bytes().all(|byte| byte.is_ascii_digit());
    match item.parse() {
        Ok(index) if is_number => Ok((Segment::Index(index), end)),
        _ if is_number || item.parse::<f64>().is_ok() => {
            let message = format!("`[{item}]` is neither an index such as `[0]` nor a name");
            Err((start..end, message))
        }
        _ => Ok((Segment::Name(item.to_owned()), end)),
    }
}

/// A name in brackets and double quotes: it may have brackets in it, and look like a number.
fn quoted_name(text: &str, start: usize) -> Option<Step> {
    let quoted = text[start..].strip_prefix("[\"")?;
    let Some(length) = quoted.find("\"]") else {
        return Some(Err((start..text.len(), "the `[\"` is not closed by `\"]`".to_owned())));
    };
    let name = Segment::Name(quoted[..length].to_owned());
    Some(Ok((name, start + length + 4)))
}

fn key(text: &str, start: usize) -> Step {
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
                Segment::Name(name) => {
                    let plain =
                        !name.contains(['[', ']', '"', '=']) && name.parse::<f64>().is_err();
                    let quote = if plain && !name.is_empty() { "" } else { "\"" };
                    write!(f, "[{quote}{name}{quote}]")?;
                }
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
        for text in [
            "seed",
            "cloud.regions[0].clusters[12].nodes",
            r#"fixed."llama-3.1".x"#,
            "tenants[Big Bank].terms",
            r#"models["7"].tenant"#,
            r#"a["b[1]"]"#,
        ] {
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
        for text in [
            "", ".a", "a.", "a..b", "a[", "a[]", "a[-1]", "a[1.5]", "a[\"x]", "a[0]b", "\"a",
            "a[0].", "é[",
        ] {
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
