//! Reads a tree into the schema's types.
//!
//! As `serde_json` does, but stricter and in other words: a list is not taken for a map, an error
//! says what was found in the words of a scenario's author, and a word that is none of an enum's is an unknown
//! *choice*, since a scenario's variants are something else.

use super::suggest;
use super::tree::{Entry, Node, Value};
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde_json::Value as Json;
use std::fmt;

/// Why a tree cannot be read.
#[derive(Debug)]
pub(super) struct ReadError {
    /// For people.
    pub message: String,
    /// What kind of error it is.
    pub kind: Kind,
}

/// What a reader of the error may do about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A field is missing: which.
    Missing(String),
    /// A word is none of those that are allowed: which, and which those are.
    Unknown { found: String, allowed: Vec<String>, is_field: bool },
    /// There are too few or too many parts. Whether the key is at fault, not the value.
    Parts { at_key: bool },
    /// Anything else.
    Other,
}

impl ReadError {
    fn new(message: impl Into<String>, kind: Kind) -> Self {
        Self { message: message.into(), kind }
    }

    fn unknown(found: &str, allowed: &[&str], is_field: bool) -> Self {
        let what = if is_field { "field" } else { "choice" };
        let message = format!("unknown {what} `{found}`, {}", suggest::expected(allowed));
        let allowed = allowed.iter().map(|&word| word.to_owned()).collect();
        Self::new(message, Kind::Unknown { found: found.to_owned(), allowed, is_field })
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string(), Kind::Other)
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let (found, expected) = (found_in_words(found), expected_in_words(expected));
        Self::new(format!("found {found}, expected {expected}"), Kind::Other)
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let expected = expected_in_words(expected);
        let message = format!("found a list of {length}, expected {expected}");
        Self::new(message, Kind::Parts { at_key: false })
    }

    fn unknown_variant(found: &str, allowed: &'static [&'static str]) -> Self {
        Self::unknown(found, allowed, false)
    }

    fn unknown_field(found: &str, allowed: &'static [&'static str]) -> Self {
        Self::unknown(found, allowed, true)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("missing field `{field}`"), Kind::Missing(field.to_owned()))
    }
}

fn found_in_words(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(truth) => format!("`{truth}`"),
        Unexpected::Unsigned(number) => format!("the number `{number}`"),
        Unexpected::Signed(number) => format!("the number `{number}`"),
        // With its point: `1.0` is not written as a whole number.
        Unexpected::Float(number) => format!("the number `{number:?}`"),
        Unexpected::Str(text) => format!("the text `{text}`"),
        Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a map".to_owned(),
        other => other.to_string(),
    }
}

fn expected_in_words(expected: &dyn Expected) -> String {
    let expected = expected.to_string();
    match &*expected {
        "u32" => "a whole number from 0 to 4294967295".to_owned(),
        "u64" => "a whole number, 0 or more".to_owned(),
        "f64" => "a number".to_owned(),
        "a boolean" => "`true` or `false`".to_owned(),
        "a string" => "text".to_owned(),
        "a sequence" => "a list".to_owned(),
        // Pairs are the only lists of a fixed length.
        "a tuple of size 2" => PAIR.to_owned(),
        _ => expected,
    }
}

/// A point of a law of quantiles.
const PAIR: &str = "a pair: a probability and the value at it";

