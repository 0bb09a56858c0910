//! What differs between the cases of an experiment: axes, and their product.

use crate::ids::CaseId;
use crate::scenario::Scenario;

/// The axes of an experiment, each the names of its values. Its cases are all combinations of them, those of
/// the last axis fastest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Axes(Vec<Vec<String>>);

impl Axes {
    /// Those of a scenario: its variants.
    pub fn of(scenario: &Scenario) -> Self {
        Self(vec![scenario.variants.iter().map(|variant| variant.name.clone()).collect()])
    }

    /// All cases, in their order.
    pub fn cases(&self) -> impl Iterator<Item = CaseId> + use<> {
        (0..self.0.iter().map(Vec::len).product()).map(CaseId::new)
    }

    /// The values of a case, an axis each.
    pub fn values(&self, case: CaseId) -> Vec<&str> {
        let mut left = case.index();
        let mut values = Vec::new();
        for axis in self.0.iter().rev() {
            values.push(&*axis[left % axis.len()]);
            left /= axis.len();
        }
        values.reverse();
        values
    }

    /// What a case is compared with: the first value of the last axis, all others being equal. It comes before
    /// those that are compared with it, and no other baseline comes between.
    pub fn baseline(&self, case: CaseId) -> CaseId {
        let compared = self.0.last().map_or(1, Vec::len);
        CaseId::new(case.index() / compared * compared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_the_product_and_differ_from_their_baseline_along_the_last_axis_only() {
        let axis = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let axes = Axes(vec![axis(&["10/s", "20/s"]), axis(&["alone", "two", "many"])]);
        let found: Vec<_> = axes
            .cases()
            .map(|case| (axes.values(case).join(" "), axes.values(axes.baseline(case)).join(" ")))
            .collect();
        let found: Vec<_> = found.iter().map(|(case, base)| (&**case, &**base)).collect();
        assert_eq!(
            found,
            [
                ("10/s alone", "10/s alone"),
                ("10/s two", "10/s alone"),
                ("10/s many", "10/s alone"),
                ("20/s alone", "20/s alone"),
                ("20/s two", "20/s alone"),
                ("20/s many", "20/s alone"),
            ]
        );
    }
}
