//! What is written and cannot mean anything is refused where it is written, once, and what is right and does nothing
//! is noted.

use crate::desk::Desk;
use crate::wrong_input::{broken, refused};

const BASE: &str = include_str!("desk/base.yaml");
const INPUT: &str = "lognormal: {mean: 500, cv: 1, max: 8000}";
const DEPLOYMENT: &str = "{cluster: h100, replicas: 2}";

/// Each replacement in the base scenario is one error, with this in its message.
fn each_is_one_error(cases: &[(&str, &str, &[&str])]) {
    for (old, new, messages) in cases {
        let found = broken(old, new);
        for message in *messages {
            assert!(found.contains(message), "{new}: no {message:?} in\n{found}");
        }
        assert!(found.ends_with("\n1 error in x.yaml\n"), "{new}: {found}");
    }
}

/// The notes that `check` ends with.
fn notes(desk: &Desk, arguments: &[&str]) -> String {
    let output = desk.run(&[&["check", "x.yaml"], arguments].concat());
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let notes = text.lines().filter(|line| line.starts_with("# Note: "));
    notes.collect::<Vec<_>>().join("\n")
}

#[test]
fn tags_are_refused_wherever_they_are() {
    let tags = "YAML tags such as `!!binary` are not supported";
    each_is_one_error(&[
        ("name: base", "name: !!binary YmFzZQ==", &[tags, "x.yaml:1:"]),
        ("name: base", "name: !!str base", &[tags, "x.yaml:1:"]),
        ("seed: 7", "seed: !!int 7", &[tags, "x.yaml:2:"]),
        ("seed: 7", "seed: ! 7", &[tags, "x.yaml:2:"]),
        ("window: {", "window: !window {", &[tags, "x.yaml:4:"]),
        ("deployments: [{c", "deployments: !!seq [{c", &[tags, "x.yaml:24:"]),
    ]);
    let desk = Desk::new();
    desk.write("x.yaml", BASE);
    let found = refused(&desk, &["check", "x.yaml", "--set", "seed=!!int 7"], 2);
    assert!(found.contains(tags) && found.contains("--> --set seed=!!int 7"), "{found}");
}

