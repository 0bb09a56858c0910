//! Numbers that no cloud has: what is absurd is refused at its place with exit status 2; what is only long
//! runs to its horizon.

use crate::desk::Desk;

const BASE: &str = include_str!("desk/base.yaml");

/// Exit status and messages of `check` for the base scenario with each `old` replaced by its `new`.
fn checked(changes: &[(&str, &str)]) -> (Option<i32>, String) {
    let desk = Desk::new();
    desk.write("x.yaml", changed(changes));
    let output = desk.run(&["check", "x.yaml", "--quiet"]);
    (output.status.code(), String::from_utf8(output.stderr).expect("messages are text"))
}

fn changed(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(BASE.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replacen(old, new, 1)
    })
}

#[test]
fn what_is_absurd_is_refused_at_its_place() {
    let chip = "{base: H100-SXM, idle-power: 100W, peak-power: 700W}";
    let chip_with = |figure: &str| format!("{{base: H100-SXM, peak-power: 700W, {figure}}}");
    let cases = [
        (
            "input: 1 USD/Mtok",
            "input: 1e37 USD/Mtok",
            "found 1e34 USD/ktok, expected 0 USD/ktok to 1000 USD/ktok",
            "price.input",
        ),
        ("output: 4 USD/Mtok", "output: 1e7 USD/Mtok", "", "price.output"),
        (
            "output: 4 USD/Mtok",
            "cached-input: 9e9 USD/Mtok, output: 4 USD/Mtok",
            "",
            "cached-input",
        ),
        ("price: 3 USD/h", "price: 1e30 USD/h", "found 1e30 USD/h", "terms.rental.price"),
        ("capital: 2.00 USD/h", "capital: 1e6 USD/h", "", "clusters[0].capital"),
        ("electricity: 0.10 USD/kWh", "electricity: 1e300 USD/kWh", "", "cloud.electricity"),
        ("load-bandwidth: 100GB/s", "load-bandwidth: 1e-300GB/s", "", "load-bandwidth"),
        (chip, &chip_with("idle-power: 1e9W"), "", "idle-power"),
        (chip, &chip_with("hbm-bandwidth: 1e-300GB/s"), "expected 1MB/s", "hbm-bandwidth"),
        (chip, &chip_with("hbm: 1e300GB"), "", "accelerator.hbm"),
        (chip, &chip_with("peak: {bf16: 1e-9FLOP/s}"), "", "peak.bf16"),
        (chip, &chip_with("efficiency: {memory: 1e-200}"), "", "efficiency.memory"),
        ("replicas: 2", "replicas: 2, engine: {base: vllm, memory: 1e-200}", "", "engine.memory"),
        (
            "replicas: 2",
            "replicas: 2, engine: {base: vllm, per-request: 2h}",
            "",
            "engine.per-request",
        ),
        (
            "replicas: 2",
            "replicas: 2, engine: {base: vllm, small-kernels: 1e30}",
            "",
            "engine.small-kernels",
        ),
        ("replicas: 2", "replicas: 3000001", "expected 1 to 3000000", "deployments[0].replicas"),
    ];
    for (old, new, message, place) in cases {
        let (status, messages) = checked(&[(old, new)]);
        assert_eq!(status, Some(2), "{new}: {messages}");
        assert!(messages.contains(message) && messages.contains("x.yaml:"), "{new}: {messages}");
        assert!(messages.contains(&format!("{place}\n")), "{new}: {messages}");
    }
}

#[test]
fn a_cloud_has_as_many_replicas_as_the_event_queue_has_room_for() {
    let (many, service) = (
        "nodes: 100000\n          accelerators-per-node: 1024",
        "deployments: [{cluster: h100, performance: {service-time: {distribution: {constant: 1s}, slots: 1}}",
    );
    let free = [
        ("nodes: 1", many),
        ("deployments: [{cluster: h100, replicas: 2}", &*format!("{service}}}")),
        ("deployments: [{cluster: h100, replicas: 1}", &*format!("{service}}}")),
        ("deployments: [{cluster: h100, tensor: 2, replicas: 1}", &*format!("{service}}}")),
        ("scheduler: {capacity: fixed}", "scheduler: {capacity: proportional}"),
    ];
    let (status, messages) = checked(&free);
    assert_eq!(status, Some(2), "{messages}");
    assert!(messages.contains("make room for 102400000 replicas"), "{messages}");
    assert!(messages.contains("clusters[0].nodes\n"), "{messages}");
    let several = [("nodes: 1", many), ("replicas: 2", "replicas: 2999998")];
    let (status, messages) = checked(&several);
    assert_eq!(status, Some(0), "{messages}");
    let several = [several[0], several[1], ("replicas: 1", "replicas: 2")];
    let (status, messages) = checked(&several);
    assert_eq!(status, Some(2), "{messages}");
    assert!(messages.contains("3000001 replicas so far are too many"), "{messages}");
}

