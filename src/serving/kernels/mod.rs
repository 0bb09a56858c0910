//! How long single kernels take: laws with few constants, fitted to measured times.
//!
//! Times are in microseconds, sizes in megabytes (10⁶ bytes), so that a megabyte over a terabyte a second is a
//! microsecond, and so are 10⁶ operations over 10¹² a second.

mod attention;
mod collective;
mod experts;
mod latent;
mod layer;
mod plan;
mod product;

pub use attention::{
    DecodeShape, LATENT_MOVED, Line, PrefillCosts, PrefillShape, PrefillWork, decode_attention,
    decode_attention_at, latent_prefill_costs, latent_prefill_costs_at, prefill_attention,
    prefill_attention_tiled, prefill_costs,
};
pub use collective::{all_reduce, all_to_all, library_all_reduce};
pub use experts::{ExpertShape, Routing, experts, routed};
pub use latent::{CACHED as LATENT_CACHED, decode as latent_decode, decode_at as latent_decode_at};
pub use layer::Layers;
pub use product::{Operands, product};

/// What a chip offers to kernels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chip {
    /// TB/s of its memory.
    pub memory: f64,
    /// TB/s of its links to the others of its node, one direction.
    pub link: f64,
    /// TFLOP/s in 16 bits.
    pub peak16: f64,
    /// Megabytes of its second-level cache.
    pub cache: f64,
}
