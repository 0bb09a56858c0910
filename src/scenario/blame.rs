//! What an argument of the command line, or a parameter of a sweep, made wrong is shown with it.
//!
//! A horizon in the file may be fine until `--set` gives a longer warm-up. What is wrong with one
//! argument more, and was not without it, is that argument's doing.

use super::diagnostic::Finding;
use super::overrides::Override;

/// Moves findings from the file to the argument that brought them: the last one before which they were
/// not there. `with` says what is wrong when only so many of the `changes` are made.
pub(super) fn blame(
    mut findings: Vec<Finding>,
    changes: &[Override],
    mut with: impl FnMut(usize) -> Vec<Finding>,
) -> Vec<Finding> {
    let by_change = |source| changes.iter().any(|change| change.place().source == source);
    let in_file = |finding: &Finding| !by_change(finding.place.source);
    let mut later = findings.clone();
    for (count, change) in changes.iter().enumerate().rev() {
        if !findings.iter().any(in_file) {
            break;
        }
        let earlier = with(count);
        // What was wrong only before may have kept the rest from being seen.
        if !earlier.iter().all(|finding| known(&later, finding)) {
            break;
        }
        for finding in findings.iter_mut().filter(|finding| in_file(finding)) {
            if known(&later, finding) && !known(&earlier, finding) {
                finding.place = change.place();
            }
        }
        later = earlier;
    }
    for finding in findings.iter_mut().filter(|finding| finding.label.is_none()) {
        let mut made =
            changes.iter().filter(|change| change.place().source == finding.place.source);
        finding.label = made.find_map(|change| whole(finding, change));
    }
    findings
}

/// What to do where a change of a part makes no sense beside the parts that stay as they were.
fn whole(finding: &Finding, change: &Override) -> Option<String> {
    let (whole, part) = (finding.path.as_deref()?, change.path().to_string());
    let below = part.strip_prefix(whole)?;
    let is_part = below.starts_with(['.', '[']);
    is_part.then(|| format!("the rest of it stays: to replace all, set `{whole}={{…}}`"))
}

fn known(findings: &[Finding], wanted: &Finding) -> bool {
    let same = |a: &Finding, b: &Finding| (a.place, &a.message) == (b.place, &b.message);
    findings.iter().any(|finding| same(finding, wanted))
}
