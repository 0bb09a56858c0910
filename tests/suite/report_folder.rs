//! The output folder: whole or absent, reproducible, and careful with others' files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use coopsim::experiment::Results;
use coopsim::report::sample::{Shape, results};
use coopsim::report::{FolderError, check_target, redraw, write_folder};

/// Small, so that charts are drawn quickly.
const SMALL: Shape = Shape { variants: 2, models: 3, replications: 5, buckets: 20 };
const YAML: &str = "name: sample\n";

fn temporary() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn written(results: &Results) -> (tempfile::TempDir, PathBuf) {
    let parent = temporary();
    let dir = parent.path().join("out");
    write_folder(results, YAML, &dir).expect("an absent target");
    (parent, dir)
}

/// Every file below a folder with its bytes.
fn bytes(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir).expect("below").to_owned();
                files.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    files
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a folder");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn holds_what_the_contract_says() {
    let (parent, dir) = written(&results(SMALL));
    insta::assert_snapshot!(names(&dir).join(" "), @"charts report.html scenario.yaml summary.csv summary.json timeseries.csv");
    insta::assert_snapshot!(names(&dir.join("charts")).join(" "), @"latency.png latency.svg queue.png queue.svg revenue.png revenue.svg utilisation-01-one-winner.png utilisation-01-one-winner.svg utilisation-02-split.png utilisation-02-split.svg utilisation.png utilisation.svg");
    assert_eq!(names(parent.path()), ["out"], "nothing stays beside the folder");
    let png = fs::read(dir.join("charts/queue.png")).expect("a chart");
    assert!(png.starts_with(b"\x89PNG"));
    let svg = fs::read_to_string(dir.join("charts/queue.svg")).expect("a chart");
    let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    let size = format!("width=\"{}\" height=\"{}\"", side(16) / 2, side(20) / 2);
    assert!(svg.contains(&size), "the PNG is twice as large as the SVG");
}

#[test]
fn equal_results_give_equal_bytes() {
    let (_first, one) = written(&results(SMALL));
    let (_second, other) = written(&results(SMALL));
    assert_eq!(bytes(&one), bytes(&other));
    // Also in the place of an older folder.
    write_folder(&results(SMALL), YAML, &one).expect("our own folder");
    assert_eq!(bytes(&one), bytes(&other));
}

#[test]
fn an_older_folder_is_replaced_as_a_whole() {
    let (parent, dir) = written(&results(Shape { variants: 4, ..SMALL }));
    write_folder(&results(SMALL), YAML, &dir).expect("our own folder");
    let (_fresh, other) = written(&results(SMALL));
    assert_eq!(names(&dir.join("charts")), names(&other.join("charts")));
    assert_eq!(names(parent.path()), ["out"]);
}

#[test]
fn redrawing_gives_the_same_bytes() {
    let hostile = |mut results: Results| {
        results.variants[0].name = "a,\"b\"\n<c> 🚀 模型".to_owned();
        results
    };
    for results in [
        results(SMALL),
        results(Shape { replications: 1, ..SMALL }),
        results(Shape { variants: 1, models: 0, buckets: 0, ..SMALL }),
        results(Shape { variants: 0, ..SMALL }),
        hostile(results(SMALL)),
    ] {
        let (parent, dir) = written(&results);
        let before = bytes(&dir);
        fs::write(dir.join("requests.csv"), "kept").expect("writable");
        fs::write(dir.join("report.html"), "outdated").expect("writable");
        fs::remove_dir_all(dir.join("charts")).expect("there");
        redraw(&dir).expect("our own folder");
        let mut after = bytes(&dir);
        assert_eq!(after.remove(Path::new("requests.csv")).as_deref(), Some(&b"kept"[..]));
        assert_eq!(before, after);
        assert_eq!(names(parent.path()), ["out"]);
    }
}

#[test]
fn variants_with_equal_slugs_have_charts_of_their_own() {
    let mut results = results(Shape { variants: 3, ..SMALL });
    for variant in &mut results.variants {
        variant.name = "a/b".to_owned();
    }
    results.variants[1].name = "a b".to_owned();
    results.differences.clear();
    let (_parent, dir) = written(&results);
    let charts = names(&dir.join("charts"));
    assert_eq!(charts.iter().filter(|name| name.starts_with("utilisation-")).count(), 6);
}

