//! Everything that a new user gets wrong: exit status 2 (1 for input and output), one clear message
//! that says where, no panic, and nothing left behind.

use crate::desk::Desk;
use std::fs;

const BASE: &str = include_str!("desk/base.yaml");

/// What is here, folders included, by name.
fn listing(desk: &Desk) -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![desk.path("")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            names.push(path.display().to_string());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    names.sort();
    names
}

/// Runs what must fail with `status`, and gives the message.
pub fn refused(desk: &Desk, arguments: &[&str], status: i32) -> String {
    let before = listing(desk);
    let output = desk.run(arguments);
    let message = String::from_utf8(output.stderr).expect("messages are text");
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {message}");
    assert!(output.stdout.is_empty(), "{arguments:?} printed results");
    assert!(message.starts_with("error: "), "{arguments:?}: {message}");
    assert!(!message.contains("panicked"), "{arguments:?}: {message}");
    assert_eq!(listing(desk), before, "{arguments:?} left something behind");
    message
}

/// The message for the base scenario with `old` replaced.
pub fn broken(old: &str, new: &str) -> String {
    assert!(BASE.contains(old), "{old}");
    let desk = Desk::new();
    desk.write("x.yaml", BASE.replacen(old, new, 1));
    refused(&desk, &["run", "x.yaml"], 2)
}

