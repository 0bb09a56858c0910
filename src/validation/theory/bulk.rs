//! M/Dᵇ/1: one server that takes up to b at once, each batch for the same time.
//!
//! At the end of a batch the server takes min(b, waiting); when nobody waits, it stands until the
//! next arrival and takes that one alone, at once (Bailey 1954; a minimum batch of 1). With X the
//! number that waits when a batch ends, and a batch time of 1, the number at the end of the next is
//! (X − b)⁺ + A, A Poisson of the load, also after X = 0: the chain of [`super::embedded`].
//!
//! From one end to the next, the server first stands idle for a mean of P(X = 0)/λ with nobody
//! waiting. Then (X − b)⁺ stay behind for a batch time of 1, during which arrivals add an area of
//! λ/2. So the mean number waiting is (E[(X − b)⁺] + λ/2)/(1 + P(X = 0)/λ), and by Little's law the
//! mean wait is that over λ.

use super::embedded::Embedded;

/// The mean wait for a batch to start, in units of the batch time: `rate` is the arrival rate in
/// these units, below `batch`.
pub(crate) fn mean_wait(batch: u32, rate: f64) -> f64 {
    let chain = Embedded::new(batch, rate);
    let waiting = (chain.mean_excess + rate / 2.0) / (1.0 + chain.empty / rate);
    waiting / rate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_of_one_are_an_ordinary_queue() {
        for load in [0.1, 0.5, 0.98] {
            assert!((mean_wait(1, load) - load / (2.0 * (1.0 - load))).abs() < 1e-12);
        }
    }

    /// However few arrive, one that comes during a batch waits for its end.
    #[test]
    fn rare_arrivals_wait_for_half_a_batch_if_at_all() {
        let rate = 1e-4;
        assert!((mean_wait(8, rate) / (rate / 2.0) - 1.0).abs() < 1e-3);
    }

    /// Batches without a limit: a batch follows unless nobody came in the last one, so that
    /// P(X = 0) = exp(−λ), and nobody is left behind.
    #[test]
    fn batches_without_a_limit() {
        let rate = 2.0_f64;
        let unlimited = 0.5 / (1.0 + (-rate).exp() / rate);
        assert!((mean_wait(40, rate) - unlimited).abs() < 1e-9, "{}", mean_wait(40, rate));
    }
}