#[test]
fn a_call_of_four_billion_tokens_is_refused_in_its_row() {
    let desk = Desk::new();
    desk.write("t.csv", "t,in,out\n0,4294967295,4294967295\n");
    let trace =
        "trace: {file: t.csv, format: {columns: {timestamp: t, unit: s, input: in, output: out}}}";
    let scenario = changed(&[
        ("arrivals: {poisson: {rate: 20/s}}", trace),
        (
            "    lengths: {input: {lognormal: {mean: 500, cv: 1, max: 8000}}, output: {lognormal: {mean: 100, cv: 1, max: 2000}}}\n",
            "",
        ),
    ]);
    desk.write("x.yaml", scenario);
    let output = desk.run(&["check", "x.yaml"]);
    let messages = String::from_utf8(output.stderr).expect("messages are text");
    assert_eq!(output.status.code(), Some(2), "{messages}");
    assert!(messages.contains("`4294967295` is too many: a call has at most 100000000 tokens"));
}

/// A request in flight takes some two hundred bytes: a thousand million of them fit no machine that tests run on.
#[test]
fn what_does_not_fit_the_memory_asks_first() {
    if !std::path::Path::new("/proc/meminfo").exists() {
        return eprintln!("skipped: this system does not say how much memory it has");
    }
    let desk = Desk::new();
    let at_once = "all-at-once: {calls: 1000000000}";
    let crowd = changed(&[("arrivals: {poisson: {rate: 20/s}}", at_once)]);
    let application =
        crowd.split_once("applications:\n").and_then(|(_, rest)| rest.split_once("scheduler:"));
    let application = application.expect("it has applications").0;
    let more: String = (0..80)
        .map(|index| application.replace("name: chat", &format!("name: chat{index}")))
        .collect();
    let crowd = crowd.replace(application, &format!("{application}{more}"));
    desk.write("x.yaml", crowd);
    for command in ["run", "check"] {
        let output = desk.run(&[command, "x.yaml"]);
        let messages = String::from_utf8(output.stderr).expect("messages are text");
        let text = String::from_utf8(output.stdout).expect("output is text");
        if command == "run" {
            assert_eq!(output.status.code(), Some(2), "{messages}");
            assert!(
                messages.contains("TB of memory, and") && messages.contains("--yes"),
                "{messages}"
            );
        } else {
            assert_eq!(output.status.code(), Some(0), "{messages}");
            assert!(text.contains("TB of memory, and") && text.contains("--yes"), "{text}");
        }
    }
    desk.write("x.yaml", BASE);
    let output = desk.run(&["run", "x.yaml", "--yes", "--quiet"]);
    assert_eq!(output.status.code(), Some(0));
}

/// Each of these once ended with "simulated time overflows" or "iteration outlasts time": times beyond 584
/// years saturate, and what ends then never ends. Whatever had not been served is in flight, and audited.
#[test]
fn what_is_only_long_runs_to_the_horizon() {
    let affine = |coefficients: &str, further: &str| {
        format!(
            "deployments: [{{cluster: h100, replicas: 2, {further} performance: {{affine: {{kv-capacity: 10000000000, {coefficients}}}}}}}]"
        )
    };
    let lengths = "lengths: {input: {constant: 10000000}, output: {constant: 10000000}}";
    let usual = "lengths: {input: {lognormal: {mean: 500, cv: 1, max: 8000}}, output: {lognormal: {mean: 100, cv: 1, max: 2000}}}";
    let served = "deployments: [{cluster: h100, replicas: 2}]";
    let slow = |figure: &str| {
        format!(
            "deployments: [{{cluster: h100, replicas: 2, engine: {{base: vllm, {figure}: 3600s}}}}]"
        )
    };
    let cases = [
        vec![(served, affine("overhead: 3600s", "")), (usual, lengths.into())],
        vec![(served, affine("per-context-token: 1ms", "")), (usual, lengths.into())],
        vec![
            (served, affine("per-context-token: 3600s", "kv-admission: optimistic,")),
            (usual, lengths.into()),
        ],
        vec![
            (served, affine("per-prefill-pair: 3600s", "batching: prefill-first,")),
            (usual, lengths.into()),
        ],
        vec![
            (served, affine("overhead: 3600s", "batching: static, token-budget: 10000000,")),
            (usual, lengths.into()),
        ],
        vec![(served, slow("iteration"))],
        vec![(served, slow("per-request"))],
        vec![(served, slow("per-layer"))],
        vec![
            ("horizon: 70s, bucket: 10s", "horizon: 36500d, bucket: 3650d".to_owned()),
            ("rate: 20/s", "rate: 0.0001/d".to_owned()),
        ],
        vec![(
            "load-bandwidth: 100GB/s",
            "load-bandwidth: 1MB/s\n          provisioning: 5000w".to_owned(),
        )],
    ];
    for case in cases {
        let changes: Vec<_> = case.iter().map(|(old, new)| (*old, &**new)).collect();
        let desk = Desk::new();
        desk.write("x.yaml", changed(&changes));
        let output = desk.run(&["run", "x.yaml", "--quiet", "--format", "csv"]);
        let messages = String::from_utf8(output.stderr).expect("messages are text");
        assert_eq!(output.status.code(), Some(0), "{case:?}: {messages}");
    }
}
