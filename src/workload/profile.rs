//! The exact time change under a piecewise-constant, periodic rate.

use super::RateProfile;
use super::clock::rounded_nanos;
use crate::engine::{SimDuration, SimTime, Span};
use crate::units::PerSecond;
use std::sync::Arc;

/// Largest multiplier of a rate.
pub(super) const MAX_FACTOR: f64 = 1e6;

impl RateProfile {
    /// Whether this is a profile that arrivals can follow.
    ///
    /// # Errors
    /// Says what is wrong, what was found and what is allowed.
    pub fn validate(&self) -> Result<(), String> {
        if self.factors.is_empty() {
            return Err("a rate profile needs at least one factor, found none".to_owned());
        }
        let allowed = 0.0..=MAX_FACTOR;
        if let Some(factor) = self.factors.iter().find(|factor| !allowed.contains(*factor)) {
            return Err(format!(
                "factors of a rate profile must be between 0 and {MAX_FACTOR:e}, found {factor}"
            ));
        }
        if self.factors.iter().all(|&factor| factor == 0.0) {
            return Err("a rate profile needs at least one positive factor".to_owned());
        }
        if self.step == SimDuration::ZERO {
            return Err("the steps of a rate profile must be longer than 0ns".to_owned());
        }
        let steps = self.factors.len() as u64;
        match self.step.as_nanos().checked_mul(steps) {
            Some(_) => Ok(()),
            None => Err(format!("a period of {steps} steps of {} is too long", self.step)),
        }
    }

    /// The mean multiplier over a period.
    pub fn mean_factor(&self) -> f64 {
        self.factors.iter().sum::<f64>() / self.factors.len() as f64
    }

    /// The multiplier integrated over `span`, in seconds.
    pub fn integral(&self, span: impl Into<Span>) -> f64 {
        let Span { start, end } = span.into();
        let step = self.step.as_nanos();
        // Steps, whole and in part, from the start of the period that time 0 is in.
        let until = |nanos: u64| {
            let (whole, part) = (nanos / step, nanos % step);
            let count = self.factors.len() as u64;
            let period = self.factors.iter().sum::<f64>();
            let rest = self.factors.iter().take((whole % count) as usize).sum::<f64>();
            let fraction = self.factors[(whole % count) as usize] * part as f64 / step as f64;
            (whole / count) as f64 * period + rest + fraction
        };
        let offset = self.offset.as_nanos();
        let at = |instant: SimTime| until(offset.saturating_add(instant.as_nanos()));
        (at(end) - at(start)) * self.step.as_secs_f64()
    }
}

/// The inverse of the cumulative rate, from the current instant on.
///
/// It remembers the step it is in, so that a gap that ends inside it costs one multiplication.
/// A longer gap walks over the steps it covers, after leaving out whole periods at once.
#[derive(Clone, Debug)]
pub(super) struct PeriodicRate {
    /// Shared among the clients of an application.
    steps: Arc<[Step]>,
    phase_nanos: u64,
    step_nanos: u64,
    period_nanos: u64,
    /// Units of operational time in one period.
    period_units: f64,
    /// The current step.
    index: usize,
    /// Its end.
    end: SimTime,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    units_per_nano: f64,
    /// The inverse; infinite where nothing arrives.
    nanos_per_unit: f64,
}

impl PeriodicRate {
    /// A validated `profile` times `rate`, at time 0.
    pub(super) fn new(profile: &RateProfile, rate: PerSecond) -> Self {
        let steps: Arc<[Step]> = profile
            .factors
            .iter()
            .map(|factor| factor * rate.0)
            .map(|rate| Step { units_per_nano: rate / 1e9, nanos_per_unit: 1e9 / rate })
            .collect();
        let step_nanos = profile.step.as_nanos();
        let period_nanos = step_nanos * steps.len() as u64;
        let phase = profile.offset.as_nanos() % period_nanos;
        Self {
            period_units: steps.iter().map(|step| step.units_per_nano * step_nanos as f64).sum(),
            steps,
            phase_nanos: phase,
            step_nanos,
            period_nanos,
            index: (phase / step_nanos) as usize,
            end: SimTime::from_nanos(step_nanos - phase % step_nanos),
        }
    }

