//! Conditions on the values of a point: `PATH < PATH`, `PATH <= 0.2`.

use super::points::Points;
use super::quantity::{Quantity, shown};
use super::schema::SweepFile;
use crate::scenario::diagnostic::Finding;
use crate::scenario::path::Path;
use crate::scenario::tree::Node;
use std::cmp::Ordering;

/// Which orders of two numbers meet a condition.
type Holds = fn(Ordering) -> bool;

/// Longer ones first: `<=` begins with `<`.
const OPERATORS: [(&str, Holds); 6] = [
    ("<=", Ordering::is_le),
    (">=", Ordering::is_ge),
    ("==", Ordering::is_eq),
    ("!=", Ordering::is_ne),
    ("<", Ordering::is_lt),
    (">", Ordering::is_gt),
];

/// A condition that the points that are kept meet.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    left: Side,
    holds: Holds,
    right: Side,
    /// Whether it asks only if both are the same.
    equality: bool,
}

#[derive(Clone, Debug)]
enum Side {
    /// The value of a parameter, by index.
    Parameter(usize),
    /// What is written.
    Given(String),
}

impl Filter {
    /// Reads a condition on parameters with these paths.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &str, parameters: &[String]) -> Result<Self, String> {
        let found =
            OPERATORS.iter().filter_map(|&(sign, holds)| Some((text.find(sign)?, sign, holds)));
        let first = found.min_by_key(|&(at, sign, _)| (at, std::cmp::Reverse(sign.len())));
        let Some((at, sign, holds)) = first else {
            return Err(
                "expected a condition such as `PATH <= 0.2`, with one of <, <=, >, >=, == and !="
                    .to_owned(),
            );
        };
        let side = |text: &str| {
            let text = text.trim();
            let parameter = parameters.iter().position(|path| path == text);
            match parameter {
                _ if text.is_empty() => Err(format!("there is nothing on one side of `{sign}`")),
                Some(index) => Ok(Side::Parameter(index)),
                None => Ok(Side::Given(text.trim_matches('"').to_owned())),
            }
        };
        let (left, right) = (side(&text[..at])?, side(&text[at + sign.len()..])?);
        if !matches!(left, Side::Parameter(_)) && !matches!(right, Side::Parameter(_)) {
            return Err(
                "neither side is a parameter of this sweep, written as it is there".to_owned()
            );
        }
        Ok(Self { left, holds, right, equality: matches!(sign, "==" | "!=") })
    }

    /// Whether it holds where parameters have these values.
    ///
    /// # Errors
    /// Why the two sides cannot be compared.
    pub(super) fn holds(&self, values: &[Node]) -> Result<bool, String> {
        let text = |side: &Side| match side {
            Side::Parameter(index) => shown(&values[*index]),
            Side::Given(text) => text.clone(),
        };
        let (left, right) = (text(&self.left), text(&self.right));
        let ordering = match (Quantity::parse(&left), Quantity::parse(&right)) {
            (Some(one), Some(other)) => one.compare(&other),
            _ => None,
        };
        let is_number = |text| Quantity::parse(text).is_some();
        let other_units = ordering.is_none() && is_number(&left) && is_number(&right);
        match ordering {
            Some(ordering) => Ok((self.holds)(ordering)),
            None if self.equality && !other_units => Ok((self.holds)(left.cmp(&right))),
            None => Err(format!(
                "cannot compare `{left}` with `{right}`: they are not numbers in the same unit"
            )),
        }
    }
}

/// The points that meet all conditions; `None` without conditions.
pub(super) fn kept(
    written: &Node,
    file: &SweepFile,
    parameters: &[String],
    points: &Points,
) -> Result<Option<Vec<u64>>, Vec<Finding>> {
    let place = |index: usize| written.locate(&Path::default().key("where").index(index));
    let (mut filters, mut findings) = (Vec::new(), Vec::new());
    for (index, text) in file.filters.iter().enumerate() {
        match Filter::parse(text, parameters) {
            Ok(filter) => filters.push(filter),
            Err(message) => findings.push(Finding::new(place(index), message)),
        }
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    if filters.is_empty() {
        return Ok(None);
    }
    let mut kept = Vec::new();
    for point in 0..points.count().unwrap_or(0) {
        let values = points.at(point);
        let mut all = true;
        for (index, filter) in filters.iter().enumerate() {
            all &= filter
                .holds(&values)
                .map_err(|message| vec![Finding::new(place(index), message)])?;
        }
        if all {
            kept.push(point);
        }
    }
    if kept.is_empty() {
        let at = Path::default().key("where");
        return Err(vec![Finding::new(written.locate_key(&at), "no point meets these conditions")]);
    }
    Ok(Some(kept))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::source::Place;
    use crate::scenario::tree::Value;

    #[test]
    fn conditions_compare_numbers_in_the_same_unit_and_words_only_for_equality() {
        let parameters = ["a.b".to_owned(), "c[x]".to_owned()];
        let node = |text: &str| Node { place: Place::default(), value: Value::Scalar(text.into()) };
        let values = [node("40/s"), node("fast")];
        let holds = |text: &str| Filter::parse(text, &parameters).and_then(|it| it.holds(&values));
        assert_eq!(holds("a.b <= 40 /s"), Ok(true));
        assert_eq!(holds("100/s < a.b"), Ok(false));
        assert_eq!(holds("c[x] == fast"), Ok(true));
        assert_eq!(holds("c[x] != a.b"), Ok(true));
        for wrong in ["a.b", "a.b <", "d < 3", "a.b < 40/h", "c[x] < a.b", "a.b > fast"] {
            assert!(holds(wrong).is_err(), "{wrong}");
        }
    }
}
