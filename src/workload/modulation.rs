//! How a rate varies: what may be given, and what it comes to on average.

use super::modulated_rate::ModulatedRate;
use super::profile::MAX_FACTOR;
use super::{FlashCrowd, Modulation};
use crate::engine::{SimDuration, SimTime, Span};
use crate::units::PerSecond;

/// Growth beyond a doubling in a minute is no growth, but a flash crowd.
const MAX_GROWTH: f64 = std::f64::consts::LN_2 / 60.0;
/// Smallest multiplier of a crowd: its logarithm must be finite.
const MIN_FACTOR: f64 = 1e-6;
/// Most crowds: each arrival near them looks for its place among their corners.
const MAX_CROWDS: usize = 1000;

impl Modulation {
    /// Whether this is a modulation that arrivals can follow.
    ///
    /// # Errors
    /// Says what is wrong, what was found and what is allowed.
    pub fn validate(&self) -> Result<(), String> {
        if let Some(profile) = &self.profile {
            profile.validate()?;
        }
        if !(-MAX_GROWTH..=MAX_GROWTH).contains(&self.growth) {
            return Err(format!(
                "growth must be at most a doubling or halving in a minute ({MAX_GROWTH:.4}/s), \
                 found {}/s",
                self.growth
            ));
        }
        let allowed = MIN_FACTOR..=MAX_FACTOR;
        if let Some(crowd) = self.crowds.iter().find(|crowd| !allowed.contains(&crowd.factor)) {
            return Err(format!(
                "the factor of a flash crowd must be between {MIN_FACTOR:e} and {MAX_FACTOR:e}, \
                 found {}",
                crowd.factor
            ));
        }
        let ends = |crowd: &FlashCrowd| {
            [crowd.start, crowd.ramp, crowd.duration, crowd.decay]
                .into_iter()
                .try_fold(SimTime::ZERO, SimTime::checked_add)
        };
        if self.crowds.iter().any(|crowd| ends(crowd).is_none()) {
            return Err("a flash crowd must end before the end of time (584 years)".to_owned());
        }
        if self.crowds.len() > MAX_CROWDS {
            let count = self.crowds.len();
            return Err(format!("{count} flash crowds are too many: at most {MAX_CROWDS}"));
        }
        Ok(())
    }

    /// The mean multiplier: over whole periods of the profile, and of growth and crowds over `span`.
    pub fn mean_factor(&self, span: impl Into<Span>) -> f64 {
        let span = span.into();
        let periodic = self.profile.as_ref().map_or(1.0, |profile| profile.mean_factor());
        if self.is_periodic() || span.length() == SimDuration::ZERO {
            return periodic;
        }
        let once = Self { profile: None, ..self.clone() };
        periodic * once.integral(span) / span.length().as_secs_f64()
    }

    /// The multiplier integrated over `span`, in seconds.
    pub fn integral(&self, span: impl Into<Span>) -> f64 {
        let span = span.into();
        match &self.profile {
            Some(profile) if self.is_periodic() => profile.integral(span),
            None if self.is_periodic() => span.length().as_secs_f64(),
            _ => ModulatedRate::new(self, PerSecond(1.0)).units_in(span),
        }
    }

    /// The multiplier integrated from each of some instants to the next, in seconds.
    pub fn integrals(&self, instants: &[SimTime]) -> Vec<f64> {
        let spans = instants.windows(2).map(|pair| Span { start: pair[0], end: pair[1] });
        if self.is_periodic() {
            return spans.map(|span| self.integral(span)).collect();
        }
        let rate = ModulatedRate::new(self, PerSecond(1.0));
        spans.map(|span| rate.clone().units_in(span)).collect()
    }

    /// Whether there is neither growth nor any crowd.
    pub(super) fn is_periodic(&self) -> bool {
        self.growth == 0.0 && self.crowds.is_empty()
    }
}
