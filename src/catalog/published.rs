//! Published throughput at full load: what the serving model is held to.

use super::figure::Source;
use crate::units::Precision;
use serde::Deserialize;
use std::sync::LazyLock;

static FILE: LazyLock<PublishedThroughput> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("published.yaml"))
        .unwrap_or_else(|error| panic!("an embedded catalogue: {error}"))
});

/// The published tables of throughput.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PublishedThroughput {
    /// Where they were published.
    pub sources: Vec<Source>,
    /// Runs of requests of equal lengths, all sent at once.
    pub throughput: Vec<ThroughputTable>,
    /// The Offline scenario of MLPerf Inference.
    pub mlperf: MlperfTable,
}

/// A table of runs with requests of equal lengths.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ThroughputTable {
    /// What a reader calls it.
    pub name: String,
    /// Identifier of its source.
    pub source: String,
    /// Name of the engine in the catalogue.
    pub engine: String,
    /// Input tokens, output tokens, and how many such requests a run had.
    pub requests: Vec<(u32, u32, u32)>,
    /// Results by deployment.
    pub runs: Vec<ThroughputRuns>,
}

/// Runs of one deployment.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ThroughputRuns {
    /// Name of the chip in the catalogue.
    pub accelerator: String,
    /// Name of the architecture in the catalogue.
    pub model: String,
    /// The precision as published.
    pub precision: String,
    /// Precision of the weights.
    pub weights: Precision,
    /// Precision of matrix products.
    pub compute: Precision,
    /// Precision of the KV cache.
    pub kv: Precision,
    /// Degree of tensor parallelism.
    #[serde(default = "one")]
    pub tensor: u32,
    /// Degree of expert parallelism with data-parallel attention.
    #[serde(default = "one")]
    pub expert: u32,
    /// Input tokens, output tokens, and output tokens per second of all accelerators.
    pub results: Vec<(u32, u32, f64)>,
}

/// Results of MLPerf Inference, scenario Offline.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MlperfTable {
    /// What a reader calls it.
    pub name: String,
    /// Identifier of its source.
    pub source: String,
    /// Name of the engine in the catalogue.
    pub engine: String,
    /// Results by chip and model.
    pub runs: Vec<MlperfRuns>,
}

/// Results of one chip and model.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MlperfRuns {
    /// Name of the chip in the catalogue.
    pub accelerator: String,
    /// Name of the architecture in the catalogue.
    pub model: String,
    /// Mean input tokens of a sample.
    pub input: u32,
    /// Mean output tokens of a sample.
    pub output: u32,
    /// How long a run lasts, at least.
    pub seconds: f64,
    /// Hypotheses of beam search.
    #[serde(default = "one")]
    pub beams: u32,
    /// Degree of tensor parallelism: a system runs as many replicas as it has room for.
    pub tensor: u32,
    /// Sequences in an iteration, at most.
    pub max_batch: u32,
    /// Submitter, system, accuracy target in per cent of the reference, accelerators, and tokens per
    /// second of all accelerators.
    pub results: Vec<(String, String, f64, u32, f64)>,
}

fn one() -> u32 {
    1
}

/// All published tables of throughput, with their sources.
pub fn published_throughput() -> &'static PublishedThroughput {
    &FILE
}
