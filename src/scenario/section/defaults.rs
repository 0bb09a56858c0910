//! Defaults that depend on other values, spelled out in the resolved scenario. (All others are written
//! because their types have a value.)
//!
//! What a variant changes may decide what a default is, or whether its key may stand there at all:
//! such a default is left to be derived again in each variant.

use super::{cloud, models, window};
use crate::scenario::path::{self, Path};
use crate::scenario::schema::Scenario;

/// Spells them out.
pub(in crate::scenario) fn fill(scenario: &mut Scenario) {
    let changed = Changed::in_cases_of(scenario);
    window::fill(&mut scenario.window);
    cloud::fill(&mut scenario.cloud, &changed);
    models::fill(&mut scenario.models, &changed);
}

/// What the variants set, or strategies and worlds.
pub(in crate::scenario) struct Changed(Vec<Path>);

impl Changed {
    fn in_cases_of(scenario: &Scenario) -> Self {
        let sets = scenario.strategies.iter().map(|one| &one.set);
        let sets = sets.chain(scenario.worlds.iter().map(|one| &one.set));
        let keys = sets.flat_map(|set| set.keys()).map(String::as_str);
        let keys = keys.chain(scenario.variants.changed());
        let steps = keys.filter_map(|key| path::parse(key).ok());
        let path = |steps: Vec<(path::Segment, _)>| {
            Path(steps.into_iter().map(|(segment, _)| segment).collect())
        };
        Self(steps.map(path).collect())
    }

    /// Whether some variant sets what is there, or a part of it. (A variant that sets something of
    /// which it is a part brings a whole of its own.)
    pub(super) fn below(&self, path: &Path) -> bool {
        self.0.iter().any(|changed| path.contains(changed))
    }
}
