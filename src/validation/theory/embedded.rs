//! The chain X′ = (X − c)⁺ + A with A Poisson of mean a < c, and through it M/D/c.
//!
//! In M/D/c with a service time of 1, whoever is in service at an instant has left one service time
//! later, and nobody else has: X counts customers at instants one service time apart, and a is the
//! load. The same chain counts those who wait when a batch of constant length ends: see
//! [`super::bulk`].
//!
//! Its generating function is Π(z) = Q(z − 1)∏(z − zₖ)K(z)/(zᶜ − K(z)) with K(z) = exp(a(z − 1)),
//! where z₁ … z₍c₋₁₎ are the zeros of zᶜ − K(z) inside the unit disc, at which the numerator must
//! vanish too, and Π(1) = 1 gives Q = (c − a)/∏(1 − zₖ). Crommelin (1932); Bailey (1954) for
//! batches. The logarithmic derivative at 1 gives the mean, the value at 0 the probability of being
//! empty.

use std::f64::consts::TAU;

/// The chain in equilibrium.
pub(super) struct Embedded {
    /// E[(X − c)⁺].
    pub mean_excess: f64,
    /// P(X = 0).
    pub empty: f64,
}

impl Embedded {
    /// The chain that serves `at_once` a step, while a mean of `load`, below that, arrive.
    pub(super) fn new(at_once: u32, load: f64) -> Self {
        let c = f64::from(at_once);
        let zeros: Vec<Complex> = (1..at_once).map(|k| zero(k, c, load)).collect();
        // Zeros come in conjugate pairs: sums and products are real.
        let inverses: f64 = zeros.iter().map(|z| Complex::ONE.minus(*z).inverse().re).sum();
        let mean_excess = inverses + (load * load - c * (c - 1.0)) / (2.0 * (c - load));
        // Π(0) = Q(−1)ᶜ⁻¹∏zₖ, with Q as above: factor by factor, lest it overflow.
        let factor = |z: &Complex| z.times(z.minus(Complex::ONE).inverse());
        let product = zeros.iter().map(factor).fold(Complex::ONE, Complex::times);
        Self { mean_excess, empty: (c - load) * product.re }
    }
}

/// The mean wait of M/D/c, in units of the service time: `load` is the arrival rate in these units.
pub(crate) fn mean_wait(servers: u32, load: f64) -> f64 {
    Embedded::new(servers, load).mean_excess / load
}

/// The zero of zᶜ = exp(a(z − 1)) near the unit circle's k-th root w = exp(2πik/c): the fixed point
/// of z = w·exp(a(z − 1)/c), by Newton's method.
fn zero(k: u32, c: f64, load: f64) -> Complex {
    /// Newton doubles the digits each time; these are many times enough.
    const STEPS: usize = 100;
    let root = Complex::unit(TAU * f64::from(k) / c);
    let slope = load / c;
    let image = |z: Complex| root.times(z.minus(Complex::ONE).scaled(slope).exp());
    // The map contracts inside the disc: a few steps of it bring Newton near enough.
    let near = (0..STEPS).fold(Complex::default(), |z, _| image(z));
    (0..STEPS).fold(near, |z, _| {
        let w = image(z);
        let step = z.minus(w).times(Complex::ONE.minus(w.scaled(slope)).inverse());
        z.minus(step)
    })
}

/// A complex number, with the few operations that the zeros need.
#[derive(Clone, Copy, Debug, Default)]
struct Complex {
    re: f64,
    im: f64,
}

impl Complex {
    const ONE: Self = Self { re: 1.0, im: 0.0 };

    fn unit(angle: f64) -> Self {
        Self { re: angle.cos(), im: angle.sin() }
    }

    fn minus(self, other: Self) -> Self {
        Self { re: self.re - other.re, im: self.im - other.im }
    }

    fn times(self, other: Self) -> Self {
        Self {
            re: self.re * other.re - self.im * other.im,
            im: self.re * other.im + self.im * other.re,
        }
    }

