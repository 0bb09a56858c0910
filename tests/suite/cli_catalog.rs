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
    Architectures: parameters of all experts
    ────────────────────────────────────────────────────────────────────────
    architecture      parameters  layers  hidden  heads  KV heads  head dim
    ════════════════════════════════════════════════════════════════════════
    Llama-2-7B            6.74 B      32    4096     32        32       128
    Llama-2-13B          13.02 B      40    5120     40        40       128
    Llama-2-70B          68.98 B      80    8192     64         8       128
    Llama-3.1-8B          8.03 B      32    4096     32         8       128
    Llama-3.1-70B        70.55 B      80    8192     64         8       128
    Llama-3.1-405B      405.85 B     126   16384    128         8       128
    Mistral-7B            7.25 B      32    4096     32         8       128
    Qwen2.5-72B          72.71 B      80    8192     64         8       128
    Qwen3-0.6B            0.60 B      28    1024     16         8       128
    Qwen3-1.7B            1.72 B      28    2048     16         8       128
    Qwen3-8B              8.19 B      36    4096     32         8       128
    Qwen3-32B            32.76 B      64    5120     64         8       128
    Llama-3.3-70B        70.55 B      80    8192     64         8       128
    GPT-J-6B              6.05 B      28    4096     16        16       256
    Bloom-176B          176.25 B      70   14336    112       112       128
    Falcon-180B         179.52 B      80   14848    232         8        64
    Mixtral-8x7B         46.70 B      32    4096     32         8       128
    Mixtral-8x22B       140.62 B      56    6144     48         8       128
    Qwen3-30B-A3B        30.53 B      48    2048     32         4       128
    Qwen3-235B-A22B     235.09 B      94    4096     64         4       128
    gpt-oss-20b          20.91 B      24    2880     64         8        64
    gpt-oss-120b        116.83 B      36    2880     64         8        64
    Llama-4-Scout       107.77 B      48    5120     40         8       128
    Llama-4-Maverick    400.71 B      48    5120     40         8       128
    DeepSeek-V3         671.03 B      61    7168    128         1       128
    DeepSeek-R1         671.03 B      61    7168    128         1       128
    Kimi-K2            1026.41 B      61    7168     64         1       128
    Kimi-K2.5          1026.41 B      61    7168     64         1       128
    MiniMax-M2.5        228.69 B      62    3072     48         8       128
    ────────────────────────────────────────────────────────────────────────
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
      mixtral-config: Mixtral 8x7B and 8x22B, config.json of the published weights
        (2024-04)
      llama-4-config: Llama 4 Scout and Maverick, config.json of the published
        weights (text model) (2025-04)
      gpt-oss-config: gpt-oss, config.json and reference implementation of the
        published weights (2025-08)
      deepseek-config: DeepSeek-V3 and R1, config.json and reference implementation
        of the published weights (2024-12)
      kimi-config: Kimi K2, config.json of the published weights (2025-07)
      kimi-k2.5-config: Kimi K2.5, config.json of the published weights (text model)
        (2026-01)
      minimax-config: MiniMax-M2.5, config.json and modelling code of the published
        weights (2026-02)
      mistral-config: Mistral 7B v0.3, config.json of the published weights
        (2024-05)
      falcon-config: Falcon-180B, config.json and modelling code of the published
        weights (2023-09)
      qwen3-fp8-config: Qwen3 in FP8, config.json of the published weights: blocks
        of 128 x 128 (2025-05)
      gpt-j-config: GPT-J-6B, config.json of the published weights (2021-06)
      bloom-config: BLOOM, config.json of the published weights (2022-07)
      counted: Counted from the shape in this file (2026-11)
    The source of each figure: `coopsim catalog architectures NAME`, or `--format
      csv` for all.
    ");
}

#[test]
fn one_accelerator_with_its_sources() {
    insta::assert_snapshot!(catalog(&["accelerators", "H200-SXM"]), @"
    H200-SXM (vendor NVIDIA)
    ────────────────────────────────────────────
    figure                value  source
    ════════════════════════════════════════════
    peak.bf16        989TFLOP/s  aiconfigurator
    peak.fp8        1979TFLOP/s  aiconfigurator
    hbm               143771MiB  driver
    hbm-bandwidth       4.8TB/s  aiconfigurator
    link-bandwidth      450GB/s  aiconfigurator
    per-node                  8  aiconfigurator
    idle-power             112W  idle-rule
    peak-power             700W  aiconfigurator
    kernels              hopper  kernel-tables
    ────────────────────────────────────────────
    Notes
      hbm: sold as 141GB
    Sources
      aiconfigurator: NVIDIA aiconfigurator, system files, commit 095f58a (2026-11)
      driver: Memory total as nvidia-smi prints it, in many public logs (2026-11)
      idle-rule: Assumption: a dormant chip and a CUDA context. Dormant, an H200
        draws 73.65 W of its 700 W (conservemode.com, a vendor) and a B200 137 W of
        1000 W (one reading, ROCm issue 5219), others the same part of theirs; a
        context adds 26 to 50 W on H100 and A100, taken as 38 W, and 66 W on L40S
        (arXiv:2605.23918) (2026-11)
      kernel-tables: NVIDIA aiconfigurator, kernels measured on this chip or one of
        its kind, commit 095f58a (2026-11)
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
    assert_eq!(h100["figures"]["hbm"]["value"], "81559MiB");
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
    let assert = command.args(["catalog", "accelerators", "H1000"]).assert().code(2).stdout("");
    assert.stderr("error: no `H1000` among the accelerators: see `coopsim catalog accelerators`\n");
    let mut command = Command::cargo_bin("coopsim").expect("the binary is built");
    let assert = command.args(["catalog", "accelerators", "Tranium2"]).assert().code(2).stdout("");
    assert.stderr("error: no `Tranium2` among the accelerators: did you mean `Trainium2`?\n");
}

/// An instance has a price for each term and region: its name asks for all of them, as a chip's does for all forms.
#[test]
fn a_part_of_names_finds_all_that_have_it() {
    let prices = catalog(&["prices", "p5.48xlarge"]);
    for shown in ["98.32 USD/h", "55.04 USD/h", "39.33 USD/h", "skypilot-2024:"] {
        assert!(prices.contains(shown), "{shown}: {prices}");
    }
    assert!(!prices.contains("p5e.48xlarge"), "{prices}");
    assert!(prices.lines().all(|line| line.chars().count() <= 80), "{prices}");
    let rows = catalog(&["prices", "aws P5.48xlarge spot", "--format", "csv"]);
    let prices = rows.lines().filter(|row| row.contains("USD/h")).count();
    assert_eq!(prices, 3, "{rows}");
    let chips = catalog(&["accelerators", "h100"]);
    assert!(chips.contains("H100-SXM") && chips.contains("H100-PCIe"), "{chips}");
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
