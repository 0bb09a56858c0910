//! Names are data: whatever people call their models, nothing leaves the output folder and nothing
//! but text reaches the page, the charts and the tables.

use crate::desk::Desk;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const BASE: &str = include_str!("desk/base.yaml");
const HOSTILE: [&str; 16] = [
    "</style></title></svg><script>alert('x')</script>",
    "<img src=x onerror=alert(1)>",
    "\" onload=\"alert(1)\" x=\"",
    "' onload='alert(1)",
    "--><!--]]><![CDATA[",
    "&lt;b&gt; &amp; &#0; &nonsense;",
    "../../../etc/passwd",
    "/etc/passwd",
    "..",
    "C:\\con\\nul.txt, \"quoted\"; 'too'",
    "🚀 模型 שלום 👩\u{200d}🚀 می\u{200c}خواهم",
    "=HYPERLINK(\"http://x\",\"y\")",
    "+1+1",
    "@SUM(A1:A9)",
    "'=1",
    "{{ 7 * 7 }}{% raw %}%s%n$(id)`id`",
];

/// The base scenario with every name of a kind replaced; references too.
fn named(name: &str) -> String {
    let quoted =
        |suffix: &str| serde_json::to_string(&format!("{name}{suffix}")).expect("strings are JSON");
    let mut yaml = BASE.to_owned();
    for (old, suffix) in [
        ("base", ""),
        ("east", " r"),
        ("h100", ""),
        ("Aurora", " 1"),
        ("Borealis", " 2"),
        ("House", " 3"),
        ("aurora-8b", " 1"),
        ("borealis-8b", " 2"),
        ("house-8b", " 3"),
        ("chat", ""),
    ] {
        for (before, after) in [
            ("name: ", "\n"),
            ("name: ", ","),
            ("tenant: ", "\n"),
            ("cluster: ", ","),
            ("{", ":"),
            (", ", ":"),
        ] {
            let reference = format!("{before}{old}{after}");
            if old != "base" || before != "{" {
                yaml = yaml.replace(&reference, &format!("{before}{}{after}", quoted(suffix)));
            }
        }
    }
    let variant = |suffix| format!("  - {{name: {}, set: {{}}}}\n", quoted(suffix));
    format!("{yaml}variants:\n{}{}", variant(" v1"), variant(" v2"))
}

/// Everything below a folder.
fn below(root: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(root).expect("a folder") {
        let path = entry.expect("an entry").path();
        found.insert(path.file_name().expect("a name").to_string_lossy().into_owned());
        if path.is_dir() {
            found.extend(below(&path));
        }
    }
    found
}

/// The kinds of tags of a document, each a name with its attributes' names, and the comments and
/// other declarations in full. Fails where a tag is not well formed.
fn tags(document: &str) -> BTreeSet<String> {
    let mut tags = BTreeSet::new();
    let mut rest = document;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let mut shape = String::new();
        let mut quote = None;
        let mut end = None;
        for (at, c) in rest.char_indices() {
            match quote {
                Some(open) if c == open => quote = None,
                Some(_) => assert_ne!(c, '<', "unescaped in an attribute: {rest:.80}"),
                None if c == '>' => {
                    end = Some(at);
                    break;
                }
                None if c == '"' || c == '\'' => quote = Some(c),
                None => shape.push(c),
            }
        }
        let end = end.unwrap_or_else(|| panic!("a tag does not end: {rest:.80}"));
        tags.insert(shape.split_whitespace().collect::<Vec<_>>().join(" "));
        rest = &rest[end + 1..];
    }
    tags
}

/// Fails unless an SVG's elements nest and its text holds no bare `&`.
fn assert_well_formed(svg: &str) {
    let mut open = Vec::new();
    for piece in svg.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').expect("a tag ends");
        assert!(!text.contains('>') || !text.contains("]]>"), "{text}");
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name.trim()), "elements nest"),
            None if tag.starts_with(['?', '!']) || tag.ends_with('/') => {}
            None => open.push(tag.split_whitespace().next().expect("a name")),
        }
    }
    assert_eq!(open, Vec::<&str>::new(), "every element ends");
    for piece in svg.split('&').skip(1) {
        let entity = piece.split(';').next().unwrap_or_default();
        let known = matches!(entity, "amp" | "lt" | "gt" | "quot" | "apos");
        let number = entity.strip_prefix('#').is_some_and(|n| n.len() < 7 && n != "0");
        assert!(known || number, "&{piece:.20}");
    }
}

/// Runs a comparison under a name, in a folder within a folder, and gives both.
fn compare(name: &str) -> (Desk, Value) {
    let desk = Desk::new();
    desk.write("x.yaml", named(name));
    let output = desk.run(&["compare", "x.yaml", "--format", "json", "--quiet"]);
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    (desk, serde_json::from_slice(&output.stdout).expect("valid JSON"))
}

/// The only folder in `output`.
fn only_folder(desk: &Desk) -> std::path::PathBuf {
    let folders = fs::read_dir(desk.path("output")).expect("the folder of folders");
    let folders = folders.map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>();
    assert_eq!(folders.len(), 1, "{folders:?}");
    folders.into_iter().next().expect("one")
}

