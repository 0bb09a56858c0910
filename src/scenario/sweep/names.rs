//! Short names of parameters, for pictures and sentences.

use crate::scenario::path::{self, Segment};

/// Keys at the end of a path that say what it is, unless another parameter ends with the same.
const KEYS: usize = 2;

/// The end of each path: as many of its last keys as tell it from the others, two at least, with the items that they
/// are in: `gamma.rate`, `tenants[Aurora].terms`.
pub(super) fn short_names(paths: &[String]) -> Vec<String> {
    let ends: Vec<Vec<&str>> = paths.iter().map(|path| ends(path)).collect();
    let name = |(index, own): (usize, &Vec<&str>)| {
        let is_shared = |end: &&str| {
            let others = ends.iter().enumerate().filter(|(other, _)| *other != index);
            others.flat_map(|(_, ends)| ends).any(|other| other == end)
        };
        let long_enough = own.iter().skip(KEYS - 1);
        let found = long_enough.copied().find(|end| !is_shared(end));
        found.unwrap_or(&paths[index]).to_owned()
    };
    ends.iter().enumerate().map(name).collect()
}

/// The ends of a path, from its last key on, from its last but one on, and so on.
fn ends(path: &str) -> Vec<&str> {
    let steps = path::parse(path).unwrap_or_default();
    let keys = steps.iter().filter(|(segment, _)| matches!(segment, Segment::Key(_)));
    keys.rev().map(|(_, place)| &path[place.start..]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_short_as_tells_them_apart() {
        let paths = [
            "applications[chat].arrivals.gamma.rate",
            "tenants[Aurora].terms",
            "tenants[Borealis].terms",
            "seed",
            "models[\"a.b\"].deployments[h100].replicas",
            "models[c].deployments[h100].replicas",
        ];
        let names = short_names(&paths.map(str::to_owned));
        assert_eq!(
            names,
            [
                "gamma.rate",
                "tenants[Aurora].terms",
                "tenants[Borealis].terms",
                "seed",
                "models[\"a.b\"].deployments[h100].replicas",
                "models[c].deployments[h100].replicas",
            ]
        );
    }
}
