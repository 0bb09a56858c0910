//! What was found of a sweep is there whatever ends it.

use super::{SWEEP, desk, done, said, tables};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn whatever_moment_it_is_killed_at_the_same_command_goes_on() {
    let sweep = "\
base: x.yaml
parameters:
  applications[chat].arrivals.poisson.rate: {log: {from: 2/s, to: 12/s, points: 40}}
  tenants[Aurora].terms.marketplace.take-rate: {linear: {from: 0.1, to: 0.5, points: 20}}
";
    let desk = desk(sweep);
    let seed = 20_261_126;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    done(&desk, &["sweep", "s.yaml", "--out", "whole"]);
    let command = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coopsim"));
        command.current_dir(desk.path("")).stdout(Stdio::null()).stderr(Stdio::null());
        command.args(["sweep", "s.yaml", "--out", "killed"]);
        command
    };
    let mut ended = 0;
    for _ in 0..50 {
        let mut child = command().spawn().expect("it starts");
        std::thread::sleep(Duration::from_millis(random.random_range(1..120)));
        // A kill after its end is none, and the next one begins anew.
        child.kill().expect("it is ours");
        if child.wait().expect("it is ours").success() {
            ended += 1;
            fs::remove_dir_all(desk.path("killed")).expect("it is there");
        }
    }
    done(&desk, &["sweep", "s.yaml", "--out", "killed"]);
    assert_eq!(
        tables(&desk, "whole"),
        tables(&desk, "killed"),
        "seed {seed}, {ended} ended before"
    );
    let left = fs::read_dir(desk.path(""))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name());
    let mut left: Vec<_> = left.map(|name| name.to_string_lossy().into_owned()).collect();
    left.sort();
    assert_eq!(left, ["killed", "s.yaml", "whole", "x.yaml"], "nothing is left over");
}

