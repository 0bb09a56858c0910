//! How long a deployment's calls take, where that is given and not computed from its hardware.

use super::models::{Limits, batching};
use super::{Checker, laws};
use crate::scenario::path::Path;
use crate::scenario::schema::{Affine, Deployment, ServiceTime};
use crate::serving::{AffineSpec, Batching};
use crate::simulation::ServingSpec;
use crate::units::{Bytes, Picoseconds};

/// Most slots, or waiting places, of a replica.
const MAX_PLACES: u32 = 1_000_000;

/// Most tokens that the KV cache of a replica may hold.
const MAX_KV_TOKENS: u64 = 1_000_000_000_000;
/// Most bytes of weights.
const MAX_WEIGHTS: f64 = 1e18;
/// Longest iteration, or part of one, that is plausible: an hour.
const MAX_PICOS: f64 = 3600e12;

/// A replica whose iteration times are affine in their work.
pub(super) fn affine(
    at: &Path,
    given: &Deployment,
    affine: &Affine,
    check: &mut Checker,
) -> (AffineSpec, Batching) {
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
    memory(&place, affine.kv_capacity, affine.weights, check);
    let spec = AffineSpec {
        overhead: affine.overhead,
        per_sequence: affine.per_sequence,
        per_prefill_token: affine.per_prefill_token,
        per_prefill_pair: affine.per_prefill_pair,
        per_decode_token: affine.per_decode_token,
        per_context_token: affine.per_context_token,
        kv_capacity: affine.kv_capacity,
        weights: affine.weights.unwrap_or(Bytes(0.0)),
    };
    (spec, batching(at, given, Limits::default(), check))
}

/// Requires what a replica holds in its memory to be sane.
pub(super) fn memory(place: &Path, kv_capacity: u64, weights: Option<Bytes>, check: &mut Checker) {
    check.range(&place.key("kv-capacity"), kv_capacity, 1..=MAX_KV_TOKENS, " tokens");
    if let Some(Bytes(bytes)) = weights {
        check.positive(&place.key("weights"), bytes, MAX_WEIGHTS);
    }
}

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