#[test]
fn targets() {
    let parent = temporary();
    let dir = parent.path().join("target");
    assert!(check_target(&dir).is_ok(), "absent");
    fs::create_dir(&dir).expect("created");
    assert!(check_target(&dir).is_ok(), "empty");
    write_folder(&results(SMALL), YAML, &dir).expect("an empty target");
    assert!(check_target(&dir).is_ok(), "ours");
    fs::write(dir.join("charts/holiday.png"), "mine").expect("writable");
    assert!(matches!(check_target(&dir), Err(FolderError::Foreign { .. })), "a foreign chart");
    fs::remove_file(dir.join("charts/holiday.png")).expect("there");
    fs::create_dir(dir.join("trace.json")).expect("created");
    assert!(matches!(check_target(&dir), Err(FolderError::Foreign { .. })), "a foreign folder");
}

#[test]
fn other_peoples_files_are_left_alone() {
    let parent = temporary();
    let file = parent.path().join("file");
    fs::write(&file, "mine").expect("writable");
    let foreign = parent.path().join("foreign");
    fs::create_dir(&foreign).expect("created");
    fs::write(foreign.join("thesis.tex"), "mine").expect("writable");
    let mixed = parent.path().join("mixed");
    write_folder(&results(SMALL), YAML, &mixed).expect("an absent target");
    fs::write(mixed.join("notes.txt"), "mine").expect("writable");
    let other_summary = parent.path().join("other");
    fs::create_dir(&other_summary).expect("created");
    fs::write(other_summary.join("summary.json"), r#"{"schema": "other-1"}"#).expect("writable");
    let below_file = file.join("below/it");

    let before = bytes(parent.path());
    let mut messages = Vec::new();
    for target in [&file, &foreign, &mixed, &other_summary, &below_file] {
        let written = write_folder(&results(SMALL), YAML, target).expect_err("not ours");
        let redrawn = redraw(target).expect_err("not ours");
        messages.push(format!("{written}\n  {redrawn}"));
    }
    assert_eq!(before, bytes(parent.path()));
    let root = format!("{}/", parent.path().display());
    insta::assert_snapshot!(messages.join("\n").replace(&root, ""), @r#"
    file is a file, not a folder
      cannot read file/summary.json: Not a directory (os error 20)
    foreign is not empty and has no summary.json of coopsim: the file is missing
      cannot read foreign/summary.json: No such file or directory (os error 2)
    mixed holds "notes.txt", which coopsim did not write; choose another folder or move it away
      mixed holds "notes.txt", which coopsim did not write; choose another folder or move it away
    other is not empty and has no summary.json of coopsim: its schema is "other-1", not "coopsim-summary-1"
      other/summary.json: its schema is "other-1", not "coopsim-summary-1"
    cannot read file/below/it: Not a directory (os error 20)
      cannot read file/below/it/summary.json: Not a directory (os error 20)
    "#);
}

#[test]
fn what_cannot_be_read_is_named() {
    let (_parent, dir) = written(&results(SMALL));
    let series = fs::read_to_string(dir.join("timeseries.csv")).expect("there");
    let spoilt = series.replacen("0,30", "zero,30", 1).replacen(",0,", ",zero,", 1);
    fs::write(dir.join("timeseries.csv"), spoilt).expect("writable");
    let before = bytes(&dir);
    let error = redraw(&dir).expect_err("not a number").to_string();
    let root = format!("{}/", dir.display());
    insta::assert_snapshot!(error.replace(&root, ""), @r#"timeseries.csv: line 2: start_s is "zero", not a number"#);
    assert_eq!(before, bytes(&dir));
}

#[cfg(unix)]
#[test]
fn a_link_to_a_folder_stays_a_link() {
    let parent = temporary();
    let (real, link) = (parent.path().join("real"), parent.path().join("link"));
    fs::create_dir(&real).expect("created");
    std::os::unix::fs::symlink(&real, &link).expect("linked");
    write_folder(&results(SMALL), YAML, &link).expect("an empty target");
    assert!(link.is_symlink() && real.join("summary.json").is_file());
}

#[cfg(unix)]
#[test]
fn a_folder_is_as_readable_as_others() {
    use std::os::unix::fs::PermissionsExt;
    let (parent, dir) = written(&results(SMALL));
    let plain = parent.path().join("plain");
    fs::create_dir(&plain).expect("created");
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode();
    assert_eq!(mode(&dir), mode(&plain));
}
