//! How long a deployment's calls take, where that is given and not computed from its hardware.

use super::{Checker, laws};
use crate::scenario::path::Path;
use crate::scenario::schema::ServiceTime;
use crate::simulation::ServingSpec;

/// Most slots, or waiting places, of a replica.
const MAX_PLACES: u32 = 1_000_000;

/// A replica whose calls take given times of service: `service-time`, which stands at `at`.
pub(super) fn service_time(at: &Path, given: &ServiceTime, check: &mut Checker) -> ServingSpec {
    check.range(&at.key("slots"), given.slots, 1..=MAX_PLACES, "");
    if let Some(queue) = given.queue {
        check.range(&at.key("queue"), queue, 0..=MAX_PLACES, "");
    }
    ServingSpec::ServiceTime {
        distribution: laws::seconds(&at.key("distribution"), &given.distribution, check),
        slots: given.slots,
        discipline: given.discipline,
        max_waiting: given.queue,
    }
}
