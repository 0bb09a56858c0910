//! How long validation simulates.

use super::queue::Queue;

/// Relaxation times that a queue is simulated for before it is measured: it starts empty, and
/// what is left of that is exp(−7), a thousandth.
const WARMUP_RELAXATIONS: f64 = 7.0;

/// How long validation simulates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// Independent replications of each queue.
    pub replications: u32,
    /// Intervals that are made to see how many cover.
    pub intervals: u32,
    /// Waits of each queue that are compared one by one.
    pub waits: usize,
    /// Measured arrivals of a queue at utilisations up to 0.5, 0.9 and above, in millions, over all
    /// replications.
    arrivals: [f64; 3],
}

impl Effort {
    /// A few minutes' work on two cores.
    pub(super) const FULL: Self =
        Self { replications: 40, intervals: 1000, waits: 400, arrivals: [2.0, 10.0, 40.0] };

    /// A few seconds' work.
    pub(super) const QUICK: Self =
        Self { replications: 20, intervals: 200, waits: 100, arrivals: [0.2, 0.5, 1.5] };

    /// The end of the warm-up and of the run in whole seconds.
    ///
    /// A queue forgets where it started within about 2(1 + cv²)/(1 − ρ)² arrivals: the relaxation
    /// time of Brownian motion reflected at 0, with its drift and variance; exact for M/M/1 as ρ →
    /// 1.
    pub(super) fn window(&self, queue: &Queue, utilisation: f64) -> (f64, f64) {
        let variability = 1.0 + queue.system.squared_cv();
        let relaxation = 2.0 * variability / (1.0 - utilisation).powi(2);
        let measured = match utilisation {
            low if low <= 0.5 => self.arrivals[0],
            high if high <= 0.9 => self.arrivals[1],
            _ => self.arrivals[2],
        };
        let measured = measured * 1e6 / f64::from(self.replications);
        let seconds = |arrivals: f64| (arrivals / queue.rate).ceil();
        // Servers that are all empty at first take a service time or two to fill.
        let warmup = seconds(WARMUP_RELAXATIONS * relaxation).max(20.0);
        (warmup, warmup + seconds(measured))
    }
}
