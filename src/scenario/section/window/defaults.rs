//! What a window has that does not say.

use crate::engine::SimDuration;
use crate::scenario::schema::{Horizon, Window};

/// Points of a time series when the scenario does not say.
const USUAL_BUCKETS: u64 = 60;

/// Spells it out.
pub(in crate::scenario) fn fill(window: &mut Window) {
    if let Window { warmup, horizon: Horizon::At(horizon), .. } = *window {
        window.bucket.get_or_insert_with(|| nice_bucket(horizon));
        window.drain.get_or_insert_with(|| usual_drain(warmup, horizon));
    }
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
