//! Attention of one layer, with ordinary heads.

use super::Chip;
use super::product::rounded;
use crate::catalog::{DecodeLaw, LatentPrefillLaw, PrefillLaw};

/// Queries in a tile of prefill attention.
const TILE: f64 = 128.0;

/// Decoding sequences at one chip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DecodeShape {
    /// How many.
    pub sequences: f64,
    /// Heads of keys and values.
    pub kv_heads: f64,
    /// Bytes of a token's keys and values.
    pub kv_bytes: f64,
}

/// From a context on, until the next line: microseconds are `at_zero + slope·K`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// The context, tokens of all sequences together.
    pub from: f64,
    /// Where the line would begin.
    pub at_zero: f64,
    /// For each token of context.
    pub slope: f64,
}

/// Microseconds of decode attention, as lines in the context K of all sequences:
///
/// ```text
/// max(floor + task·b·kv_heads, scan + parts·min(1, S/L2) + max(chain·K/b/1024, S/(B·e)))
/// ```
///
/// with S the bytes of their keys and values and L2 the size of the second-level cache: the pass over a large
/// cache is split into more parts, which are then joined. There may be a kernel more, `extra`.
pub fn decode_attention(law: &DecodeLaw, chip: &Chip, shape: &DecodeShape) -> [Line; 3] {
    decode_attention_at(law, chip, shape, chip.memory * law.memory)
}

/// The same where keys and values come at so many TB/s. A benchmark that repeats one call finds a small cache in the
/// second-level cache; in a model, other layers come between.
pub fn decode_attention_at(
    law: &DecodeLaw,
    chip: &Chip,
    shape: &DecodeShape,
    bandwidth: f64,
) -> [Line; 3] {
    let size = shape.kv_bytes / 1e6;
    let read = size / bandwidth;
    let each = read.max(law.chain / shape.sequences / 1024.0);
    let ramp = law.parts / chip.cache * size;
    let extra = if shape.sequences > 1.0 && shape.kv_heads > 1.0 { law.extra } else { 0.0 };
    let knee = chip.cache / size;
    let small = Line { from: 0.0, at_zero: law.scan + extra, slope: each + ramp };
    let large = Line { from: knee, at_zero: law.scan + law.parts + extra, slope: each };
    let floor = law.floor + law.task * shape.sequences * shape.kv_heads + extra;
    let flat = Line { from: 0.0, at_zero: floor, slope: 0.0 };
    // The floor holds up to where the pass over the cache takes longer.
    let crossing = |line: &Line| {
        if line.slope > 0.0 { (floor - line.at_zero) / line.slope } else { f64::INFINITY }
    };
    let first = crossing(&small).max(0.0);
    if first < knee {
        [flat, Line { from: first, ..small }, large]
    } else {
        let second = crossing(&large).max(knee);
        [flat, flat, Line { from: second, ..large }]
    }
}

/// Prompts in an iteration.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PrefillWork {
    /// Their tokens.
    pub tokens: f64,
    /// (token, context) pairs of those.
    pub pairs: f64,
    /// Tokens of earlier chunks that they attend to.
    pub cached: f64,
    /// How many they are.
    pub sequences: f64,
}

/// What attention of prompts costs in a layer, with the constants of a deployment multiplied out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrefillCosts {
    floor: f64,
    /// Of a prompt.
    sequence: f64,
    /// Of a token, beside all else.
    token: f64,
    /// Of a token of the longest tile.
    chain: f64,
    /// Of a pair.
    pair: f64,
    /// Of a tile of all heads.
    tile: f64,
    /// Of a token, at the same time as the chain.
    hidden_token: f64,
    /// What is left of that where all of it fits the second-level cache.
    near: f64,
    /// Tokens that do.
    near_tokens: f64,
    /// Of a token of earlier chunks, at the same time as the chain.
    cached: f64,
    /// The exponent by which the chain and the rest make one.
    corner: f64,
}

