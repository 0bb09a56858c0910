//! The simulated span.

use super::defaults::{nice_bucket, usual_drain};
use crate::engine::{SimDuration, SimTime};
use crate::scenario::path::Path;
use crate::scenario::schema::{self, Horizon};
use crate::scenario::section::Checker;
use crate::setup::{MAX_BUCKETS, Window};

/// Where simulated time ends if calls do not.
const FOREVER: SimDuration = SimDuration::from_secs(100 * 31_557_600);
/// Calls that all arrive at once take some time, too.
const LEAST_SPAN: SimDuration = SimDuration::from_secs(60);
pub(in crate::scenario) fn resolve(window: &schema::Window, check: &mut Checker) -> Window {
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
pub(in crate::scenario) fn not_too_many_buckets(
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
pub(in crate::scenario) fn bucket_of_calls(last: SimDuration) -> SimDuration {
    nice_bucket(last.max(LEAST_SPAN))
}
