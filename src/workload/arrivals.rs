//! When calls arrive: a process, modulated.

use super::clients::{self, ClientProcess};
use super::clock::Clock;
use super::mmpp::MmppProcess;
use super::renewal::Gaps;
use super::windows;
use super::{Arrivals, Client, ClientGaps, Modulation, Process, Renewal};
use crate::engine::{Purpose, SimDuration, SimTime, Span, Stream, Streams};
use crate::units::PerSecond;

/// Arrivals closer than this cannot be told apart in whole nanoseconds.
const MAX_RATE: f64 = 1e9;

impl Arrivals {
    /// Whether calls come alike at all times: any window that is long enough shows the same.
    pub fn is_steady(&self) -> bool {
        let by_windows = |client: &Client| matches!(client.gaps, ClientGaps::Windows(_));
        let steady = match &self.process {
            Process::Clients(clients) => !clients.iter().any(by_windows),
            Process::Renewal(_) | Process::Mmpp(_) => true,
        };
        steady && self.modulation == Modulation::default()
    }

    /// A renewal process at a rate that does not vary.
    pub fn steady(rate: PerSecond, renewal: Renewal) -> Self {
        Self { rate, process: Process::Renewal(renewal), modulation: Modulation::default() }
    }

    /// Whether this is a process that can be drawn from.
    ///
    /// # Errors
    /// Says which parameter is wrong, what was found and what is allowed.
    pub fn validate(&self) -> Result<(), String> {
        if !(self.rate.0 >= 0.0 && self.rate.0 <= MAX_RATE) {
            let rate = self.rate.0;
            return Err(format!("a rate must be between 0 and {MAX_RATE:e}/s, found {rate}/s"));
        }
        match &self.process {
            Process::Renewal(renewal) => renewal.validate()?,
            Process::Mmpp(mmpp) => mmpp.validate()?,
            Process::Clients(clients) => clients::validate(clients)?,
        }
        self.modulation.validate()
    }

    /// Calls per second: the mean over whole periods of the profile and of clients' windows, and over
    /// growth and crowds in `span`.
    pub fn mean_rate(&self, span: impl Into<Span>) -> f64 {
        self.rate.0 * self.modulation.mean_factor(span)
    }

    /// The expected number of calls in `span`: where clients have windows of their own, as if the
    /// modulation had nothing to do with them.
    pub fn expected_calls(&self, span: impl Into<Span>) -> f64 {
        let span = span.into();
        let steady = self.rate.0 * self.modulation.integral(span);
        match &self.process {
            Process::Renewal(_) | Process::Mmpp(_) => steady,
            Process::Clients(clients) => steady * windows::mean_factor(clients, span),
        }
    }

    /// Likewise, from each of some instants to the next.
    pub fn expected_calls_between(&self, instants: &[SimTime]) -> Vec<f64> {
        let steady = self.modulation.integrals(instants).into_iter().map(|one| self.rate.0 * one);
        match &self.process {
            Process::Renewal(_) | Process::Mmpp(_) => steady.collect(),
            Process::Clients(clients) => {
                let factors = windows::mean_factors(clients, instants);
                steady.zip(factors).map(|(calls, factor)| calls * factor).collect()
            }
        }
    }

    /// Where crowds begin, reach their height, fall and end; and the length of the steps in which the rate follows a
    /// profile or clients their windows.
    pub(super) fn corners(&self) -> (Vec<SimTime>, Option<SimDuration>) {
        let crowds = self.modulation.crowds.iter().flat_map(|crowd| {
            let top = SimTime::ZERO + crowd.start + crowd.ramp;
            let fall = top + crowd.duration;
            [SimTime::ZERO + crowd.start, top, fall, fall + crowd.decay]
        });
        let windows: &[Client] = match &self.process {
            Process::Clients(clients) => clients,
            Process::Renewal(_) | Process::Mmpp(_) => &[],
        };
        let windows = windows.iter().filter_map(|client| match &client.gaps {
            ClientGaps::Windows(windows) => Some(windows.step),
            _ => None,
        });
        let profile = self.modulation.profile.as_ref().map(|profile| profile.step);
        (crowds.collect(), windows.chain(profile).min())
    }