/// Query heads and keys of prompts at one chip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrefillShape {
    /// Query heads.
    pub heads: f64,
    /// Heads of keys and values.
    pub kv_heads: f64,
    /// Width of a head.
    pub width: f64,
    /// FLOPs of a (token, context) pair.
    pub pair: f64,
    /// Bytes of a number in the cache.
    pub cache: f64,
}

/// The costs of ordinary heads.
pub fn prefill_costs(law: &PrefillLaw, chip: &Chip, shape: &PrefillShape) -> PrefillCosts {
    let rate = |share: Option<f64>| share.map_or(0.0, |share| 1.0 / (chip.memory * share) / 1e6);
    let numbers = shape.kv_heads * shape.width * 2.0;
    let moved = shape.heads * shape.width * 4.0 + numbers * (2.0 + shape.cache);
    PrefillCosts {
        floor: law.floor,
        sequence: 0.0,
        token: 0.0,
        chain: law.chain / 1024.0,
        pair: shape.pair / 1e6 / (chip.peak16 * law.peak),
        tile: law.tile * shape.heads,
        hidden_token: shape.heads * shape.width * 4.0 * rate(law.queries)
            + numbers * (2.0 + shape.cache) * rate(law.keys),
        near: law.cached,
        near_tokens: chip.cache * 1e6 / moved,
        cached: numbers * shape.cache * rate(law.keys),
        corner: 4.0,
    }
}

/// The costs of latent attention: keys of 192 and values of 128 a head, made anew of the latent for the prompt.
pub fn latent_prefill_costs(
    law: &LatentPrefillLaw,
    chip: &Chip,
    shape: &PrefillShape,
) -> PrefillCosts {
    latent_prefill_costs_at(law, chip, shape, chip.memory * law.memory)
}

/// Bytes of queries, keys, values and results of a head.
pub const LATENT_MOVED: f64 = 1280.0;

/// The same where queries, keys, values and results move at so many TB/s. A benchmark that repeats one call finds
/// small ones in the second-level cache.
pub fn latent_prefill_costs_at(
    law: &LatentPrefillLaw,
    chip: &Chip,
    shape: &PrefillShape,
    bandwidth: f64,
) -> PrefillCosts {
    let moved = shape.heads * LATENT_MOVED / 1e6 / bandwidth;
    let pair = shape.pair / 1e6 / (chip.peak16 * law.peak);
    PrefillCosts {
        floor: law.floor,
        sequence: law.head * shape.heads,
        token: law.token + moved,
        chain: law.chain,
        pair,
        tile: 0.0,
        hidden_token: pair * law.tile / 2.0,
        near: 1.0,
        near_tokens: 0.0,
        cached: moved,
        corner: law.corner,
    }
}

/// Microseconds of attention of prompts in one layer; nothing without any:
///
/// ```text
/// floor + sequences + tokens + (chain^c + (flops + traffic + tiles)^c)^(1/c)
/// ```
///
/// where the chain is that of the longest tile, whose last query is taken to see the mean context of all and half of
/// a prompt's own tokens more.
pub fn prefill_attention(costs: &PrefillCosts, work: &PrefillWork) -> f64 {
    let tiles = work.tokens / TILE + 0.5 * work.sequences;
    prefill_attention_tiled(costs, work, tiles.max(work.sequences))
}

/// The same where it is known into how many tiles of 128 the queries of a head are cut; of prompts of any length
/// the last is half full.
pub fn prefill_attention_tiled(costs: &PrefillCosts, work: &PrefillWork, tiles: f64) -> f64 {
    if work.tokens == 0.0 {
        return 0.0;
    }
    let longest = work.pairs / work.tokens + work.tokens / (2.0 * work.sequences);
    let near = if work.tokens <= costs.near_tokens { costs.near } else { 1.0 };
    let body = costs.pair * work.pairs
        + costs.tile * tiles
        + costs.hidden_token * near * work.tokens
        + costs.cached * work.cached;
    let chain = costs.chain * longest;
    let together = rounded(&[chain, body], costs.corner);
    costs.floor + costs.sequence * work.sequences + costs.token * work.tokens + together
}
