//! How the rate of arrivals varies.

use crate::engine::SimDuration;
use crate::scenario::path::Path;
use crate::scenario::schema::{self, DayOfWeek, Growth, HourOfDay, ServeGenRates};
use crate::scenario::section::{Checker, servegen};
use crate::workload::{FlashCrowd, Modulation, RateProfile};

const HOUR: SimDuration = SimDuration::from_secs(3_600);
const DAY: SimDuration = SimDuration::from_secs(86_400);
const DAY_SECS: f64 = 86_400.0;
const YEAR_SECS: f64 = 365.25 * DAY_SECS;
/// Largest factor of a pattern or crowd.
const MAX_FACTOR: f64 = 1e6;
/// By how much a rate may grow or shrink within the horizon.
const MAX_GROWTH: f64 = 1e12;
/// Flash crowds of an application.
const MAX_CROWDS: usize = 1_000;

/// The modulation at `at`; `None` if something is wrong with it.
pub(in crate::scenario) fn resolve(
    at: &Path,
    given: &schema::Modulation,
    horizon: SimDuration,
    check: &mut Checker,
) -> Option<Modulation> {
    let profile = profile(at, given, check);
    let growth = match given.growth {
        Some(growth) => self::growth(&at.key("growth"), growth, horizon, check),
        None => Some(0.0),
    };
    let crowds = crowds(&at.key("flash-crowds"), &given.flash_crowds, check);
    Some(Modulation { profile: profile?, growth: growth?, crowds: crowds? })
}

/// The pattern of days and weeks, if there is one; `None` if it is wrong.
fn profile(
    at: &Path,
    given: &schema::Modulation,
    check: &mut Checker,
) -> Option<Option<RateProfile>> {
    if let Some(rates) = &given.servegen {
        return recorded(at, given, rates, check).map(Some);
    }
    let hours = given.hour_of_day.as_ref();
    let hours = hours.map(|given| hour_of_day(&at.key("hour-of-day"), given, check));
    let days = given.day_of_week.as_ref().map(|given| {
        let DayOfWeek { factors, starts_on } = given;
        let factors = normalised(&at.key("day-of-week").key("factors"), factors, 7, "day", check)?;
        Some((factors, DAY.as_nanos() * *starts_on as u64))
    });
    Some(match (hours, days) {
        (None, None) => None,
        (Some(hours), None) => {
            let (factors, offset) = hours?;
            Some(RateProfile { factors, step: HOUR, offset })
        }
        (None, Some(days)) => {
            let (factors, offset) = days?;
            let offset = SimDuration::from_nanos(offset);
            Some(RateProfile { factors, step: DAY, offset })
        }
        (Some(hours), Some(days)) => {
            let ((hours, time), (days, day)) = (hours?, days?);
            let factors =
                days.iter().flat_map(|day| hours.iter().map(move |hour| day * hour)).collect();
            let offset = SimDuration::from_nanos(day) + time;
            Some(RateProfile { factors, step: HOUR, offset })
        }
    })
}

/// A recorded rate.
fn recorded(
    at: &Path,
    given: &schema::Modulation,
    rates: &ServeGenRates,
    check: &mut Checker,
) -> Option<RateProfile> {
    let mut sound = true;
    for (key, present) in
        [("hour-of-day", given.hour_of_day.is_some()), ("day-of-week", given.day_of_week.is_some())]
    {
        if present {
            let message =
                format!("`{key}` does not go with `servegen`: recorded rates have their own days");
            check.refuse_key(&at.key(key), message);
            sound = false;
        }
    }
    let profile = servegen::rates(&at.key("servegen"), rates, check)?;
    sound.then_some(profile)
}

