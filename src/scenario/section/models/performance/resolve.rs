//! How long a deployment's calls take, where that is given and not computed from its hardware.

use crate::scenario::path::Path;
use crate::scenario::schema::{Affine, Memory, ServiceTime};
use crate::scenario::section::{Checker, laws, plausible};
use crate::serving::{AffineSpec, GivenReplica};
use crate::setup::ServingSpec;
use crate::units::Picoseconds;

/// Most slots, or waiting places, of a replica.
const MAX_PLACES: u32 = 1_000_000;

/// Longest iteration, or part of one, that is plausible: an hour.
const MAX_PICOS: f64 = 3600e12;

/// A replica whose iteration times are affine in their work, of a deployment that stands at `at`.
pub(in crate::scenario) fn affine(
    at: &Path,
    affine: &Affine,
    accelerators: u32,
    check: &mut Checker,
) -> AffineSpec {
    let place = at.key("performance").key("affine");
    let coefficients = [
        ("overhead", affine.overhead),
        ("per-sequence", affine.per_sequence),
        ("per-prefill-token", affine.per_prefill_token),
        ("per-prefill-pair", affine.per_prefill_pair),
        ("per-decode-token", affine.per_decode_token),
        ("per-context-token", affine.per_context_token),
    ];
    for (key, Picoseconds(picos)) in coefficients {
        if picos > MAX_PICOS {
            check
                .refuse(&place.key(key), "a part of an iteration of more than 1h is not plausible");
        }
    }
    if coefficients.iter().all(|(_, Picoseconds(picos))| *picos == 0.0) {
        check.refuse_key(&place, "iterations take no time: give one of the coefficients at least");
    }
    AffineSpec {
        overhead: affine.overhead,
        per_sequence: affine.per_sequence,
        per_prefill_token: affine.per_prefill_token,
        per_prefill_pair: affine.per_prefill_pair,
        per_decode_token: affine.per_decode_token,
        per_context_token: affine.per_context_token,
        replica: replica(&place, accelerators, &affine.memory(), check),
    }
}

/// What a replica holds.
pub(in crate::scenario) fn replica(
    place: &Path,
    accelerators: u32,
    memory: &Memory,
    check: &mut Checker,
) -> GivenReplica {
    check.range(&place.key("kv-capacity"), memory.kv_capacity, 1..=plausible::MAX_KV_TOKENS, "");
    for (key, bytes) in [("kv-per-token", memory.kv_per_token), ("weights", memory.weights)] {
        plausible::check_given(&place.key(key), bytes, check);
    }
    GivenReplica {
        accelerators,
        kv_capacity: memory.kv_capacity,
        kv_per_token: memory.kv_per_token.unwrap_or_default(),
        weights: memory.weights.unwrap_or_default(),
    }
}

/// A replica whose calls take given times of service: `service-time`, which stands at `at`.
pub(in crate::scenario) fn service_time(
    at: &Path,
    given: &ServiceTime,
    check: &mut Checker,
) -> ServingSpec {
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
