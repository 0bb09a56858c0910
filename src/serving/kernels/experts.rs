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

/// Microseconds of a layer for `tokens`, which pick their experts evenly and independently.
pub fn experts(law: &ExpertLaw, chip: &Chip, shape: &ExpertShape, tokens: f64) -> f64 {
    let touched = shape.count * (1.0 - (1.0 - shape.share).powf(tokens));
    let pairs = tokens * shape.active;
    let rows = pairs / shape.spread;
    let weights = 3.0 * shape.hidden * shape.width * shape.weight / 1e6;
    let mean = pairs / (shape.count * shape.spread);
    let block = 2_f64.powf(mean.max(1e-9).log2().ceil()).clamp(16.0, 128.0);
    let again = law.again * (tiles(touched, rows, block) - touched).max(0.0);
    let read = (touched + again) * weights / (chip.memory * law.memory);
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
