//! Serving engines: whose kernels run, what the host takes beside them, and how iterations are made up.

use super::embedded::ENGINES;
use super::figure::{Figure, Source};
use super::kernels::{DecodeLaw, Library};
use crate::engine::SimDuration;
use serde::{Deserialize, Serialize};

/// A serving engine, as far as times of iterations and who is in them depend on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Engine {
    /// Name in the catalogue or the scenario.
    pub name: String,
    /// Whose kernels run.
    pub library: Library,
    /// Of the host between iterations.
    pub iteration: SimDuration,
    /// Of the host, for each sequence in an iteration.
    pub per_sequence: SimDuration,
    /// Of the host, for each layer of an iteration with a prompt: it launches kernel by kernel.
    pub per_layer: SimDuration,
    /// Of the host before a call can be admitted: it is taken in and made into tokens.
    pub per_request: SimDuration,
    /// Of each sum over the ranks of a layer, beyond the kernel.
    pub all_reduce: SimDuration,
    /// Small kernels of a layer: how many.
    pub small_kernels: f64,
    /// What each of them takes.
    pub small_kernel: SimDuration,
    /// What its attention of decoding sequences keeps of the memory's bandwidth that the library's reaches.
    pub attention_memory: f64,
    /// What that attention takes more for 1,024 tokens of one sequence, whose context it does not split.
    pub context_chain: SimDuration,
    /// Share of the context that each beam but a sequence's first reads again, and does not find in the second-level cache.
    pub beam_reads: f64,
    /// Whether the host prepares an iteration while the one before it runs.
    pub asynchronous: bool,
    /// Fraction of the accelerators' memory that weights and KV cache can use.
    pub memory: f64,
    /// What is kept of layers whose attention sees a window.
    pub window_cache: WindowCache,
    /// How the members of an iteration are chosen.
    pub batching: Scheduling,
    /// Sequences in an iteration, at most.
    pub max_batch: u32,
    /// Tokens in an iteration, at most.
    pub token_budget: u32,
}

/// What an engine keeps of the keys and values of layers whose attention sees a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WindowCache {
    /// Those in the window.
    Trimmed,
    /// All, as of layers without one.
    Whole,
}

/// How an engine chooses the members of an iteration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scheduling {
    /// All decodes, then prompts in chunks.
    Continuous,
    /// Whole prompts in an iteration of their own, else all decodes.
    PrefillFirst,
}

impl Engine {
    /// One that takes no time of its own, and limits nothing more than the usual.
    pub fn ideal() -> Self {
        Self {
            name: "ideal".to_owned(),
            library: Library::Trtllm,
            iteration: SimDuration::ZERO,
            per_sequence: SimDuration::ZERO,
            per_layer: SimDuration::ZERO,
            per_request: SimDuration::ZERO,
            all_reduce: SimDuration::ZERO,
            small_kernels: 0.0,
            small_kernel: SimDuration::ZERO,
            attention_memory: 1.0,
            context_chain: SimDuration::ZERO,
            beam_reads: 1.0,
            asynchronous: false,
            memory: 1.0,
            window_cache: WindowCache::Trimmed,
            batching: Scheduling::Continuous,
            max_batch: 256,
            token_budget: 2048,
        }
    }
}

impl Engine {
    /// The library's attention of decoding sequences, as this engine has it.
    pub fn attention(&self, library: DecodeLaw) -> DecodeLaw {
        let chain = self.context_chain.as_nanos() as f64 / 1e3;
        DecodeLaw {
            memory: library.memory * self.attention_memory,
            chain: library.chain + chain,
            ..library
        }
    }
}

/// All of `engines.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct EnginesFile {
    pub sources: Vec<Source>,
    pub engines: Vec<EngineItem>,
}

/// [`Engine`] with origins.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct EngineItem {
    name: String,
    library: Figure<Library>,
    iteration: Figure<SimDuration>,
    per_sequence: Figure<SimDuration>,
    per_layer: Figure<SimDuration>,
    per_request: Figure<SimDuration>,
    all_reduce: Figure<SimDuration>,
    small_kernels: Figure<f64>,
    small_kernel: Figure<SimDuration>,
    attention_memory: Figure<f64>,
    context_chain: Figure<SimDuration>,
    beam_reads: Figure<f64>,
    asynchronous: Figure<bool>,
    memory: Figure<f64>,
    window_cache: Figure<WindowCache>,
    batching: Figure<Scheduling>,
    max_batch: Figure<u32>,
    token_budget: Figure<u32>,
}

impl EngineItem {
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl From<&EngineItem> for Engine {
    fn from(item: &EngineItem) -> Self {
        Self {
            name: item.name.clone(),
            library: item.library.value,
            iteration: item.iteration.value,
            per_sequence: item.per_sequence.value,
            per_layer: item.per_layer.value,
            per_request: item.per_request.value,
            all_reduce: item.all_reduce.value,
            small_kernels: item.small_kernels.value,
            small_kernel: item.small_kernel.value,
            attention_memory: item.attention_memory.value,
            context_chain: item.context_chain.value,
            beam_reads: item.beam_reads.value,
            asynchronous: item.asynchronous.value,
            memory: item.memory.value,
            window_cache: item.window_cache.value,
            batching: item.batching.value,
            max_batch: item.max_batch.value,
            token_budget: item.token_budget.value,
        }
    }
}

/// The catalogue's engine of exactly this name.
pub fn engine(name: &str) -> Option<Engine> {
    ENGINES.engines.iter().find(|item| item.name == name).map(Engine::from)
}

/// Names of the catalogue's engines, in its order.
pub fn engine_names() -> Vec<String> {
    ENGINES.engines.iter().map(|item| item.name.clone()).collect()
}
