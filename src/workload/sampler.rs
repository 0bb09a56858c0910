//! Drawing from the laws: parameters are converted once, draws are cheap.

use super::continuous::Continuous;
use super::distribution::ZIPF_UNITY;
use super::quantiles::QuantileTable;
use super::tokens::whole_tokens;
use super::{Distribution, Lengths};
use crate::engine::Stream;
use rand::RngExt;
use rand_distr::{Distribution as _, Exp1, Gamma, StandardNormal, Zipf};

/// A [`Distribution`] made ready to draw from.
///
/// Exponential and normal variates come from the ziggurat method, gamma variates from Marsaglia
/// and Tsang (2000), Zipf's from rejection-inversion, all as `rand_distr` implements them; Weibull
/// and Pareto variates are functions of an exponential one; tables are inverted.
#[derive(Clone, Debug)]
pub struct Sampler(Law);

#[derive(Clone, Debug)]
enum Law {
    Constant(f64),
    Uniform { min: f64, width: f64 },
    Exponential { mean: f64 },
    Gamma(Gamma<f64>),
    Lognormal { mu: f64, sigma: f64 },
    Weibull { inverse_shape: f64, scale: f64 },
    Pareto { inverse_index: f64, scale: f64 },
    Zipf(Zipf<f64>),
    Quantiles(QuantileTable),
    Truncated { law: Box<Law>, min: f64, max: f64 },
    Mixture(Vec<Part>),
}

/// A law of a mixture.
#[derive(Clone, Debug)]
struct Part {
    /// The probability of this law and those before it.
    until: f64,
    law: Law,
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
        Self(Law::new(distribution))
    }

    /// The next value.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        self.0.sample(stream)
    }
}

impl Law {
    fn new(distribution: &Distribution) -> Self {
        match *distribution {
            Distribution::Constant(value) => Self::Constant(value),
            Distribution::Uniform { min, max } => Self::Uniform { min, width: max - min },
            Distribution::Exponential { mean } => Self::Exponential { mean },
            Distribution::Gamma { mean, cv } => Self::Gamma(gamma(mean, cv)),
            Distribution::Lognormal { .. }
            | Distribution::Weibull { .. }
            | Distribution::Pareto { .. } => Self::with_tail(distribution),
            Distribution::Zipf { exponent, max } => {
                let exponent = if (exponent - 1.0).abs() < ZIPF_UNITY { 1.0 } else { exponent };
                Self::Zipf(Zipf::new(f64::from(max), exponent).expect("a Zipf law was validated"))
            }
            Distribution::Quantiles(ref points) => Self::Quantiles(QuantileTable::new(points)),
            Distribution::Truncated { ref law, min, max } => {
                Self::Truncated { law: Box::new(Self::new(law)), min, max }
            }
            Distribution::Mixture(ref laws) => Self::mixture(laws),
        }
    }

    fn with_tail(distribution: &Distribution) -> Self {
        match Continuous::of(distribution).expect("a law with a tail") {
            Continuous::Gamma { shape, scale } => {
                Self::Gamma(Gamma::new(shape, scale).expect("mean and cv were validated"))
            }
            Continuous::Lognormal { mu, sigma } => Self::Lognormal { mu, sigma },
            Continuous::Weibull { shape, scale } => {
                Self::Weibull { inverse_shape: shape.recip(), scale }
            }
            Continuous::Pareto { index, scale } => {
                Self::Pareto { inverse_index: index.recip(), scale }
            }
        }
    }

    fn mixture(laws: &[(f64, Distribution)]) -> Self {
        let total = laws.iter().map(|(weight, _)| weight).sum::<f64>();
        let mut sum = 0.0;
        let parts = laws.iter().map(|(weight, law)| {
            sum += weight;
            Part { until: sum / total, law: Self::new(law) }
        });
        Self::Mixture(parts.collect())
    }

    fn sample(&self, stream: &mut Stream) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Uniform { min, width } => min + width * stream.random::<f64>(),
            Self::Exponential { mean } => {
                let unit: f64 = Exp1.sample(stream);
                mean * unit
            }
            Self::Gamma(gamma) => gamma.sample(stream),
            Self::Lognormal { mu, sigma } => {
                let z: f64 = StandardNormal.sample(stream);
                (mu + sigma * z).exp()
            }
            Self::Weibull { inverse_shape, scale } => {
                let unit: f64 = Exp1.sample(stream);
                scale * unit.powf(*inverse_shape)
            }
            Self::Pareto { inverse_index, scale } => {
                let unit: f64 = Exp1.sample(stream);
                scale * (unit * inverse_index).exp_m1()
            }
            Self::Zipf(zipf) => zipf.sample(stream),
            Self::Quantiles(table) => table.value_at(stream.random()),
            Self::Truncated { law, min, max } => loop {
                let value = law.sample(stream);
                if (*min..=*max).contains(&value) {
                    break value;
                }
            },
            Self::Mixture(parts) => {
                let drawn: f64 = stream.random();
                // Rounding can leave the last sum below 1.
                let part = parts.iter().find(|part| drawn < part.until).or(parts.last());
                part.expect("a mixture has parts").law.sample(stream)
            }
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