    /// The instant `gap` units of operational time after `now`, which must lie in the current
    /// step; `None` past the end of time.
    pub(super) fn after(&mut self, mut now: SimTime, mut gap: f64) -> Option<SimTime> {
        loop {
            let step = self.steps[self.index];
            let left = self.end.since(now);
            // In a step without arrivals this is infinite, or no number for an empty gap: neither
            // is less than what is left.
            let nanos = gap * step.nanos_per_unit;
            if nanos < left.as_nanos() as f64 {
                return Some(now + rounded_nanos(nanos).min(left));
            }
            // Rounding must not leave a negative gap.
            gap = (gap - left.as_nanos() as f64 * step.units_per_nano).max(0.0);
            now = self.end;
            self.enter_next_step()?;
            if gap >= self.period_units {
                let periods = (gap / self.period_units).floor();
                gap = (gap - periods * self.period_units).max(0.0);
                let skipped = self.skip_periods(periods as u64)?;
                now = now.checked_add(skipped)?;
            }
        }
    }

    /// Goes to the step of `at`.
    pub(super) fn seek(&mut self, at: SimTime) {
        let phase = (at.as_nanos() % self.period_nanos + self.phase_nanos) % self.period_nanos;
        self.index = (phase / self.step_nanos) as usize;
        let left = SimDuration::from_nanos(self.step_nanos - phase % self.step_nanos);
        self.end = at.checked_add(left).unwrap_or(SimTime::MAX);
    }

    fn enter_next_step(&mut self) -> Option<()> {
        self.index = if self.index + 1 == self.steps.len() { 0 } else { self.index + 1 };
        self.end = self.end.checked_add(SimDuration::from_nanos(self.step_nanos))?;
        Some(())
    }

