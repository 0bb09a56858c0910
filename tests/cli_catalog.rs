//! What `coopsim catalog` prints.

use assert_cmd::Command;
use predicates::prelude::*;

fn catalog(arguments: &[&str]) -> String {
    let mut command = Command::cargo_bin("coopsim").expect("the binary is built");
    let assert = command.arg("catalog").args(arguments).assert().success().stderr("");
    String::from_utf8(assert.get_output().stdout.clone()).expect("output is text")
}

#[test]
fn tables_fit_80_columns() {
    let text = catalog(&[]);
    for word in ["H100-SXM", "Llama-3.1-70B", "p5.48xlarge", "meta.llama3-1-8b-instruct-v1:0"] {
        assert!(text.contains(word), "{word}");
    }
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
        assert_eq!(line.trim_end(), line);
    }
}

#[test]
fn architectures_as_a_table() {
    insta::assert_snapshot!(catalog(&["architectures"]), @"
    Architectures: dense transformers
    ──────────────────────────────────────────────────────────────────────
    architecture    parameters  layers  hidden  heads  KV heads  head dim
    ══════════════════════════════════════════════════════════════════════
    Llama-2-7B          6.74 B      32    4096     32        32       128
    Llama-2-70B        68.98 B      80    8192     64         8       128
    Llama-3.1-8B        8.03 B      32    4096     32         8       128
    Llama-3.1-70B      70.55 B      80    8192     64         8       128
    Llama-3.1-405B    405.85 B     126   16384    128         8       128
    Qwen2.5-72B        72.71 B      80    8192     64         8       128
    Qwen3-0.6B          0.60 B      28    1024     16         8       128
    Qwen3-1.7B          1.72 B      28    2048     16         8       128
    Qwen3-8B            8.19 B      36    4096     32         8       128
    Qwen3-32B          32.76 B      64    5120     64         8       128
    ──────────────────────────────────────────────────────────────────────
    Sources
      aiconfigurator: NVIDIA aiconfigurator, model configurations, commit 095f58a
        (2026-11)
      vidur: microsoft/vidur, vidur/config/model_config.py, commit 01f216f (2026-11)
      llama-2-config: Llama 2, config.json and params.json of the published weights
        (2023-07)
      qwen2.5-config: Qwen2.5-72B, config.json of the published weights (2024-09)
      llama-design: Llama reference implementation: no biases, separate output
        embedding (2024-07)
      qwen3-design: Qwen3 reference implementation: norms of queries and keys;
        embeddings tied up to 4B (2025-05)
      counted: Counted from the shape in this file (2026-11)
    The source of each figure: `coopsim catalog architectures NAME`, or `--format
      csv` for all.
    ");
}

#[test]
fn one_accelerator_with_its_sources() {
    insta::assert_snapshot!(catalog(&["accelerators", "H200-SXM"]), @"
    H200-SXM (vendor NVIDIA)
    ────────────────────────────────────────────────────────────────
    figure                                  value  source
    ════════════════════════════════════════════════════════════════
    peak.bf16                          989TFLOP/s  aiconfigurator
    peak.fp8                          1979TFLOP/s  aiconfigurator
    hbm                                     141GB  aiconfigurator
    hbm-bandwidth                         4.8TB/s  aiconfigurator
    link-bandwidth                        450GB/s  aiconfigurator
    per-node                                    8  aiconfigurator
    idle-power                             73.65W  conservemode
    peak-power                               700W  aiconfigurator
    efficiency.prefill                        0.8  physical-factors
    efficiency.decode                         0.6  physical-factors
    efficiency.memory                         0.9  physical-factors
    efficiency.link                          0.47  physical-factors
    efficiency.usable-memory                 0.95  physical-factors
    efficiency.allreduce-latency             15us  physical-factors
    efficiency.overhead                    1500us  physical-factors
    efficiency.overhead-per-sequence         10us  physical-factors
    ────────────────────────────────────────────────────────────────
    Notes
      idle-power: dormant; a CUDA context adds to it (26 to 50 W on H100,
        arXiv:2605.23918)
      efficiency.prefill: matmul ceiling as H100-SXM, the same die; 0.734 measured
        in fp8
      efficiency.usable-memory: 0.95 to 0.97 fits
      efficiency.overhead: 1 to 2 ms fits
      efficiency.overhead-per-sequence: 8 to 15 us fits
    Sources
      aiconfigurator: NVIDIA aiconfigurator, system files, commit 095f58a (2026-11)
      conservemode: conservemode.com (a vendor), dormant idle power, trust low to
        medium (2026-11)
      physical-factors: Factors near what kernels measure, checked by stepping
        through 24 rows of the TensorRT-LLM throughput pages (median error 11 %)
        (2026-11)
    ");
}

#[test]
fn json_gives_each_figure_its_source() {
    let tree: serde_json::Value = serde_json::from_str(&catalog(&["--format", "json"])).unwrap();
    for kind in ["accelerators", "architectures", "prices"] {
        for entry in tree[kind].as_array().expect(kind) {
            let figures = entry["figures"].as_object().expect("figures");
            assert!(!figures.is_empty(), "{entry}");
            for figure in figures.values() {
                assert!(figure["source"].is_string() && figure["date"].is_string(), "{figure}");
            }
        }
    }
    let h100 = &tree["accelerators"][1];
    assert_eq!(h100["name"], "H100-SXM");
    assert_eq!(h100["figures"]["hbm"]["value"], "80GB");
    assert_eq!(h100["figures"]["peak.fp4"], serde_json::Value::Null, "unknown stays absent");
}

#[test]
fn csv_is_tidy() {
    let text = catalog(&["prices", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = ["kind", "name", "figure", "value", "source", "date", "note"];
    assert_eq!(reader.headers().unwrap(), &header[..]);
    let rows = reader.records().map(|row| row.expect("same length")).collect::<Vec<_>>();
    let llama =
        rows.iter().find(|row| &row[1] == "meta.llama3-1-70b-instruct-v1:0" && &row[2] == "output");
    assert_eq!(&llama.expect("is listed")[3], "0.72 USD/Mtok");
}

#[test]
fn an_unknown_name_is_a_wrong_command_line() {
    let mut command = Command::cargo_bin("coopsim").expect("the binary is built");
    let assert = command.args(["catalog", "accelerators", "h100"]).assert().code(2).stdout("");
    assert.stderr("error: no `h100` among the accelerators, did you mean `H100-SXM`?\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_coopsim"));
    let output = command.arg("catalog").stdout(full).output().expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        predicate::str::contains("standard output").eval(&String::from_utf8_lossy(&output.stderr))
    );
}

#[test]
fn a_reader_that_leaves_early_is_not_a_failure() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_coopsim"));
    command.args(["catalog", "--format", "csv"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
