//! ARCHITECTURE.md says which modules each module of `src` may use: they use those and no others, all of
//! them further down in its table. Tests within `src` may use anything, and comments may name anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Arrows = BTreeMap<String, BTreeSet<String>>;

/// What the table of ARCHITECTURE.md allows, and its modules from above to below.
fn stated() -> (Vec<String>, Arrows) {
    let text = include_str!("../../ARCHITECTURE.md");
    let (_, rest) =
        text.split_once("| layer | what it is | may use |\n|---|---|---|\n").expect("a table");
    let words = |cell: &str| -> Vec<String> {
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let (mut order, mut arrows) = (Vec::new(), Arrows::new());
    for line in rest.lines().take_while(|line| line.starts_with('|')) {
        let cells: Vec<_> = line.trim_matches('|').split('|').collect();
        let [module, _, uses] = cells[..] else { panic!("three cells in {line}") };
        let module = words(module).pop().expect("a module");
        arrows.insert(module.clone(), words(uses).into_iter().collect());
        order.push(module);
    }
    (order, arrows)
}

/// All files of Rust below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("readable").path());
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    let all = entries.flat_map(below);
    all.filter(|path| path.extension().is_some_and(|kind| kind == "rs")).collect()
}

/// The lines of a file without comments and without what is there for tests only, and the names of
/// the modules that are.
fn code(text: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut kept, mut test_modules) = (Vec::new(), Vec::new());
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            kept.push(line);
            continue;
        }
        // The item ends with a semicolon, or with a brace that stands as far to the left as it does.
        let indent = &line[..line.len() - line.trim_start().len()];
        for item in lines.by_ref() {
            let module = item.split_once("mod ").and_then(|(_, rest)| rest.strip_suffix(';'));
            test_modules.extend(module);
            if item.starts_with(&format!("{indent}}}"))
                || item.ends_with(';') && !item.starts_with(&format!("{indent} "))
            {
                break;
            }
        }
    }
    (kept, test_modules)
}

/// The first name after each `marker`.
fn names<'a>(line: &'a str, marker: &'a str) -> impl Iterator<Item = &'a str> {
    line.split(marker).skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

/// Which modules the code of each module names.
fn found() -> Arrows {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let texts: Vec<_> = files(&src)
        .into_iter()
        .map(|path| (fs::read_to_string(&path).expect("text"), path))
        .collect();
    let parts = |path: &Path| -> Vec<String> {
        let inside = path.strip_prefix(&src).expect("it is in src").with_extension("");
        inside
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .filter(|part| part != "mod")
            .collect()
    };
    let for_tests: BTreeSet<Vec<String>> = texts
        .iter()
        .flat_map(|(text, path)| {
            let of = parts(path);
            code(text).1.into_iter().map(move |module| [&of[..], &[module.to_owned()]].concat())
        })
        .collect();
    let mut arrows = Arrows::new();
    for (text, path) in &texts {
        let of = parts(path);
        let is_test = (1..=of.len()).any(|length| for_tests.contains(&of[..length]));
        if is_test || ["lib", "main"].contains(&&*of[0]) {
            continue;
        }
        let to = arrows.entry(of[0].clone()).or_default();
        let root = format!(" {}", "super::".repeat(of.len()));
        for line in code(text).0 {
            assert!(!line.contains("crate::{"), "one module a line, in {}: {line}", path.display());
            assert!(!line.contains(&root), "`crate::` is shorter, in {}: {line}", path.display());
            to.extend(names(line, "crate::").map(str::to_owned));
        }
        to.remove(&of[0]);
    }
    arrows
}

#[test]
fn modules_use_what_the_architecture_says() {
    let (order, stated) = stated();
    let place = |module: &str| order.iter().position(|other| other == module);
    for (module, uses) in &stated {
        for used in uses {
            assert!(place(used) > place(module), "`{used}` does not stand below `{module}`");
        }
    }
    let found = found();
    let modules: BTreeSet<_> = stated.keys().collect();
    assert_eq!(modules, found.keys().collect(), "the modules of src");
    for (module, uses) in &found {
        assert_eq!(Some(uses), stated.get(module), "what `{module}` uses, and what it may");
    }
}