    /// What happens at times, and means do not show: states in which an MMPP has another rate.
    pub(super) fn bursts(&self) -> Vec<Burst> {
        let Process::Mmpp(mmpp) = &self.process else { return Vec::new() };
        let occupancy = mmpp.occupancy();
        let states = occupancy.iter().zip(&mmpp.states);
        let mean: f64 = states.clone().map(|(part, state)| part * state.factor).sum();
        states
            .map(|(part, state)| {
                let length_s = state.sojourn.as_secs_f64();
                Burst { factor: state.factor / mean, length_s, per_s: part / length_s }
            })
            .collect()
    }
}

/// A passing change of a rate that comes at random.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Burst {
    /// The rate meanwhile over the mean rate.
    pub factor: f64,
    /// How long it lasts on average, in seconds; its law is exponential.
    pub length_s: f64,
    /// How many begin in a second.
    pub per_s: f64,
}

/// Arrival instants, drawn one by one.
///
/// Gaps are drawn in operational time, in which the mean gap is 1, and mapped to the clock by the
/// inverse of the cumulative rate, starting from the last arrival's whole nanosecond. Each arrival
/// is rounded once, up as often as down, unless gaps are equal: then their rate is that of the gap
/// in whole nanoseconds. No gap is clipped.
///
/// The process is stationary: the first arrival follows the law of the residual gap, so that the
/// expected number of calls in any span is the cumulative rate over it, from the very start.
#[derive(Clone, Debug)]
pub struct ArrivalProcess(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Renewal(Box<RenewalProcess>),
    Mmpp(Box<MmppProcess>),
    Clients(ClientProcess),
}

impl ArrivalProcess {
    /// The process `arrivals` of `application` from time 0, in the replication that `streams`
    /// belong to.
    ///
    /// # Panics
    /// When `arrivals` does not [validate](Arrivals::validate).
    pub fn new(arrivals: &Arrivals, application: &str, streams: &Streams) -> Self {
        Self::within(Span::from(SimTime::ZERO), arrivals, application, streams)
    }

    /// Likewise, in `span`: stationary from its start on, at the rates of that time. What comes at its end or later
    /// may be missing.
    ///
    /// # Panics
    /// As for [`new`](Self::new).
    pub fn within(span: Span, arrivals: &Arrivals, application: &str, streams: &Streams) -> Self {
        if let Err(problem) = arrivals.validate() {
            panic!("arrivals are validated before they are drawn: {problem}");
        }
        let mut clock = Clock::new(arrivals);
        clock.seek(span.start);
        let gaps = || streams.stream(Purpose::Arrivals, application);
        Self(match &arrivals.process {
            Process::Renewal(renewal) => {
                let process =
                    RenewalProcess::new(Gaps::new(*renewal), 1.0, clock, span.start, gaps());
                Kind::Renewal(Box::new(process))
            }
            Process::Mmpp(mmpp) => {
                let switching = streams.stream(Purpose::Bursts, application);
                Kind::Mmpp(Box::new(MmppProcess::new(mmpp, clock, span, gaps(), switching)))
            }
            Process::Clients(clients) => {
                Kind::Clients(ClientProcess::new(clients, &clock, span, application, streams))
            }
        })
    }

    /// The next arrival; `None` when none comes before the end of time.
    pub fn next_arrival(&mut self) -> Option<SimTime> {
        match &mut self.0 {
            Kind::Renewal(process) => process.next_arrival(),
            Kind::Mmpp(process) => process.next_arrival(),
            Kind::Clients(process) => process.next_arrival(),
        }
    }

    /// Whose arrival the last one was, as an index into [`Process::Clients`]; 0 without clients.
    pub fn client(&self) -> usize {
        match &self.0 {
            Kind::Renewal(_) | Kind::Mmpp(_) => 0,
            Kind::Clients(process) => process.last(),
        }
    }
}

/// A renewal process under a time change.
#[derive(Clone, Debug)]
pub(super) struct RenewalProcess {
    gaps: Gaps,
    /// The mean gap in units of the clock.
    mean_gap: f64,
    clock: Clock,
    now: SimTime,
    started: bool,
    stream: Stream,
}

