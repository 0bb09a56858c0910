//! Kernels that reach all that a chip offers and take no time to begin: the laws of `KernelClass::Ideal`.

use super::kernels::{
    CollectiveLaw, DecodeLaw, ExpertLaw, LatentDecodeLaw, LatentPrefillLaw, OwnAllReduceLaw,
    PrefillLaw, ProductLaw,
};

/// A law without floors, whose shares are 1.
pub(super) trait Ideal {
    /// Its constants.
    const IDEAL: Self;
}

/// By which chain and arithmetic make one, as in products.
const CORNER: f64 = 3.0;

impl Ideal for ProductLaw {
    const IDEAL: Self =
        Self { floor: 0.0, chain: 0.0, memory: 1.0, peak: 1.0, rows: 0.0, quantise: None };
}

impl Ideal for DecodeLaw {
    const IDEAL: Self = Self {
        floor: 0.0,
        task: 0.0,
        scan: 0.0,
        parts: 0.0,
        chain: 0.0,
        memory: 1.0,
        warm: 0.0,
        extra: 0.0,
    };
}

impl Ideal for PrefillLaw {
    const IDEAL: Self = Self {
        floor: 0.0,
        tile: 0.0,
        chain: 0.0,
        peak: 1.0,
        queries: None,
        keys: None,
        cached: 1.0,
    };
}

impl Ideal for CollectiveLaw {
    const IDEAL: Self = Self { floor: 0.0, rank: 0.0, staging: 0.0, half: 1.0, links: [1.0; 3] };
}

impl Ideal for OwnAllReduceLaw {
    const IDEAL: Self = Self {
        floor: 0.0,
        rank: 0.0,
        staging: 0.0,
        half: 1.0,
        link: 1.0,
        doubling: 1.0,
        upto: [f64::INFINITY; 3],
    };
}

impl Ideal for ExpertLaw {
    const IDEAL: Self = Self {
        floor: 0.0,
        spread: 0.0,
        memory: 1.0,
        peak: 1.0,
        rows: 1.0,
        warm: 0.0,
        again: 0.0,
        gather: 0.0,
        all_rows: false,
        tile: 1.0,
    };
}

impl Ideal for LatentDecodeLaw {
    const IDEAL: Self = Self {
        floor: 0.0,
        start: 0.0,
        short: 1.0,
        sequence: 0.0,
        queries: 0.0,
        chain: 0.0,
        memory: 1.0,
        peak: 1.0,
        warm: 0.0,
        corner: CORNER,
        least_heads: 1.0,
    };
}

impl Ideal for LatentPrefillLaw {
    const IDEAL: Self = Self {
        floor: 0.0,
        head: 0.0,
        token: 0.0,
        memory: 1.0,
        warm: 0.0,
        chain: 0.0,
        peak: 1.0,
        tile: 0.0,
        corner: CORNER,
    };
}
