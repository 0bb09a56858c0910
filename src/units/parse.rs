//! Reading and writing `number unit` strings.

use schemars::{Schema, json_schema};
use serde::de::{self, Visitor};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// A unit and how many base units it holds. A name may start with a space, which is how it is
/// printed; spaces are ignored in reading.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    pub name: &'static str,
    pub factor: f64,
}

/// Splits `text` into its number and its unit, and multiplies them out.
pub(super) fn parse_quantity(
    text: &str,
    units: &[Unit],
    what: &str,
    example: &str,
) -> Result<f64, String> {
    let (number, unit) = split(text);
    let fail = |problem: String| Err(complaint(&problem, units, what, example));
    let Ok(value) = number.parse::<f64>() else {
        return fail(format!("`{text}` does not start with a number"));
    };
    if unit.is_empty() {
        return fail(format!("`{text}` has no unit"));
    }
    let Some(found) = units.iter().find(|candidate| candidate.name.trim() == unit) else {
        return fail(match nearest(unit, units) {
            Some(near) => format!("`{unit}` is not a unit here, did you mean `{near}`?"),
            None => format!("`{unit}` is not a unit here"),
        });
    };
    let quantity = value * found.factor;
    if !quantity.is_finite() {
        return fail(format!("`{text}` is not finite"));
    }
    if quantity < 0.0 {
        return fail(format!("`{text}` is negative"));
    }
    Ok(quantity)
}

/// The longest prefix that can be a number, and the trimmed rest.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = (1..=text.len())
        .rev()
        .filter(|&end| text.is_char_boundary(end))
        .find(|&end| text[..end].parse::<f64>().is_ok())
        .unwrap_or(0);
    (&text[..end], text[end..].trim())
}

fn nearest(unit: &str, units: &[Unit]) -> Option<&'static str> {
    // The micro sign and the Greek letter, which are written as a `u` here.
    let unit = unit.replace(['\u{b5}', '\u{3bc}'], "u");
    units
        .iter()
        .map(|candidate| candidate.name.trim())
        .map(|name| (strsim::damerau_levenshtein(&name.to_lowercase(), &unit.to_lowercase()), name))
        .filter(|&(distance, name)| distance <= 2 && distance < name.len())
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

fn complaint(problem: &str, units: &[Unit], what: &str, example: &str) -> String {
    let names = units.iter().map(|unit| format!("`{}`", unit.name.trim())).collect::<Vec<_>>();
    format!("{problem}: expected {what} such as `{example}` (units: {})", names.join(", "))
}

/// More digits than this are written with an exponent.
const MAX_DIGITS: usize = 15;

/// A number that parses back to exactly `value`.
fn number(value: f64) -> String {
    let plain = value.to_string();
    if plain.len() <= MAX_DIGITS { plain } else { format!("{value:e}") }
}

/// The shortest string that parses back to exactly `value`; larger units win ties.
pub(super) fn print_quantity(value: f64, units: &[Unit]) -> String {
    units
        .iter()
        .filter(|unit| (value / unit.factor) * unit.factor == value)
        .map(|unit| format!("{}{}", number(value / unit.factor), unit.name))
        .rev()
        .min_by_key(|printed| printed.len())
        .expect("the base unit always parses back")
}

/// A number as a quantity may begin with; no quantity is negative.
const NUMBER: &str = r"\s*\+?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*";

/// What strings are quantities, for those who read a scenario's schema.
pub(super) fn schema(units: &[Unit], what: &str, example: &str) -> Schema {
    let names: Vec<_> = units.iter().map(|unit| unit.name.trim()).collect();
    let listed: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    let mut description = format!("{what} such as `{example}`, in {}.", listed.join(", "));
    description[..1].make_ascii_uppercase();
    json_schema!({
        "type": "string",
        "description": description,
        "pattern": format!(r"^{NUMBER}({})\s*$", names.join("|")),
        "examples": [example],
    })
}

/// Reads a quantity from a string, and explains what a number would need.
pub(super) struct QuantityVisitor<T> {
    what: &'static str,
    example: &'static str,
    units: &'static [Unit],
    quantity: PhantomData<T>,
}

impl<T> QuantityVisitor<T> {
    pub(super) fn new(what: &'static str, example: &'static str, units: &'static [Unit]) -> Self {
        Self { what, example, units, quantity: PhantomData }
    }

    fn bare<E: de::Error>(&self, number: impl fmt::Display) -> E {
        let problem = format!("`{number}` has no unit");
        E::custom(complaint(&problem, self.units, self.what, self.example))
    }
}

impl<T: FromStr<Err = String>> Visitor<'_> for QuantityVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} such as `{}`", self.what, self.example)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        Err(self.bare(number))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        Err(self.bare(number))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<T, E> {
        Err(self.bare(number))
    }
}