fn documents(folder: &Path) -> Vec<String> {
    let mut names = below(folder).into_iter().collect::<Vec<_>>();
    names.retain(|name| name.ends_with(".svg"));
    let mut paths = names.iter().map(|name| folder.join("charts").join(name)).collect::<Vec<_>>();
    paths.push(folder.join("report.html"));
    paths.iter().map(|path| fs::read_to_string(path).expect("text")).collect()
}

fn shapes(folder: &Path) -> BTreeSet<String> {
    documents(folder).iter().flat_map(|document| tags(document)).collect()
}

/// A chart of a single variant is named after it, safely, and begins with the name of the chart of all; the
/// other files have the same names whatever the scenario's.
fn is_expected(name: &str, plain: &BTreeSet<String>) -> bool {
    let of_all = plain.iter().filter_map(|known| known.strip_suffix(".svg"));
    let mut rest = of_all.filter_map(|chart| name.strip_prefix(chart)?.strip_prefix('-'));
    plain.contains(name) || rest.any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[test]
fn names_stay_inside_the_folder_and_outside_the_markup() {
    let (plain, _) = compare("plain");
    let harmless = shapes(&only_folder(&plain));
    assert!(harmless.iter().any(|tag| tag.starts_with("svg")), "{harmless:?}");
    let expected = below(&only_folder(&plain));
    for name in HOSTILE {
        let (desk, summary) = compare(name);
        let folder = only_folder(&desk);
        assert_eq!(fs::read_dir(desk.path("")).expect("here").count(), 2, "{name}: x.yaml, output");
        let names = below(&folder);
        assert!(names.iter().all(|name| is_expected(name, &expected)), "{name}: {names:?}");

        let strange = shapes(&folder).difference(&harmless).cloned().collect::<Vec<_>>();
        assert!(strange.is_empty(), "{name}: these came from the name: {strange:?}");
        let documents = documents(&folder);
        documents
            .iter()
            .filter(|one| one.contains("<svg") && !one.contains("<html"))
            .for_each(|svg| assert_well_formed(svg));
        assert!(documents.iter().all(|one| !one.contains("<script>alert")), "{name}");

        assert_eq!(summary["scenario"], name);
        let models = summary["variants"][0]["by_model"].as_object().expect("a map");
        let expected = [1, 2, 3].map(|n| format!("{name} {n}"));
        assert_eq!(models.keys().collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
        for (file, column) in [("summary.csv", 2), ("timeseries.csv", 0)] {
            let mut reader = csv::Reader::from_path(folder.join(file)).expect("a table");
            let rows = reader.records().collect::<Result<Vec<_>, _>>();
            let rows = rows.unwrap_or_else(|error| panic!("{name}: {file}: {error}"));
            let shown =
                |cell: &str| cell.starts_with(name) || cell.starts_with(&format!("'{name}"));
            assert!(rows.iter().any(|row| shown(&row[column])), "{name}: {file}");
            for cell in rows.iter().flatten().filter(|cell| cell.parse::<f64>().is_err()) {
                assert!(
                    !cell.starts_with(['=', '+', '-', '@']),
                    "{name}: {file}: a formula: {cell}"
                );
            }
        }
        // What was written can be drawn again: the names of tables are those of the summary.
        let page = fs::read(folder.join("report.html")).expect("a page");
        let again = desk.run(&["report", &folder.to_string_lossy()]);
        assert!(again.status.success(), "{name}: {}", String::from_utf8_lossy(&again.stderr));
        assert!(fs::read(folder.join("report.html")).expect("a page") == page, "{name}");
        // What was written is a scenario with the same names.
        let written = folder.join("scenario.yaml");
        let check = desk.run(&["check", "--quiet", &written.to_string_lossy()]);
        assert!(check.status.success(), "{name}: {}", String::from_utf8_lossy(&check.stderr));
    }
}

/// Control characters have no place in a table or on a terminal.
#[test]
fn names_that_no_table_can_show_are_refused() {
    let desk = Desk::new();
    let hidden = ["a\u{202e}b", "\u{2067}x", "a\u{200b}b", "a\u{200d}b", "a\u{ad}b", "a\u{2028}b"];
    let control = ["a\nb", "a\tb", "\u{1b}[31mred", "a\u{0}b", "", "  "];
    for name in control.into_iter().chain(hidden) {
        desk.write("x.yaml", named(name).replace(" 1\"", "\""));
        let output = desk.run(&["compare", "x.yaml"]);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{name:?}: {message}");
        assert!(message.starts_with("error: "), "{name:?}: {message}");
        assert!(!message.contains(['\u{1b}', '\u{202e}', '\u{2067}']), "{message:?}");
        assert!(!message.contains("panicked"), "{message:?}");
        assert!(!desk.path("output").exists(), "{name:?}");
    }
    desk.write("x.yaml", named(&"long ".repeat(2000)));
    let output = desk.run(&["compare", "x.yaml", "--quiet"]);
    assert!(matches!(output.status.code(), Some(0 | 2)), "{:?}", output.status);
}
