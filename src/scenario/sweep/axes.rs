//! The axes of a sweep: which values each parameter takes, and which parameters take them together.

use super::quantity::shown;
use super::schema::{Design, SweepFile};
use super::values::Levels;
use crate::scenario::diagnostic::Finding;
use crate::scenario::overrides::Override;
use crate::scenario::path::Path;
use crate::scenario::tree::Node;
use crate::scenario::{resolved, suggest};
use std::collections::BTreeSet;
use std::path::Path as FilePath;

type Findings = Vec<Finding>;

pub(super) fn levels(
    written: &Node,
    file: &SweepFile,
    folder: &FilePath,
    changes: &[Override],
) -> Result<Vec<Levels>, Findings> {
    let (mut all, mut findings) = (Vec::new(), Vec::new());
    for ((key, values), change) in file.parameters.iter().zip(changes) {
        let at = Path::default().key("parameters").key(key);
        let mut levels = match Levels::read(values, written, &at) {
            Ok(levels) => levels,
            Err(finding) => {
                findings.push(finding);
                continue;
            }
        };
        if let Levels::Listed(nodes) = &mut levels {
            nodes
                .iter_mut()
                .for_each(|node| resolved::absolute_file_at(node, &change.path(), folder));
        }
        if levels.may_repeat() {
            findings.extend(twice(&levels).map(|finding| finding.at(&at)));
        }
        if file.design == Design::Grid && levels.count().is_none() {
            let message = "a grid needs `points`: how many values there are";
            findings.push(Finding::new(written.locate_key(&at), message).at(&at));
        }
        all.push(levels);
    }
    if file.parameters.is_empty() {
        let at = Path::default().key("parameters");
        findings.push(Finding::new(
            written.locate_key(&at),
            "there is no parameter: give at least one",
        ));
    }
    if findings.is_empty() { Ok(all) } else { Err(findings) }
}

/// Parameters by axis: those that are zipped share one.
pub(super) fn axes(
    written: &Node,
    file: &SweepFile,
    parameters: &[String],
    levels: &[Levels],
) -> Result<Vec<Vec<usize>>, Findings> {
    let mut findings = Vec::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (group, paths) in file.zip.iter().enumerate() {
        let mut members = Vec::new();
        for (index, path) in paths.iter().enumerate() {
            let at = Path::default().key("zip").index(group).index(index);
            let mut refuse = |message: String, hint| {
                findings.push(Finding::new(written.locate(&at), message).hint(hint).at(&at));
            };
            match parameters.iter().position(|known| known == path) {
                None => refuse(
                    format!("`{path}` is not a parameter of this sweep"),
                    suggest::did_you_mean(path, parameters),
                ),
                Some(member)
                    if groups.iter().flatten().chain(&members).any(|&known| known == member) =>
                {
                    refuse(format!("`{path}` is zipped twice"), None);
                }
                Some(member) => members.push(member),
            }
        }
        let counts: Vec<_> = members.iter().map(|&member| levels[member].count()).collect();
        let at = Path::default().key("zip").index(group);
        if members.len() == paths.len() && members.len() < 2 {
            let message = "it takes two parameters to go together";
            findings.push(Finding::new(written.locate(&at), message).at(&at));
        }
        if file.design == Design::Grid && counts.windows(2).any(|pair| pair[0] != pair[1]) {
            let counts: Vec<_> =
                counts.into_iter().flatten().map(|count| count.to_string()).collect();
            let message =
                format!("they have {} values: zipped ones need equally many", counts.join(" and "));
            findings.push(Finding::new(written.locate(&at), message).at(&at));
        }
        if !members.is_empty() {
            groups.push(members);
        }
    }
    let first = |member: usize| groups.iter().find(|group| group.contains(&member));
    let axis = |member: usize| match first(member) {
        None => Some(vec![member]),
        Some(group) if group.iter().min() == Some(&member) => Some(group.clone()),
        Some(_) => None,
    };
    let axes = (0..parameters.len()).filter_map(axis).collect();
    if findings.is_empty() { Ok(axes) } else { Err(findings) }
}

/// Values that are there twice: listed so, or whole numbers where there are fewer than points.
fn twice(levels: &Levels) -> impl Iterator<Item = Finding> {
    let mut known = BTreeSet::new();
    levels.all().into_iter().filter_map(move |node| {
        let value = shown(&node);
        let finding = Finding::new(node.place, format!("`{value}` is there twice"));
        (!known.insert(value)).then_some(finding)
    })
}