#[test]
fn what_was_begun_is_not_mixed_with_something_else() {
    let desk = desk(SWEEP);
    done(&desk, &["sweep", "s.yaml", "--out", "o", "--shard", "1/2"]);
    let (status, text) = said(&desk, &["merge", "o"]);
    assert_eq!(status, 2);
    insta::assert_snapshot!(text, @r#"
    error: 7 of 15 points are missing, of shards 2/2; the first is 1
    "#);
    desk.write("s.yaml", SWEEP.replace("0.3]", "0.4]"));
    let (status, text) = said(&desk, &["sweep", "s.yaml", "--out", "o", "--shard", "2/2"]);
    assert_eq!(status, 2);
    insta::assert_snapshot!(text, @r#"
    error: o.parts keeps points of a sweep that says something else: run that to its end, name another folder with --out, or begin anew with --fresh
    --- o.parts/sweep.yaml (kept)
    +++ sweep.yaml
    @@ -11,3 +11,3 @@
       - 0.2
    -  - 0.3
    +  - 0.4
     design: grid
    "#);
    desk.write("s.yaml", SWEEP);
    // The same points by another cut.
    done(&desk, &["sweep", "s.yaml", "--out", "p", "--shard", "1/3"]);
    fs::copy(
        desk.path("p.parts/shard-1-of-3-1.journal"),
        desk.path("o.parts/shard-1-of-3-1.journal"),
    )
    .expect("copied");
    let (status, text) = said(&desk, &["merge", "o"]);
    assert_eq!(status, 2);
    insta::assert_snapshot!(text, @r#"
    error: point 0 is in both o.parts/shard-1-of-2-1.journal and o.parts/shard-1-of-3-1.journal: remove one of them, or begin anew with --fresh
    "#);
    // Whoever goes on does not mind: both are the same.
    for file in ["scenario.yaml", "sweep.yaml", "shard-1-of-2-1.journal", "shard-1-of-3-1.journal"]
    {
        fs::create_dir_all(desk.path("q.parts")).expect("there is room");
        fs::copy(desk.path(&format!("o.parts/{file}")), desk.path(&format!("q.parts/{file}")))
            .expect("copied");
    }
    done(&desk, &["sweep", "s.yaml", "--out", "q"]);
    assert!(!desk.path("q.parts").exists());
    fs::remove_file(desk.path("o.parts/shard-1-of-3-1.journal")).expect("it is there");
    desk.write("o.parts/shard-9-of-9-1.journal", "coopsim-journal-1 another\n");
    let (status, text) = said(&desk, &["merge", "o"]);
    assert_eq!(status, 2);
    insta::assert_snapshot!(text, @r#"
    error: o.parts/shard-9-of-9-1.journal belongs to something else: another sweep, a run that is not finished, another version of this program, or with or without --replications-csv (`sweep --fresh` begins anew)
    "#);
    done(&desk, &["sweep", "s.yaml", "--out", "o", "--fresh"]);
    assert!(!desk.path("o.parts").exists());
    assert_eq!(tables(&desk, "o")[0].lines().count(), 16);
}

/// Files that may not grow beyond a few blocks are what a full disk is to a writer.
#[cfg(unix)]
#[test]
fn a_disk_that_is_full_loses_nothing_that_was_written() {
    let desk = desk(SWEEP);
    done(&desk, &["sweep", "s.yaml", "--out", "whole"]);
    let limited = "trap '' XFSZ; ulimit -f 200; exec \"$0\" sweep s.yaml --out full";
    let mut command = Command::new("bash");
    command.current_dir(desk.path("")).args(["-c", limited, env!("CARGO_BIN_EXE_coopsim")]);
    let output = command.output().expect("there is a shell");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("full.parts/all-1.journal"), "{text}");
    assert!(!desk.path("full").exists(), "nothing is half-written");
    let (status, text) = said(&desk, &["sweep", "s.yaml", "--out", "full"]);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains(" of 15 points are there already"), "{text}");
    assert_eq!(tables(&desk, "whole"), tables(&desk, "full"));
}

/// What no sweep has put there stays, whatever is asked for.
#[test]
fn what_is_not_its_own_is_left_alone() {
    let desk = desk(SWEEP);
    let refused = |arguments: &[&str]| {
        let (status, text) = said(&desk, arguments);
        assert_eq!(status, 2, "{arguments:?}: {text}");
        text
    };
    fs::create_dir(desk.path("o.parts")).expect("there is room");
    for name in ["diary.journal", "notes.txt"] {
        desk.write(&format!("o.parts/{name}"), "mine");
        for fresh in ["--fresh", "--quiet"] {
            let text = refused(&["sweep", "s.yaml", "--out", "o", fresh]);
            assert!(text.contains(&format!("holds `{name}`")), "{text}");
        }
        assert_eq!(
            fs::read_to_string(desk.path(&format!("o.parts/{name}"))).expect("there"),
            "mine"
        );
        assert_eq!(fs::read_dir(desk.path("o.parts")).expect("there").count(), 1);
        fs::remove_file(desk.path(&format!("o.parts/{name}"))).expect("it is there");
    }
    // What a run keeps is not mixed with points.
    desk.write("o.parts/run-1.journal", "coopsim-journal-1 outcomes of some build\n");
    let text = refused(&["sweep", "s.yaml", "--out", "o"]);
    assert!(text.contains("a run that is not finished"), "{text}");
    assert_eq!(fs::read_dir(desk.path("o.parts")).expect("there").count(), 1);
    let text = refused(&["sweep", "s.yaml", "--out", "x.parts"]);
    assert!(text.contains("names that end with .parts"), "{text}");
}

#[test]
fn what_was_damaged_is_told_and_computed_again() {
    let desk = desk(SWEEP);
    done(&desk, &["sweep", "s.yaml", "--out", "whole"]);
    done(&desk, &["sweep", "s.yaml", "--out", "o", "--shard", "1/2"]);
    let file = desk.path("o.parts/shard-1-of-2-1.journal");
    let mut bytes = fs::read(&file).expect("it is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).expect("there is room");
    let (status, text) = said(&desk, &["sweep", "s.yaml", "--out", "o"]);
    assert_eq!(status, 0, "{text}");
    let told = "warning: o.parts/shard-1-of-2-1.journal is damaged at byte ";
    assert!(text.starts_with(told), "{text}");
    assert_eq!(tables(&desk, "whole"), tables(&desk, "o"));
}

/// A folder that becomes read-only between two calls, to somebody whom the system does not let write there.
#[cfg(unix)]
#[test]
fn a_read_only_folder_loses_nothing_that_was_written() {
    use std::os::unix::fs::PermissionsExt;
    let desk = desk(SWEEP);
    done(&desk, &["sweep", "s.yaml", "--out", "whole"]);
    done(&desk, &["sweep", "s.yaml", "--out", "o", "--shard", "1/2"]);
    let mode = |path: &str, mode| {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(desk.path(path), permissions).expect("it is ours");
    };
    for folder in ["o.parts", ""] {
        mode(folder, 0o555);
    }
    let (status, text) = as_nobody(&desk, &["sweep", "s.yaml", "--out", "o"]);
    let (first, _) = as_nobody(&desk, &["sweep", "s.yaml", "--out", "new"]);
    for folder in ["", "o.parts"] {
        mode(folder, 0o755);
    }
    assert_eq!((status, first), (1, 1), "{text}");
    assert!(text.starts_with("error: ") && text.contains("ermission denied"), "{text}");
    assert!(!desk.path("o").exists() && !desk.path("new").exists());
    let (status, text) = said(&desk, &["sweep", "s.yaml", "--out", "o"]);
    assert_eq!(status, 0, "{text}");
    assert!(text.starts_with("8 of 15 points are there already"), "{text}");
    assert_eq!(tables(&desk, "whole"), tables(&desk, "o"));
}

/// Runs as a user without rights: root may write everywhere.
#[cfg(unix)]
fn as_nobody(desk: &crate::desk::Desk, arguments: &[&str]) -> (i32, String) {
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65_534;
    let is_root = fs::metadata(desk.path("")).expect("it is ours").uid() == 0;
    let mut command = Command::new(env!("CARGO_BIN_EXE_coopsim"));
    command.current_dir(desk.path("")).args(arguments);
    if is_root {
        command.uid(NOBODY);
    }
    let output = command.output().expect("it starts");
    let text = String::from_utf8(output.stderr).expect("text");
    (output.status.code().expect("it was not killed"), text)
}
