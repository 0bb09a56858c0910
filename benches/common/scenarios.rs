//! Scenario files, loaded as the program loads them.

use coopsim::metrics::MetricId;
use coopsim::scenario::{Overrides, Scenario, load};
use coopsim::simulation::{Outcome, Prepared};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The scenario at `path` in the project's folder, with `set` arguments and one replication.
pub(crate) fn scenario(path: &str, set: &[&str]) -> Scenario {
    let overrides = Overrides {
        set: set.iter().map(|&argument| argument.to_owned()).collect(),
        replications: Some(1),
        ..Overrides::default()
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    load(&path, &overrides).unwrap_or_else(|error| panic!("{error}"))
}

/// One replication of a variant.
pub(crate) fn run(prepared: &Prepared<'_>) -> Outcome {
    prepared.run(1, 0, &AtomicBool::new(false)).unwrap_or_else(|error| panic!("{error}"))
}

/// How many requests arrive in it. The window has no warm-up, so that all are counted.
pub(crate) fn requests(prepared: &Prepared<'_>) -> u64 {
    assert_eq!(prepared.setup.window.warmup.as_nanos(), 0, "requests of a warm-up are not counted");
    run(prepared).values[0].get(MetricId::Arrived).expect("requests are always counted") as u64
}