#[test]
fn typo() {
    insta::assert_snapshot!(broken("nodes: 1", "nodess: 1"), @r"
    error: unknown field `nodess`, expected one of `name`, `accelerator`, `nodes`, `accelerators-per-node`, `capital`, `load-bandwidth`, `provisioning`
      --> x.yaml:13:11
       |
    13 |           nodess: 1
       |           ^^^^^^ did you mean `nodes`?
       |
       = path: cloud.regions[0].clusters[0].nodess

    1 error in x.yaml
    ");
}

#[test]
fn wrong_unit() {
    insta::assert_snapshot!(broken("warmup: 10s", "warmup: 10kg"), @r"
    error: `kg` is not a unit here: expected a duration such as `30ms` (units: `ns`, `us`, `ms`, `s`, `min`, `m`, `h`, `d`, `w`)
     --> x.yaml:4:18
      |
    4 | window: {warmup: 10kg, horizon: 70s, bucket: 10s}
      |                  ^^^^
      |
      = path: window.warmup

    1 error in x.yaml
    ");
}

#[test]
fn no_unit() {
    insta::assert_snapshot!(broken("horizon: 70s", "horizon: 70"), @r"
    error: `70` has no unit: expected a duration such as `30ms` (units: `ns`, `us`, `ms`, `s`, `min`, `m`, `h`, `d`, `w`)
     --> x.yaml:4:32
      |
    4 | window: {warmup: 10s, horizon: 70, bucket: 10s}
      |                                ^^
      |
      = path: window.horizon

    1 error in x.yaml
    ");
}

#[test]
fn negative() {
    insta::assert_snapshot!(broken("rate: 20/s", "rate: -20/s"), @r"
    error: `-20/s` is negative: expected a rate such as `40/s` (units: `/d`, `/h`, `/min`, `/s`)
      --> x.yaml:37:32
       |
    37 |     arrivals: {poisson: {rate: -20/s}}
       |                                ^^^^^
       |
       = path: applications[0].arrivals.poisson.rate

    1 error in x.yaml
    ");
}

#[test]
fn a_model_too_large() {
    insta::assert_snapshot!(broken("Llama-3.1-8B", "Llama-3.1-405B"), @r"
    error: `Llama-3.1-405B` does not fit on 1 × `H100-SXM`: its weights take 811.7 GB, of each chip 78.7 GB are usable (`engine.memory` 0.92), more than a node of 8 has
      --> x.yaml:24:20
       |
    24 |     deployments: [{cluster: h100, replicas: 2}]
       |                    ^^^^^^^
       |
       = path: models[0].deployments[0].tensor

    1 error in x.yaml
    ");
}

#[test]
fn a_horizon_within_the_warm_up() {
    insta::assert_snapshot!(broken("warmup: 10s", "warmup: 80s"), @r"
    error: nothing is measured: the horizon must be longer than the warm-up
     --> x.yaml:4:32
      |
    4 | window: {warmup: 80s, horizon: 70s, bucket: 10s}
      |                                ^^^
      |
      = path: window.horizon

    1 error in x.yaml
    ");
}

#[test]
fn wrong_values_are_located_and_explained() {
    for (old, new, messages) in [
        ("rate: 20/s", "rate: .nan", ["not a finite number", "x.yaml:37:32"]),
        ("rate: 20/s", "rate: nan/s", ["`nan/s`", "x.yaml:37:32"]),
        ("pue: 1.2", "pue: .inf", ["not a finite number", "x.yaml:6:8"]),
        ("pue: 1.2", "pue: -.inf", ["not a finite number", "x.yaml:6:8"]),
        ("pue: 1.2", "pue: -1", ["found -1, expected 1 to 10", "x.yaml:6:8"]),
        ("capital: 2.00 USD/h", "capital: inf USD/h", ["is not finite", "x.yaml:14:20"]),
        ("aurora-8b: 0.5", "aurora-8b: 0.6", ["the shares sum to 1.1, ", "x.yaml:42:12"]),
        ("base: H100-SXM", "base: H100-SXN", ["did you mean `H100-SXM`?", "x.yaml:12:31"]),
        ("Llama-3.1-8B", "Lama-3.1-8B", ["did you mean `Llama-3.1-8B`?", "x.yaml:23:19"]),
        ("nodes: 1", "nodes: 1000000000000", ["expected a whole number", "x.yaml:13:18"]),
        ("nodes: 1", "nodes: 4000000000", ["expected 1 to 100000", "x.yaml:13:18"]),
        ("rate: 20/s", "rate: 1e300/s", ["expected 0 to 1000000000/s", "x.yaml:37:32"]),
        ("rate: 20/s", "rate: 1e308/s", ["expected 0 to 1000000000/s", "x.yaml:37:32"]),
        ("horizon: 70s", "horizon: 99y", ["`y` is not a unit here", "x.yaml:4:32"]),
        ("horizon: 70s", "horizon: 9999w", ["longer than 100 years", "x.yaml:4:32"]),
        ("replications: 2", "replications: 0", ["expected 1 to 100000", "x.yaml:3:15"]),
        ("replications: 2", "replications: 1e9", ["replications", "x.yaml:3:15"]),
        ("seed: 7", "seed: 7\nseed: 8", ["duplicate key `seed`", "x.yaml:3:1"]),
        ("tensor: 2, replicas: 1", "tensor: 2, replicas: 9", ["find no room", "x.yaml:34:56"]),
        ("tensor: 2, replicas: 1", "tensor: 16, replicas: 1", ["expected 1 to 8", "x.yaml:34:43"]),
    ] {
        let found = broken(old, new);
        for message in messages {
            assert!(found.contains(message), "{new}: no {message:?} in\n{found}");
        }
        assert!(found.ends_with("\n1 error in x.yaml\n"), "{new}: {found}");
    }
}

/// Words of batching that do not go together.
#[test]
fn batching_that_makes_no_sense() {
    let disaggregated = |decode: &str, link: &str| {
        format!("batching: {{disaggregated: {{decode: {{{decode}}}, link: {{{link}}}}}}}")
    };
    let pool = "cluster: h100, replicas: 1";
    for (words, messages) in [
        ("batching: orca".to_owned(), ["unknown choice `orca`", "`prefill-first`"]),
        ("preemption: swap".to_owned(), ["goes with `kv-admission: optimistic`", ".preemption"]),
        ("host-bandwidth: 5GB/s".to_owned(), ["goes with `preemption: swap`", ".host-bandwidth"]),
        (
            "kv-admission: optimistic, preemption: swap, host-bandwidth: 0GB/s".to_owned(),
            ["expected 1MB/s to", ".host-bandwidth"],
        ),
        ("batching: static, kv-admission: optimistic".to_owned(), ["nothing to preempt", "static"]),
        (
            disaggregated(pool, "transfer: 1GB/s") + ", kv-admission: optimistic",
            ["nothing to preempt", ".kv-admission"],
        ),
        (disaggregated(pool, "transfer: 0GB/s"), ["expected 1MB/s to", ".link.transfer"]),
        (disaggregated(pool, "transfer: 1GB/s, lanes: 0"), ["expected 1 to", ".link.lanes"]),
        (
            disaggregated("cluster: h200, replicas: 1", "transfer: 1GB/s"),
            ["`h200`", ".decode.cluster"],
        ),
        (
            disaggregated("cluster: h100", "transfer: 1GB/s"),
            ["missing field `replicas`", ".decode"],
        ),
        (
            disaggregated(&format!("{pool}, batching: static"), "transfer: 1GB/s"),
            ["`batching: continuous`", ".decode.batching"],
        ),
        (
            disaggregated(&format!("{pool}, kv-precision: fp8"), "transfer: 1GB/s"),
            ["the KV cache of the two pools differs", ".decode"],
        ),
        (
            disaggregated(&format!("{pool}, prefix-cache: true"), "transfer: 1GB/s"),
            ["the deployment that processes prompts", ".decode.prefix-cache"],
        ),
    ] {
        let found =
            broken("cluster: h100, replicas: 2", &format!("cluster: h100, replicas: 2, {words}"));
        for message in messages {
            assert!(found.contains(message), "{words}: no {message:?} in\n{found}");
        }
    }
}

/// Sources of calls, each in the place of the base scenario's arrivals.
#[test]
fn sources_that_make_no_sense() {
    let arrivals = "arrivals: {poisson: {rate: 20/s}}";
    let sessions = |sessions: &str| format!("{arrivals}\n    sessions: {sessions}");
    let turns = "turns: {constant: 3}, think: {constant: 1s}";
    for (source, messages) in [
        ("slo: {e2e: 9s}".to_owned(), ["duplicate", "x.yaml:39:5"]),
        ("users: {count: 0}".to_owned(), ["found 0, expected 1 to 1000000", "x.yaml:37:20"]),
        ("users: {count: 5, think: 10s}".to_owned(), ["think", "x.yaml:37:30"]),
        (
            "users: {count: 5, think: {constant: 0s}}".to_owned(),
            ["found 0, expected more than 0", "x.yaml:37:41"],
        ),
        (
            format!("{arrivals}\n    users: {{count: 5}}"),
            ["`arrivals` does not go with `users`: calls have one source", "x.yaml:37:5"],
        ),
        (
            "users: {count: 5}\n    all-at-once: {calls: 5}".to_owned(),
            ["`all-at-once` does not go with `users`: calls have one source", "x.yaml:38:5"],
        ),
        (
            "users: {count: 5}\n    modulation: {hour-of-day: {factors: []}}".to_owned(),
            ["`modulation` does not go with `users`: it goes with `arrivals`", "x.yaml:38:5"],
        ),
        (
            format!("all-at-once: {{calls: 9}}\n    sessions: {{{turns}}}"),
            ["`sessions` does not go with `all-at-once`", "x.yaml:38:5"],
        ),
        ("all-at-once: {calls: 0}".to_owned(), ["found 0, expected 1 to", "x.yaml:37:26"]),
        (sessions("{turns: {constant: 3}}"), ["missing field `think`", "x.yaml:38:5"]),
        (
            sessions("{turns: {geometric: {mean: 0.5}}, think: {constant: 1s}}"),
            ["found 0.5, expected 1 to 10000", "x.yaml:38:42"],
        ),
        (
            sessions(&format!("{{{turns}, max-context: 1}}")),
            ["found 1, expected 2 to 100000000", "x.yaml:38:74"],
        ),
    ] {
        let found = broken(arrivals, &source);
        for message in messages {
            assert!(found.contains(message), "{source}: no {message:?} in\n{found}");
        }
        assert!(found.ends_with("\n1 error in x.yaml\n"), "{source}: {found}");
    }
}

#[test]
fn cached_prefixes_that_make_no_sense() {
    let output = "output: {lognormal: {mean: 100, cv: 1, max: 2000}}";
    for (cached, message) in [
        ("{hit-rate: 1.5, fraction: {constant: 0.5}}", "found 1.5, expected 0 to 1"),
        (
            "{hit-rate: 0.5, fraction: {constant: 1.5}}",
            "found 1.5, expected more than 0 and at most 1",
        ),
        ("{hit-rate: 0.5}", "missing field `fraction`, or `tokens`"),
        (
            "{hit-rate: 0.5, fraction: {constant: 0.5}, tokens: {constant: 5}}",
            "`fraction` and `tokens` both say",
        ),
        ("{hitrate: 0.5, fraction: {constant: 0.5}}", "did you mean `hit-rate`?"),
    ] {
        let found = broken(output, &format!("{output}, cached: {cached}"));
        assert!(found.contains(message), "{cached}: no {message:?} in\n{found}");
        assert!(found.contains("x.yaml:38:"), "{cached}: {found}");
        assert!(found.ends_with("\n1 error in x.yaml\n"), "{cached}: {found}");
    }
}

/// A cached prefix longer than its prompt is a mistake in the recording.
#[test]
fn a_recording_that_caches_more_than_there_is() {
    let desk = Desk::new();
    desk.write("trace.csv", "t,in,out,hit\n0,100,5,100\n1,100,5,101\n2,100,5,x\n3,100,5,0\n");
    let source = "arrivals: {poisson: {rate: 20/s}}";
    let start = BASE.find("    lengths:").expect("it has lengths");
    let end = BASE.find("    slo:").expect("it has an objective");
    let trace = "trace: {file: trace.csv, format: {columns: {timestamp: t, unit: s, input: in, \
                 output: out, cached: hit}}}";
    let yaml = format!("{}{}", &BASE[..start], &BASE[end..]).replacen(source, trace, 1);
    desk.write("x.yaml", yaml);
    let found = refused(&desk, &["run", "x.yaml"], 2);
    assert!(found.contains("row 2, column `hit`: `101` is more than the prompt has"), "{found}");
    assert!(found.contains("row 3, column `hit`: `x` is not a whole number of tokens"), "{found}");
    assert!(!found.contains("row 1,"), "the last token of a cached prompt is computed: {found}");
}

#[test]
fn files_that_are_not_scenarios() {
    let desk = Desk::new();
    fs::create_dir(desk.path("folder")).expect("a folder");
    desk.write("empty.yaml", "");
    desk.write("blank.yaml", "\n\n# nothing here\n");
    desk.write("prose.yaml", "Dear all, this: is: not a scenario\n");
    desk.write("json.yaml", "[1, 2, 3]\n");
    desk.write("two.yaml", format!("{BASE}---\n{BASE}"));
    desk.write(
        "binary.yaml",
        (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<_>>(),
    );
    desk.write("nul.yaml", BASE.replacen("base", "ba\0se", 1));
    for name in [
        "missing.yaml",
        "folder",
        "empty.yaml",
        "blank.yaml",
        "prose.yaml",
        "json.yaml",
        "two.yaml",
        "binary.yaml",
        "nul.yaml",
    ] {
        let message = refused(&desk, &["run", name], 2);
        assert!(message.contains(name), "{name}: {message}");
    }
}

/// A device never ends: neither a scenario nor a table that it names is read before that is seen.
#[cfg(unix)]
#[test]
fn files_that_never_end() {
    let desk = Desk::new();
    let found = refused(&desk, &["run", "/dev/zero"], 2);
    assert_eq!(found, "error: cannot read /dev/zero: it is not a regular file\n");
    let lengths = "{input: {lognormal: {mean: 500, cv: 1, max: 8000}}, ";
    let servegen = |table: &str| format!("{{servegen: {{file: /dev/zero, model: m{table}}}}}");
    let measured = "{profile: {kv-capacity: 9000, prefill: {file: /dev/zero}, decode: {points: [{batch: 1, time: 9ms}]}}}";
    for (old, new) in [
        ("{poisson: {rate: 20/s}}", servegen("")),
        (lengths, format!("{{input: {}, ", servegen(", field: f"))),
        ("    lengths:", format!("    modulation: {}\n    lengths:", servegen(""))),
        ("h100, replicas: 2}", format!("h100, replicas: 2, performance: {measured}}}")),
    ] {
        let found = broken(old, &new);
        assert!(found.contains("it is not a regular file"), "{new}: {found}");
        assert!(found.contains("--> x.yaml:"), "{new}: {found}");
        assert!(found.ends_with("\n1 error in x.yaml\n"), "{new}: {found}");
    }
}

#[test]
fn a_scenario_too_large_to_be_one() {
    let desk = Desk::new();
    desk.write("x.yaml", format!("{BASE}# {}\n", "x".repeat(16 << 20)));
    let found = refused(&desk, &["check", "x.yaml"], 2);
    assert!(found.contains("more than 16777216 bytes are too many"), "{found}");
    assert!(found.len() < 300, "the message is as long as the file");
}

/// Small files that would take a parser's stack or memory.
#[test]
fn bombs_do_not_go_off() {
    let desk = Desk::new();
    let deep = 200_000;
    desk.write("lists.yaml", format!("name: {}{}\n", "[".repeat(deep), "]".repeat(deep)));
    desk.write("maps.yaml", format!("name: {}1{}\n", "{a: ".repeat(deep), "}".repeat(deep)));
    desk.write(
        "blocks.yaml",
        (0..3000).map(|n| format!("{}a:\n", " ".repeat(n))).collect::<String>(),
    );
    // Nine to the twelfth: several hundred gigabytes, if it were expanded.
    let mut aliases = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for n in 1..12 {
        let items = vec![format!("*a{}", n - 1); 9].join(", ");
        aliases += &format!("a{n}: &a{n} [{items}]\n");
    }
    desk.write("aliases.yaml", aliases);
    for (name, message) in [
        ("lists.yaml", "recursion limit"),
        ("maps.yaml", "levels deep"),
        ("blocks.yaml", "levels deep"),
        ("aliases.yaml", "aliases expanded"),
    ] {
        let found = refused(&desk, &["check", name], 2);
        assert!(found.contains(message), "{name}: {found}");
        assert!(found.len() < 2000, "{name}: the message is as long as the file");
    }
}

#[test]
fn windows_files_are_fine() {
    let desk = Desk::new();
    desk.write("crlf.yaml", BASE.replace('\n', "\r\n"));
    desk.write("bom.yaml", format!("\u{feff}{BASE}"));
    for name in ["crlf.yaml", "bom.yaml"] {
        let output = desk.run(&["check", name, "--quiet"]);
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn misused_options() {
    let desk = Desk::new();
    desk.write("x.yaml", BASE);
    for (option, value, message) in [
        ("--set", "foo", "expected PATH=VALUE"),
        ("--set", "=", "the path is empty"),
        ("--set", "a[=1", "the `[` is not closed"),
        ("--set", "applications[7].name=x", "`applications` has no item [7]"),
        ("--set", "applications[99999999999999999999].name=x", "applications"),
        ("--set", "name=[", "not YAML"),
        ("--set", "seed.x=1", "seed"),
        ("--set", "cloud.regoins=1", "did you mean `regions`?"),
        ("--set", "window.horizon=10", "has no unit"),
        ("--threads", "0", "expected a whole number from 1 to 4096"),
        ("--threads", "10000000", "expected a whole number from 1 to 4096"),
        ("--threads", "-1", "expected a whole number from 1 to 4096"),
        ("--replications", "0", "expected a whole number from 1 to 4294967295"),
        ("--replications", "4000000000", "expected 1 to 100000"),
        ("--seed", "-1", "invalid"),
        ("--seed", "x", "invalid"),
        ("--variant", "nobody", "nobody"),
        ("--format", "xml", "possible values"),
    ] {
        let found = refused(&desk, &["run", "x.yaml", option, value], 2);
        assert!(found.contains(message), "{option} {value}: no {message:?} in\n{found}");
    }
}

#[test]
fn places_that_are_taken() {
    let desk = Desk::new();
    desk.write("x.yaml", BASE);
    desk.write("file", "do not touch");
    fs::create_dir(desk.path("notes")).expect("a folder");
    desk.write("notes/diary.txt", "dear diary");
    for (target, message) in [
        ("file", "is a file"),
        ("notes", "not empty"),
        ("file/below", "file is a file"),
        (".", "not empty"),
    ] {
        let found = refused(&desk, &["run", "x.yaml", "--out", target], 2);
        assert!(found.contains(message), "{target}: {found}");
        assert_eq!(found, refused(&desk, &[&MONTHS[..], &["--out", target]].concat(), 2));
    }
    assert_eq!(fs::read_to_string(desk.path("file")).expect("text"), "do not touch");
}

/// A run that would take hours: what is refused quickly was refused before simulating.
const MONTHS: [&str; 6] =
    ["run", "x.yaml", "--set", "window.horizon=2000w", "--set", "window.bucket=1w"];

#[test]
fn others_files_are_found_before_simulating() {
    let desk = Desk::new();
    desk.write("x.yaml", BASE);
    assert!(desk.run(&["run", "x.yaml", "--quiet", "--out", "out"]).status.success());
    desk.write("out/charts/utilisation-2024-holiday.png", "mine");
    let out = [&MONTHS[..], &["--out", "out"]].concat();
    let found = refused(&desk, &out, 2);
    assert_eq!(
        found,
        "error: out holds \"charts/utilisation-2024-holiday.png\", which coopsim did not write; \
         choose another folder or move it away\n"
    );
    fs::remove_file(desk.path("out/charts/utilisation-2024-holiday.png")).expect("there");
    desk.write("out/summary.csv", "mine");
    let found = refused(&desk, &out, 2);
    assert!(found.contains("\"summary.csv\", which was changed since coopsim wrote it"), "{found}");
    fs::remove_file(desk.path("out/manifest.json")).expect("there");
    let found = refused(&desk, &out, 2);
    assert!(found.contains("the file is missing, as in folders of older versions"), "{found}");
}

/// Not even the superuser can make folders there.
#[cfg(target_os = "linux")]
#[test]
fn places_that_cannot_be_written_are_found_before_simulating() {
    let desk = Desk::new();
    desk.write("x.yaml", BASE);
    for target in ["/proc/coopsim", "/proc/coopsim/below", "/proc/self/fd"] {
        let status = if target == "/proc/self/fd" { 2 } else { 1 };
        let found = refused(&desk, &[&MONTHS[..], &["--out", target]].concat(), status);
        let message = if status == 1 { "cannot create a folder in /proc" } else { "not empty" };
        assert!(found.contains(message), "{target}: {found}");
    }
}

#[test]
fn traces_with_mistakes() {
    let synthetic = "    arrivals: {poisson: {rate: 20/s}}\n    lengths: {input: {lognormal: {mean: 500, cv: 1, max: 8000}}, output: {lognormal: {mean: 100, cv: 1, max: 2000}}}\n";
    assert!(BASE.contains(synthetic));
    let desk = Desk::new();
    desk.write("x.yaml", BASE.replace(synthetic, "    trace: {file: t.csv, format: azure}\n"));
    let head = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.0,10,5\n";
    let found = refused(&desk, &["run", "x.yaml"], 2);
    assert!(found.contains("t.csv") && found.contains("x.yaml:37:"), "{found}");
    for (rows, messages) in [
        ("2023-11-16 18:15:47.0,ten,5\n", ["ContextTokens", "ten"]),
        ("2023-11-16 18:15:47.0,10\n", ["t.csv:3", "t.csv"]),
        (
            "2023-11-16 18:15:47.0,1,000,5\n",
            ["GeneratedTokens", "`5` stands behind the last column"],
        ),
        ("2023-11-16 18:15:47.0,-1,5\n", ["ContextTokens", "-1"]),
        ("2023-11-16 18:15:47.0,99999999999999999999,5\n", ["ContextTokens", "9999"]),
        ("yesterday,10,5\n", ["TIMESTAMP", "yesterday"]),
        ("2023-11-16 18:15:45.0,10,5\n", ["TIMESTAMP", "t.csv"]),
    ] {
        desk.write("t.csv", format!("{head}{rows}"));
        let found = refused(&desk, &["run", "x.yaml"], 2);
        for message in messages {
            assert!(found.contains(message), "{rows}: no {message:?} in\n{found}");
        }
    }
    for text in ["", "TIMESTAMP,ContextTokens,GeneratedTokens\n", "a,b\n1,2\n"] {
        desk.write("t.csv", text);
        let found = refused(&desk, &["run", "x.yaml"], 2);
        assert!(found.contains("t.csv"), "{found}");
    }
}

/// An architecture whose heads 2, 3 or 5 ranks can share.
const DIVISIBLE: &str = "{base: Llama-3.1-8B, heads: 60, kv-heads: 30}";

/// There are accelerators enough, but not where they are needed.
#[test]
fn fragments_do_not_make_a_replica() {
    let desk = Desk::new();
    let fragmented = BASE
        .replace("Llama-3.1-8B", DIVISIBLE)
        .replace("nodes: 1", "nodes: 2")
        .replace("tensor: 2, replicas: 1", "tensor: 5, replicas: 3");
    desk.write("x.yaml", fragmented);
    let found = refused(&desk, &["run", "x.yaml"], 2);
    assert!(found.contains("1 of these 3 replicas find no room"), "{found}");
}

/// 9 + 9 = (5 + 3 + 1) + (5 + 3): it fits, but not if those of 3 go first, onto one node.
#[test]
fn the_order_of_models_does_not_decide_what_fits() {
    let fitting = BASE
        .replace("Llama-3.1-8B", DIVISIBLE)
        .replace("nodes: 1", "nodes: 2\n          accelerators-per-node: 9")
        .replace("{cluster: h100, replicas: 2}", "{cluster: h100, tensor: 3, replicas: 2}")
        .replace("{cluster: h100, replicas: 1}", "{cluster: h100, tensor: 5, replicas: 2}")
        .replace("tensor: 2, replicas: 1", "replicas: 1");
    for placement in ["best-fit", "first-fit"] {
        let desk = Desk::new();
        let placed = format!("scheduler: {{placement: {placement}, ");
        desk.write("x.yaml", fitting.replace("scheduler: {", &placed));
        let output = desk.run(&["run", "x.yaml", "--quiet"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
