//! What a scenario was written in: what turns out to be wrong only once it is planned is shown there, too.

use super::diagnostic::{Diagnostics, Finding, merge};
use super::path::Path;
use super::source::Source;
use super::tree::Node;
use crate::planning::Unreachable;

/// The texts of a scenario, and the tree of each variant.
#[derive(Clone, Debug)]
pub(super) struct Written {
    /// The file, then arguments.
    pub sources: Vec<Source>,
    /// By the name of the variant: its objectives.
    pub objectives: Vec<(String, Node)>,
}

/// Scenarios that say the same are the same, wherever they were written.
impl PartialEq for Written {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Where the objectives of capacity are.
pub(super) fn objectives() -> Path {
    Path::default().key("scheduler").key("capacity").key("objective")
}

impl Written {
    /// Points at each goal in its variant; there are so many `variants`.
    pub(super) fn unreachable(
        &self,
        goals: &[(&str, &Unreachable)],
        variants: usize,
    ) -> Diagnostics {
        let finding = |(variant, goal): &(&str, &Unreachable)| {
            let part = goal.part().to_string();
            let tree = self.objectives.iter().find(|(name, _)| name == variant);
            let place = tree.map(|(_, tree)| tree.locate(&Path::default().key(&part)));
            let several = if variants > 1 { vec![(*variant).to_owned()] } else { Vec::new() };
            let path = objectives().key(&part);
            let finding = Finding::new(place.unwrap_or_default(), goal.to_string()).at(&path);
            Finding { variants: several, ..finding }
        };
        let findings = merge(goals.iter().map(finding).collect(), variants);
        Diagnostics::new(self.sources.clone(), findings)
    }
}
