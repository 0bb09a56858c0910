//! Latent attention: keys and values of a token are one vector for all heads.

use super::{Chip, Line};
use crate::catalog::LatentDecodeLaw;

/// Numbers of a token in the cache.
const CACHED: f64 = 576.0;
/// FLOPs of a head for each token of context.
const HEAD: f64 = 2176.0;

/// Microseconds of a layer for `sequences` that decode, as lines in their context.
pub fn decode(
    law: &LatentDecodeLaw,
    chip: &Chip,
    sequences: f64,
    heads: f64,
    kv: f64,
) -> [Line; 3] {
    let p = law.corner;
    let chain = law.chain / sequences;
    let flops = HEAD * heads.max(law.least_heads) / 1e6 / (chip.peak16 * law.peak);
    let read = CACHED * kv / 1e6 / (chip.memory * law.memory);
    let slope = (chain.powf(p) + flops.powf(p) + read.powf(p)).powf(1.0 / p);
    let at_zero = law.floor
        + law.sequence * sequences
        + sequences * heads * HEAD * law.queries / 1e6 / chip.memory;
    let knee = law.short * sequences;
    let first = Line { from: 0.0, at_zero, slope: slope + law.start / knee };
    let rest = Line { from: knee, at_zero: at_zero + law.start, slope };
    [first, rest, Line { from: f64::INFINITY, ..rest }]
}
