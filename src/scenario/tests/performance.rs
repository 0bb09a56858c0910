//! `affine`, `profile` and `service-time`: what is read, and what is wrong with it.

use super::*;
use crate::serving::Performance;
use crate::setup::ServingSpec;

const AFFINE: &str =
    "{affine: {kv-capacity: 1000, overhead: 5ms, per-prefill-pair: 0.4ns, weights: 16GB}}";
const PROFILE: &str = "{profile: {kv-capacity: 1000, \
    prefill: {points: [{tokens: 512, time: 84ms}, {tokens: 1024, time: 160ms}]}, \
    decode: {points: [{batch: 1, context: 100, time: 30ms}, {batch: 8, context: 100, time: 32ms}, \
    {batch: 8, context: 900, time: 40ms}]}}}";
const SERVICE_TIME: &str = "{service-time: {distribution: {constant: 1s}, slots: 2, queue: 3}}";

/// The sound scenario with the first deployment's performance.
fn with(performance: &str) -> String {
    let place = "      - cluster: h100\n";
    SOUND.replacen(place, &format!("{place}        performance: {performance}\n"), 1)
}

fn serving(text: &str) -> ServingSpec {
    let scenario = load_text(text, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"));
    scenario.variants[0].setup.deployments.raw[0].serving.clone()
}

fn table(text: &str) -> crate::serving::TableSpec {
    match serving(text) {
        ServingSpec::Tokens(serving) => match serving.performance {
            Performance::Profile(table) => table,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn coefficients_keep_parts_of_a_nanosecond() {
    let ServingSpec::Tokens(serving) = serving(&with(AFFINE)) else { panic!("it serves tokens") };
    assert_eq!(serving.performance.kv_capacity_tokens(), Some(1000));
    assert_eq!(serving.performance.weight_bytes(), 16e9);
    let Performance::Affine(affine) = serving.performance else { panic!("it is affine") };
    assert_eq!(affine.per_prefill_pair.0, 400.0);
    assert_eq!((serving.batching.max_batch, serving.batching.token_budget), (256, 2048));
}

#[test]
fn a_profile_limits_batches_and_contexts() {
    let ServingSpec::Tokens(serving) = serving(&with(PROFILE)) else { panic!("it serves tokens") };
    assert_eq!((serving.batching.max_batch, serving.batching.token_budget), (8, 1024));
    assert_eq!(serving.max_context(), Some(100), "the longest of every batch");
    let free = PROFILE.replace("kv-capacity", "extrapolate: true, kv-capacity");
    let table = table(&with(&free));
    assert!(table.extrapolate);
    assert_eq!(table.longest_context(), None);
}

#[test]
fn rows_of_a_file_for_the_same_point_count_by_their_median() {
    let file = file("");
    let csv = file.path.with_file_name("prefill.csv");
    std::fs::write(&csv, "tokens, time\n512, 90ms\n512, 80ms\n512, 85ms\n2048, 1s\n").unwrap();
    let inline = "{points: [{tokens: 512, time: 84ms}, {tokens: 1024, time: 160ms}]}";
    let text = with(&PROFILE.replace(inline, "{file: prefill.csv}"));
    std::fs::write(&file.path, text).unwrap();
    let scenario = load(&file.path, &Overrides::default()).unwrap();
    let ServingSpec::Tokens(serving) = &scenario.variants[0].setup.deployments.raw[0].serving
    else {
        panic!("it serves tokens")
    };
    let Performance::Profile(table) = &serving.performance else { panic!("it is a profile") };
    assert_eq!(table.prefill[&512].as_nanos(), 85_000_000);
    for rows in [
        "tokens;time\n512.0;80ms\n1024;160ms\n",
        "# measured\ntime\ttokens\n80ms\t512\n# x\n160ms\t1024.00\n# end",
    ] {
        std::fs::write(&csv, rows).unwrap();
        load(&file.path, &Overrides::default()).unwrap_or_else(|error| panic!("{rows:?}: {error}"));
    }
    for (rows, message) in [
        ("tokens,time\n512,90\n", "line 2: `90` has no unit"),
        ("tokens,time\n512,9ms\n0,9ms\n", "line 3: `tokens`: found 0, expected 1 to"),
        ("tokens,duration\n512,9ms\n", "unknown field `duration`"),
        ("tokens,time,time\n512,9ms,8ms\n", "duplicate field `time`"),
        ("tokens,time\n", "found 0 points, expected 1 to"),
    ] {
        std::fs::write(&csv, rows).unwrap();
        let found = load(&file.path, &Overrides::default()).unwrap_err().to_string();
        assert!(found.contains(message), "{message}:\n{found}");
    }
    std::fs::remove_file(&csv).unwrap();
    let found = load(&file.path, &Overrides::default()).unwrap_err().to_string();
    assert!(found.contains("cannot read `"), "{found}");
}

#[test]
fn each_mistake_has_its_message() {
    let mut wrong = Vec::new();
    for (performance, old, new, message) in [
        (AFFINE, "overhead: 5ms, per-prefill-pair: 0.4ns, ", "", "iterations take no time"),
        (AFFINE, "0.4ns", "0.4", "`0.4` has no unit: expected a time such as `0.4ns`"),
        (AFFINE, "5ms", "4000s", "more than 1h is not plausible"),
        (AFFINE, "kv-capacity: 1000, ", "", "missing field `kv-capacity`"),
        (AFFINE, "kv-capacity: 1000", "kv-capacity: 0", "found 0, expected 1 to"),
        (AFFINE, "per-prefill-pair", "per-pair", "unknown field `per-pair`"),
        (
            AFFINE,
            "}}",
            "}}\n        kv-admission: optimistic\n        preemption: swap",
            "missing field `kv-per-token`: `preemption: swap` moves keys and values",
        ),
        (AFFINE, "}}", "}}\n        tensor: 2", "`tensor` goes with `performance: roofline` only"),
        (
            PROFILE,
            "}]}}}",
            "}]}}}\n        max-batch: 9",
            "found 9, but the profile ends at 8: stay within it, or say `extrapolate: true` there",
        ),
        (
            PROFILE,
            "}]}}}",
            "}]}}}\n        token-budget: 2048",
            "found 2048, but the profile ends at 1024",
        ),
        (PROFILE, "time: 40ms", "time: 31ms", "with batch 8 a context of 900 takes less time"),
        (PROFILE, "batch: 1, context: 100", "batch: 1", "`context` is given for some points"),
        (PROFILE, "tokens: 1024", "tokens: 512", "there is a point before for the same"),
        (PROFILE, "tokens: 512", "tokens: 0", "found 0, expected 1 to 10000000"),
        (PROFILE, "time: 84ms", "time: 0s", "expected more than 0s and at most 1h"),
        (SERVICE_TIME, "queue: 3", "queue: -1", "-1"),
        (SERVICE_TIME, "queue: 3", "queue: 2000000", "found 2000000, expected 0 to 1000000"),
        (SERVICE_TIME, "queue: 3", "discipline: sharing", "unknown choice `sharing`"),
        (
            SERVICE_TIME,
            "}}",
            "}}\n        max-batch: 9",
            "`max-batch` goes with serving tokens, not with `performance: service-time`",
        ),
    ] {
        assert!(performance.contains(old), "{old}");
        let broken = with(&performance.replacen(old, new, 1));
        match load_text(&broken, &Overrides::default()) {
            Err(found) if found.contains(message) && found.contains(" --> x.yaml:") => {}
            found => wrong.push(format!("{new}: {message}\n{:?}", found.map(|_| "it loads"))),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
