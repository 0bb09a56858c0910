//! How long iterations take, whatever that is known from.

use super::affine::AffineSpec;
use super::ramp::Ramp;
use super::roofline::{Iteration, Roofline};
use super::spec::Performance;
use super::table::Table;
use super::usage::Usage;

/// Of shares that are summed as whole numbers: about a millionth each.
pub(super) const WHOLE: f64 = (1 << 20) as f64;

/// A performance model with its constants multiplied out.
// With a tag of its own: one hidden in a field of the roofline takes longer to read.
#[repr(u8)]
// There is one for all replicas of a deployment, and a box would be one more thing to follow in each iteration.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq)]
pub enum Timing {
    /// The roofline.
    Roofline(Roofline),
    /// Coefficients that are given.
    Affine(AffineSpec),
    /// Measured tables.
    Table(Table),
}

impl Timing {
    /// Multiplies out a validated specification.
    pub fn new(spec: &Performance) -> Self {
        match spec {
            Performance::Roofline(spec) => Self::Roofline(Roofline::new(spec)),
            Performance::Affine(spec) => Self::Affine(spec.clone()),
            Performance::Profile(spec) => Self::Table(Table::new(spec)),
        }
    }

    /// Picoseconds of one iteration.
    #[inline(always)]
    pub fn iteration(&self, work: &Iteration) -> u64 {
        match self {
            Self::Roofline(roofline) => roofline.iteration(work),
            Self::Affine(affine) => affine.iteration(work),
            Self::Table(table) => table.iteration(work),
        }
    }

    /// The run of iterations in which `decodes` sequences, with `context` tokens of context in
    /// the first one, each produce one token an iteration.
    #[inline]
    pub fn ramp(&self, decodes: u64, context: u64) -> Ramp {
        match self {
            Self::Roofline(roofline) => roofline.ramp(decodes, context),
            Self::Affine(affine) => affine.ramp(decodes, context),
            Self::Table(table) => table.ramp(decodes, context),
        }
    }

    /// Seconds that the memory of each accelerator would take at its full bandwidth to read what `usage`
    /// says, if the model's shape is known.
    pub fn read_seconds(&self, usage: &Usage) -> Option<f64> {
        match self {
            Self::Roofline(roofline) => Some(roofline.read_seconds(usage)),
            Self::Affine(_) | Self::Table(_) => None,
        }
    }

    /// Share of the experts that `tokens` tokens pass through, in units of 1 / `WHOLE`; 0 if it is
    /// not known, or there are none.
    pub fn touched_units(&self, tokens: u64) -> u64 {
        match self {
            Self::Roofline(roofline) => roofline.touched_units(tokens),
            Self::Affine(_) | Self::Table(_) => 0,
        }
    }

    /// Useful floating-point operations of `tokens` tokens over `pairs` (token, context) pairs, if
    /// the model's shape is known.
    pub fn flops(&self, tokens: u64, pairs: u128) -> Option<f64> {
        match self {
            Self::Roofline(roofline) => Some(roofline.flops(tokens, pairs)),
            Self::Affine(_) | Self::Table(_) => None,
        }
    }
}
