//! A closed queue: a fixed number of callers who wait for the end of a call before they think of the next.

/// What M/M/c with a finite number of callers comes to, in units of the mean service time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MachineRepair {
    /// Calls served in a unit of time.
    pub throughput: f64,
    /// Mean wait of a call.
    pub wait: f64,
}

/// M/M/`servers`//`callers`, whose exponential think time has the mean `think`: machine repair.
///
/// The number n in the system is a birth–death process, with births at (N − n)/think and deaths at
/// min(n, c), so that p(n) ∝ p(n − 1)·(N − n + 1)/(think·min(n, c)). The throughput is E[min(n, c)],
/// the wait E[(n − c)⁺] over it by Little's law. Palm (1947); Kleinrock (1975), *Queueing
/// Systems* I, section 3.8.
pub(crate) fn machine_repair(callers: u32, think: f64, servers: u32) -> MachineRepair {
    let (mut weight, mut total, mut served, mut waiting) = (1.0, 1.0, 0.0, 0.0);
    for n in 1..=callers {
        let busy = f64::from(n.min(servers));
        weight *= f64::from(callers - n + 1) / (think * busy);
        total += weight;
        served += weight * busy;
        waiting += weight * f64::from(n.saturating_sub(servers));
    }
    MachineRepair { throughput: served / total, wait: waiting / served }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::theory::{erlang_b, erlang_c};

    #[test]
    fn one_caller_never_waits() {
        let MachineRepair { throughput, wait } = machine_repair(1, 4.0, 1);
        assert_eq!((throughput, wait), (0.2, 0.0));
    }

    /// One server is idle when all N think: its throughput is 1 − B(N, think), Erlang's formula.
    #[test]
    fn one_server_is_erlang() {
        for (callers, think) in [(3, 2.0), (30, 40.0)] {
            let found = machine_repair(callers, think, 1).throughput;
            assert!((found - (1.0 - erlang_b(callers, think))).abs() < 1e-14);
        }
    }

    /// Many callers who think long are a Poisson process.
    #[test]
    fn many_callers_are_an_open_queue() {
        let found = machine_repair(2_000_000, 2_000_000.0 / 9.0 - 1.6, 10);
        assert!((found.throughput - 9.0).abs() < 1e-4, "{}", found.throughput);
        assert!((found.wait - erlang_c(10, 9.0)).abs() < 1e-3, "{}", found.wait);
    }
}