#[test]
fn empty_maps_are_refused() {
    let slo = "slo: {ttft: 1s}";
    each_is_one_error(&[
        (slo, "slo: {}", &["`slo` is empty", "x.yaml:39:5", "applications[0].slo"]),
        (slo, "slo: {ttft: 1s}\n    modulation: {}", &["`modulation` is empty", "x.yaml:40:5"]),
        ("{base: H100-SXM, ", "{base: H100-SXM, peak: {}, ", &["`peak` is empty", "x.yaml:12:"]),
    ]);
    let desk = Desk::new();
    desk.write("x.yaml", BASE);
    let found = refused(&desk, &["check", "x.yaml", "--set", "applications[0].slo={}"], 2);
    assert!(found.contains("`slo` is empty"), "{found}");
    // Where everything has a default, nothing is a way to ask for that.
    for set in ["scheduler.routing={prefix-affinity: {}}", "scheduler.capacity={fixed: }"] {
        let output = desk.run(&["check", "x.yaml", "--quiet", "--set", set]);
        assert!(output.status.success(), "{set}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A length is a whole number of tokens: limits between two of them leave none.
#[test]
fn limits_without_a_whole_number_between_them_are_refused() {
    let none = "no whole number of tokens lies between 1.2 and 1.8";
    each_is_one_error(&[
        (
            INPUT,
            "lognormal: {mean: 1.5, cv: 0.1, min: 1.2, max: 1.8}",
            &[none, "input.lognormal.min"],
        ),
        (INPUT, "uniform: {min: 1.2, max: 1.8}", &[none, "input.uniform.min"]),
        (
            INPUT,
            "mixture: [{weight: 1, law: {constant: 5}}, {weight: 1, law: {uniform: {min: 1.2, max: 1.8}}}]",
            &[none, "mixture[1].law.uniform.min"],
        ),
        (
            INPUT,
            "exponential: {mean: 0.5, max: 0.9}",
            &["a call has 1 token or more", "exponential.max"],
        ),
    ]);
    for law in ["uniform: {min: 1.2, max: 2.8}", "uniform: {min: 0, max: 1}"] {
        let desk = Desk::new();
        desk.write("x.yaml", BASE.replace(INPUT, law));
        notes(&desk, &[]);
    }
}

/// Where prompts are processed only, nothing is decoded, with beams or without.
#[test]
fn beams_go_with_decoding() {
    let split = |here: &str, there: &str| {
        format!(
            "{{cluster: h100, replicas: 1{here}, batching: {{disaggregated: {{decode: {{cluster: h100, replicas: 1{there}}}, link: {{transfer: 100GB/s}}}}}}}}"
        )
    };
    let message = "`beams` goes with decoding";
    each_is_one_error(&[(
        DEPLOYMENT,
        &split(", beams: 4", ""),
        &[message, "deployments[0].beams"],
    )]);
    let desk = Desk::new();
    desk.write("x.yaml", BASE.replace(DEPLOYMENT, &split("", ", beams: 4")));
    notes(&desk, &[]);
}

/// Text as editors of another system save it: each letter takes two bytes, with a mark before them or without.
fn wide(text: &str, mark: &[u8], bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    mark.iter().copied().chain(text.encode_utf16().flat_map(bytes)).collect()
}

#[test]
fn utf_16_is_called_by_its_name() {
    let desk = Desk::new();
    let all = |text: &str| {
        [
            wide(text, &[0xff, 0xfe], u16::to_le_bytes),
            wide(text, &[0xfe, 0xff], u16::to_be_bytes),
            wide(text, &[], u16::to_le_bytes),
        ]
    };
    let synthetic = "    arrivals: {poisson: {rate: 20/s}}\n    lengths: {input: {lognormal: {mean: 500, cv: 1, max: 8000}}, output: {lognormal: {mean: 100, cv: 1, max: 2000}}}\n";
    let recorded = BASE.replace(synthetic, "    trace: {file: t.csv, format: azure}\n");
    let rows = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.0,10,5\n";
    for (scenario, trace) in all(BASE).into_iter().zip(all(rows)) {
        desk.write("wide.yaml", scenario);
        desk.write("x.yaml", &recorded);
        desk.write("t.csv", trace);
        for (file, place) in [("wide.yaml", "--> wide.yaml:1:1"), ("x.yaml", "--> x.yaml:37:")] {
            let found = refused(&desk, &["check", file], 2);
            assert!(found.contains("it is text in UTF-16: save it again as UTF-8"), "{found}");
            assert!(found.contains(place), "{found}");
        }
    }
}

/// Of ten rows one in a hundred stays: none does in 0.99^10 = 90 % of replications. Of ten where half stay, hardly ever.
#[test]
fn a_recording_that_thinning_takes_away_is_noted() {
    let desk = Desk::new();
    let synthetic = "    arrivals: {poisson: {rate: 20/s}}\n    lengths: {input: {lognormal: {mean: 500, cv: 1, max: 8000}}, output: {lognormal: {mean: 100, cv: 1, max: 2000}}}\n";
    let trace = "    trace: {file: t.csv, format: {columns: {timestamp: t, unit: s, input: i, output: o}}}\n";
    desk.write("x.yaml", BASE.replace(synthetic, trace));
    let rows: String = (0..10).map(|row| format!("{row},100,10\n")).collect();
    desk.write("t.csv", format!("t,i,o\n{rows}"));
    let scale = |scale: &str| {
        notes(&desk, &["--set", &format!("applications[0].trace.rate-scale={scale}")])
    };
    let found = scale("0.01");
    assert!(found.contains("`rate-scale: 0.01` leaves none of the 10 rows of "), "{found}");
    assert!(found.contains(" in 90 % of replications: 0.10 rows on average."), "{found}");
    assert!(!scale("0.5").contains("leaves none"), "one in a thousand");
    assert!(!scale("1.01").contains("leaves none"), "one copy is whole");
}

/// Words that say what was meant instead.
#[test]
fn numbers_are_asked_for_plainly() {
    each_is_one_error(&[
        ("seed: 7", "seed: 7.0", &["found the number `7.0`, expected a whole number, 0 or more"]),
        ("warmup: 10s", "warmup: 10µs2", &["`µs2` is not a unit here"]),
        ("warmup: 10s", "warmup: 10µs", &["did you mean `us`?"]),
        ("warmup: 10s", "warmup: 10μs", &["did you mean `us`?"]),
        (
            "nodes: 1",
            "nodes: 1\n          accelerators-per-node: 0",
            &["found 0, expected 1 to 1024", "accelerators-per-node"],
        ),
    ]);
    let desk = Desk::new();
    desk.write("x.yaml", BASE);
    for (flag, value, range) in [
        ("--seed", "1.0", "from 0 to 18446744073709551615"),
        ("--seed", "-1", "from 0 to 18446744073709551615"),
        ("--replications", "0", "from 1 to 4294967295"),
        ("--replications", "many", "from 1 to 4294967295"),
        ("--threads", "1e9", "from 1 to 4096"),
    ] {
        let found = refused(&desk, &["run", "x.yaml", flag, value], 2);
        assert!(found.contains(&format!("expected a whole number {range}")), "{found}");
    }
}