/// The factors of 24 hours, and the time of day at the start; `None` if something is wrong.
fn hour_of_day(
    at: &Path,
    given: &HourOfDay,
    check: &mut Checker,
) -> Option<(Vec<f64>, SimDuration)> {
    let time = given.starts_at < DAY;
    if !time {
        check.refuse(&at.key("starts-at"), "a time of day is less than 24h");
    }
    let factors = match (&given.factors, &given.servegen) {
        (Some(factors), None) => normalised(&at.key("factors"), factors, 24, "hour", check),
        (None, Some(table)) => servegen::hours(&at.key("servegen"), table, check),
        (Some(_), Some(_)) => {
            check.refuse_key(at, "`factors` and `servegen` both say how the rate varies: give one");
            None
        }
        (None, None) => {
            check.refuse_key(at, "missing field `factors`, or `servegen` to read them from a file");
            None
        }
    };
    factors.filter(|_| time).map(|factors| (factors, given.starts_at))
}

/// `factors` over their mean; `what` is what there must be `count` of.
fn normalised(
    at: &Path,
    factors: &[f64],
    count: usize,
    what: &str,
    check: &mut Checker,
) -> Option<Vec<f64>> {
    let mut sound = true;
    if factors.len() != count {
        let found = factors.len();
        let message = format!("found {found} factors, expected {count}: one for each {what}");
        check.refuse(at, message);
        sound = false;
    }
    for (index, &factor) in factors.iter().enumerate() {
        sound &= check.range(&at.index(index), factor, 0.0..=MAX_FACTOR, "");
    }
    let sum = factors.iter().sum::<f64>();
    if sum <= 0.0 {
        check.refuse(at, "at least one factor must be above 0");
        sound = false;
    }
    let mean = sum / factors.len().max(1) as f64;
    sound.then(|| factors.iter().map(|factor| factor / mean).collect())
}

/// Growth of the logarithm of the rate per second.
fn growth(at: &Path, given: Growth, horizon: SimDuration, check: &mut Checker) -> Option<f64> {
    let (at, growth) = match given {
        Growth::DoublingTime(time) => {
            let at = at.key("doubling-time");
            let allowed = SimDuration::from_secs(60);
            if time < allowed {
                check.refuse(&at, "a rate doubles in 1min or more: use `flash-crowds`");
                return None;
            }
            (at, std::f64::consts::LN_2 / time.as_secs_f64())
        }
        Growth::PerYear(factor) => {
            let at = at.key("per-year");
            if !check.range(&at, factor, 1e-6..=1e6, "") {
                return None;
            }
            (at, factor.ln() / YEAR_SECS)
        }
        Growth::PerDay(factor) => {
            let at = at.key("per-day");
            if !check.range(&at, factor, 1e-6..=1e6, "") {
                return None;
            }
            (at, factor.ln() / DAY_SECS)
        }
    };
    if (growth * horizon.as_secs_f64()).abs() > MAX_GROWTH.ln() {
        let message = format!(
            "multiplies or divides the rate by more than {MAX_GROWTH:e} within the horizon"
        );
        check.refuse(&at, message);
        return None;
    }
    Some(growth)
}

fn crowds(at: &Path, given: &[schema::FlashCrowd], check: &mut Checker) -> Option<Vec<FlashCrowd>> {
    let mut sound = true;
    if given.len() > MAX_CROWDS {
        let message = format!("{} are too many: at most {MAX_CROWDS}", given.len());
        check.refuse(at, message);
        sound = false;
    }
    for (index, crowd) in given.iter().enumerate() {
        let at = at.index(index);
        sound &= check.range(&at.key("factor"), crowd.factor, 1e-6..=MAX_FACTOR, "");
        let lasts = crowd.ramp + crowd.duration + crowd.decay;
        if lasts == SimDuration::ZERO {
            check.refuse(&at.key("duration"), "a flash crowd lasts longer than 0s");
            sound = false;
        }
    }
    let crowd = |given: &schema::FlashCrowd| FlashCrowd {
        start: given.start,
        ramp: given.ramp,
        duration: given.duration,
        decay: given.decay,
        factor: given.factor,
    };
    sound.then(|| given.iter().map(crowd).collect())
}
