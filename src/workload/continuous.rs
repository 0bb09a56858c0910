//! The laws with a tail, in closed form: probabilities and moments of any part of them.

use super::Distribution;
use statrs::function::erf::erfc;
use statrs::function::gamma::{gamma_lr, gamma_ur, ln_gamma};

/// A continuous law on (0, ∞) in the parameters of its density.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Continuous {
    Gamma {
        shape: f64,
        scale: f64,
    },
    Lognormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// P(X > x) = exp(−(x/scale)^shape).
    Weibull {
        shape: f64,
        scale: f64,
    },
    /// P(X > x) = (1 + x/scale)^−index.
    Pareto {
        index: f64,
        scale: f64,
    },
}

impl Continuous {
    /// The law behind `distribution`, if it is one with a tail.
    pub(super) fn of(distribution: &Distribution) -> Option<Self> {
        Some(match *distribution {
            Distribution::Exponential { mean } => Self::Gamma { shape: 1.0, scale: mean },
            Distribution::Gamma { mean, cv } => {
                let shape = (cv * cv).recip();
                Self::Gamma { shape, scale: mean / shape }
            }
            Distribution::Lognormal { mean, cv } => {
                let variance = (cv * cv).ln_1p();
                Self::Lognormal { mu: mean.ln() - variance / 2.0, sigma: variance.sqrt() }
            }
            Distribution::Weibull { mean, cv } => {
                let shape = weibull_shape(cv);
                Self::Weibull { shape, scale: mean / ln_gamma(1.0 + shape.recip()).exp() }
            }
            Distribution::Pareto { mean, cv } => {
                let index = pareto_index(cv);
                Self::Pareto { index, scale: mean * (index - 1.0) }
            }
            _ => return None,
        })
    }

    /// E[Xᵏ; from < X ≤ to] for k = 0, 1 or 2; `to` may be infinite. For k = 0 it is a probability.
    pub(super) fn partial_moment(&self, k: i32, from: f64, to: f64) -> f64 {
        if from >= to {
            return 0.0;
        }
        if to == f64::INFINITY {
            return self.above(k, from);
        }
        // A difference of upper tails keeps its digits where both ends lie high, one of lower tails
        // where both lie low.
        let survival = self.above(0, from);
        if survival < 0.5 {
            let above = if k == 0 { survival } else { self.above(k, from) };
            above - self.above(k, to)
        } else {
            self.below(k, to) - self.below(k, from)
        }
    }

    /// E[Xᵏ; X ≤ x].
    fn below(&self, k: i32, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        match *self {
            Self::Gamma { shape, scale } => {
                gamma_moment(k, shape, scale) * lower(shape + f64::from(k), x / scale)
            }
            Self::Lognormal { mu, sigma } => {
                lognormal_moment(k, mu, sigma) * normal_cdf(lognormal_z(k, mu, sigma, x))
            }
            Self::Weibull { shape, scale } => {
                let order = 1.0 + f64::from(k) / shape;
                let whole = scale.powi(k) * ln_gamma(order).exp();
                whole * lower(order, (x / scale).powf(shape))
            }
            Self::Pareto { index, scale } if k == 0 => -(-index * (x / scale).ln_1p()).exp_m1(),
            Self::Pareto { .. } => self.above(k, 0.0) - self.above(k, x),
        }
    }

    /// E[Xᵏ; X > x].
    fn above(&self, k: i32, x: f64) -> f64 {
        if x == f64::INFINITY {
            return 0.0;
        }
        match *self {
            Self::Gamma { shape, scale } => {
                gamma_moment(k, shape, scale) * upper(shape + f64::from(k), x / scale)
            }
            Self::Lognormal { mu, sigma } => {
                lognormal_moment(k, mu, sigma) * normal_cdf(-lognormal_z(k, mu, sigma, x))
            }
            Self::Weibull { shape, scale } => {
                let order = 1.0 + f64::from(k) / shape;
                let whole = scale.powi(k) * ln_gamma(order).exp();
                whole * upper(order, (x / scale).powf(shape))
            }
            Self::Pareto { index, scale } => {
                // What is above x is x and a Pareto value of the scale x + scale.
                let survival = (-index * (x / scale).ln_1p()).exp();
                let mean = (x + scale) / (index - 1.0);
                survival
                    * match k {
                        0 => 1.0,
                        1 => x + mean,
                        _ => x * x + 2.0 * mean * (x + (x + scale) / (index - 2.0)),
                    }
            }
        }
    }
}

/// E[Xᵏ] of a gamma law.
fn gamma_moment(k: i32, shape: f64, scale: f64) -> f64 {
    (0..k).map(|i| (shape + f64::from(i)) * scale).product()
}

/// E[Xᵏ] of a lognormal law.
fn lognormal_moment(k: i32, mu: f64, sigma: f64) -> f64 {
    let k = f64::from(k);
    (k * mu + k * k * sigma * sigma / 2.0).exp()
}

/// `x` as a standard normal value, where the law is weighted by Xᵏ.
fn lognormal_z(k: i32, mu: f64, sigma: f64, x: f64) -> f64 {
    (x.ln() - mu - f64::from(k) * sigma * sigma) / sigma
}

