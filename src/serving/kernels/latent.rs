//! Latent attention: keys and values of a token are one vector for all heads.

use super::product::rounded;
use super::{Chip, Line};
use crate::catalog::LatentDecodeLaw;

/// Numbers of a token in the cache.
pub const CACHED: f64 = 576.0;
/// FLOPs of a head for each token of context.
const HEAD: f64 = 2176.0;

/// Microseconds of a layer for `sequences` that decode, as lines in their context.
///
/// ```text
/// floor + sequence·b + queries + start·min(K/b, short)/short + K·(chain^c + flops^c + read^c)^(1/c)
/// ```
///
/// where chain, flops and read are those of a token of context, and queries the traffic of queries and results.
pub fn decode(
    law: &LatentDecodeLaw,
    chip: &Chip,
    sequences: f64,
    heads: f64,
    kv: f64,
) -> [Line; 3] {
    decode_at(law, chip, sequences, heads, kv, chip.memory * law.memory)
}

/// The same where the cache comes at so many TB/s. A benchmark that repeats one call finds a small cache in the
/// second-level cache; in a model, other layers come between.
pub fn decode_at(
    law: &LatentDecodeLaw,
    chip: &Chip,
    sequences: f64,
    heads: f64,
    kv: f64,
    bandwidth: f64,
) -> [Line; 3] {
    let p = law.corner;
    let chain = law.chain / sequences;
    let flops = HEAD * heads.max(law.least_heads) / 1e6 / (chip.peak16 * law.peak);
    let read = CACHED * kv / 1e6 / bandwidth;
    let slope = rounded(&[chain, flops, read], p);
    let at_zero = law.floor
        + law.sequence * sequences
        + sequences * heads * HEAD * law.queries / 1e6 / chip.memory;
    let knee = law.short * sequences;
    let first = Line { from: 0.0, at_zero, slope: slope + law.start / knee };
    let rest = Line { from: knee, at_zero: at_zero + law.start, slope };
    [first, rest, Line { from: f64::INFINITY, ..rest }]
}
