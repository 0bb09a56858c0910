//! What a benchmark that repeats one call finds in the second-level cache.

use super::rows::System;
use coopsim::catalog::KernelClass;

/// Megabytes of `size` that come from memory all the same: none up to a part of the cache, all above another, a line
/// between. Ada has one cache, the others two halves.
pub fn from_memory(size: f64, system: &System) -> f64 {
    let (all, none) = if system.class == KernelClass::Ada { (1.0, 1.3) } else { (0.5, 1.0) };
    let [lower, upper] = [all, none].map(|part| part * system.chip.cache);
    if size <= lower {
        0.0
    } else if size >= upper {
        size
    } else {
        (size - lower) * upper / (upper - lower)
    }
}
