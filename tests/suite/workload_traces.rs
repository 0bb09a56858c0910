//! Traces: what is accepted, what is refused and how, and that the replay is exact.

use coopsim::engine::{Purpose, SimDuration, SimTime, Streams};
use coopsim::workload::{
    Call, SecondMoments, Source, SourceSpec, TimestampFormat, Trace, TraceColumns, TraceError,
    TraceSpec, TraceSummary, scan,
};
use proptest::prelude::*;
use rand::RngExt;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use tempfile::NamedTempFile;

fn file(content: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file
}

fn spec(path: impl Into<PathBuf>, format: TimestampFormat) -> TraceSpec {
    TraceSpec {
        file: path.into(),
        columns: TraceColumns {
            timestamp: "t".into(),
            format,
            input: "in".into(),
            output: "out".into(),
            model: None,
            cached: None,
        },
        models: Vec::new(),
        rate_scale: 1.0,
        time_scale: 1.0,
        offset: SimDuration::ZERO,
        bad_rows_allowed: 0,
    }
}

fn replay_with(spec: &TraceSpec, seed: u64) -> Vec<Call> {
    let streams = Streams::new(seed, 0);
    let mut source = Source::new(&SourceSpec::Trace(spec.clone()), "app", &streams).unwrap();
    let calls: Vec<Call> = std::iter::from_fn(|| source.next_call().unwrap()).collect();
    assert_eq!(source.next_call(), Ok(None), "an ended replay stays ended");
    calls
}

fn replay(spec: &TraceSpec) -> Vec<Call> {
    replay_with(spec, 1)
}

fn nanos(calls: &[Call]) -> Vec<u64> {
    calls.iter().map(|call| call.at.as_nanos()).collect()
}

/// What a diagnostic looks like, with the file's random name replaced.
fn complaint(spec: &TraceSpec) -> String {
    let error = scan(spec).expect_err("refused");
    error.to_string().replace(&spec.file.display().to_string(), "traces/x.csv")
}

#[test]
fn replays_rows_as_they_are() {
    let file = file("t,out,in\n100,7,5\n100.5,8,6\n102,9,7\n");
    let mut spec = spec(file.path(), TimestampFormat::Seconds);
    spec.offset = SimDuration::from_secs(3);
    let call = |at, input, output| Call::new(SimTime::from_nanos(at), input, output);
    assert_eq!(
        replay(&spec),
        [call(3_000_000_000, 5, 7), call(3_500_000_000, 6, 8), call(5_000_000_000, 7, 9)]
    );
    spec.time_scale = 0.5;
    assert_eq!(nanos(&replay(&spec)), [3_000_000_000, 3_250_000_000, 4_000_000_000]);
}

#[test]
fn accepts_the_csv_that_people_have() {
    for content in [
        "t,in,out\r\n1,2,3\r\n4,5,6\r\n",
        "t,in,out\n1,2,3\n4,5,6",
        "t,in,out\r\n1,2,3\r\n4,5,6",
        "\u{feff}t,in,out\n1,2,3\n4,5,6\n",
        " t ,in , out\n 1, 2 ,3\n4,5,6\n\n",
        "t,in,out\n\n\n1,2,3\n\n4,5,6\n",
        "\"t\",in,\"out\"\n\"1\",2,\"3\"\n4,5,6\n",
        "t,prompt,in,out\n1,\"a, \"\"b\"\"\nc\",2,3\n4,,5,6\n",
        "t,in,out\n1,2,3,\n4,5,6, ,\n",
        // What data-frame libraries write: separators, an index without a name, numbers as floats.
        "t;in;out\n1;2;3\n4;5;6\n",
        "t\tin\tout\n1\t2\t3\n4\t5\t6\n",
        "\"t\";\"in\";\"out\"\r\n1;2;3\r\n4;5;6\r\n",
        "a,b;in;a, b, c, d;t;out\nx;2;y,y;1;3\n;5;;4;6\n",
        ",t,in,out\n0,1.0,2.0,3.0\n1,4.0,5.,6.00\n",
        "# made by hand\n\n# twice\nt,in,out\n# a start\n1,2,3\n#,,\n4,5,6\n# the end",
        "\u{feff}t;in;out\r\n# x\r\n1;2;3\r\n4;5;6\r\n",
        "t,,in,,out\n1,,2,,3\n4,,5,,6\n",
    ] {
        let file = file(content);
        let calls = replay(&spec(file.path(), TimestampFormat::Nanoseconds));
        let rows: Vec<_> = calls.iter().map(|c| (c.at.as_nanos(), c.input, c.output)).collect();
        assert_eq!(rows, [(0, 2, 3), (3, 5, 6)], "{content:?}");
    }
}

