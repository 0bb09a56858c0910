//! The simulated span.

use super::Checker;
use crate::engine::{SimDuration, SimTime};
use crate::scenario::path::Path;
use crate::scenario::schema::{self, Horizon};
use crate::setup::{MAX_BUCKETS, Window};

/// Where simulated time ends if calls do not.
const FOREVER: SimDuration = SimDuration::from_secs(100 * 31_557_600);
/// Calls that all arrive at once take some time, too.
const LEAST_SPAN: SimDuration = SimDuration::from_secs(60);
/// Points of a time series when the scenario does not say.
const USUAL_BUCKETS: u64 = 60;

pub(super) fn resolve(window: &schema::Window, check: &mut Checker) -> Window {
    let path = Path::default().key("window");
    if window.bucket == Some(SimDuration::ZERO) {
        check.refuse(&path.key("bucket"), "a bucket must be longer than 0s");
    }
    match window.horizon {
        Horizon::At(horizon) => until(&path, window, horizon, check),
        Horizon::EndOfCalls => until_calls_end(&path, window, check),
    }
}

fn until(
    path: &Path,
    window: &schema::Window,
    horizon: SimDuration,
    check: &mut Checker,
) -> Window {
    let warmup = window.warmup;
    if horizon == SimDuration::ZERO {
        check.refuse(&path.key("horizon"), "nothing is simulated: the horizon is 0s");
    } else if horizon <= warmup {
        check.refuse(
            &path.key("horizon"),
            "nothing is measured: the horizon must be longer than the warm-up",
        );
    }
    let bucket = window.bucket.unwrap_or_else(|| nice_bucket(horizon));
    not_too_many_buckets(horizon, bucket, "in the horizon", check);
    let drain = window.drain.unwrap_or_else(|| usual_drain(warmup, horizon));
    let start = SimTime::ZERO;
    let length = SimDuration::from_nanos(horizon.as_nanos().saturating_sub(warmup.as_nanos()));
    Window { start, warmup, length, ends_with_calls: false, drain, bucket }
}

/// Requires a time series of a span to have a number of points that can be written.
pub(super) fn not_too_many_buckets(
    span: SimDuration,
    bucket: SimDuration,
    which: &str,
    check: &mut Checker,
) {
    let buckets = span.as_nanos().div_ceil(bucket.as_nanos().max(1));
    if bucket > SimDuration::ZERO && buckets > MAX_BUCKETS {
        let message = format!("{buckets} buckets {which} are too many: at most {MAX_BUCKETS}");
        check.refuse(&Path::default().key("window").key("bucket"), message);
    }
}

/// All calls are measured, and followed to their end.
fn until_calls_end(path: &Path, window: &schema::Window, check: &mut Checker) -> Window {
    if window.warmup > SimDuration::ZERO {
        let message = "`horizon: end-of-calls` measures all calls: there is no warm-up";
        check.refuse(&path.key("warmup"), message);
    }
    if window.drain.is_some() {
        let message = "has no effect: `horizon: end-of-calls` follows all calls to their end";
        check.refuse(&path.key("drain"), message);
    }
    Window {
        start: SimTime::ZERO,
        warmup: SimDuration::ZERO,
        length: FOREVER,
        ends_with_calls: true,
        drain: SimDuration::ZERO,
        // Unless given, it follows from the sources.
        bucket: window.bucket.unwrap_or(LEAST_SPAN),
    }
}

/// A round length for calls that arrive until `last`.
pub(super) fn bucket_of_calls(last: SimDuration) -> SimDuration {
    nice_bucket(last.max(LEAST_SPAN))
}

/// The longer of a minute and a tenth of the measured time.
pub(in crate::scenario) fn usual_drain(warmup: SimDuration, horizon: SimDuration) -> SimDuration {
    let measured = horizon.as_nanos().saturating_sub(warmup.as_nanos());
    SimDuration::from_secs(60).max(SimDuration::from_nanos(measured / 10))
}

/// A round length of which about sixty make up the horizon, not more.
pub(in crate::scenario) fn nice_bucket(horizon: SimDuration) -> SimDuration {
    const SECOND: u64 = 1_000_000_000;
    let least = horizon.as_nanos().div_ceil(USUAL_BUCKETS).max(1);
    let decimal = (0..9).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)));
    let clock =
        [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200];
    let days = (0..15).map(|power| (1 << power) * 86_400);
    let nanos = decimal
        .chain(clock.into_iter().chain(days).map(|seconds| seconds * SECOND))
        .find(|&nanos| nanos >= least);
    SimDuration::from_nanos(nanos.unwrap_or(least))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_round_and_at_most_sixty() {
        for (horizon, bucket) in [
            ("1ns", "1ns"),
            ("1s", "20ms"),
            ("1h", "1min"),
            ("70m", "2min"),
            ("1d", "30min"),
            ("365d", "8d"),
            ("5000w", "1024d"),
        ] {
            let horizon: SimDuration = horizon.parse().unwrap();
            assert_eq!(nice_bucket(horizon), bucket.parse().unwrap(), "{horizon}");
        }
    }
}
