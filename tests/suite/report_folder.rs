//! The output folder: whole or absent, reproducible, and careful with others' files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use coopsim::experiment::Results;
use coopsim::report::sample::{Shape, results};
use coopsim::report::{FolderError, check_target, redraw, write_folder};
use sha2::{Digest, Sha256};

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
    insta::assert_snapshot!(names(&dir).join(" "), @"charts manifest.json report.html scenario.yaml summary.csv summary.json timeseries.csv");
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
        results(Shape { buckets: 0, ..SMALL }),
        results(Shape { variants: 0, ..SMALL }),
        hostile(results(SMALL)),
    ] {
        let (parent, dir) = written(&results);
        let before = bytes(&dir);
        fs::remove_file(dir.join("report.html")).expect("there");
        fs::remove_dir_all(dir.join("charts")).expect("there");
        redraw(&dir).expect("our own folder");
        assert_eq!(before, bytes(&dir));
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

/// Hashes that other programs compute, too.
#[test]
fn the_manifest_lists_every_other_file() {
    let (_parent, dir) = written(&results(SMALL));
    let text = fs::read_to_string(dir.join("manifest.json")).expect("there");
    let manifest: serde_json::Value = serde_json::from_str(&text).expect("valid JSON");
    assert_eq!(
        (&manifest["schema"], &manifest["holds"]),
        (&"coopsim-manifest-1".into(), &"run".into())
    );
    let files = manifest["files"].as_array().expect("a list");
    let mut found = bytes(&dir);
    found.remove(Path::new("manifest.json"));
    assert_eq!(files.len(), found.len());
    for file in files {
        let path = Path::new(file["path"].as_str().expect("text"));
        let bytes = &found[path];
        assert_eq!(file["bytes"], bytes.len());
        let sha256: String = Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(file["sha256"], sha256, "{path:?}");
    }
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
    fs::remove_file(dir.join("charts/queue.png")).expect("there");
    assert!(check_target(&dir).is_ok(), "nothing of it would be lost");
}

/// Whatever name others' files and folders have, also those that this program might have given them.
#[test]
fn what_the_manifest_does_not_list_is_not_ours() {
    let (_parent, dir) = written(&results(SMALL));
    for name in [
        "trace.json",
        "requests.csv",
        "notes.txt",
        "charts/utilisation-2024-holiday.png",
        "charts/latency.pdf",
        "summary.json.bak",
    ] {
        fs::write(dir.join(name), "mine").expect("writable");
        refuses(&dir, name, false);
        fs::remove_file(dir.join(name)).expect("there");
    }
    for name in ["trace.json", "charts/mine", "empty"] {
        fs::create_dir(dir.join(name)).expect("created");
        refuses(&dir, name, false);
        fs::remove_dir(dir.join(name)).expect("there");
    }
}

/// What was written by this program and changed by somebody is theirs.
#[test]
fn a_changed_file_is_not_ours() {
    let (_parent, dir) = written(&results(SMALL));
    for name in ["report.html", "charts/queue.svg", "summary.csv", "scenario.yaml"] {
        let before = fs::read(dir.join(name)).expect("there");
        let mut edited = before.clone();
        edited[10] ^= 1;
        fs::write(dir.join(name), edited).expect("writable");
        refuses(&dir, name, true);
        fs::remove_file(dir.join(name)).expect("there");
        fs::create_dir(dir.join(name)).expect("created");
        refuses(&dir, name, false);
        fs::remove_dir(dir.join(name)).expect("there");
        fs::write(dir.join(name), before).expect("writable");
        assert!(check_target(&dir).is_ok());
    }
}

/// Writing is refused for the entry of this name, and nothing changes.
fn refuses(dir: &Path, name: &str, changed: bool) {
    let before = bytes(dir);
    let refused = write_folder(&results(SMALL), YAML, dir).expect_err("not ours");
    assert!(refused.is_refusal());
    match refused {
        FolderError::Foreign { entry, .. } => assert!(!changed && entry == name, "{name}: {entry}"),
        FolderError::Changed { entry, .. } => assert!(changed && entry == name, "{name}: {entry}"),
        other => panic!("{name}: {other}"),
    }
    assert_eq!(before, bytes(dir));
}

/// Numbers changed by hand are drawn, and stay known as changed.
#[test]
fn redrawing_does_not_make_changed_files_ours() {
    let (_parent, dir) = written(&results(SMALL));
    let manifest = fs::read(dir.join("manifest.json")).expect("there");
    let csv = dir.join("summary.csv");
    fs::write(&csv, "mine").expect("writable");
    redraw(&dir).expect("its numbers are there");
    assert_eq!(fs::read(dir.join("manifest.json")).expect("there"), manifest);
    assert_eq!(fs::read_to_string(&csv).expect("there"), "mine");
    refuses(&dir, "summary.csv", true);
    fs::write(dir.join("report.html"), "mine").expect("writable");
    let refused = redraw(&dir).expect_err("the page is somebody's");
    assert!(matches!(refused, FolderError::Changed { entry, .. } if entry == "report.html"));
}

/// New charts, new hashes.
#[test]
fn redrawing_updates_the_manifest() {
    let (_parent, dir) = written(&results(SMALL));
    let (_other, numbers) = written(&results(Shape { variants: 1, ..SMALL }));
    for name in ["summary.json", "timeseries.csv"] {
        fs::copy(numbers.join(name), dir.join(name)).expect("writable");
    }
    redraw(&dir).expect("its numbers are there");
    redraw(&dir).expect("what was drawn is ours");
    assert_eq!(names(&dir.join("charts")), names(&numbers.join("charts")));
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
    let other_manifest = parent.path().join("other");
    fs::create_dir(&other_manifest).expect("created");
    let manifest = r#"{"schema": "other-1", "holds": "run", "files": []}"#;
    fs::write(other_manifest.join("manifest.json"), manifest).expect("writable");
    let below_file = file.join("below/it");

    let before = bytes(parent.path());
    let mut messages = Vec::new();
    for target in [&file, &foreign, &mixed, &other_manifest, &below_file] {
        let written = write_folder(&results(SMALL), YAML, target).expect_err("not ours");
        let redrawn = redraw(target).expect_err("not ours");
        messages.push(format!("{written}\n  {redrawn}"));
    }
    assert_eq!(before, bytes(parent.path()));
    let root = format!("{}/", parent.path().display());
    insta::assert_snapshot!(messages.join("\n").replace(&root, ""), @r#"
    file is a file, not a folder
      file is a file, not a folder
    foreign is not empty and has no manifest.json of coopsim that says which files it wrote: the file is missing, as in folders of older versions; choose another folder or move it away
      foreign is not empty and has no manifest.json of coopsim that says which files it wrote: the file is missing, as in folders of older versions; choose another folder or move it away
    mixed holds "notes.txt", which coopsim did not write; choose another folder or move it away
      mixed holds "notes.txt", which coopsim did not write; choose another folder or move it away
    other is not empty and has no manifest.json of coopsim that says which files it wrote: its schema is "other-1", not "coopsim-manifest-1"; choose another folder or move it away
      other is not empty and has no manifest.json of coopsim that says which files it wrote: its schema is "other-1", not "coopsim-manifest-1"; choose another folder or move it away
    file is a file, not a folder
      file is a file, not a folder
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

/// Numbers that no run gives are refused at their place, and what was drawn stays.
#[test]
fn numbers_that_no_run_gives_are_not_drawn() {
    let (_parent, dir) = written(&results(SMALL));
    let mut messages = Vec::new();
    let mut spoil = |file: &str, before: &str, after: &str| {
        let path = dir.join(file);
        let sound = fs::read_to_string(&path).expect("there");
        assert!(sound.contains(before), "{file} has no {before}");
        fs::write(&path, sound.replacen(before, after, 1)).expect("writable");
        let before = bytes(&dir);
        let error = redraw(&dir).expect_err(after);
        assert!(error.is_refusal(), "exit status 2: {error}");
        assert_eq!(before, bytes(&dir));
        messages.push(error.to_string().replace(&format!("{}/", dir.display()), ""));
        fs::write(&path, sound).expect("writable");
    };
    for mean in ["NaN", "1e999", "-1e999"] {
        spoil("summary.json", "\"mean\": ", &format!("\"mean\": {mean}, \"was\": "));
    }
    spoil("summary.json", "\"ci95\": ", "\"ci95\": -");
    spoil("summary.json", "\"n\": 5", "\"n\": 6");
    spoil("summary.json", "\"replications\": 5", "\"replications\": 0");
    spoil("summary.json", "\"measured_s\": ", "\"measured_s\": -");
    spoil("timeseries.csv", "one-winner,0,210,", "one-winner,210,0,");
    spoil("timeseries.csv", "one-winner,210,420,", "one-winner,209,420,");
    spoil("timeseries.csv", "one-winner,0,210,", "one-winner,NaN,210,");
    spoil("timeseries.csv", "one-winner,0,210,", "one-winner,0,inf,");
    fs::remove_file(dir.join("timeseries.csv")).expect("there");
    messages.push(redraw(&dir).expect_err("a file is missing").to_string());
    insta::assert_snapshot!(messages.join("\n").replace(&format!("{}/", dir.display()), ""), @r#"
    summary.json: expected value at line 15 column 19
    summary.json: number out of range at line 15 column 23
    summary.json: number out of range at line 15 column 24
    summary.json: variants[0].metrics["requests.arrived"].ci95 is -2211.84, and cannot be below 0
    summary.json: variants[0].metrics["requests.arrived"].n is 6, and there are 5 replications
    summary.json: replications is 0: there is no run
    summary.json: measured_s is -3600, and cannot be below 0
    timeseries.csv: line 2: it ends at 0 s, before it starts at 210 s
    timeseries.csv: line 3: it starts at 209 s, before the one before it ends at 210 s
    timeseries.csv: line 2: start_s is "NaN", not a number
    timeseries.csv: line 2: end_s is "inf", not a number
    timeseries.csv: the file is missing
    "#);
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
