//! What differs between the cases of an experiment: axes, and their product.

use super::results::Axis;
use crate::ids::CaseId;
use crate::scenario::Scenario;

/// The name of the last axis.
const VARIANT: &str = "variant";

/// The axes of an experiment. Its cases are all combinations of their values, those of the last axis fastest: the
/// variants of its scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Axes(Vec<Axis>);

impl Axes {
    /// Those of a scenario: its variants.
    pub(super) fn of(scenario: &Scenario) -> Self {
        let values = scenario.variants.iter().map(|variant| variant.name.clone()).collect();
        Self(vec![Axis { name: VARIANT.to_owned(), values }])
    }

    /// Those beside the variants.
    pub(super) fn others(&self) -> &[Axis] {
        &self.0[..self.0.len() - 1]
    }

    /// Which variant a case is of.
    pub(super) fn variant(&self, case: CaseId) -> usize {
        case.index() % self.variants()
    }

    fn variants(&self) -> usize {
        self.0.last().map_or(1, |axis| axis.values.len())
    }

    /// All cases, in their order.
    pub(super) fn cases(&self) -> impl Iterator<Item = CaseId> + use<> {
        (0..self.0.iter().map(|axis| axis.values.len()).product()).map(CaseId::new)
    }

    /// The values of a case, an axis each.
    pub(super) fn values(&self, case: CaseId) -> Vec<&str> {
        values_at(&self.0, case.index())
    }

    /// What a case is compared with: the first value of the last axis, all others being equal. It comes before
    /// those that are compared with it, and no other baseline comes between.
    pub(super) fn baseline(&self, case: CaseId) -> CaseId {
        let compared = self.variants();
        CaseId::new(case.index() / compared * compared)
    }
}

/// The value of each axis at a place in the product of all, those of the last axis fastest.
pub(super) fn values_at(axes: &[Axis], place: usize) -> Vec<&str> {
    let mut left = place;
    let mut values = Vec::new();
    for Axis { values: all, .. } in axes.iter().rev() {
        values.push(&*all[left % all.len()]);
        left /= all.len();
    }
    values.reverse();
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_the_product_and_differ_from_their_baseline_along_the_last_axis_only() {
        let axis = |name: &str, values: &[&str]| Axis {
            name: name.to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        let axes =
            Axes(vec![axis("rate", &["10/s", "20/s"]), axis(VARIANT, &["alone", "two", "many"])]);
        assert_eq!(axes.others(), [axis("rate", &["10/s", "20/s"])]);
        assert_eq!(
            axes.cases().map(|case| axes.variant(case)).collect::<Vec<_>>(),
            [0, 1, 2, 0, 1, 2]
        );
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
