//! How a replica's iterations are made up.

use crate::scenario::schema::Deployment;
use crate::units::BytesPerSecond;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the members of an iteration are chosen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::scenario) enum Batching {
    /// All decodes, then prompts in chunks, under the token budget, up to `max-batch` sequences
    /// (vLLM V1, Sarathi).
    #[default]
    Continuous,
    /// Whole prompts that fit run in an iteration of their own, else all decodes (vLLM V0, Orca).
    PrefillFirst,
    /// A batch is filled with whoever waits, its prompts are processed, and it runs to the end of
    /// its longest member. What a member declared is held, and its place computed, until then.
    Static,
    /// This deployment processes prompts; another decodes (Splitwise, DistServe). Under `capacity:
    /// fixed` only. Such requests are counted where they decode.
    Disaggregated(Disaggregated),
}

/// Where outputs are decoded, and how the KV cache gets there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{decode: {cluster: a100, …}, link: {transfer: 50GB/s}}`"
)]
pub(in crate::scenario) struct Disaggregated {
    /// The pool that decodes, a deployment of its own with most of these keys: it produces all but
    /// the first token. It reserves memory, then pulls the KV over the link; the memory that it
    /// came from is free when it has arrived.
    pub decode: Box<Deployment>,
    /// What moves KV between the pools.
    pub link: Link,
}

/// A link between two pools.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{transfer: 50GB/s, lanes: 8}`"
)]
pub(in crate::scenario) struct Link {
    /// Bandwidth of one transfer, at most.
    pub transfer: BytesPerSecond,
    /// How many transfers it carries at that bandwidth; more of them share it equally.
    #[serde(default = "one")]
    pub lanes: u32,
}

fn one() -> u32 {
    1
}

/// When a request is let into the KV cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::scenario) enum KvAdmission {
    /// When its prompt and its whole output fit.
    Reserve,
    /// When its prompt fits; the latest admitted is preempted when memory runs out.
    Optimistic,
}

/// What becomes of the KV cache of what is preempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::scenario) enum Preemption {
    /// It is dropped, and computed again; the request goes to the head of the queue.
    Recompute,
    /// It is moved to the host's memory and back.
    Swap,
}
