//! ARCHITECTURE.md says which modules each module of `src` may use: they use those and no others, all of
//! them further down in its table. And what it says is absent from `src` is absent. Tests within `src` may use
//! anything, and comments may name anything.

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

/// A file of `src` without what is not in the program.
struct Source {
    /// Where the module stands: `serving`, `tokens`, `run`.
    path: Vec<String>,
    /// Its lines, without comments and without what is there for tests only.
    code: Vec<String>,
}

/// All files of `src` that are part of the program.
fn sources() -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut sources, mut for_tests) = (Vec::new(), BTreeSet::new());
    for file in files(&src) {
        let path = module(file.strip_prefix(&src).expect("it is in src"));
        let (code, test_modules) = code(&fs::read_to_string(&file).expect("text"));
        for_tests.extend(test_modules.into_iter().map(|name| [&path[..], &[name]].concat()));
        sources.push(Source { path, code });
    }
    let is_test =
        |path: &[String]| (1..=path.len()).any(|length| for_tests.contains(&path[..length]));
    sources.retain(|source| !is_test(&source.path));
    sources
}

/// All files of Rust below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("readable").path());
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    let all = paths.flat_map(below);
    all.filter(|path| path.extension().is_some_and(|kind| kind == "rs")).collect()
}

/// Where a file's module stands.
fn module(file: &Path) -> Vec<String> {
    let inside = file.with_extension("");
    let parts = inside.iter().map(|part| part.to_string_lossy().into_owned());
    parts.filter(|part| part != "mod").collect()
}

/// The lines of a file without comments and without what is there for tests only, and the names of
/// the modules that are.
fn code(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut kept, mut test_modules) = (Vec::new(), Vec::new());
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    while let Some(line) = lines.next() {
        let item = line.trim_start();
        if item != "#[cfg(test)]" {
            kept.push(line.to_owned());
            continue;
        }
        let indent = &line[..line.len() - item.len()];
        for line in lines.by_ref() {
            // Lines of the item that stand no further to the right than it does.
            let outer = line.strip_prefix(indent).filter(|rest| !rest.starts_with(' '));
            let Some(outer) = outer else { continue };
            if let Some((_, name)) = outer.strip_suffix(';').and_then(|it| it.split_once("mod ")) {
                test_modules.push(name.to_owned());
            }
            if outer.ends_with(';') || outer.starts_with('}') {
                break;
            }
        }
    }
    (kept, test_modules)
}

/// Which modules the code of each module names.
fn found() -> Arrows {
    let mut arrows = Arrows::new();
    for Source { path, code } in sources() {
        let from = &path[0];
        if ["lib", "main"].contains(&from.as_str()) {
            continue;
        }
        let to = arrows.entry(from.clone()).or_default();
        let root = format!(" {}", "super::".repeat(path.len()));
        for line in code {
            assert!(!line.contains("crate::{"), "one module a line, in {path:?}: {line}");
            assert!(!line.contains(&root), "`crate::` is shorter, in {path:?}: {line}");
            to.extend(line.split("crate::").skip(1).map(first_word).filter(|to| to != from));
        }
    }
    arrows
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
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

/// What none of `src` has, or none but the layer that knows a terminal.
#[test]
fn what_is_said_to_be_absent_is_absent() {
    for Source { path, code } in sources() {
        let is_cli = path[0] == "cli";
        for line in code {
            for word in ["HashMap", "HashSet"] {
                assert!(!line.contains(word), "{word} in {path:?}: {line}");
            }
            for word in [
                "print!",
                "println!",
                "eprint!",
                "eprintln!",
                "Instant::now",
                "SystemTime",
                "env::var",
            ] {
                assert!(is_cli || !line.contains(word), "{word} in {path:?}: {line}");
            }
        }
    }
}

#[test]
fn what_is_for_tests_only_is_left_out() {
    let text = "\
use crate::units::Watts;
// use crate::cli;
#[cfg(test)]
mod toy;
impl Chip {
    #[cfg(test)]
    fn seen(&self) -> u64 {
        self.count;
        crate::report::count()
    }
    fn power(&self) {}
}
#[cfg(test)]
mod tests {
    use crate::scenario;
}
fn last() {}
";
    let (kept, test_modules) = code(text);
    let expected =
        ["use crate::units::Watts;", "impl Chip {", "    fn power(&self) {}", "}", "fn last() {}"];
    assert_eq!(kept, expected);
    assert_eq!(test_modules, ["toy"]);
}