#[test]
fn summary_describes_the_rows() {
    let file = file("t,in,out,m\n0,10,1,b\n1,20,2,a\n4,30,6,b\n");
    let mut spec = spec(file.path(), TimestampFormat::Seconds);
    spec.columns.model = Some("m".into());
    spec.models = vec!["a".into(), "b".into(), "c".into()];
    let summary = scan(&spec).unwrap();
    let expected = TraceSummary {
        rows: 3,
        bad_rows: 0,
        bad: Vec::new(),
        duration: SimDuration::from_secs(4),
        mean_input: 20.0,
        mean_output: 3.0,
        mean_cached: 0.0,
        // (100 + 400 + 900) / 3, (10 + 40 + 180) / 3, (1 + 4 + 36) / 3.
        moments: SecondMoments { input: 1400.0 / 3.0, product: 230.0 / 3.0, output: 41.0 / 3.0 },
        shortest: (10, 1),
        longest: (30, 6),
        // Gaps 1 and 3: mean 2, sample variance 2.
        gap_cv: 2.0f64.sqrt() / 2.0,
        rows_by_model: vec![1, 2, 0],
    };
    assert_eq!(summary, expected);
    let models: Vec<_> = replay(&spec).iter().map(|call| call.model).collect();
    assert_eq!(models, [Some(1), Some(0), Some(1)]);

    spec.rate_scale = 3.0;
    spec.time_scale = 2.0;
    let expected = SourceSpec::Trace(spec).expected(SimDuration::from_secs(3600)).unwrap();
    assert_eq!(expected.calls_per_s, 3.0 * 3.0 / 8.0);
    assert_eq!((expected.mean_input, expected.mean_output), (20.0, 3.0));
}

