//! One server with Poisson arrivals and any law of service with a mean of 1.

/// Mean wait of M/G/1, first come, first served, in units of the mean service time:
/// λE[S²]/(2(1 − ρ)) = ρ(1 + cv²)/(2(1 − ρ)), with the squared coefficient of variation of service.
///
/// Pollaczek (1930), Khinchine (1932).
pub(crate) fn pollaczek_khinchine(utilisation: f64, squared_cv: f64) -> f64 {
    utilisation * (1.0 + squared_cv) / (2.0 * (1.0 - utilisation))
}

/// Mean time in the system of M/G/1 under processor sharing, in units of the mean service time:
/// E[T | S = x] = x/(1 − ρ), whatever the law of service, so that E[T] = 1/(1 − ρ).
///
/// Sakata, Noguchi and Oizumi (1971).
pub(crate) fn shared_sojourn(utilisation: f64) -> f64 {
    (1.0 - utilisation).recip()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::theory::erlang_c;

    #[test]
    fn exponential_service_gives_erlang() {
        for utilisation in [0.1, 0.5, 0.98] {
            let erlang = erlang_c(1, utilisation) / (1.0 - utilisation);
            assert!((pollaczek_khinchine(utilisation, 1.0) - erlang).abs() < 1e-12 * erlang);
        }
        assert!((pollaczek_khinchine(0.5, 0.0) - 0.5).abs() < 1e-15, "M/D/1");
    }

    /// With exponential service the number in the system does not depend on the discipline.
    #[test]
    fn sharing_and_queueing_are_alike_for_exponential_service() {
        let queued = 1.0 + pollaczek_khinchine(0.9, 1.0);
        assert!((shared_sojourn(0.9) - queued).abs() < 1e-12);
    }
}
