//! One layer of routed experts.

use super::Chip;
use crate::catalog::ExpertLaw;

/// The experts of a layer on one accelerator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExpertShape {
    /// How many.
    pub count: f64,
    /// Part of all experts that a token passes through.
    pub share: f64,
    /// Hidden width.
    pub hidden: f64,
    /// Width of the accelerator's part of an expert.
    pub width: f64,
    /// How many experts a token passes through.
    pub active: f64,
    /// Bytes of a weight.
    pub weight: f64,
    /// TFLOP/s.
    pub peak: f64,
    /// Groups that share the experts.
    pub spread: f64,
}

/// Where tokens go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Routing {
    /// Tokens of all accelerators that share the experts.
    pub tokens: f64,
    /// Experts of this one that get any.
    pub touched: f64,
    /// (token, expert) pairs of those.
    pub rows: f64,
    /// Megabytes of their weights that need not be read: in a benchmark that repeats one layer they are in the
    /// second-level cache, in a model nothing is.
    pub spared: f64,
}

/// Microseconds of a layer for `tokens`, which pick their experts evenly and independently.
pub fn experts(law: &ExpertLaw, chip: &Chip, shape: &ExpertShape, tokens: f64) -> f64 {
    let touched = shape.count * (1.0 - (1.0 - shape.share).powf(tokens));
    let rows = tokens * shape.active / shape.spread;
    routed(law, chip, shape, &Routing { tokens, touched, rows, spared: 0.0 })
}

/// Microseconds of a layer whose tokens are routed so:
///
/// ```text
/// floor + spread + (touched + again·(tiles − touched))·W/(B·memory) + 6·hidden·width·rows/(F·peak)
///       + rows·(4·hidden + 6·width)/(B·rows) + gather·4·hidden·pairs/B
/// ```
///
/// with W the bytes of an expert's weights on the accelerator; rows are filled up to tiles.
pub fn routed(law: &ExpertLaw, chip: &Chip, shape: &ExpertShape, routing: &Routing) -> f64 {
    let &Routing { tokens, touched, rows, spared } = routing;
    let pairs = tokens * shape.active;
    let weights = 3.0 * shape.hidden * shape.width * shape.weight / 1e6;
    let mean = pairs / (shape.count * shape.spread);
    let block = 2_f64.powf(mean.max(1e-9).log2().ceil()).clamp(16.0, 128.0);
    let again = law.again * (tiles(touched, rows, block) - touched).max(0.0);
    let read = ((touched + again) * weights - spared) / (chip.memory * law.memory);
    let padded = if law.tile > 1.0 { tiles(touched, rows, law.tile) * law.tile } else { rows };
    let flops = 6.0 * shape.hidden * shape.width * padded / 1e6 / (shape.peak * law.peak);
    let moved = if law.all_rows { pairs } else { rows };
    let activations =
        moved * (4.0 * shape.hidden + 6.0 * shape.width) / 1e6 / (chip.memory * law.rows);
    let gathered = law.gather * pairs * shape.hidden * 4.0 / 1e6 / chip.memory;
    let floor = law.floor + if shape.spread > 1.0 { law.spread } else { 0.0 };
    floor + read + flops + activations + gathered
}

/// Tiles of `size` rows when `rows` fall on so many experts, with loads spread like an exponential.
fn tiles(touched: f64, rows: f64, size: f64) -> f64 {
    let mean = (rows / touched.max(1e-9)).max(1e-9);
    touched / -(-size / mean).exp_m1()
}
