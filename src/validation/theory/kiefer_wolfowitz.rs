//! Kiefer and Wolfowitz's recursion: the waits of G/G/c, first come, first served, one by one.

use crate::engine::{SimDuration, SimTime};

/// How much work each of the servers has left, in order of amount.
///
/// V′ = sort((V₁ + S, V₂, …, V꜀) − gap)⁺, and an arrival waits for V₁; Kiefer and Wolfowitz (1955),
/// *On the theory of queues with many servers*. In whole nanoseconds it is exact.
#[derive(Clone, Debug)]
pub(crate) struct Workloads {
    left: Vec<SimDuration>,
    last: SimTime,
}

impl Workloads {
    /// Idle servers at time 0.
    pub(crate) fn new(servers: u32) -> Self {
        Self { left: vec![SimDuration::ZERO; servers as usize], last: SimTime::ZERO }
    }

    /// The wait of the next arrival, at `at`, which will need `service`.
    pub(crate) fn arrive(&mut self, at: SimTime, service: SimDuration) -> SimDuration {
        let gap = at.since(self.last).as_nanos();
        self.last = at;
        for left in &mut self.left {
            *left = SimDuration::from_nanos(left.as_nanos().saturating_sub(gap));
        }
        let wait = self.left[0];
        self.left[0] = wait + service;
        self.left.sort_unstable();
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_those_found_by_hand() {
        let second = SimDuration::from_secs;
        let mut servers = Workloads::new(2);
        let arrivals = [(0, 5), (0, 3), (1, 1), (1, 4), (9, 1)];
        let waits = arrivals
            .map(|(at, service)| servers.arrive(SimTime::ZERO + second(at), second(service)));
        // Ends: 5 and 3; from 3 to 4; from 4 to 8; and at 9 everybody has left.
        assert_eq!(waits, [0, 0, 2, 3, 0].map(second));
    }

    /// Lindley's recursion: W′ = (W + S − gap)⁺.
    #[test]
    fn one_server_is_lindleys() {
        let nanos = SimDuration::from_nanos;
        let mut server = Workloads::new(1);
        let (mut at, mut wait, mut before) = (0_u64, 0_u64, 0_u64);
        for step in 0..1000_u64 {
            let (gap, service) = (step * 7919 % 1009, step * 104_729 % 991);
            wait = (wait + before).saturating_sub(gap);
            at += gap;
            let found = server.arrive(SimTime::ZERO + nanos(at), nanos(service));
            assert_eq!(found, nanos(wait), "at {at}");
            before = service;
        }
    }
}
