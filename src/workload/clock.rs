//! How operational time, in which arrivals come at rate 1, maps to the clock.

use super::Arrivals;
use super::modulated_rate::ModulatedRate;
use super::profile::PeriodicRate;
use crate::engine::{SimDuration, SimTime};

/// The inverse of the cumulative rate, from the current instant on.
#[derive(Clone, Debug)]
pub(super) enum Clock {
    /// Nothing arrives.
    Stopped,
    Constant {
        nanos_per_unit: f64,
    },
    Periodic(PeriodicRate),
    Modulated(ModulatedRate),
}

impl Clock {
    /// The clock of validated arrivals, at time 0.
    pub(super) fn new(arrivals: &Arrivals) -> Self {
        let modulation = &arrivals.modulation;
        if arrivals.rate.0 == 0.0 {
            return Self::Stopped;
        }
        if modulation.growth != 0.0 || !modulation.crowds.is_empty() {
            return Self::Modulated(ModulatedRate::new(modulation, arrivals.rate));
        }
        match &modulation.profile {
            None => Self::Constant { nanos_per_unit: 1e9 / arrivals.rate.0 },
            Some(profile) => Self::Periodic(PeriodicRate::new(profile, arrivals.rate)),
        }
    }

    /// The instant `gap` units of operational time after `now`, the instant of the call before;
    /// `None` past the end of time, after which only [`seek`](Self::seek) may follow.
    pub(super) fn after(&mut self, now: SimTime, gap: f64) -> Option<SimTime> {
        match self {
            Self::Stopped => None,
            Self::Constant { nanos_per_unit } => {
                now.checked_add(rounded_nanos(gap * *nanos_per_unit))
            }
            Self::Periodic(rate) => rate.after(now, gap),
            Self::Modulated(rate) => rate.after(now, gap),
        }
        // A gap that saturates ends at the end of time.
        .filter(|&at| at < SimTime::MAX)
    }

    /// Makes `at` the current instant.
    pub(super) fn seek(&mut self, at: SimTime) {
        match self {
            Self::Stopped | Self::Constant { .. } => {}
            Self::Periodic(rate) => rate.seek(at),
            Self::Modulated(rate) => rate.seek(at),
        }
    }
}

/// To the nearest nanosecond; saturates, as what is that far away never happens.
pub(super) fn rounded_nanos(nanos: f64) -> SimDuration {
    SimDuration::from_nanos((nanos + 0.5) as u64)
}
