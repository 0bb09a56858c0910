//! Drawing from the laws: parameters are converted once, draws are cheap.

use super::distribution::LognormalShape;
use super::quantiles::QuantileTable;
use super::tokens::whole_tokens;
use super::{Distribution, Lengths};
use crate::engine::Stream;
use rand::RngExt;
use rand_distr::{Distribution as _, Exp1, Gamma, StandardNormal};

/// A [`Distribution`] made ready to draw from.
///
/// Exponential and normal variates come from the ziggurat method, gamma variates from Marsaglia
/// and Tsang (2000), both as `rand_distr` implements them; tables are inverted.
#[derive(Clone, Debug)]
pub struct Sampler(Law);

#[derive(Clone, Debug)]
enum Law {
    Constant(f64),
    Uniform { min: f64, width: f64 },
    Exponential { mean: f64 },
    Gamma(Gamma<f64>),
    Lognormal { mu: f64, sigma: f64, z_max: f64 },
    Quantiles(QuantileTable),
}

impl Sampler {
    /// Prepares `distribution`.
    ///
    /// # Panics
    /// When `distribution` does not [validate](Distribution::validate).
    pub fn new(distribution: &Distribution) -> Self {
        if let Err(problem) = distribution.validate() {
            panic!("a distribution is validated before it is drawn from: {problem}");
        }
        Self(match *distribution {
            Distribution::Constant(value) => Law::Constant(value),
            Distribution::Uniform { min, max } => Law::Uniform { min, width: max - min },
            Distribution::Exponential { mean } => Law::Exponential { mean },
            Distribution::Gamma { mean, cv } => Law::Gamma(gamma(mean, cv)),
            Distribution::Lognormal { mean, cv, max } => {
                let shape = LognormalShape::new(mean, cv, max);
                Law::Lognormal { mu: shape.mu, sigma: shape.sigma, z_max: shape.z_max() }
            }
            Distribution::Quantiles(ref points) => Law::Quantiles(QuantileTable::new(points)),
        })
    }

    /// The next value.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        match self.0 {
            Law::Constant(value) => value,
            Law::Uniform { min, width } => min + width * stream.random::<f64>(),
            Law::Exponential { mean } => {
                let unit: f64 = Exp1.sample(stream);
                mean * unit
            }
            Law::Gamma(ref gamma) => gamma.sample(stream),
            Law::Lognormal { mu, sigma, z_max } => loop {
                let z: f64 = StandardNormal.sample(stream);
                if z <= z_max {
                    break (mu + sigma * z).exp();
                }
            },
            Law::Quantiles(ref table) => table.value_at(stream.random()),
        }
    }
}

/// The gamma law with this mean and coefficient of variation: shape 1/cv², scale mean·cv².
///
/// # Panics
/// When the parameters were not validated.
pub(super) fn gamma(mean: f64, cv: f64) -> Gamma<f64> {
    Gamma::new((cv * cv).recip(), mean * cv * cv).expect("mean and cv were validated")
}

/// [`Lengths`] made ready to draw from.
#[derive(Clone, Debug)]
pub struct LengthsSampler {
    input: Sampler,
    output: Sampler,
}

impl LengthsSampler {
    /// Prepares `lengths`.
    ///
    /// # Panics
    /// When a law in `lengths` does not [validate](Distribution::validate).
    pub fn new(lengths: &Lengths) -> Self {
        Self { input: Sampler::new(&lengths.input), output: Sampler::new(&lengths.output) }
    }

    /// The next call's (input, output) tokens, each at least 1.
    pub fn sample(&self, stream: &mut Stream) -> (u32, u32) {
        let input = whole_tokens(self.input.sample(stream));
        let output = whole_tokens(self.output.sample(stream));
        (input, output)
    }
}
