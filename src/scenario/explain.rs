//! The deserialiser's messages in the words of a scenario's author.

use super::suggest;
use super::tree::{Node, Value};

/// A message for people.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Explained {
    /// What is wrong.
    pub message: String,
    /// The word that was meant instead.
    pub meant: Option<String>,
    /// Whether the key is at fault, not the value.
    pub at_key: bool,
}

/// Rewords `message`, which is about `node`; `words` are what an enum there can be.
pub(super) fn explain(message: &str, node: Option<&Node>, words: Vec<String>) -> Explained {
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let allowed = alternatives(message);
        let (kind, found) = message.split_once('`').unwrap_or((message, ""));
        let found = found.split('`').next().unwrap_or("");
        let message = format!("{}`{found}`, {}", kind, suggest::expected(&allowed));
        let in_map = matches!(node.map(|node| &node.value), Some(Value::Map(_)));
        let meant = suggest::nearest(found, &allowed).map(str::to_owned);
        let at_key = kind.starts_with("unknown field") || in_map;
        return Explained { message, meant, at_key };
    }
    if !words.is_empty() {
        return shape_of_enum(node, &words);
    }
    Explained { message: type_mismatch(message), meant: None, at_key: false }
}

/// The words in backquotes after `expected` in an error about a field or a variant.
pub(super) fn alternatives(message: &str) -> Vec<String> {
    let Some((_, list)) = message.split_once("`, expected ") else { return Vec::new() };
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What is wrong with an enum that is neither a word nor a map with one entry, as it should be.
fn shape_of_enum(node: Option<&Node>, words: &[String]) -> Explained {
    let entries = node.map_or(0, |node| node.entries().count());
    let word = node.and_then(|node| match &node.value {
        Value::Scalar(scalar) => scalar.as_str().map(str::to_owned),
        Value::Map(entries) if entries.len() == 1 => entries.keys().next().cloned(),
        _ => None,
    });
    let allowed = suggest::expected(words);
    let (message, at_key) = match (node.map(|node| &node.value), word) {
        (Some(Value::Scalar(_)), Some(word)) if words.contains(&word) => {
            (format!("`{word}` needs a value, as in `{{{word}: …}}`"), false)
        }
        (Some(Value::Map(_)), None) if entries > 1 => {
            let one = allowed.replacen("expected", "expected only", 1);
            (format!("found {entries} entries, {one}"), true)
        }
        (Some(Value::Map(_)), None) => (format!("found an empty map, {allowed}"), false),
        (Some(value), _) => (format!("found {}, {allowed}", kind(value)), false),
        (None, _) => (allowed, false),
    };
    Explained { message, meant: None, at_key }
}

fn kind(value: &Value) -> String {
    match value {
        Value::Scalar(serde_json::Value::Null) => "nothing".to_owned(),
        Value::Scalar(scalar) => format!("`{scalar}`"),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a map".to_owned(),
    }
}

/// `invalid type: string "x", expected u32` in plain words.
fn type_mismatch(message: &str) -> String {
    let found = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))
        .or_else(|| message.strip_prefix("invalid length "));
    let Some((found, expected)) = found.and_then(|rest| rest.split_once(", expected ")) else {
        return message.to_owned();
    };
    format!("found {}, expected {}", found_in_words(found), expected_in_words(expected))
}

fn found_in_words(found: &str) -> String {
    match found.split_once(' ') {
        Some(("string", text)) => format!("the text `{}`", text.trim_matches('"')),
        Some(("integer", number)) => format!("the number {number}"),
        Some(("floating", number)) => {
            format!("the number {}", number.trim_start_matches("point "))
        }
        Some(("boolean", truth)) => truth.to_owned(),
        _ => match found {
            "null" | "unit value" => "nothing".to_owned(),
            "map" => "a map".to_owned(),
            "sequence" => "a list".to_owned(),
            length if length.parse::<usize>().is_ok() => format!("a list of {length}"),
            _ => found.to_owned(),
        },
    }
}

fn expected_in_words(expected: &str) -> String {
    match expected {
        "u32" => "a whole number from 0 to 4294967295".to_owned(),
        "u64" => "a whole number, 0 or more".to_owned(),
        "f64" => "a number".to_owned(),
        "a string" => "text".to_owned(),
        "a sequence" => "a list".to_owned(),
        "unit" => "no value: write the word alone".to_owned(),
        // Pairs are the only lists of a fixed length.
        "a tuple of size 2" | "fewer elements in array" => {
            "a pair such as `[0.5, 1020]`".to_owned()
        }
        _ => expected.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words() {
        for (message, plain) in [
            (
                "invalid type: string \"many\", expected u64",
                "found the text `many`, expected a whole number, 0 or more",
            ),
            (
                "invalid type: floating point `1.5`, expected f64",
                "found the number `1.5`, expected a number",
            ),
            ("invalid type: null, expected a sequence", "found nothing, expected a list"),
            (
                "invalid length 3, expected a tuple of size 2",
                "found a list of 3, expected a pair such as `[0.5, 1020]`",
            ),
            ("`80` has no unit: expected …", "`80` has no unit: expected …"),
        ] {
            assert_eq!(type_mismatch(message), plain);
        }
    }

    #[test]
    fn alternatives_are_the_words_in_quotes() {
        for message in [
            "unknown field `x`, expected one of `a`, `b`",
            "unknown variant `x`, expected `a` or `b`",
        ] {
            assert_eq!(alternatives(message), ["a", "b"]);
        }
    }
}
