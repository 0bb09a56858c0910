//! Renewal processes: when calls arrive.

use super::distribution::variation;
use super::profile::PeriodicRate;
use super::sampler::gamma;
use super::{Arrivals, Renewal};
use crate::engine::{SimDuration, SimTime, Stream};
use rand::RngExt;
use rand_distr::{Distribution, Exp1, Gamma};

impl Arrivals {
    /// Whether this is a process that can be drawn from.
    ///
    /// # Errors
    /// Says which parameter is wrong, what was found and what is allowed.
    pub fn validate(&self) -> Result<(), String> {
        if !(self.rate.0 >= 0.0 && self.rate.0 <= MAX_RATE) {
            let rate = self.rate.0;
            return Err(format!("a rate must be between 0 and {MAX_RATE:e}/s, found {rate}/s"));
        }
        if let Renewal::Gamma { cv } = self.renewal {
            variation("`cv` of gamma arrivals", cv)?;
        }
        self.profile.as_ref().map_or(Ok(()), |profile| profile.validate())
    }

    /// The long-run rate in calls per second, the profile included.
    pub fn mean_rate(&self) -> f64 {
        self.rate.0 * self.profile.as_ref().map_or(1.0, |profile| profile.mean_factor())
    }
}

/// Arrivals closer than this cannot be told apart in whole nanoseconds.
const MAX_RATE: f64 = 1e9;

/// Arrival instants, drawn one by one.
///
/// Gaps are drawn in operational time, in which the mean gap is 1, and mapped to the clock by the
/// inverse of the cumulative rate, starting from the last arrival's whole nanosecond. Each arrival
/// is rounded once and the error does not accumulate. No gap is clipped.
///
/// The process is stationary: the first arrival follows the law of the residual gap, so that the
/// expected number of calls in any span is the cumulative rate over it, from the very start.
#[derive(Clone, Debug)]
pub struct ArrivalProcess {
    gaps: Gaps,
    clock: Clock,
    now: SimTime,
    started: bool,
    stream: Stream,
}

/// Gaps in operational time.
#[derive(Clone, Debug)]
enum Gaps {
    Exponential,
    Gamma {
        gap: Gamma<f64>,
        /// The law of the gap that covers a random instant: a gamma law weighted by its value.
        covering: Gamma<f64>,
    },
}

impl Gaps {
    fn new(renewal: Renewal) -> Self {
        match renewal {
            Renewal::Poisson => Self::Exponential,
            Renewal::Gamma { cv } => {
                let shape = (cv * cv).recip();
                let covering = Gamma::new(shape + 1.0, cv * cv).expect("cv was validated");
                Self::Gamma { gap: gamma(1.0, cv), covering }
            }
        }
    }

    fn draw(&self, stream: &mut Stream) -> f64 {
        match self {
            Self::Exponential => Exp1.sample(stream),
            Self::Gamma { gap, .. } => gap.sample(stream),
        }
    }

    /// The time from a random instant to the next arrival.
    fn draw_residual(&self, stream: &mut Stream) -> f64 {
        match self {
            Self::Exponential => Exp1.sample(stream),
            Self::Gamma { covering, .. } => covering.sample(stream) * stream.random::<f64>(),
        }
    }
}

/// How operational time maps to the clock.
#[derive(Clone, Debug)]
enum Clock {
    /// Nothing arrives.
    Stopped,
    Constant {
        nanos_per_unit: f64,
    },
    Periodic(PeriodicRate),
}

impl Clock {
    fn new(arrivals: &Arrivals) -> Self {
        match &arrivals.profile {
            _ if arrivals.rate.0 == 0.0 => Self::Stopped,
            None => Self::Constant { nanos_per_unit: 1e9 / arrivals.rate.0 },
            Some(profile) => Self::Periodic(PeriodicRate::new(profile, arrivals.rate)),
        }
    }

    /// The instant `gap` units of operational time after `now`; `None` past the end of time.
    fn after(&mut self, now: SimTime, gap: f64) -> Option<SimTime> {
        match self {
            Self::Stopped => None,
            Self::Constant { nanos_per_unit } => {
                now.checked_add(rounded_nanos(gap * *nanos_per_unit))
            }
            Self::Periodic(rate) => rate.after(now, gap),
        }
    }
}

/// To the nearest nanosecond; saturates, as what is that far away never happens.
pub(super) fn rounded_nanos(nanos: f64) -> SimDuration {
    SimDuration::from_nanos((nanos + 0.5) as u64)
}

impl ArrivalProcess {
    /// The process `arrivals` from time 0, with the random numbers of `stream`.
    ///
    /// # Panics
    /// When `arrivals` does not [validate](Arrivals::validate).
    pub fn new(arrivals: &Arrivals, stream: Stream) -> Self {
        if let Err(problem) = arrivals.validate() {
            panic!("arrivals are validated before they are drawn: {problem}");
        }
        Self {
            gaps: Gaps::new(arrivals.renewal),
            clock: Clock::new(arrivals),
            now: SimTime::ZERO,
            started: false,
            stream,
        }
    }

    /// The next arrival; `None` when none comes before the end of time.
    pub fn next_arrival(&mut self) -> Option<SimTime> {
        let gap = if self.started {
            self.gaps.draw(&mut self.stream)
        } else {
            self.started = true;
            self.gaps.draw_residual(&mut self.stream)
        };
        match self.clock.after(self.now, gap) {
            // A gap that saturates ends at the end of time.
            Some(at) if at < SimTime::MAX => {
                self.now = at;
                Some(at)
            }
            _ => {
                self.clock = Clock::Stopped;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Purpose, Streams};
    use crate::units::PerSecond;
    use crate::workload::RateProfile;

    fn process(rate: f64, renewal: Renewal, profile: Option<RateProfile>) -> ArrivalProcess {
        let arrivals = Arrivals { rate: PerSecond(rate), renewal, profile };
        ArrivalProcess::new(&arrivals, Streams::new(11, 0).stream(Purpose::Arrivals, "chat"))
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
        let complaint = |rate, renewal| {
            Arrivals { rate: PerSecond(rate), renewal, profile: None }.validate().unwrap_err()
        };
        insta::assert_snapshot!(complaint(2e9, Renewal::Poisson), @"a rate must be between 0 and 1e9/s, found 2000000000/s");
        insta::assert_snapshot!(complaint(f64::NAN, Renewal::Poisson), @"a rate must be between 0 and 1e9/s, found NaN/s");
        insta::assert_snapshot!(complaint(1.0, Renewal::Gamma { cv: 0.0 }), @"`cv` of gamma arrivals must be between 0.000001 and 100, found 0");
    }
}
