//! Growth and flash crowds: the exact time change under a rate whose logarithm is made of straight
//! lines.
//!
//! Steps of a profile, exponential growth and crowds that rise and fall geometrically all have a
//! logarithm of that kind, and so does their product. Between two corners the rate is
//! `r·exp(s·t)`, its integral `r·(exp(s·t) − 1)/s`, and the inverse of that a logarithm.

use super::clock::rounded_nanos;
use super::{FlashCrowd, Modulation};
use crate::engine::{SimDuration, SimTime, Span};
use crate::units::PerSecond;
use std::sync::Arc;

/// The inverse of the cumulative rate, from the current instant on.
///
/// It remembers the piece that it is in: a gap that ends inside it costs an exponential and a
/// logarithm. A longer gap walks over the pieces it covers; after a whole period of nothing but the
/// profile and growth it leaves out as many periods as it can, which are a geometric series.
#[derive(Clone, Debug)]
pub(super) struct ModulatedRate {
    /// Shared among the clients of an application.
    shape: Arc<Shape>,
    piece: Piece,
}

/// The rate in the course of time.
#[derive(Debug)]
struct Shape {
    /// Units of operational time per nanosecond in the steps of the profile; one if there is none.
    steps: Vec<f64>,
    step_nanos: u64,
    offset_nanos: u64,
    /// Of the logarithm of the rate, per nanosecond.
    growth: f64,
    /// Where crowds change, in order of time; the first at time 0.
    corners: Vec<Corner>,
}

/// An instant from which the logarithm of the crowds' product is a straight line.
#[derive(Clone, Copy, Debug)]
struct Corner {
    at: SimTime,
    log: f64,
    slope: f64,
}

/// A span in which the logarithm of the rate is a straight line.
#[derive(Clone, Copy, Debug)]
struct Piece {
    from: SimTime,
    until: SimTime,
    /// Units of operational time per nanosecond at `from`.
    rate: f64,
    /// Of the logarithm of the rate, per nanosecond.
    slope: f64,
}

impl Piece {
    fn rate_at(&self, at: SimTime) -> f64 {
        if self.slope == 0.0 {
            return self.rate;
        }
        self.rate * (self.slope * at.since(self.from).as_nanos() as f64).exp()
    }

    /// Units of operational time from `now` until the end.
    fn units_from(&self, now: SimTime) -> f64 {
        let (rate, left) = (self.rate_at(now), self.until.since(now).as_nanos() as f64);
        if self.slope == 0.0 {
            return rate * left;
        }
        rate * (self.slope * left).exp_m1() / self.slope
    }

    /// Nanoseconds from `now` until `gap` units have passed, the end notwithstanding.
    fn nanos_after(&self, now: SimTime, gap: f64) -> f64 {
        let rate = self.rate_at(now);
        if rate == 0.0 {
            return f64::INFINITY;
        }
        let nanos = gap / rate;
        if self.slope == 0.0 {
            return nanos;
        }
        // What shrinks may never bring that many.
        let grown = nanos * self.slope;
        if grown <= -1.0 { f64::INFINITY } else { grown.ln_1p() / self.slope }
    }
}

impl ModulatedRate {
    /// A validated `modulation` times `rate`, at time 0.
    pub(super) fn new(modulation: &Modulation, rate: PerSecond) -> Self {
        let per_nano = rate.0 / 1e9;
        let (steps, step, offset) = match &modulation.profile {
            Some(profile) => {
                let steps = profile.factors.iter().map(|factor| factor * per_nano).collect();
                (steps, profile.step.as_nanos(), profile.offset.as_nanos())
            }
            None => (vec![per_nano], u64::MAX, 0),
        };
        let shape = Shape {
            steps,
            step_nanos: step,
            offset_nanos: offset,
            growth: modulation.growth / 1e9,
            corners: corners(&modulation.crowds),
        };
        let piece = shape.piece(SimTime::ZERO);
        Self { shape: Arc::new(shape), piece }
    }

    /// Makes `at` the current instant.
    pub(super) fn seek(&mut self, at: SimTime) {
        self.piece = self.shape.piece(at);
    }

