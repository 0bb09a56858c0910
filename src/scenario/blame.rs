//! What an argument of the command line made wrong is shown with the argument.
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
    let in_file = |finding: &Finding| finding.place.source == 0;
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
        let made = changes.iter().find(|change| change.place().source == finding.place.source);
        finding.label = made.and_then(|change| whole(finding, change));
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
