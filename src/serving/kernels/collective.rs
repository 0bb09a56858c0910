//! Exchanges among the accelerators of a node.

use super::Chip;
use crate::catalog::{CollectiveLaw, OwnAllReduceLaw};

/// Of figures for 2, 4, and 8 ranks or more.
fn by_ranks(figures: &[f64; 3], ranks: f64) -> f64 {
    figures[if ranks <= 2.0 {
        0
    } else if ranks <= 4.0 {
        1
    } else {
        2
    }]
}

/// Microseconds of a sum of `size` megabytes over all `ranks`, at least two: the engine's own kernel up to a size,
/// NVIDIA's library above it.
///
/// ```text
/// own  = floor + rank·(r − 2) + staging·S/(S + half)·r/2 + 2·(r − 1)/r·S / (N·link·doubling^log2(r/2))
/// NCCL = floor + rank·(r − 2) + staging·S/(S + half)     + 2·(r − 1)/r·S / (N·links(r))
/// ```
pub fn all_reduce(
    own: &OwnAllReduceLaw,
    library: &CollectiveLaw,
    chip: &Chip,
    ranks: f64,
    size: f64,
) -> f64 {
    let sent = 2.0 * (ranks - 1.0) / ranks * size;
    if size > by_ranks(&own.upto, ranks) {
        return library_all_reduce(library, chip, ranks, size);
    }
    let link = chip.link * own.link * own.doubling.powf((ranks / 2.0).log2());
    own.floor
        + own.rank * (ranks - 2.0)
        + own.staging * size / (size + own.half) * ranks / 2.0
        + sent / link
}

/// Microseconds of such a sum by NVIDIA's library.
pub fn library_all_reduce(library: &CollectiveLaw, chip: &Chip, ranks: f64, size: f64) -> f64 {
    exchange(library, chip, ranks, size, 2.0 * (ranks - 1.0) / ranks * size)
}

/// Microseconds of an exchange of each with each, where each of `ranks` has `size` megabytes for all of them; of
/// gathering and scattering alike, with their constants, where `size` is what all have together.
pub fn all_to_all(library: &CollectiveLaw, chip: &Chip, ranks: f64, size: f64) -> f64 {
    exchange(library, chip, ranks, size, (ranks - 1.0) / ranks * size)
}

fn exchange(law: &CollectiveLaw, chip: &Chip, ranks: f64, size: f64, sent: f64) -> f64 {
    law.floor
        + law.rank * (ranks - 2.0)
        + law.staging * size / (size + law.half)
        + sent / (chip.link * by_ranks(&law.links, ranks))
}
