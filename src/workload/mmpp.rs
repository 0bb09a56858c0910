//! Markov-modulated Poisson processes: arrivals at a rate that jumps at random.

use super::Mmpp;
use super::clock::Clock;
use crate::engine::{SimDuration, SimTime, Span, Stream};
use rand::RngExt;
use rand_distr::{Distribution, Exp1};

/// Most states.
const MAX_STATES: usize = 100;
/// Largest factor of a state and weight of a transition.
const MAX_WEIGHT: f64 = 1e9;

impl Mmpp {
    /// Whether this is a process that can be drawn from.
    ///
    /// # Errors
    /// Says what is wrong, what was found and what is allowed.
    pub fn validate(&self) -> Result<(), String> {
        let count = self.states.len();
        if !(2..=MAX_STATES).contains(&count) {
            return Err(format!("an MMPP has 2 to {MAX_STATES} states, found {count}"));
        }
        let allowed = 0.0..=MAX_WEIGHT;
        for (index, state) in self.states.iter().enumerate() {
            if !allowed.contains(&state.factor) {
                let factor = state.factor;
                return Err(format!(
                    "the factor of a state must be between 0 and {MAX_WEIGHT:e}, found {factor}"
                ));
            }
            if state.sojourn == SimDuration::ZERO {
                return Err("a visit to a state must last longer than 0s".to_owned());
            }
            let weights = &state.next;
            let sound = weights.len() == count && weights.iter().all(|one| allowed.contains(one));
            if !sound || weights[index] != 0.0 {
                return Err(format!(
                    "state {index} needs {count} weights of what comes next, not negative and none \
                     of itself, found {weights:?}"
                ));
            }
        }
        if self.states.iter().all(|state| state.factor == 0.0) {
            return Err("at least one state needs a factor above 0".to_owned());
        }
        match self.unreachable() {
            Some((from, to)) => Err(format!("state {to} cannot be reached from state {from}")),
            None => Ok(()),
        }
    }

    /// A pair of states of which the first never leads to the second.
    fn unreachable(&self) -> Option<(usize, usize)> {
        let count = self.states.len();
        (0..count).find_map(|from| {
            let mut reached = vec![false; count];
            reached[from] = true;
            let mut open = vec![from];
            while let Some(state) = open.pop() {
                for (next, &weight) in self.states[state].next.iter().enumerate() {
                    if weight > 0.0 && !std::mem::replace(&mut reached[next], true) {
                        open.push(next);
                    }
                }
            }
            reached.iter().position(|&reached| !reached).map(|to| (from, to))
        })
    }

    /// The fraction of time spent in each state in the long run: visits, by elimination without
    /// subtraction (Grassmann, Taksar and Heyman, 1985), times how long they last.
    pub fn occupancy(&self) -> Vec<f64> {
        let count = self.states.len();
        let mut flow: Vec<Vec<f64>> = self
            .states
            .iter()
            .map(|state| {
                let sum = state.next.iter().sum::<f64>();
                state.next.iter().map(|weight| weight / sum).collect()
            })
            .collect();
        for last in (1..count).rev() {
            let out = flow[last][..last].iter().sum::<f64>();
            for from in 0..last {
                flow[from][last] /= out;
                for to in 0..last {
                    flow[from][to] += flow[from][last] * flow[last][to];
                }
            }
        }
        let mut visits = vec![1.0];
        for state in 1..count {
            let entered = visits.iter().zip(&flow).map(|(visits, flow)| visits * flow[state]);
            visits.push(entered.sum());
        }
        let times: Vec<f64> = visits
            .iter()
            .zip(&self.states)
            .map(|(visits, state)| visits * state.sojourn.as_secs_f64())
            .collect();
        let all = times.iter().sum::<f64>();
        times.iter().map(|time| time / all).collect()
    }

    /// Changes of state per second in the long run.
    pub fn switches_per_s(&self) -> f64 {
        let occupancy = self.occupancy();
        let states = occupancy.iter().zip(&self.states);
        states.map(|(fraction, state)| fraction / state.sojourn.as_secs_f64()).sum()
    }
}

/// Arrivals of a Markov-modulated Poisson process, from its stationary law at time 0.
///
/// In a state, arrivals are exponential in operational time. An exponential gap forgets how long it
/// has lasted, so that one which a change of state cuts short is drawn anew.
#[derive(Clone, Debug)]
pub(super) struct MmppProcess {
    clock: Clock,
    states: Vec<State>,
    state: usize,
    /// When the state changes.
    until: SimTime,
    /// From here on nothing arrives.
    end: SimTime,
    now: SimTime,
    gaps: Stream,
    switching: Stream,
}

#[derive(Clone, Debug)]
struct State {
    /// Mean gap in operational time; infinite where nothing arrives.
    mean_gap: f64,
    sojourn_secs: f64,
    /// Of the states that can follow: its index, and the probability of it or one before.
    next: Vec<(f64, usize)>,
}

