//! How long iterations take, whatever that is known from.

use super::affine::AffineSpec;
use super::ramp::Ramp;
use super::roofline::{Iteration, Roofline};
use super::spec::Performance;
use super::table::Table;

/// A performance model with its constants multiplied out.
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
    pub fn iteration(&self, work: &Iteration) -> u64 {
        match self {
            Self::Roofline(roofline) => roofline.iteration(work),
            Self::Affine(affine) => affine.iteration(work),
            Self::Table(table) => table.iteration(work),
        }
    }

    /// The run of iterations in which `decodes` sequences, with `context` tokens of context in
    /// the first one, each produce one token an iteration.
    pub fn ramp(&self, decodes: u64, context: u64) -> Ramp {
        match self {
            Self::Roofline(roofline) => roofline.ramp(decodes, context),
            Self::Affine(affine) => affine.ramp(decodes, context),
            Self::Table(table) => table.ramp(decodes, context),
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