    fn scaled(self, factor: f64) -> Self {
        Self { re: self.re * factor, im: self.im * factor }
    }

    fn inverse(self) -> Self {
        let squared = self.re * self.re + self.im * self.im;
        Self { re: self.re / squared, im: -self.im / squared }
    }

    fn exp(self) -> Self {
        Self::unit(self.im).scaled(self.re.exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{DiscreteCDF, Poisson};

    #[test]
    fn the_published_wait() {
        assert!((mean_wait(10, 9.0) - 0.344_582).abs() < 5e-7, "{}", mean_wait(10, 9.0));
    }

    #[test]
    fn one_server_is_pollaczek_and_khinchines() {
        for load in [0.01, 0.5, 0.98] {
            assert!((mean_wait(1, load) - load / (2.0 * (1.0 - load))).abs() < 1e-12);
            assert!((Embedded::new(1, load).empty - (1.0 - load)).abs() < 1e-12);
        }
    }

    /// Crommelin's sum, with N(x) Poisson of mean x: Σ P(N(ia) ≥ ic) − P(N(ia) > ic)·c/a over i ≥
    /// 1.
    fn crommelin(servers: u32, load: f64) -> f64 {
        let term = |i: u32| {
            let poisson = Poisson::new(f64::from(i) * load).expect("a positive mean");
            let full = u64::from(i * servers);
            poisson.sf(full - 1) - poisson.sf(full) / load * f64::from(servers)
        };
        (1..=2000).map(term).sum()
    }

    #[test]
    fn zeros_and_crommelins_sum_agree() {
        for (servers, load) in [(2, 1.0), (3, 2.7), (10, 5.0), (10, 9.0), (40, 36.0)] {
            let (by_zeros, by_sum) = (mean_wait(servers, load), crommelin(servers, load));
            assert!((by_zeros - by_sum).abs() < 1e-8, "{servers}, {load}: {by_zeros} {by_sum}");
        }
    }

    /// Where the sum converges slowly, and for the empty state: the chain itself, stepped until it
    /// no longer changes.
    #[test]
    fn zeros_and_the_chain_agree() {
        for (at_once, load) in [(4_u32, 3.0), (8, 7.2), (10, 9.0)] {
            let stepped = stationary(at_once as usize, load);
            let excess: f64 = (at_once as usize..stepped.len())
                .map(|state| (state - at_once as usize) as f64 * stepped[state])
                .sum();
            let found = Embedded::new(at_once, load);
            assert!((found.mean_excess - excess).abs() < 1e-8, "{} {excess}", found.mean_excess);
            assert!((found.empty - stepped[0]).abs() < 1e-10, "{} {}", found.empty, stepped[0]);
        }
    }

    /// The law of X by iteration from the empty state, on enough states to hold all but 1e−12.
    fn stationary(at_once: usize, load: f64) -> Vec<f64> {
        let mut arrivals = vec![(-load).exp()];
        while arrivals.len() < 60 {
            arrivals.push(arrivals[arrivals.len() - 1] * load / arrivals.len() as f64);
        }
        let mut law = vec![0.0; 260];
        law[0] = 1.0;
        for _ in 0..4000 {
            let mut next = vec![0.0; law.len()];
            for (state, probability) in law.iter().enumerate() {
                let left = state.saturating_sub(at_once);
                for (arrived, chance) in arrivals.iter().enumerate() {
                    if let Some(sum) = next.get_mut(left + arrived) {
                        *sum += probability * chance;
                    }
                }
            }
            law = next;
        }
        law
    }

    /// Heavy traffic: with ρ near 1 the wait tends to 1/(2c(1 − ρ)).
    #[test]
    fn near_saturation_the_wait_is_that_of_heavy_traffic() {
        let rho = 0.9999;
        let ratio = mean_wait(10, 10.0 * rho) * 2.0 * 10.0 * (1.0 - rho);
        assert!((ratio - 1.0).abs() < 0.005, "{ratio}");
    }
}