    /// The instant `gap` units of operational time after `now`, which must lie in the current
    /// piece; `None` past the end of time.
    pub(super) fn after(&mut self, mut now: SimTime, mut gap: f64) -> Option<SimTime> {
        let mut walked = Walked::default();
        loop {
            let nanos = self.piece.nanos_after(now, gap);
            let left = self.piece.until.since(now);
            if nanos < left.as_nanos() as f64 {
                return Some(now + rounded_nanos(nanos).min(left));
            }
            let units = self.piece.units_from(now);
            // Rounding must not leave a negative gap.
            gap = (gap - units).max(0.0);
            now = self.piece.until;
            if now == SimTime::MAX {
                return None;
            }
            if self.shape.is_past_crowds(now) {
                walked.pieces += 1;
                walked.units += units;
                if walked.pieces > self.shape.steps.len() {
                    now = self.shape.skip_periods(now, &walked, &mut gap)?;
                    walked = Walked::default();
                } else if walked.pieces == 1 {
                    // The first piece may have been entered in its middle.
                    walked.units = 0.0;
                }
            }
            self.piece = self.shape.piece(now);
        }
    }

    /// Units of operational time in `span`.
    pub(super) fn units_in(mut self, Span { start, end }: Span) -> f64 {
        self.seek(start);
        let mut units = 0.0;
        loop {
            let piece = Piece { until: self.piece.until.min(end), ..self.piece };
            units += piece.units_from(piece.from);
            if piece.until == end {
                return units;
            }
            self.seek(piece.until);
        }
    }
}

/// What a gap has covered so far since the last crowd.
#[derive(Debug, Default)]
struct Walked {
    pieces: usize,
    /// Units of operational time in all pieces but the first.
    units: f64,
}

impl Shape {
    /// The piece that starts at `at`.
    fn piece(&self, at: SimTime) -> Piece {
        let nanos = at.as_nanos();
        let following = self.corners.partition_point(|corner| corner.at <= at);
        let corner = self.corners[following - 1];
        let next = self.corners.get(following).map_or(SimTime::MAX, |corner| corner.at);
        // Without overflow: neither is longer than a period.
        let period = self.step_nanos.saturating_mul(self.steps.len() as u64);
        let phase = (nanos % period).saturating_add(self.offset_nanos % period) % period;
        let (step, within) = ((phase / self.step_nanos) as usize, phase % self.step_nanos);
        let step_ends = at.checked_add(SimDuration::from_nanos(self.step_nanos - within));
        let log = corner.log
            + corner.slope * at.since(corner.at).as_nanos() as f64
            + self.growth * nanos as f64;
        Piece {
            from: at,
            until: step_ends.unwrap_or(SimTime::MAX).min(next),
            rate: self.steps[step] * log.exp(),
            slope: corner.slope + self.growth,
        }
    }

    /// Whether nothing but the profile and growth changes the rate from `now` on.
    fn is_past_crowds(&self, now: SimTime) -> bool {
        self.corners.last().is_none_or(|last| last.at <= now)
    }

    /// Takes from `gap` the whole periods from `now` on that it covers, and says when they end. The
    /// period before had `walked.units`, and each has exp(growth · period) times those of the one before.
    fn skip_periods(&self, now: SimTime, walked: &Walked, gap: &mut f64) -> Option<SimTime> {
        let period = self.step_nanos.checked_mul(self.steps.len() as u64)?;
        let log_ratio = self.growth * period as f64;
        let first = walked.units * log_ratio.exp();
        // The sum of n terms is first · (ratioⁿ − 1)/(ratio − 1).
        let per_first = |periods: f64| {
            if log_ratio == 0.0 {
                periods
            } else {
                (periods * log_ratio).exp_m1() / log_ratio.exp_m1()
            }
        };
        let periods = if log_ratio == 0.0 {
            *gap / first
        } else {
            let grown = *gap / first * log_ratio.exp_m1();
            // What shrinks may never bring that many.
            if grown <= -1.0 { f64::INFINITY } else { grown.ln_1p() / log_ratio }
        };
        let whole = periods.floor();
        // Also when it is no number: the rate has become zero, or so large that it has none.
        if !(0.0..u64::MAX as f64).contains(&(whole * period as f64)) {
            return None;
        }
        *gap = (*gap - first * per_first(whole)).max(0.0);
        now.checked_add(SimDuration::from_nanos(period.checked_mul(whole as u64)?))
    }
}

/// The corners of the product of all crowds.
fn corners(crowds: &[FlashCrowd]) -> Vec<Corner> {
    let mut instants = vec![SimTime::ZERO];
    instants.extend(crowds.iter().flat_map(|crowd| phases(crowd).map(|phase| phase.from)));
    instants.sort_unstable();
    instants.dedup();
    let corner = |at: SimTime| {
        let mut corner = Corner { at, log: 0.0, slope: 0.0 };
        for phase in crowds
            .iter()
            .filter_map(|crowd| phases(crowd).into_iter().rfind(|phase| phase.from <= at))
        {
            corner.log += phase.log + phase.slope * at.since(phase.from).as_nanos() as f64;
            corner.slope += phase.slope;
        }
        corner
    };
    instants.into_iter().map(corner).collect()
}