    fn skip_periods(&mut self, periods: u64) -> Option<SimDuration> {
        let skipped = SimDuration::from_nanos(self.period_nanos.checked_mul(periods)?);
        self.end = self.end.checked_add(skipped)?;
        Some(skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The slow twin: cumulative operational time from 0 to `at`, step by step.
    fn cumulative(profile: &RateProfile, rate: f64, at: u64) -> f64 {
        let step = profile.step.as_nanos();
        let (mut now, mut sum) = (0, 0.0);
        while now < at {
            let phase = now + profile.offset.as_nanos();
            let index = (phase / step) as usize % profile.factors.len();
            let end = at.min(now + step - phase % step);
            sum += profile.factors[index] * rate * 1e-9 * (end - now) as f64;
            now = end;
        }
        sum
    }

    proptest! {
        /// The defining property: the cumulative rate between two arrivals is the gap drawn, up to
        /// the rounding of the arrival to a nanosecond.
        #[test]
        fn time_change_is_exact(
            factors in prop::collection::vec(prop_oneof![Just(0.0), 0.01..5.0f64], 1..12),
            step in 1_000_000u64..2_000_000_000,
            offset in 0u64..100_000_000_000,
            rate in 0.05..1000.0f64,
            gaps in prop::collection::vec(prop_oneof![0.0..3.0f64, 0.0..60.0f64], 1..40),
        ) {
            prop_assume!(factors.iter().any(|&factor| factor > 0.0));
            let offset = SimDuration::from_nanos(offset);
            let profile = RateProfile { factors, step: SimDuration::from_nanos(step), offset };
            let mut clock = PeriodicRate::new(&profile, PerSecond(rate));
            let mut now = SimTime::ZERO;
            for gap in gaps {
                let at = clock.after(now, gap).expect("far from the end of time");
                let (from, to) = (now.as_nanos(), at.as_nanos());
                // Differences from `now` on, or rounding of the sums would hide the property.
                let shifted = RateProfile {
                    offset: SimDuration::from_nanos(profile.offset.as_nanos() + from),
                    ..profile.clone()
                };
                let between = |to: u64| cumulative(&shifted, rate, to - from);
                let slack = 1e-12 * (gap + 1.0);
                prop_assert!(between(to + 1) >= gap - slack, "{gap} ends after {at}");
                prop_assert!(between(to.saturating_sub(1).max(from)) <= gap + slack);
                now = at;
            }
        }
    }

    #[test]
    fn seeking_leads_to_the_same_step_as_walking() {
        let profile =
            RateProfile { offset: SimDuration::from_secs(5000), ..hourly(&[1.0, 0.5, 3.0]) };
        let mut walking = PeriodicRate::new(&profile, PerSecond(0.01));
        let mut now = SimTime::ZERO;
        for i in 0..1000 {
            now = walking.after(now, f64::from(i % 90)).expect("arrives");
            let mut seeking = PeriodicRate::new(&profile, PerSecond(0.01));
            seeking.seek(now);
            assert_eq!((seeking.index, seeking.end), (walking.index, walking.end));
        }
    }

    #[test]
    fn a_profile_is_integrated_from_where_it_starts() {
        let hours = |hours: u64| SimDuration::from_secs(3600 * hours);
        let profile = RateProfile { offset: hours(1), ..hourly(&[0.5, 1.5, 1.0]) };
        assert_eq!(profile.integral(hours(1)), 1.5 * 3600.0);
        assert_eq!(profile.integral(hours(3)), 3.0 * 3600.0);
        assert_eq!(profile.integral(hours(4)), 4.5 * 3600.0);
        assert_eq!(profile.integral(SimDuration::from_secs(1800)), 0.75 * 3600.0);
    }

    fn hourly(factors: &[f64]) -> RateProfile {
        RateProfile {
            factors: factors.to_vec(),
            step: SimDuration::from_secs(3600),
            offset: SimDuration::ZERO,
        }
    }

    #[test]
    fn skips_hours_without_arrivals() {
        let mut clock = PeriodicRate::new(&hourly(&[1.0, 0.0, 0.0, 2.0]), PerSecond(1.0));
        let at = clock.after(SimTime::ZERO, 3601.0).expect("arrives");
        assert_eq!(at, SimTime::ZERO + SimDuration::from_secs_f64(3.0 * 3600.0 + 0.5));
        // An empty gap stays where it is.
        assert_eq!(clock.after(at, 0.0), Some(at));
    }

    #[test]
    fn skips_whole_periods_at_once() {
        let mut clock = PeriodicRate::new(&hourly(&[1.0, 3.0]), PerSecond(1e-6));
        // A period has 14.4e-3 units: this gap is a million periods and half an hour.
        let at = clock.after(SimTime::ZERO, 14.4e-3 * 1e6 + 3.6e-3 / 2.0).expect("arrives");
        let expected = 2.0 * 3600.0 * 1e6 + 1800.0;
        assert!((at.as_secs_f64() - expected).abs() < 1e-3, "{at}");
        assert_eq!(clock.after(at, 1e12), None);
    }

    #[test]
    fn validation_explains() {
        let complaint = |factors: &[f64], step| {
            RateProfile { step: SimDuration::from_nanos(step), ..hourly(factors) }
                .validate()
                .unwrap_err()
        };
        let complaints = [
            complaint(&[], 1),
            complaint(&[1.0, -1.0], 1),
            complaint(&[0.0, 0.0], 1),
            complaint(&[1.0], 0),
            complaint(&[1.0, 1.0], u64::MAX),
        ];
        insta::assert_snapshot!(complaints.join("\n"), @"
        a rate profile needs at least one factor, found none
        factors of a rate profile must be between 0 and 1e6, found -1
        a rate profile needs at least one positive factor
        the steps of a rate profile must be longer than 0ns
        a period of 2 steps of 18446744073.709551615 s is too long
        ");
    }
}