/// What a node is, in words.
fn kind(node: &Node) -> String {
    match &node.value {
        Value::Scalar(Json::Null) => "nothing".to_owned(),
        Value::Scalar(scalar) => format!("`{scalar}`"),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a map".to_owned(),
    }
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match &self.value {
            Value::Scalar(scalar) => read_scalar(scalar, visitor),
            Value::List(items) => {
                let mut rest = Items(items.iter());
                let read = visitor.visit_seq(&mut rest)?;
                match rest.0.len() {
                    0 => Ok(read),
                    _ => Err(de::Error::invalid_length(items.len(), &PAIR)),
                }
            }
            Value::Map(entries) => {
                let mut all = Entries { rest: entries.iter(), next: None };
                let read = visitor.visit_map(&mut all)?;
                // Who reads a word with what goes with it reads one entry.
                match all.rest.len() {
                    0 => Ok(read),
                    _ => {
                        let message = format!("{}, expected only one", together(entries));
                        Err(ReadError::new(message, Kind::Parts { at_key: true }))
                    }
                }
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.value {
            Value::Scalar(Json::Null) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        match self.value {
            Value::List(_) => Err(de::Error::invalid_type(Unexpected::Seq, &visitor)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let allowed = suggest::expected(words);
        let not_one =
            |message: String, at_key| Err(ReadError::new(message, Kind::Parts { at_key }));
        match &self.value {
            Value::Scalar(Json::String(word)) => visitor.visit_enum(Choice { word, content: None }),
            Value::Map(entries) if entries.len() == 1 => {
                let (word, entry) = entries.first().expect("it has one entry");
                visitor.visit_enum(Choice { word, content: Some(&entry.node) })
            }
            Value::Map(entries) if entries.is_empty() => {
                not_one(format!("found an empty map, {allowed}"), false)
            }
            Value::Map(entries) => {
                let one = allowed.replacen("expected", "expected only", 1);
                not_one(format!("{}, {one}", together(entries)), true)
            }
            _ => not_one(format!("found {}, {allowed}", kind(self)), false),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

fn read_scalar<'de, V: Visitor<'de>>(scalar: &'de Json, visitor: V) -> Result<V::Value, ReadError> {
    match scalar {
        Json::Bool(truth) => visitor.visit_bool(*truth),
        Json::String(text) => visitor.visit_borrowed_str(text),
        Json::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(natural), ..) => visitor.visit_u64(natural),
            (None, Some(integer), _) => visitor.visit_i64(integer),
            (None, None, Some(real)) => visitor.visit_f64(real),
            (None, None, None) => visitor.visit_unit(),
        },
        // A scalar is never a list or a map.
        Json::Null | Json::Array(_) | Json::Object(_) => visitor.visit_unit(),
    }
}

/// The items of a list that are still to be read.
struct Items<'de>(std::slice::Iter<'de, (usize, Node)>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ReadError> {
        self.0.next().map(|(_, item)| seed.deserialize(item)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// Which keys stand together where there should be one.
fn together(entries: &indexmap::IndexMap<String, Entry>) -> String {
    let found: Vec<_> = entries.keys().map(|key| format!("`{key}`")).collect();
    format!("found {} together", found.join(" and "))
}

/// The entries of a map that are still to be read.
struct Entries<'de> {
    rest: indexmap::map::Iter<'de, String, Entry>,
    /// The value of the key that was read.
    next: Option<&'de Node>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ReadError> {
        let Some((key, entry)) = self.rest.next() else { return Ok(None) };
        self.next = Some(&entry.node);
        let key: StrDeserializer<'_, ReadError> = key.as_str().into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        match self.next.take() {
            Some(value) => seed.deserialize(value),
            None => Err(de::Error::custom("a value without a key")),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// A word, and what stands after it.
struct Choice<'de> {
    word: &'de str,
    content: Option<&'de Node>,
}

impl<'de> EnumAccess<'de> for Choice<'de> {
    type Error = ReadError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), ReadError> {
        let word: StrDeserializer<'_, ReadError> = self.word.into_deserializer();
        Ok((seed.deserialize(word)?, self))
    }
}

impl<'de> Choice<'de> {
    fn content(&self) -> Result<&'de Node, ReadError> {
        let word = self.word;
        self.content.ok_or_else(|| {
            let message = format!("`{word}` needs a value, as in `{{{word}: …}}`");
            ReadError::new(message, Kind::Other)
        })
    }
}

impl<'de> VariantAccess<'de> for Choice<'de> {
    type Error = ReadError;

    fn unit_variant(self) -> Result<(), ReadError> {
        match self.content {
            None | Some(Node { value: Value::Scalar(Json::Null), .. }) => Ok(()),
            Some(content) => {
                let found = kind(content);
                let message = format!("found {found}, expected no value: write the word alone");
                Err(ReadError::new(message, Kind::Other))
            }
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, ReadError> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.content()?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let content = self.content()?;
        match content.value {
            Value::Map(_) => content.deserialize_any(visitor),
            _ => {
                let (found, fields) = (kind(content), suggest::listed(fields));
                let message = format!("found {found}, expected a map with {fields}");
                Err(ReadError::new(message, Kind::Other))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::yaml;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(expecting = "a map such as `{a: 1}`", deny_unknown_fields)]
    struct Plain {
        a: u32,
        #[serde(default)]
        b: Option<f64>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Word {
        Alone,
        Inner(Plain),
        Fields { a: f64, c: Vec<(f64, f64)> },
    }

    fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, String> {
        let tree = yaml::parse(text, 0).expect("YAML");
        T::deserialize(&tree).map_err(|error| error.message)
    }

    #[test]
    fn reads_what_is_written() {
        assert_eq!(read("{a: 1, b: 2}"), Ok(Plain { a: 1, b: Some(2.0) }));
        assert_eq!(read("{a: 1, b: ~}"), Ok(Plain { a: 1, b: None }));
        assert_eq!(read("alone"), Ok(Word::Alone));
        assert_eq!(read("{alone: }"), Ok(Word::Alone));
        assert_eq!(read("{inner: {a: 3}}"), Ok(Word::Inner(Plain { a: 3, b: None })));
        let fields = Word::Fields { a: 0.5, c: vec![(0.0, 1.0), (1.0, 2.0)] };
        assert_eq!(read("{fields: {a: 0.5, c: [[0, 1], [1, 2]]}}"), Ok(fields));
        let any = read::<serde_json::Value>("{x: [1, -1, 0.5, true, ~, y]}");
        assert_eq!(any, Ok(serde_json::json!({"x": [1, -1, 0.5, true, null, "y"]})));
    }

    #[test]
    fn says_what_it_found() {
        for (text, message) in [
            ("[1, 2]", "found a list, expected a map such as `{a: 1}`"),
            ("[1]", "found a list, expected a map such as `{a: 1}`"),
            ("5", "found the number `5`, expected a map such as `{a: 1}`"),
            ("{a: many}", "found the text `many`, expected a whole number from 0 to 4294967295"),
            ("{a: 1.5}", "found the number `1.5`, expected a whole number from 0 to 4294967295"),
            ("{a: -1}", "found the number `-1`, expected a whole number from 0 to 4294967295"),
            ("{a: 1, b: [2]}", "found a list, expected a number"),
            ("{a: 1, b: true}", "found `true`, expected a number"),
            ("{b: 1}", "missing field `a`"),
            ("{a: 1, c: 2}", "unknown field `c`, expected one of `a`, `b`"),
        ] {
            assert_eq!(read::<Plain>(text), Err(message.to_owned()), "{text}");
        }
        for (text, message) in [
            ("other", "unknown choice `other`, expected one of `alone`, `inner`, `fields`"),
            ("{other: 1}", "unknown choice `other`, expected one of `alone`, `inner`, `fields`"),
            ("inner", "`inner` needs a value, as in `{inner: …}`"),
            ("{alone: {}}", "found a map, expected no value: write the word alone"),
            ("{inner: [1, 2]}", "found a list, expected a map such as `{a: 1}`"),
            ("{fields: [1, []]}", "found a list, expected a map with `a`, `c`"),
            ("{fields: 5}", "found `5`, expected a map with `a`, `c`"),
            ("[alone]", "found a list, expected one of `alone`, `inner`, `fields`"),
            ("5", "found `5`, expected one of `alone`, `inner`, `fields`"),
            ("{}", "found an empty map, expected one of `alone`, `inner`, `fields`"),
            (
                "{alone: , inner: {}}",
                "found `alone` and `inner` together, expected only one of `alone`, `inner`, `fields`",
            ),
            (
                "{fields: {a: 1, c: [[1, 2, 3]]}}",
                "found a list of 3, expected a pair: a probability and the value at it",
            ),
            (
                "{fields: {a: 1, c: [[1]]}}",
                "found a list of 1, expected a pair: a probability and the value at it",
            ),
            (
                "{fields: {a: 1, c: [{x: 1}]}}",
                "found a map, expected a pair: a probability and the value at it",
            ),
        ] {
            assert_eq!(read::<Word>(text), Err(message.to_owned()), "{text}");
        }
    }
}