#[test]
fn bad_rows_are_named_one_by_one() {
    let file = file(
        "t,in,out,m\r\n1,1,1,a\r\nx,1,1,a\r\n2,abc,1,a\r\n\r\n3,-1,1,a\r\n4,0,1,a\r\n5,1,99999999999,a\r\n\
         6,1,1\r\n7,1,,a\r\n0.5,1,1,a\r\n8,1,1,\"llama\n4\"\r\n9,1.5,1,b\r\n10,1,1,b\r\n",
    );
    let mut spec = spec(file.path(), TimestampFormat::Seconds);
    spec.columns.model = Some("m".into());
    spec.models = vec!["a".into(), "b".into()];
    insta::assert_snapshot!(complaint(&spec), @"
    error: trace row 2, column `t`: `x` is not a number of seconds
      --> traces/x.csv:3
    error: trace row 3, column `in`: `abc` is not a whole number of tokens
      --> traces/x.csv:4
    error: trace row 4, column `in`: `-1` is not a whole number of tokens
      --> traces/x.csv:6
    error: trace row 5, column `in`: `0` is too few: a call has at least 1 token
      --> traces/x.csv:7
    error: trace row 6, column `out`: `99999999999` is too many: a call has at most 100000000 tokens
      --> traces/x.csv:8
    error: trace row 7, column `m`: the row ends before it
      --> traces/x.csv:9
    error: trace row 8, column `out`: there is no value
      --> traces/x.csv:10
    error: trace row 9, column `t`: `0.5` is earlier than the row before
      --> traces/x.csv:11
    error: trace row 10, column `m`: `llama 4` is not one of the models `a`, `b`
      --> traces/x.csv:12
    error: trace row 11, column `in`: `1.5` is not a whole number of tokens
      --> traces/x.csv:14
    note: bad rows: 10, allowed: 0
    ");

    spec.bad_rows_allowed = 10;
    let summary = scan(&spec).unwrap();
    assert_eq!((summary.rows, summary.bad_rows, summary.bad.len()), (2, 10, 10));
    assert_eq!(nanos(&replay(&spec)), [0, 9_000_000_000]);
    spec.bad_rows_allowed = 9;
    assert!(scan(&spec).is_err());
}

/// Rows at 0 (output 0, skipped), 100 and 200 s arrive at 100 and 200: a skipped row moves no other.
#[test]
fn the_origin_is_the_first_row_with_an_instant() {
    let file = file("t,in,out\nsoon,5,5\n0,5,0\n100,5,5\n200,5,5\n");
    let mut spec = spec(file.path(), TimestampFormat::Seconds);
    spec.bad_rows_allowed = 2;
    assert_eq!(nanos(&replay(&spec)), [100_000_000_000, 200_000_000_000]);
    let summary = scan(&spec).unwrap();
    assert_eq!((summary.rows, summary.bad_rows), (2, 2));
    assert_eq!(summary.duration, SimDuration::from_secs(200));
    // Copies turn around the same circle: 200 s, in which each brings each row once.
    spec.rate_scale = 50.0;
    let calls = replay(&spec);
    assert_eq!(calls.len(), 100);
    assert!(calls.iter().all(|call| call.at <= SimTime::ZERO + SimDuration::from_secs(200)));
    assert!(calls.is_sorted_by_key(|call| call.at));
}

/// Nothing is before the origin, whatever else is wrong with its row.
#[test]
fn rows_before_the_origin_are_bad() {
    let file = file("t,in,out\n50,0,1\n40,1,1\n60,1,1\n");
    let mut spec = spec(file.path(), TimestampFormat::Seconds);
    insta::assert_snapshot!(complaint(&spec), @"
    error: trace row 1, column `in`: `0` is too few: a call has at least 1 token
      --> traces/x.csv:2
    error: trace row 2, column `t`: `40` is earlier than the row before
      --> traces/x.csv:3
    note: bad rows: 2, allowed: 0
    ");
    spec.bad_rows_allowed = 2;
    assert_eq!(nanos(&replay(&spec)), [10_000_000_000]);
}

/// As in Azure's traces of 2024.
#[test]
fn instants_carry_offsets() {
    let file = file(
        "TIMESTAMP,in,out\n2024-05-10 00:00:00.009930+00:00,1,1\n2024-05-10 02:00:01+02:00,1,1\n\
         2024-05-09T19:00:02-0500,1,1\n2024-05-10 00:00:03.5 UTC,1,1\n",
    );
    let mut spec = spec(file.path(), TimestampFormat::DateTime);
    spec.columns.timestamp = "TIMESTAMP".into();
    assert_eq!(nanos(&replay(&spec)), [0, 990_070_000, 1_990_070_000, 3_490_070_000]);
}

#[test]
fn lines_count_comments() {
    let file = file("# head\nt,in,out\n# a\n1,1,1\n\n# b\n#c\nx,1,1\n2,1,x\n");
    insta::assert_snapshot!(complaint(&spec(file.path(), TimestampFormat::Seconds)), @"
    error: trace row 2, column `t`: `x` is not a number of seconds
      --> traces/x.csv:8
    error: trace row 3, column `out`: `x` is not a whole number of tokens
      --> traces/x.csv:9
    note: bad rows: 2, allowed: 0
    ");
}

/// Rows at 0, 10, …, 99,990 ms: half open, as windows are.
#[test]
fn rows_beyond_an_instant_are_counted() {
    let file = regular_trace(10_000);
    let mut spec = spec(file.path(), TimestampFormat::Milliseconds);
    let trace = Trace::open(&spec).unwrap();
    let mut before = |millis: u64, offset: u64, scale: f64| {
        spec.offset = SimDuration::from_secs(offset);
        spec.time_scale = scale;
        trace.rows_before(SimDuration::from_nanos(millis * 1_000_000), &spec).unwrap()
    };
    for (millis, rows) in [(0, 0), (1, 1), (10, 1), (11, 2), (50_000, 5000), (50_001, 5001)] {
        assert_eq!(before(millis, 0, 1.0), rows, "{millis}");
    }
    assert_eq!(before(99_990, 0, 1.0), 9_999);
    assert_eq!(before(99_991, 0, 1.0), 10_000);
    assert_eq!(before(50_000, 20, 1.0), 3000);
    assert_eq!(before(50_000, 60, 1.0), 0);
    assert_eq!(before(50_000, 0, 2.0), 2500);
}

#[test]
fn only_the_first_bad_rows_are_shown() {
    let mut content = "t,in,out\n1,1,1\n".to_owned();
    (0..1000).for_each(|_| content.push_str("1,1,\u{fffd}\n"));
    let file = file(&content);
    let error = scan(&spec(file.path(), TimestampFormat::Seconds)).unwrap_err();
    let TraceError::BadRows { rows, count, allowed, .. } = &error else { panic!("{error}") };
    assert_eq!((rows.len(), *count, *allowed), (20, 1000, 0));
    assert_eq!((rows[19].row, rows[19].line), (21, 22));
    assert!(error.to_string().contains("and 980 more bad rows"), "{error}");
}

#[test]
fn refuses_what_is_not_a_trace() {
    let refuse = |content: &str| {
        let file = file(content);
        complaint(&spec(file.path(), TimestampFormat::DateTime))
    };
    insta::assert_snapshot!(refuse(""), @"
    error: the trace has no row to replay
      --> traces/x.csv
    ");
    insta::assert_snapshot!(refuse("t,in,out\r\n"), @"
    error: the trace has no row to replay
      --> traces/x.csv
    ");
    insta::assert_snapshot!(refuse("timestamp,In,out\n1,2,3\n"), @"
    error: the trace has no column `t`, only `timestamp`, `In`, `out`
      --> traces/x.csv:1
    ");
    insta::assert_snapshot!(refuse("t,ni,out\n1,2,3\n"), @"
    error: the trace has no column `in`, only `t`, `ni`, `out`; did you mean `ni`?
      --> traces/x.csv:1
    ");
    insta::assert_snapshot!(refuse("t,in,out\n2023-02-30 00:00:00,2,3\n"), @"
    error: trace row 1, column `t`: `2023-02-30 00:00:00` is not an instant such as `2023-11-16 18:15:46.6805900` or `2024-05-10T00:00:00+02:00`
      --> traces/x.csv:2
    note: bad rows: 1, allowed: 0
    ");
    insta::assert_snapshot!(refuse("# twice\nt,in,out, in\n1,2,3,4\n"), @"
    error: the trace has two columns `in`: rename one of them
      --> traces/x.csv:2
    ");
    let binary: String = (0..40_000).map(|n| if n % 3 == 0 { '\u{1}' } else { ',' }).collect();
    let found = refuse(&binary);
    assert!(found.len() < 500 && !found.contains('\u{1}'), "{found}");
    let open = format!("t,in,out\n1,\"{}", "2,3\n".repeat(1_000_000));
    insta::assert_snapshot!(refuse(&open), @"
    error: cannot read the trace: a row is longer than 1048576 bytes; is a quote left open?
      --> traces/x.csv
    ");
    let missing = spec("traces/x.csv", TimestampFormat::DateTime);
    insta::assert_snapshot!(complaint(&missing), @"
    error: cannot read the trace: No such file or directory (os error 2)
      --> traces/x.csv
    ");
    let device = spec("/dev/zero", TimestampFormat::Seconds);
    insta::assert_snapshot!(complaint(&device), @"
    error: cannot read the trace: it is not a regular file
      --> traces/x.csv
    ");
    let scaled = TraceSpec { rate_scale: 0.0, ..missing.clone() };
    insta::assert_snapshot!(complaint(&scaled), @"
    error: a trace's rate scale must be positive and at most 10000, found 0
      --> traces/x.csv
    ");
    let scaled = TraceSpec { time_scale: f64::NAN, ..missing };
    insta::assert_snapshot!(complaint(&scaled), @"
    error: a trace's time scale must be between 0.000001 and 1000000, found NaN
      --> traces/x.csv
    ");
}

#[test]
fn a_trace_of_one_instant_replays() {
    let file = file("t,in,out\n5,1,1\n5,2,2\n");
    let mut spec = spec(file.path(), TimestampFormat::Seconds);
    spec.rate_scale = 3.0;
    let calls = replay(&spec);
    let inputs: Vec<_> = calls.iter().map(|call| call.input).collect();
    assert_eq!(inputs, [1, 2, 1, 2, 1, 2], "ties keep the order of copies");
    assert!(calls.iter().all(|call| call.at == SimTime::ZERO));
}

#[test]
fn a_file_that_changes_is_noticed() {
    let mut content = "t,in,out\n".to_owned();
    (0..100_000).for_each(|row| writeln!(content, "{row},1,1").unwrap());
    let file = file(&content);
    let spec = SourceSpec::Trace(spec(file.path(), TimestampFormat::Seconds));
    let mut source = Source::new(&spec, "app", &Streams::new(1, 0)).unwrap();
    file.as_file().set_len(500_000).unwrap();
    let error = std::iter::from_fn(|| source.next_call().transpose()).find_map(Result::err);
    assert!(matches!(error, Some(TraceError::Changed { .. })), "{error:?}");
}

#[test]
fn what_lies_past_the_end_of_time_never_arrives() {
    let file = file("t,in,out\n0,1,1\n1000000000,1,1\n");
    let mut spec = spec(file.path(), TimestampFormat::Seconds);
    spec.time_scale = 1e6;
    assert_eq!(nanos(&replay(&spec)), [0]);
}

/// The slow twin: all rows of all copies in memory, sorted.
fn superposed(rows: &[(u64, u32)], copies: usize, seed: u64) -> Vec<(u64, u32)> {
    let (first, last) = (rows[0].0, rows[rows.len() - 1].0);
    let duration = last - first;
    let mut stream = Streams::new(seed, 0).stream(Purpose::Trace, "app");
    let mut all = Vec::new();
    for copy in 0..copies {
        let shift = if copy == 0 { 0 } else { stream.random_range(0..duration.max(1)) };
        for (number, &(at, input)) in rows.iter().enumerate() {
            let position = at - first + shift;
            // The last instant of the circle is the first one: a shifted copy starts there.
            let wraps = copy > 0 && position >= duration;
            let position = if wraps { position - duration } else { position };
            all.push((position, copy, !wraps, number, input));
        }
    }
    all.sort();
    all.into_iter().map(|(position, .., input)| (position, input)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn superposition_matches_its_slow_twin(
        gaps in prop::collection::vec(prop_oneof![Just(0u64), 1u64..1000], 1..600),
        copies in 1usize..9,
        seed in any::<u64>(),
        start in 0u64..1_000_000,
    ) {
        let mut content = "t,in,out\n".to_owned();
        let mut rows = Vec::new();
        let mut at = start;
        for (gap, input) in gaps.into_iter().zip(1..) {
            at += gap;
            rows.push((at, input));
            writeln!(content, "{at},{input},1").unwrap();
        }
        let file = file(&content);
        let mut spec = spec(file.path(), TimestampFormat::Nanoseconds);
        spec.rate_scale = copies as f64;
        let calls = replay_with(&spec, seed);
        let found: Vec<_> = calls.iter().map(|call| (call.at.as_nanos(), call.input)).collect();
        prop_assert_eq!(found, superposed(&rows, copies, seed));
    }
}

fn regular_trace(rows: u32) -> NamedTempFile {
    let mut content = "t,in,out\r\n".to_owned();
    (0..rows).for_each(|row| writeln!(content, "{},{},1\r", row * 10, row + 1).unwrap());
    file(&content)
}

#[test]
fn every_copy_has_every_row_once() {
    let file = regular_trace(2000);
    let mut spec = spec(file.path(), TimestampFormat::Milliseconds);
    spec.rate_scale = 25.0;
    let calls = replay(&spec);
    let mut seen = vec![0; 2001];
    calls.iter().for_each(|call| seen[call.input as usize] += 1);
    assert_eq!(seen[0], 0);
    assert!(seen[1..].iter().all(|&count| count == 25));
    assert!(calls.is_sorted_by_key(|call| call.at));
    assert!(calls.last().unwrap().at <= SimTime::ZERO + SimDuration::from_secs(20));
    assert_eq!(calls, replay(&spec));
    assert_ne!(calls, replay_with(&spec, 2));
}

/// Thinning is binomial: 10,000 rows at 0.3 have mean 3,000 and standard deviation 45.8. The limit
/// of five deviations is exceeded once in 1.7 million seeds.
#[test]
fn a_fraction_of_a_copy_is_thinned() {
    let file = regular_trace(10_000);
    let mut spec = spec(file.path(), TimestampFormat::Milliseconds);
    for (scale, whole) in [(0.3, 0), (2.3, 20_000)] {
        spec.rate_scale = scale;
        let seed = 7;
        let extra = replay_with(&spec, seed).len() as f64 - f64::from(whole);
        assert!((extra - 3000.0).abs() < 5.0 * 45.8, "{scale}: {extra} calls, seed {seed}");
    }
}

#[test]
fn thousands_of_copies_share_one_handle() {
    let file = regular_trace(300);
    let mut spec = spec(file.path(), TimestampFormat::Milliseconds);
    spec.rate_scale = 10_000.0;
    let calls = replay(&spec);
    assert_eq!(calls.len(), 3_000_000);
    assert!(calls.is_sorted_by_key(|call| call.at));
}

fn azure(name: &str) -> Option<TraceSpec> {
    let path = crate::data::file(&format!("traces/{name}"))?;
    let mut spec = spec(path, TimestampFormat::DateTime);
    spec.columns.timestamp = "TIMESTAMP".into();
    spec.columns.input = "ContextTokens".into();
    spec.columns.output = "GeneratedTokens".into();
    Some(spec)
}

fn facts(spec: &TraceSpec) -> String {
    let summary = scan(spec).unwrap();
    format!(
        "{} rows, {} bad, {:.2}/s for {:.0} s, CV {:.2}, {:.1} in, {:.1} out",
        summary.rows,
        summary.bad_rows,
        SourceSpec::Trace(spec.clone()).expected(SimDuration::from_secs(3600)).unwrap().calls_per_s,
        summary.duration.as_secs_f64(),
        summary.gap_cv,
        summary.mean_input,
        summary.mean_output
    )
}

/// The figures published with the Azure traces of 16 November 2023.
#[test]
fn azure_traces_have_their_known_facts() {
    let Some(conv) = azure("AzureLLMInferenceTrace_conv.csv") else { return };
    let Some(code) = azure("AzureLLMInferenceTrace_code.csv") else { return };
    insta::assert_snapshot!(facts(&conv), @"19366 rows, 0 bad, 5.53/s for 3502 s, CV 1.09, 1154.7 in, 211.1 out");
    insta::assert_snapshot!(facts(&code), @"8819 rows, 0 bad, 2.57/s for 3436 s, CV 13.15, 2047.8 in, 27.9 out");
    let calls = replay(&TraceSpec { rate_scale: 3.0, ..conv });
    assert_eq!(calls.len(), 3 * 19_366);
    assert_eq!((calls[0].at, calls[0].input, calls[0].output), (SimTime::ZERO, 374, 44));
}
