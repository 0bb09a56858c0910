//! The documents: links lead somewhere, lines fit a screen, and what is shown as a scenario is one.

use crate::desk::Desk;
use crate::section::{assert_section, wrapped};
use coopsim::metrics::{Definition, definitions};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Columns of a line, tables and links excepted.
const COLUMNS: usize = 100;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All documents for people.
fn documents() -> Vec<PathBuf> {
    let folders = ["", "docs", "benches"].map(|folder| root().join(folder));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("a folder"));
    let paths = entries.map(|entry| entry.expect("readable").path());
    let mut found: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|kind| kind == "md")).collect();
    found.sort();
    found
}

/// What `[text](target)` leads to in prose: not in code.
fn targets(text: &str) -> Vec<String> {
    let mut in_code = false;
    let mut found = Vec::new();
    for line in text.lines() {
        in_code ^= line.trim_start().starts_with("```");
        if !in_code {
            let links = line.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
            found.extend(links.map(|(target, _)| target.to_owned()));
        }
    }
    found
}

/// The anchors of the headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |line: &str| -> String {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}

/// Why a link of a document leads nowhere, if it does.
fn broken(document: &Path, target: &str) -> Option<String> {
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let file = match path {
        "" => document.to_owned(),
        _ => document.parent().expect("a file is in a folder").join(path),
    };
    if !file.exists() {
        return Some(format!("{} leads to {target}, which is not there", document.display()));
    }
    let is_lost = !anchor.is_empty() && !anchors(&read(&file)).contains(anchor);
    is_lost.then(|| format!("{} leads to {target}, which has no such heading", document.display()))
}

#[test]
fn links_lead_somewhere() {
    let mut count = 0;
    let mut problems = Vec::new();
    for document in documents() {
        let targets = targets(&read(&document));
        let local = targets.iter().filter(|target| !target.contains("://"));
        count += local.clone().count();
        problems.extend(local.filter_map(|target| broken(&document, target)));
    }
    assert_eq!(problems, [""; 0]);
    assert!(count > 100, "only {count} links were found");
}

/// The change log is not for reading from start to end.
#[test]
fn lines_fit_a_screen() {
    let excepted = ["CHANGELOG.md"];
    for document in documents() {
        if excepted.iter().any(|name| document == root().join(name)) {
            continue;
        }
        for (index, line) in read(&document).lines().enumerate() {
            let fits =
                line.chars().count() <= COLUMNS || line.starts_with('|') || line.contains("](");
            assert!(fits, "{}, line {}: {line}", document.display(), index + 1);
        }
    }
}

/// The README's tour is a scenario that runs, and nothing is wrong in it.
#[test]
fn the_tour_runs() {
    let readme = read(&root().join("README.md"));
    let (_, rest) = readme.split_once("```yaml\n").expect("there is a scenario");
    let (scenario, _) = rest.split_once("```").expect("it ends");
    let desk = Desk::new();
    desk.write("two-vendors.yaml", scenario);
    let output = desk.run(&["compare", "two-vendors.yaml", "--format", "json", "--quiet"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let summary: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let of = |variant: usize, metric: &str| -> f64 {
        let mean = &summary["variants"][variant]["metrics"][metric]["mean"];
        mean.as_f64().unwrap_or_else(|| panic!("no {metric}"))
    };
    assert_eq!((of(0, "requests.rejected"), of(1, "requests.rejected")), (0.0, 0.0));
    // Two nodes of eight.
    let [even, wins] = [0, 1].map(|variant| (16.0 * of(variant, "utilisation.allocated")).round());
    let [before, after] = [0, 1].map(|variant| of(variant, "revenue.total_usd"));
    assert!(wins > even && after > before, "{even} {wins} {before} {after}");
    assert!(of(0, "revenue.rental_usd") > of(0, "revenue.marketplace_usd"));
    let text = format!(
        "When Aurora wins, {wins} of the 16 accelerators are held instead of {even}, and the cloud's revenue \
         is {:.0} % higher: it earns more from the rent than from its part of Borealis' tokens.",
        100.0 * (after / before - 1.0)
    );
    assert_section("README.md", "tour", &wrapped(&text));
}

#[test]
fn all_metrics_are_listed() {
    let row = |definition: &Definition| {
        let Definition { name, unit, text, .. } = definition;
        format!("| `{name}` | {unit} | {} |\n", text.replace('|', "\\|"))
    };
    let rows = |modelled| definitions().iter().filter(move |of| of.modelled == modelled).map(row);
    let section = format!(
        "| metric | unit | definition |\n|---|---|---|\n{}\n\
         Names that are reserved for what is not modelled yet:\n\n\
         | metric | unit | definition |\n|---|---|---|\n{}",
        rows(true).collect::<String>(),
        rows(false).collect::<String>()
    );
    assert_section("docs/output.md", "metrics", section.trim_end());
}
