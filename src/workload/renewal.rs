//! Renewal processes: gaps and the law of the first one.

use super::continuous::{pareto_index, weibull_shape};
use super::distribution::{pareto_variation, variation, weibull_variation};
use super::sampler::gamma;
use super::{Family, Renewal};
use crate::engine::Stream;
use rand::RngExt;
use rand_distr::{Distribution, Exp1, Gamma, StandardNormal};
use statrs::function::gamma::ln_gamma;

impl Renewal {
    /// Whether these are gaps that can be drawn.
    ///
    /// # Errors
    /// Says what is wrong, what was found and what is allowed.
    pub fn validate(&self) -> Result<(), String> {
        match *self {
            Self::Poisson | Self::Deterministic => Ok(()),
            Self::Gamma { cv } => variation("`cv` of gamma arrivals", cv),
            Self::Weibull { cv } => weibull_variation("`cv` of Weibull arrivals", cv),
            Self::Lognormal { cv } => variation("`cv` of lognormal arrivals", cv),
            Self::Pareto { cv } => pareto_variation("`cv` of Pareto arrivals", cv),
        }
    }
}

impl Family {
    /// The gaps of this family with the coefficient of variation `cv`.
    pub fn renewal(self, cv: f64) -> Renewal {
        match self {
            Self::Gamma => Renewal::Gamma { cv },
            Self::Weibull => Renewal::Weibull { cv },
            Self::Lognormal => Renewal::Lognormal { cv },
            Self::Pareto => Renewal::Pareto { cv },
        }
    }
}

/// Gaps in operational time: their mean is 1.
///
/// A random instant falls into a gap with a probability proportional to its length, and anywhere
/// in it. So the residual is a uniform part of a gap of the law weighted by its value, here called the
/// covering gap: its density is P(gap > x).
#[derive(Clone, Debug)]
pub(super) enum Gaps {
    Exponential,
    Deterministic,
    Gamma {
        gap: Gamma<f64>,
        covering: Gamma<f64>,
    },
    Weibull {
        scale: f64,
        inverse_shape: f64,
        /// The law of (covering gap / scale)^shape.
        covering: Gamma<f64>,
    },
    Lognormal {
        sigma: f64,
    },
    Pareto {
        scale: f64,
        index: f64,
    },
}

impl Gaps {
    /// Gaps of validated arrivals.
    pub(super) fn new(renewal: Renewal) -> Self {
        match renewal {
            Renewal::Poisson => Self::Exponential,
            Renewal::Deterministic => Self::Deterministic,
            Renewal::Gamma { cv } => {
                let shape = (cv * cv).recip();
                let covering = Gamma::new(shape + 1.0, cv * cv).expect("cv was validated");
                Self::Gamma { gap: gamma(1.0, cv), covering }
            }
            Renewal::Weibull { cv } => {
                let inverse_shape = weibull_shape(cv).recip();
                let covering = Gamma::new(1.0 + inverse_shape, 1.0).expect("cv was validated");
                let scale = (-ln_gamma(1.0 + inverse_shape)).exp();
                Self::Weibull { scale, inverse_shape, covering }
            }
            Renewal::Lognormal { cv } => Self::Lognormal { sigma: (cv * cv).ln_1p().sqrt() },
            Renewal::Pareto { cv } => {
                let index = pareto_index(cv);
                Self::Pareto { scale: index - 1.0, index }
            }
        }
    }

    /// The next gap.
    pub(super) fn draw(&self, stream: &mut Stream) -> f64 {
        match *self {
            Self::Exponential => Exp1.sample(stream),
            Self::Deterministic => 1.0,
            Self::Gamma { ref gap, .. } => gap.sample(stream),
            Self::Weibull { scale, inverse_shape, .. } => {
                let unit: f64 = Exp1.sample(stream);
                scale * unit.powf(inverse_shape)
            }
            Self::Lognormal { sigma } => lognormal(sigma, -0.5, stream),
            Self::Pareto { scale, index } => pareto(scale, index, stream),
        }
    }

    /// The time from a random instant to the next arrival.
    pub(super) fn draw_residual(&self, stream: &mut Stream) -> f64 {
        match *self {
            Self::Exponential => Exp1.sample(stream),
            Self::Deterministic => stream.random(),
            Self::Gamma { ref covering, .. } => covering.sample(stream) * stream.random::<f64>(),
            Self::Weibull { scale, inverse_shape, ref covering } => {
                scale * covering.sample(stream).powf(inverse_shape) * stream.random::<f64>()
            }
            Self::Lognormal { sigma } => lognormal(sigma, 0.5, stream) * stream.random::<f64>(),
            // The integral of a power is a power.
            Self::Pareto { scale, index } => pareto(scale, index - 1.0, stream),
        }
    }
}

/// A lognormal value of which the logarithm has the mean `shift` · σ²: −½ for mean 1, and one more
/// for the law weighted by its value.
fn lognormal(sigma: f64, shift: f64, stream: &mut Stream) -> f64 {
    let z: f64 = StandardNormal.sample(stream);
    (sigma * (z + shift * sigma)).exp()
}

/// A value with P(X > x) = (1 + x/scale)^−index.
fn pareto(scale: f64, index: f64, stream: &mut Stream) -> f64 {
    let unit: f64 = Exp1.sample(stream);
    scale * (unit / index).exp_m1()
}