/// The regularised lower incomplete gamma function, at 0 and at infinity too.
fn lower(a: f64, x: f64) -> f64 {
    match x {
        0.0 => 0.0,
        f64::INFINITY => 1.0,
        x => gamma_lr(a, x),
    }
}

/// The regularised upper incomplete gamma function, at 0 and at infinity too.
fn upper(a: f64, x: f64) -> f64 {
    match x {
        0.0 => 1.0,
        f64::INFINITY => 0.0,
        x => gamma_ur(a, x),
    }
}

/// P(Z ≤ z) for a standard normal Z, accurate in both tails.
fn normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The shape of the Weibull law with this coefficient of variation: the root of
/// `cv² = Γ(1 + 2/k) / Γ(1 + 1/k)² − 1`, which falls with k.
pub(super) fn weibull_shape(cv: f64) -> f64 {
    let squared = |shape: f64| {
        (ln_gamma(1.0 + 2.0 / shape) - 2.0 * ln_gamma(1.0 + 1.0 / shape)).exp_m1().sqrt()
    };
    let (mut low, mut high) = (0.05_f64, 1e4_f64);
    // Halving the logarithm: sixty times leave nothing between the ends.
    for _ in 0..60 {
        let middle = (low * high).sqrt();
        if squared(middle) > cv {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low * high).sqrt()
}

/// The tail index α of the Pareto law of the second type with this coefficient of variation, above
/// 1: from `cv² = α / (α − 2)`.
pub(super) fn pareto_index(cv: f64) -> f64 {
    2.0 * cv * cv / (cv * cv - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, relative: f64) {
        assert!((found - expected).abs() <= relative * expected.abs(), "{found} is not {expected}");
    }

    fn laws(mean: f64, cv: f64) -> Vec<Distribution> {
        let mut laws = vec![
            Distribution::Exponential { mean },
            Distribution::Gamma { mean, cv },
            Distribution::Lognormal { mean, cv },
            Distribution::Weibull { mean, cv },
        ];
        if cv > 1.0 {
            laws.push(Distribution::Pareto { mean, cv });
        }
        laws
    }

    #[test]
    fn whole_moments_are_those_asked_for() {
        for cv in [0.05, 0.6, 1.3, 8.0] {
            for law in laws(300.0, cv) {
                let found = Continuous::of(&law).unwrap();
                let cv = if matches!(law, Distribution::Exponential { .. }) { 1.0 } else { cv };
                let moment = |k| found.partial_moment(k, 0.0, f64::INFINITY);
                close(moment(0), 1.0, 1e-12);
                close(moment(1), 300.0, 1e-10);
                close(moment(2), 300.0_f64.powi(2) * (1.0 + cv * cv), 1e-9);
            }
        }
    }

    /// Integration by parts turns moments into integrals of the survival function alone: slow, and
    /// independent of the closed forms but for that one.
    #[test]
    fn partial_moments_match_quadrature() {
        for cv in [0.4, 1.2, 3.0] {
            for law in laws(300.0, cv) {
                let found = Continuous::of(&law).unwrap();
                for (from, to) in [(10.0, 250.0), (200.0, 1000.0), (900.0, 5000.0)] {
                    let above = |x: f64| found.above(0, x);
                    let steps = 20_000;
                    let width = (to - from) / f64::from(steps);
                    let simpson = |f: &dyn Fn(f64) -> f64| -> f64 {
                        let weight = |i| match i {
                            0 => 1.0,
                            i if i == steps => 1.0,
                            i => f64::from(2 + 2 * (i % 2)),
                        };
                        let terms = (0..=steps).map(|i| weight(i) * f(from + width * f64::from(i)));
                        terms.sum::<f64>() * width / 3.0
                    };
                    let first = from * above(from) - to * above(to) + simpson(&above);
                    let second = from * from * above(from) - to * to * above(to)
                        + simpson(&|x| 2.0 * x * above(x));
                    let scale = found.above(2, 0.0).sqrt();
                    assert!((found.partial_moment(1, from, to) - first).abs() < 1e-9 * scale);
                    let error = (found.partial_moment(2, from, to) - second).abs();
                    assert!(error < 1e-9 * scale * scale, "{law:?} {from} {to}");
                    close(found.below(0, to) + above(to), 1.0, 1e-13);
                }
            }
        }
    }

    #[test]
    fn the_weibull_shape_is_found_over_the_whole_range() {
        close(weibull_shape(1.0), 1.0, 1e-12);
        // Γ(5) / Γ(3)² − 1 = 5.
        close(weibull_shape(5.0_f64.sqrt()), 0.5, 1e-12);
        for cv in [0.01, 0.1, 10.0, 100.0] {
            let shape = weibull_shape(cv);
            let found = ln_gamma(1.0 + 2.0 / shape) - 2.0 * ln_gamma(1.0 + 1.0 / shape);
            close(found.exp_m1().sqrt(), cv, 1e-8);
        }
    }
}
