//! Integer time: nanoseconds on the scenario's clock.
//!
//! Floats never accumulate time. A sampled gap is rounded once, to the nearest nanosecond, and
//! from then on all arithmetic is exact. What would be past the end of time (584 years) saturates
//! there, later than every horizon: it never happens.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// An instant: nanoseconds on the scenario's clock. A simulation may begin at any of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(u64);

/// A length of time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimDuration(u64);

/// A stretch of time, half-open: its end is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first instant.
    pub start: SimTime,
    /// The first instant after it, not before its start.
    pub end: SimTime,
}

impl Span {
    /// All that comes after an instant.
    pub fn from(start: SimTime) -> Self {
        Self { start, end: SimTime::MAX }
    }

    /// How long it is.
    pub fn length(self) -> SimDuration {
        self.end.since(self.start)
    }

    /// Whether an instant is part of it.
    pub fn holds(self, at: SimTime) -> bool {
        self.start <= at && at < self.end
    }
}

impl From<SimDuration> for Span {
    /// The first so long of all time.
    fn from(length: SimDuration) -> Self {
        Self { start: SimTime::ZERO, end: SimTime::ZERO + length }
    }
}

impl SimTime {
    /// The start of the scenario's clock.
    pub const ZERO: Self = Self(0);
    /// Later than anything that can happen.
    pub const MAX: Self = Self(u64::MAX);

    /// The instant `nanos` nanoseconds after the start.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the start, for reporting only.
    pub fn as_secs_f64(self) -> f64 {
        SimDuration(self.0).as_secs_f64()
    }

    /// How long after `earlier` this instant is.
    ///
    /// # Panics
    /// When `earlier` is later than `self`: time runs forward.
    pub fn since(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.checked_sub(earlier.0).expect("time runs forward"))
    }

    /// How long after `earlier` this instant is, or zero if it is before.
    pub fn saturating_since(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }

    /// This instant and `duration`, or `None` past the end of time (584 years).
    pub fn checked_add(self, duration: SimDuration) -> Option<Self> {
        self.0.checked_add(duration.0).map(Self)
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// `nanos` nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// `secs` whole seconds.
    ///
    /// # Panics
    /// Beyond 584 years.
    pub const fn from_secs(secs: u64) -> Self {
        match secs.checked_mul(NANOS_PER_SECOND) {
            Some(nanos) => Self(nanos),
            None => panic!("duration overflows"),
        }
    }

    /// `secs` seconds rounded to the nearest nanosecond. Saturates at 584 years: an arrival that
    /// far away never happens.
    pub fn from_secs_f64(secs: f64) -> Self {
        debug_assert!(secs >= 0.0, "a duration is not negative: {secs}");
        Self((secs * NANOS_PER_SECOND as f64 + 0.5) as u64)
    }

    /// Length in nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Length in seconds, for reporting only.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;

    /// At most [`SimTime::MAX`], which never comes.
    fn add(self, duration: SimDuration) -> Self {
        Self(self.0.saturating_add(duration.0))
    }
}

impl AddAssign<SimDuration> for SimTime {
    fn add_assign(&mut self, duration: SimDuration) {
        *self = *self + duration;
    }
}

impl Add for SimDuration {
    type Output = Self;

    /// At most 584 years, which are longer than any simulation.
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for SimDuration {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.checked_sub(other.0).expect("durations are not negative"))
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SimDuration(self.0).fmt(f)
    }
}

impl fmt::Display for SimDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09} s", self.0 / NANOS_PER_SECOND, self.0 % NANOS_PER_SECOND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_round_to_the_nearest_nanosecond() {
        assert_eq!(SimDuration::from_secs_f64(1.5e-9).as_nanos(), 2);
        assert_eq!(SimDuration::from_secs_f64(1.4e-9).as_nanos(), 1);
        assert_eq!(SimDuration::from_secs_f64(0.25).as_nanos(), 250_000_000);
        assert_eq!(SimDuration::from_secs_f64(f64::INFINITY).as_nanos(), u64::MAX);
    }

    #[test]
    fn instants_and_durations_agree() {
        let start = SimTime::from_nanos(5);
        let end = start + SimDuration::from_secs(2);
        assert_eq!(end.since(start), SimDuration::from_secs(2));
        assert_eq!(start.saturating_since(end), SimDuration::ZERO);
        assert_eq!(SimTime::MAX.checked_add(SimDuration::from_nanos(1)), None);
        assert_eq!(SimTime::MAX + SimDuration::from_secs(1), SimTime::MAX);
        assert_eq!(end.to_string(), "2.000000005 s");
    }
}
