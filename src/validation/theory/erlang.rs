//! Erlang's formulas: Poisson arrivals, several servers.

/// Erlang's B formula: the probability that a call finds all `servers` busy and is lost, when
/// `load` is the arrival rate times the mean service time. It holds for any law of service
/// (Sevastyanov 1957).
///
/// By the recursion B(0) = 1, B(n) = aB(n−1)/(n + aB(n−1)); Erlang (1917).
pub(crate) fn erlang_b(servers: u32, load: f64) -> f64 {
    (1..=servers).fold(1.0, |lost, n| load * lost / (f64::from(n) + load * lost))
}

/// Erlang's C formula: the probability that a call must wait for one of `servers` with exponential
/// service, when `load` is below their number.
///
/// C = B/(1 − ρ(1 − B)). The mean wait is then C/(cμ − λ), and P(W > t) = C·exp(−(cμ − λ)t);
/// Kleinrock (1975), *Queueing Systems* I, section 3.5.
pub(crate) fn erlang_c(servers: u32, load: f64) -> f64 {
    let lost = erlang_b(servers, load);
    lost / (1.0 - load / f64::from(servers) * (1.0 - lost))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_values() {
        assert!((erlang_b(10, 9.0) - 0.167_963).abs() < 5e-7);
        // The mean wait is C/(cμ − λ), here with cμ − λ = 1.
        assert!((erlang_c(10, 9.0) - 0.668_732).abs() < 5e-7);
    }

    #[test]
    fn one_server_waits_or_loses_as_often_as_it_is_busy() {
        assert!((erlang_c(1, 0.7) - 0.7).abs() < 1e-15);
        assert!((erlang_b(1, 0.7) - 0.7 / 1.7).abs() < 1e-15);
    }

    /// B from its definition: aᶜ/c! over the sum of aⁿ/n!.
    #[test]
    fn the_recursion_is_the_definition() {
        let (mut term, mut sum) = (1.0, 1.0);
        for n in 1..=20 {
            term *= 15.0 / f64::from(n);
            sum += term;
        }
        assert!((erlang_b(20, 15.0) - term / sum).abs() < 1e-15);
    }
}
