//! What a replica does with its requests: iteration time, batching, KV cache, exact skipping.

mod spec;

pub use spec::{Batching, Precision, RooflineSpec, TokenServing};
