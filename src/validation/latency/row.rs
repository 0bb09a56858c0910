//! A measured row, as its table writes it, and what of it can be simulated.

use super::run::Load;
use crate::catalog;
use crate::catalog::{ModelClass, UserBand};
use crate::validation::hash::fnv_1a;
use serde::{Deserialize, Serialize};

/// A row of `serving/latency.csv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatencyRow {
    /// Who measured it.
    pub source: String,
    /// Of the measurement, where it is known.
    pub date: String,
    /// What served.
    pub engine: String,
    /// Its version, where it is known.
    pub engine_version: String,
    /// As the source calls it.
    pub model: String,
    /// Of weights and products, as the source says.
    pub precision: String,
    /// As the catalogue calls it.
    pub accelerator: String,
    /// Of a replica.
    pub accelerators: Option<f64>,
    /// Degree of tensor parallelism.
    pub tensor: u32,
    /// Degree of expert parallelism.
    pub expert: Option<f64>,
    /// Groups with attention of their own.
    pub attention_dp: String,
    /// Whether several tokens come of a step.
    pub speculation: String,
    /// Whether prompts are processed elsewhere.
    pub disaggregated: String,
    /// `static`: all users' prompts in one batch; else `in-flight`.
    pub batching: String,
    /// Nominal prompt tokens.
    pub input_tokens: u32,
    /// Nominal output tokens.
    pub output_tokens: u32,
    /// `constant`, or drawn.
    pub lengths: String,
    /// Users.
    pub concurrency: Option<f64>,
    /// Time to the first token.
    pub ttft_ms: Option<f64>,
    /// `mean` or `median`.
    pub ttft_stat: String,
    /// Time of each further token.
    pub tpot_ms: Option<f64>,
    /// Output tokens per second.
    pub tokens_per_s: Option<f64>,
    /// Tokens of a chunk that a user sees; `?` where it is not known.
    pub stream_interval: String,
    /// Why it should not be judged.
    pub doubt: String,
}

impl LatencyRow {
    /// Whether it is of one engine that serves whole requests, a token a step, and nothing speaks against it.
    pub fn is_clean(&self) -> bool {
        self.doubt.is_empty() && self.speculation != "mtp" && self.disaggregated == "no"
    }

    /// Tokens of a chunk that a user sees, where it is known.
    pub fn interval(&self) -> Option<u32> {
        self.stream_interval.parse().ok()
    }

    /// Name of its architecture in the catalogue.
    pub fn architecture(&self) -> Option<catalog::Architecture> {
        let name = match self.model.as_str() {
            "Llama-3-8B" => "Llama-3.1-8B",
            "Llama-3-70B" => "Llama-3.1-70B",
            name => name,
        };
        catalog::architecture(name)
    }

    /// Name of the engine in the catalogue that it stands for.
    pub fn profile(&self) -> &'static str {
        match (self.source.as_str(), self.engine.as_str()) {
            ("nim", _) => "nim-2024",
            ("trtllm-static", _) => "tensorrt-llm-0.9",
            (_, "vllm") => "vllm",
            (_, "sglang" | "atom") => "sglang",
            _ => "tensorrt-llm",
        }
    }

    /// Whether there are groups with attention of their own.
    pub(super) fn has_groups(&self) -> bool {
        let several = |groups: u32| groups > 1;
        self.attention_dp == "yes" || self.attention_dp.parse().is_ok_and(several)
    }

    /// Who called, and with what, if that is known.
    pub(super) fn load(&self) -> Option<Load> {
        let users = self.concurrency? as u32;
        let calls_each = match (self.source.as_str(), self.batching.as_str()) {
            (_, "static") => 1,
            ("nim", _) => 3,
            _ => 10,
        };
        Some(Load {
            users,
            calls: calls_each * users,
            input: self.input_tokens,
            output: self.output_tokens,
            spread: self.lengths != "constant",
        })
    }

    /// What a third of the rows is left out of fits by: model, chip, precision, degree and engine.
    pub fn group(&self) -> String {
        let Self { model, accelerator, precision, tensor, engine, .. } = self;
        let expert = self.expert.unwrap_or(1.0);
        format!(
            "{model} {accelerator} {precision} {tensor} {expert} {} {engine}",
            self.attention_dp
        )
    }

    /// Whether every fit left its group out: a third of the groups, by a hash of what tells them apart.
    pub fn is_left_out(&self) -> bool {
        (fnv_1a(&self.group()) >> 20).is_multiple_of(3)
    }

    /// How many users it has; those of a row that does not say are few.
    pub fn band(&self) -> UserBand {
        UserBand::of(self.concurrency.unwrap_or(0.0))
    }

    /// Whether its model is dense, or a mixture of experts; `None` where the catalogue lacks it.
    pub fn class(&self) -> Option<ModelClass> {
        let mixture = self.architecture()?.experts.is_some();
        Some(if mixture { ModelClass::Mixture } else { ModelClass::Dense })
    }
}