/// A part of a crowd: rise, plateau, fall, and what comes after.
struct Phase {
    from: SimTime,
    log: f64,
    slope: f64,
}

fn phases(crowd: &FlashCrowd) -> [Phase; 4] {
    let height = crowd.factor.ln();
    // A phase that takes no time is never the last at an instant: its slope does not matter.
    let slope = |length: SimDuration| height / (length.as_nanos() as f64).max(1.0);
    let start = SimTime::ZERO + crowd.start;
    let top = start + crowd.ramp;
    let fall = top + crowd.duration;
    let end = fall + crowd.decay;
    [
        Phase { from: start, log: 0.0, slope: slope(crowd.ramp) },
        Phase { from: top, log: height, slope: 0.0 },
        Phase { from: fall, log: height, slope: -slope(crowd.decay) },
        Phase { from: end, log: 0.0, slope: 0.0 },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::RateProfile;
    use proptest::prelude::*;

    const SECOND: u64 = 1_000_000_000;

    fn seconds(secs: f64) -> SimDuration {
        SimDuration::from_secs_f64(secs)
    }

    fn crowd(start: f64, ramp: f64, duration: f64, decay: f64, factor: f64) -> FlashCrowd {
        let [start, ramp, duration, decay] = [start, ramp, duration, decay].map(seconds);
        FlashCrowd { start, ramp, duration, decay, factor }
    }

    /// The multiplier at `t` seconds, by its definition.
    fn multiplier(modulation: &Modulation, t: f64) -> f64 {
        let periodic = modulation.profile.as_ref().map_or(1.0, |profile| {
            let steps = (t + profile.offset.as_secs_f64()) / profile.step.as_secs_f64();
            profile.factors[steps as usize % profile.factors.len()]
        });
        let crowds = modulation.crowds.iter().map(|crowd| {
            let since = t - crowd.start.as_secs_f64();
            let (ramp, decay) = (crowd.ramp.as_secs_f64(), crowd.decay.as_secs_f64());
            let left = ramp + crowd.duration.as_secs_f64() + decay - since;
            let part = match (since, left) {
                (since, left) if since < 0.0 || left < 0.0 => 0.0,
                (since, _) if since < ramp => since / ramp,
                (_, left) if left < decay => left / decay,
                _ => 1.0,
            };
            crowd.factor.powf(part)
        });
        periodic * (modulation.growth * t).exp() * crowds.product::<f64>()
    }

    /// The midpoint rule, in steps that end at every corner of the cases below.
    fn slow_integral(modulation: &Modulation, from: f64, to: f64) -> f64 {
        let steps = ((to - from) * 1000.0).ceil().max(1.0);
        let width = (to - from) / steps;
        (0..steps as u64)
            .map(|i| width * multiplier(modulation, from + width * (i as f64 + 0.5)))
            .sum()
    }

    fn example() -> Modulation {
        Modulation {
            profile: Some(RateProfile {
                factors: vec![0.5, 0.0, 2.0],
                step: seconds(10.0),
                offset: seconds(4.0),
            }),
            growth: 0.004,
            crowds: vec![
                crowd(20.0, 5.0, 10.0, 15.0, 4.0),
                crowd(30.0, 0.0, 40.0, 0.0, 0.25),
                crowd(31.0, 2.0, 0.0, 0.0, 7.0),
            ],
        }
    }

    #[test]
    fn integrals_match_the_definition() {
        let shrinking = Modulation { growth: -0.02, ..example() };
        for modulation in [example(), shrinking, Modulation { crowds: vec![], ..example() }] {
            for end in [1.0, 6.0, 25.0, 32.5, 33.0, 61.0, 200.0] {
                let found = modulation.integral(seconds(end));
                let slow = slow_integral(&modulation, 0.0, end);
                assert!((found - slow).abs() < 1e-6 * slow, "{end}: {found} is not {slow}");
            }
        }
    }

    proptest! {
        /// The cumulative rate between two arrivals is the gap drawn, up to the rounding of the
        /// arrival to a nanosecond.
        #[test]
        fn time_change_is_exact(
            growth in prop_oneof![Just(0.0), -0.01..0.01_f64],
            with_profile in any::<bool>(),
            with_crowds in any::<bool>(),
            gaps in prop::collection::vec(prop_oneof![0.0..3.0_f64, 0.0..200.0_f64], 1..30),
        ) {
            let mut modulation = Modulation { growth, ..example() };
            modulation.profile = modulation.profile.filter(|_| with_profile);
            modulation.crowds.retain(|_| with_crowds);
            let integral = |at: SimTime| modulation.integral(at.since(SimTime::ZERO));
            let mut clock = ModulatedRate::new(&modulation, PerSecond(5.0));
            let mut now = SimTime::ZERO;
            for gap in gaps {
                let Some(at) = clock.after(now, gap) else {
                    prop_assert!(growth < 0.0);
                    break;
                };
                if at > SimTime::from_nanos(3000 * SECOND) {
                    break;
                }
                let found = 5.0 * (integral(at) - integral(now));
                let rate = 5.0 * multiplier(&modulation, at.as_secs_f64()) + 1.0;
                let slack = 1e-9 * (integral(at) + rate + 1.0);
                prop_assert!((found - gap).abs() < slack, "{gap} ends after {found} at {at}");
                now = at;
            }
        }
    }

    #[test]
    fn many_periods_are_left_out_at_once() {
        let profile =
            RateProfile { factors: vec![1.0, 3.0], step: seconds(3600.0), offset: seconds(600.0) };
        // Twice as much after ten years.
        let growth = std::f64::consts::LN_2 / 315_576_000.0;
        let modulation = Modulation { profile: Some(profile), growth, crowds: Vec::new() };
        let mut clock = ModulatedRate::new(&modulation, PerSecond(1.0));
        let ten_years = SimTime::from_nanos(315_576_000 * SECOND);
        let gap = modulation.integral(ten_years.since(SimTime::ZERO));
        let at = clock.after(SimTime::ZERO, gap).expect("arrives");
        assert!(at.as_nanos().abs_diff(ten_years.as_nanos()) < 1_000_000, "{at}");
        // One that shrinks has brought nearly all after some periods.
        let shrinking = Modulation { growth: -1e-6, ..modulation };
        let mut clock = ModulatedRate::new(&shrinking, PerSecond(1.0));
        assert_eq!(clock.after(SimTime::ZERO, 3e6), None);
        clock.seek(SimTime::ZERO);
        assert!(clock.after(SimTime::ZERO, 1.9e6).is_some());
    }

    #[test]
    fn seeking_leads_to_the_same_place_as_walking() {
        let modulation = example();
        let mut walking = ModulatedRate::new(&modulation, PerSecond(5.0));
        let mut now = SimTime::ZERO;
        for i in 0..100 {
            now = walking.after(now, f64::from(i % 7)).expect("arrives");
            let mut seeking = ModulatedRate::new(&modulation, PerSecond(5.0));
            seeking.seek(now);
            let (a, b) = (walking.clone().after(now, 9.5), seeking.after(now, 9.5));
            let (a, b) = (a.expect("arrives").as_nanos(), b.expect("arrives").as_nanos());
            assert!(a.abs_diff(b) <= 1, "{a} {b}");
        }
    }

    #[test]
    fn the_mean_leaves_the_phase_of_the_day_aside() {
        let modulation = example();
        assert_eq!(Modulation::default().mean_factor(seconds(7.0)), 1.0);
        let periodic = Modulation { growth: 0.0, crowds: Vec::new(), ..example() };
        assert!((periodic.mean_factor(seconds(7.0)) - 2.5 / 3.0).abs() < 1e-15);
        let once = Modulation { profile: None, ..example() };
        let expected = 2.5 / 3.0 * slow_integral(&once, 0.0, 50.0) / 50.0;
        assert!((modulation.mean_factor(seconds(50.0)) - expected).abs() < 1e-6);
    }

    #[test]
    fn validation_explains() {
        let complaint = |modulation: Modulation| modulation.validate().unwrap_err();
        let with = |crowds| Modulation { crowds, ..Modulation::default() };
        let endless = FlashCrowd {
            duration: SimDuration::from_nanos(u64::MAX),
            ..crowd(1.0, 0.0, 0.0, 0.0, 2.0)
        };
        let complaints = [
            complaint(Modulation { growth: f64::NAN, ..Modulation::default() }),
            complaint(with(vec![crowd(0.0, 0.0, 1.0, 0.0, 0.0)])),
            complaint(with(vec![endless])),
            complaint(with(vec![crowd(0.0, 0.0, 1.0, 0.0, 2.0); 1001])),
        ];
        insta::assert_snapshot!(complaints.join("\n"), @"
        growth must be at most a doubling or halving in a minute (0.0116/s), found NaN/s
        the factor of a flash crowd must be between 1e-6 and 1e6, found 0
        a flash crowd must end before the end of time (584 years)
        1001 flash crowds are too many: at most 1000
        ");
    }
}
