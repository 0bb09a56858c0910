//! What differs between the cases of an experiment: axes, and their product.

use super::results::{Along, AlongPath, Axis};
use crate::ids::CaseId;
use crate::scenario::{Curve, Scenario};

/// What the last axis is called where it has the variants of a scenario.
const VARIANT: &str = "variant";
/// The same where the variants are strategies in worlds.
const STRATEGY: &str = "strategy";
/// What the axis before that is called.
const WORLD: &str = "world";
/// The same where there are several curves.
const CURVE: &str = "curve";

/// The axes of an experiment. Its cases are all combinations of their values, those of the last axis fastest: the
/// variants of its scenario, its strategies, which stand behind its worlds, or the levels of its curves.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axes {
    all: Vec<Axis>,
    /// How many variants the scenario has: combinations of its own axes, which are the last ones.
    variants: usize,
}

impl Axes {
    /// Those of a scenario: its variants, its worlds and strategies, or its curves and their levels.
    pub(super) fn of(scenario: &Scenario) -> Self {
        let axis = Axis::new;
        let all = match (&scenario.product, &scenario.curve) {
            (Some(product), _) => {
                let worlds = product.worlds.iter().map(|world| world.name.clone()).collect();
                vec![axis(WORLD, worlds), axis(STRATEGY, product.strategies.clone())]
            }
            (None, Some(curve)) => along(curve),
            (None, None) => {
                let names = scenario.variants.iter().map(|variant| variant.name.clone());
                vec![axis(VARIANT, names.collect())]
            }
        };
        Self { all, variants: scenario.variants.len() }
    }

    /// What a report knows of them: all but the last, which is what is compared, and that, too, where it goes along a
    /// parameter.
    pub(super) fn shown(&self) -> &[Axis] {
        let is_along = self.all.last().is_some_and(|axis| axis.along.is_some());
        &self.all[..self.all.len() - usize::from(!is_along)]
    }

    /// Which variant of the scenario a case is of.
    pub(super) fn variant(&self, case: CaseId) -> usize {
        case.index() % self.variants
    }

    /// All cases, in their order.
    pub(super) fn cases(&self) -> impl Iterator<Item = CaseId> + use<> {
        (0..self.all.iter().map(|axis| axis.values.len()).product()).map(CaseId::new)
    }

    /// The values of a case, an axis each.
    pub(super) fn values(&self, case: CaseId) -> Vec<&str> {
        values_at(&self.all, case.index())
    }

    /// What a case is compared with: the first value of the last axis, all others being equal. It comes before
    /// those that are compared with it, and no other baseline comes between.
    pub(super) fn baseline(&self, case: CaseId) -> CaseId {
        let compared = self.all.last().map_or(1, |axis| axis.values.len());
        CaseId::new(case.index() / compared * compared)
    }
}

/// The axes of a scenario with a curve: which curve, if there are several, and along the parameter.
fn along(curve: &Curve) -> Vec<Axis> {
    let path = |(place, path): (usize, &String)| AlongPath {
        path: path.clone(),
        values: curve.levels.iter().map(|level| level.values[place].clone()).collect(),
    };
    let along = Along {
        unit: curve.unit.clone(),
        positions: curve.levels.iter().map(|level| level.position).collect(),
        paths: curve.paths.iter().enumerate().map(path).collect(),
    };
    let levels = curve.levels.iter().map(|level| level.name.clone()).collect();
    let levels = Axis { along: Some(along), ..Axis::new(&curve.called, levels) };
    let curves =
        Some(Axis::new(CURVE, curve.curves.clone())).filter(|axis| !axis.values.is_empty());
    curves.into_iter().chain([levels]).collect()
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
        let axis = |name: &str, values: &[&str]| {
            Axis::new(name, values.iter().map(|value| (*value).to_owned()).collect())
        };
        let all = vec![axis("rate", &["10/s", "20/s"]), axis(VARIANT, &["alone", "two", "many"])];
        let axes = Axes { all, variants: 3 };
        assert_eq!(axes.shown(), [axis("rate", &["10/s", "20/s"])]);
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