impl MmppProcess {
    /// A validated `mmpp` in a span at whose start `clock` is, with the random numbers of `gaps` and `switching`. States
    /// are not followed beyond its end.
    pub(super) fn new(
        mmpp: &Mmpp,
        clock: Clock,
        Span { start: now, end }: Span,
        gaps: Stream,
        mut switching: Stream,
    ) -> Self {
        let occupancy = mmpp.occupancy();
        let mean = occupancy.iter().zip(&mmpp.states).map(|(part, state)| part * state.factor);
        let mean = mean.sum::<f64>();
        let states: Vec<State> = mmpp
            .states
            .iter()
            .map(|state| State {
                mean_gap: mean / state.factor,
                sojourn_secs: state.sojourn.as_secs_f64(),
                next: cumulative(&state.next),
            })
            .collect();
        let state = pick(&cumulative(&occupancy), &mut switching);
        let mut process = Self { clock, states, state, until: now, end, now, gaps, switching };
        process.draw_sojourn();
        process
    }

    /// The next arrival; `None` when none comes before the end.
    pub(super) fn next_arrival(&mut self) -> Option<SimTime> {
        while !matches!(self.clock, Clock::Stopped) && self.now < self.end {
            let mean_gap = self.states[self.state].mean_gap;
            if mean_gap < f64::INFINITY {
                let unit: f64 = Exp1.sample(&mut self.gaps);
                let at = self.clock.after(self.now, unit * mean_gap);
                if let Some(at) = at.filter(|&at| at < self.until) {
                    self.now = at;
                    return (at < self.end).then_some(at);
                }
            }
            self.now = self.until;
            self.clock.seek(self.now);
            self.state = pick(&self.states[self.state].next, &mut self.switching);
            self.draw_sojourn();
        }
        None
    }

    fn draw_sojourn(&mut self) {
        let unit: f64 = Exp1.sample(&mut self.switching);
        let sojourn = SimDuration::from_secs_f64(unit * self.states[self.state].sojourn_secs);
        self.until = self.now.checked_add(sojourn).unwrap_or(SimTime::MAX);
    }
}

/// Running sums of the positive weights over their total, with their indices.
fn cumulative(weights: &[f64]) -> Vec<(f64, usize)> {
    let total = weights.iter().sum::<f64>();
    let mut sum = 0.0;
    let positive = weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0);
    positive
        .map(|(index, weight)| {
            sum += weight;
            (sum / total, index)
        })
        .collect()
}

/// An index drawn with these cumulative probabilities; a certain one takes no random number.
fn pick(cumulative: &[(f64, usize)], stream: &mut Stream) -> usize {
    if let [(_, only)] = cumulative {
        return *only;
    }
    let drawn: f64 = stream.random();
    // Rounding can leave the last sum below 1.
    let found = cumulative.iter().find(|(until, _)| drawn < *until).or(cumulative.last());
    found.expect("validated: some weight is positive").1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::MmppState;

    fn mmpp(states: &[(f64, u64, &[f64])]) -> Mmpp {
        let state = |&(factor, sojourn, next): &(f64, u64, &[f64])| MmppState {
            factor,
            sojourn: SimDuration::from_secs(sojourn),
            next: next.to_vec(),
        };
        Mmpp { states: states.iter().map(state).collect() }
    }

    #[test]
    fn occupancy_balances() {
        let two = mmpp(&[(1.0, 60, &[0.0, 1.0]), (9.0, 20, &[5.0, 0.0])]);
        assert_eq!(two.occupancy(), [0.75, 0.25]);
        assert!((two.switches_per_s() - 2.0 / 80.0).abs() < 1e-15);
        let four = mmpp(&[
            (1.0, 3, &[0.0, 1.0, 2.0, 0.0]),
            (1.0, 5, &[0.5, 0.0, 0.0, 0.5]),
            (1.0, 7, &[0.0, 1.0, 0.0, 3.0]),
            (1.0, 2, &[1.0, 0.0, 0.0, 0.0]),
        ]);
        let occupancy = four.occupancy();
        assert!((occupancy.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        // What enters each state leaves it.
        for (index, state) in four.states.iter().enumerate() {
            let rate = |from: usize| {
                let state = &four.states[from];
                occupancy[from] / state.sojourn.as_secs_f64() / state.next.iter().sum::<f64>()
            };
            let enters = (0..4).map(|from| rate(from) * four.states[from].next[index]);
            let leaves = occupancy[index] / state.sojourn.as_secs_f64();
            assert!((enters.sum::<f64>() - leaves).abs() < 1e-15);
        }
    }

    #[test]
    fn validation_explains() {
        let cycle: [&[f64]; 2] = [&[0.0, 1.0], &[1.0, 0.0]];
        let complaint = |states: &[(f64, u64, &[f64])]| mmpp(states).validate().unwrap_err();
        let complaints = [
            complaint(&[(1.0, 1, &[0.0])]),
            complaint(&[(-1.0, 1, cycle[0]), (1.0, 1, cycle[1])]),
            complaint(&[(1.0, 0, cycle[0]), (1.0, 1, cycle[1])]),
            complaint(&[(1.0, 1, &[1.0, 1.0]), (1.0, 1, cycle[1])]),
            complaint(&[(0.0, 1, cycle[0]), (0.0, 1, cycle[1])]),
            complaint(&[(1.0, 1, cycle[0]), (1.0, 1, &[0.0, 0.0])]),
        ];
        insta::assert_snapshot!(complaints.join("\n"), @"
        an MMPP has 2 to 100 states, found 1
        the factor of a state must be between 0 and 1e9, found -1
        a visit to a state must last longer than 0s
        state 0 needs 2 weights of what comes next, not negative and none of itself, found [1.0, 1.0]
        at least one state needs a factor above 0
        state 0 cannot be reached from state 1
        ");
    }
}
