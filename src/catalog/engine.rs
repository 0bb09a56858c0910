//! Serving engines: whose kernels run, and what the host takes beside them.

use super::kernels::Library;
use crate::engine::SimDuration;

/// A serving engine, as far as times of iterations depend on it.
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
    /// Of the host before a call's first token: it is taken in and made into tokens.
    pub per_request: SimDuration,
    /// Of each sum over the ranks of a layer, beyond the kernel.
    pub all_reduce: SimDuration,
    /// Small kernels of a layer: how many.
    pub small_kernels: f64,
    /// What each of them takes.
    pub small_kernel: SimDuration,
}

impl Engine {
    /// One that takes no time of its own.
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
        }
    }
}
