//! Numbers with the unit that they were written with: what lies between two of them has the same.

use crate::scenario::legible::visible;
use crate::scenario::source::Place;
use crate::scenario::tree::{Node, Value};
use std::cmp::Ordering;

/// Digits of a value between two that were given: legible, and enough unless the two are close together.
const DIGITS: usize = 6;
/// More digits are kept until they are so many times finer than the way from one value to the next.
const FINER: f64 = 1e3;
/// All that a number has.
const DIGITS_MAX: usize = 17;

/// A number and what follows it, such as 40 and `/s`.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::scenario) struct Quantity {
    pub number: f64,
    /// As it was written, a space before it included.
    pub unit: String,
    /// Whether it was written as text.
    text: bool,
}

impl Quantity {
    /// What a value says, if it is a number, or text that begins with one.
    pub(in crate::scenario) fn of(node: &Node) -> Option<Self> {
        match &node.value {
            Value::Scalar(serde_json::Value::Number(number)) => {
                Some(Self { number: number.as_f64()?, unit: String::new(), text: false })
            }
            Value::Scalar(serde_json::Value::String(text)) => Self::parse(text),
            _ => None,
        }
    }

    /// Likewise of what stands in a condition.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]).rev();
        let is_number = |text: &str| {
            text.ends_with(|last: char| last.is_ascii_digit() || last == '.')
                && !text.starts_with(|first: char| first.is_ascii_alphabetic())
        };
        let number = |end: usize| Some((end, text[..end].parse::<f64>().ok()?));
        let numbers = ends.filter(|&end| is_number(&text[..end])).filter_map(number);
        let (end, number) = { numbers }.find(|(_, number)| number.is_finite())?;
        Some(Self { number, unit: text[end..].to_owned(), text: true })
    }

    /// The same with another number, of which six digits are kept, or as many as tell it from others a `step` away.
    pub(super) fn with(&self, number: f64, whole: bool, step: f64) -> Self {
        let needed = (number.abs() / step * FINER).log10().ceil();
        let digits = if needed.is_finite() { needed.max(0.0) as usize } else { 0 };
        let digits = digits.clamp(DIGITS, DIGITS_MAX);
        let number = match whole {
            true => number.round(),
            false => format!("{number:.*e}", digits - 1).parse().unwrap_or(number),
        };
        Self { number, ..self.clone() }
    }

    /// The value as a scenario has it, written at `place`.
    pub(super) fn node(&self, place: Place) -> Node {
        let number = self.number;
        let value = match self.text {
            true => format!("{number}{}", self.unit).into(),
            false if number.fract() == 0.0 && number.abs() < 9e15 => (number as i64).into(),
            false => number.into(),
        };
        Node { place, value: Value::Scalar(value) }
    }

    /// Which is larger; `None` if they have different units.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        let same = self.unit.trim() == other.unit.trim();
        if same { self.number.partial_cmp(&other.number) } else { None }
    }
}

/// The number that a value begins with, and its unit, of a value as a table shows it.
pub(super) fn split(text: &str) -> Option<(f64, String)> {
    Quantity::parse(text).map(|quantity| (quantity.number, quantity.unit.trim().to_owned()))
}

/// A value as a table shows it: text with hidden characters as their codes, all else as JSON.
pub(in crate::scenario) fn shown(node: &Node) -> String {
    match &node.value {
        Value::Scalar(serde_json::Value::String(text)) => visible(text),
        Value::Scalar(scalar) => scalar.to_string(),
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(|(_, item)| shown(item)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) => {
            let entries =
                entries.iter().map(|(key, entry)| format!("{key}: {}", shown(&entry.node)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_what_follows_the_number() {
        for (text, number, unit) in [
            ("40/s", 40.0, "/s"),
            ("3 USD/h", 3.0, " USD/h"),
            ("1e3 tok", 1000.0, " tok"),
            ("-2.5ms", -2.5, "ms"),
            ("20%", 20.0, "%"),
            ("7", 7.0, ""),
            ("1e", 1.0, "e"),
        ] {
            let found = Quantity::parse(text).expect(text);
            assert_eq!((found.number, &*found.unit), (number, unit), "{text}");
        }
        assert_eq!(["", "fast", "/s", "inf", "nan"].map(Quantity::parse), [const { None }; 5]);
    }

    #[test]
    fn between_two_there_are_numbers_of_six_digits_with_their_unit() {
        let rate = Quantity::parse("40/s").expect("it is one");
        assert_eq!(shown(&rate.with(63.493_021, false, 100.0).node(Place::default())), "63.493/s");
        let count = Quantity { number: 4.0, unit: String::new(), text: false };
        assert_eq!(shown(&count.with(6.6, true, 1.0).node(Place::default())), "7");
        assert_eq!(shown(&count.with(0.1 + 0.2, false, 1.0).node(Place::default())), "0.3");
        // As many as it takes to tell values that are close together.
        let near = count.with(1_000_000.5, false, 0.5).node(Place::default());
        assert_eq!(shown(&near), "1000000.5");
    }
}