impl RenewalProcess {
    /// From `now` on, which is where `clock` is.
    pub(super) fn new(
        gaps: Gaps,
        mean_gap: f64,
        clock: Clock,
        now: SimTime,
        stream: Stream,
    ) -> Self {
        Self { gaps, mean_gap, clock, now, started: false, stream }
    }

    /// The next arrival; `None` when none comes before the end of time.
    pub(super) fn next_arrival(&mut self) -> Option<SimTime> {
        let gap = if self.started {
            self.gaps.draw(&mut self.stream)
        } else {
            self.started = true;
            self.gaps.draw_residual(&mut self.stream)
        };
        match self.clock.after(self.now, gap * self.mean_gap) {
            Some(at) => {
                self.now = at;
                Some(at)
            }
            None => {
                self.clock = Clock::Stopped;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::SimDuration;
    use crate::workload::RateProfile;
    use rand_distr::{Distribution, Exp1};

    fn process(rate: f64, renewal: Renewal, profile: Option<RateProfile>) -> ArrivalProcess {
        let mut arrivals = Arrivals::steady(PerSecond(rate), renewal);
        arrivals.modulation.profile = profile;
        ArrivalProcess::new(&arrivals, "chat", &Streams::new(11, 0))
    }

    #[test]
    fn a_rate_of_zero_brings_nothing() {
        assert_eq!(process(0.0, Renewal::Poisson, None).next_arrival(), None);
    }

    #[test]
    fn an_arrival_past_the_end_of_time_never_comes() {
        let mut rare = process(1e-300, Renewal::Poisson, None);
        assert_eq!(rare.next_arrival(), None);
        assert_eq!(rare.next_arrival(), None);
    }

    #[test]
    fn without_a_profile_a_gap_is_one_multiplication() {
        let mut arrivals = process(40.0, Renewal::Poisson, None);
        let mut stream = Streams::new(11, 0).stream(Purpose::Arrivals, "chat");
        let mut now = SimTime::ZERO;
        for _ in 0..1000 {
            let gap: f64 = Exp1.sample(&mut stream);
            now += SimDuration::from_secs_f64(gap / 40.0);
            let at = arrivals.next_arrival().expect("goes on");
            // 1/40 s is exact in nanoseconds but not in binary seconds.
            assert!(at.as_nanos().abs_diff(now.as_nanos()) <= 1);
            now = at;
        }
    }

    #[test]
    fn a_flat_profile_changes_nothing() {
        let flat = RateProfile {
            factors: vec![1.0; 24],
            step: SimDuration::from_secs(3600),
            offset: SimDuration::from_secs(1234),
        };
        let mut with = process(0.01, Renewal::Gamma { cv: 3.0 }, Some(flat));
        let mut without = process(0.01, Renewal::Gamma { cv: 3.0 }, None);
        for _ in 0..10_000 {
            // Only a gap that crosses an hour, one in 36 or so, is computed otherwise; its rounding
            // then differs at most now and then, and by one nanosecond.
            let (a, b) = (with.next_arrival(), without.next_arrival());
            let (a, b) = (a.expect("goes on").as_nanos(), b.expect("goes on").as_nanos());
            assert!(a.abs_diff(b) <= 100, "{a} {b}");
        }
    }

    #[test]
    fn validation_explains() {
        let complaint =
            |rate, renewal| Arrivals::steady(PerSecond(rate), renewal).validate().unwrap_err();
        insta::assert_snapshot!(complaint(2e9, Renewal::Poisson), @"a rate must be between 0 and 1e9/s, found 2000000000/s");
        insta::assert_snapshot!(complaint(f64::NAN, Renewal::Poisson), @"a rate must be between 0 and 1e9/s, found NaN/s");
        insta::assert_snapshot!(complaint(1.0, Renewal::Gamma { cv: 0.0 }), @"`cv` of gamma arrivals must be between 0.000001 and 100, found 0");
        insta::assert_snapshot!(complaint(1.0, Renewal::Weibull { cv: 0.001 }), @"`cv` of Weibull arrivals must be between 0.01 and 100, found 0.001");
        insta::assert_snapshot!(complaint(1.0, Renewal::Pareto { cv: 1.0 }), @"`cv` of Pareto arrivals must be between 1.01 and 100, found 1");
    }
}
