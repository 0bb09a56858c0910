//! How a replica's iterations are made up: which words go together.

use crate::catalog::{Engine, Scheduling};
use crate::scenario::path::Path;
use crate::scenario::schema::{self, Deployment, usual};
use crate::scenario::section::{Checker, plausible};
use crate::serving::{
    Batching, BatchingPolicy, KvAdmission, Performance, Preemption, Role, TokenServing,
};

/// Most sequences in an iteration.
pub(in crate::scenario) const MAX_BATCH: u32 = 1_000_000;
/// Most tokens in an iteration.
pub(in crate::scenario) const MAX_BUDGET: u32 = 10_000_000;

/// How a deployment that serves tokens in `role` does so.
pub(in crate::scenario) fn token_serving(
    at: &Path,
    given: &Deployment,
    role: Role,
    performance: Performance,
    check: &mut Checker,
) -> TokenServing {
    plausible::check_given(&at.key("host-bandwidth"), given.host_bandwidth, check);
    if role == Role::Decode && given.prefix_cache == Some(true) {
        let message = "`prefix-cache` goes with the deployment that processes prompts";
        check.refuse_key(&at.key("prefix-cache"), message);
    }
    let batching = batching(at, given, role, &performance, check);
    can_be_moved(at, given, role, &performance, check);
    TokenServing {
        performance,
        batching,
        host_bandwidth: given.host_bandwidth.unwrap_or(usual::HOST_BANDWIDTH),
        prefix_cache: given.prefix_cache.unwrap_or(usual::PREFIX_CACHE),
        role,
    }
}

/// Requires a token's keys and values to have a size where they are moved.
fn can_be_moved(
    at: &Path,
    given: &Deployment,
    role: Role,
    performance: &Performance,
    check: &mut Checker,
) {
    let why = match (given.preemption, role) {
        (Some(schema::Preemption::Swap), _) => "`preemption: swap`",
        (_, Role::Prefill | Role::Decode) => "`batching: disaggregated`",
        (_, Role::Whole) => return,
    };
    let place = match performance {
        Performance::Affine(_) => at.key("performance").key("affine"),
        Performance::Profile(_) => at.key("performance").key("profile"),
        Performance::Roofline(_) => return,
    };
    if performance.kv_bytes_per_token() == 0.0 {
        let message = format!("missing field `kv-per-token`: {why} moves keys and values");
        check.refuse_key(&place, message);
    }
}

/// The largest batch and prefill of a table that must not be left.
fn ends_of_table(performance: &Performance) -> (u32, u32) {
    match performance {
        Performance::Profile(table) if !table.extrapolate => {
            (table.largest_batch(), table.largest_prefill())
        }
        _ => (u32::MAX, u32::MAX),
    }
}

fn stays_in_table(at: &Path, key: &str, value: u32, largest: u32, check: &mut Checker) {
    if value > largest {
        let message = format!(
            "found {value}, but the profile ends at {largest}: stay within it, or say `extrapolate: true` there"
        );
        check.refuse(&at.key(key), message);
    }
}

fn batching(
    at: &Path,
    given: &Deployment,
    role: Role,
    performance: &Performance,
    check: &mut Checker,
) -> Batching {
    let (largest_batch, largest_prefill) = ends_of_table(performance);
    let engine = engine_of(performance);
    let (max_batch, token_budget) = match engine {
        Some(engine) => usual::limits(engine, given.max_batch, given.token_budget),
        None => (
            given.max_batch.unwrap_or(largest_batch.min(usual::MAX_BATCH)),
            given.token_budget.unwrap_or(largest_prefill.min(usual::TOKEN_BUDGET)),
        ),
    };
    stays_in_table(at, "max-batch", max_batch, largest_batch, check);
    stays_in_table(at, "token-budget", token_budget, largest_prefill, check);
    let mut sound = true;
    for (key, figure, most) in [
        ("max-batch", given.max_batch, MAX_BATCH),
        ("token-budget", given.token_budget, MAX_BUDGET),
    ] {
        if let Some(figure) = figure {
            sound &= check.range(&at.key(key), figure, 1..=most, "");
        }
    }
    if sound && max_batch > token_budget {
        let key = if given.max_batch.is_some() { "max-batch" } else { "token-budget" };
        check.refuse(&at.key(key), usual::more_sequences_than_tokens(max_batch, token_budget));
    }
    note_ignored_policy(at, given, role, check);
    let policy = match given.batching {
        None if role == Role::Whole => engine.map_or(BatchingPolicy::Continuous, policy_of),
        None | Some(schema::Batching::Continuous | schema::Batching::Disaggregated(_)) => {
            BatchingPolicy::Continuous
        }
        Some(schema::Batching::PrefillFirst) => BatchingPolicy::PrefillFirst,
        Some(schema::Batching::Static) => BatchingPolicy::Static,
    };
    Batching { policy, admission: admission(at, given, policy, check), max_batch, token_budget }
}

/// Says that a pool of a pair has its own way of making up iterations, where the scenario says another of its engine.
fn note_ignored_policy(at: &Path, given: &Deployment, role: Role, check: &mut Checker) {
    let said = match &given.engine {
        Some(schema::NameOr::Inline(engine)) => engine.batching,
        _ => None,
    };
    if role != Role::Whole && said == Some(Scheduling::PrefillFirst) {
        check.note(format!(
            "`{}` has no effect: a pool that only processes prompts, or only decodes, has nothing to put first.",
            at.key("engine").key("batching")
        ));
    }
}

/// The engine of a roofline.
fn engine_of(performance: &Performance) -> Option<&Engine> {
    match performance {
        Performance::Roofline(spec) => Some(&spec.engine),
        Performance::Affine(_) | Performance::Profile(_) => None,
    }
}

fn policy_of(engine: &Engine) -> BatchingPolicy {
    match engine.batching {
        Scheduling::Continuous => BatchingPolicy::Continuous,
        Scheduling::PrefillFirst => BatchingPolicy::PrefillFirst,
    }
}

fn admission(
    at: &Path,
    given: &Deployment,
    policy: BatchingPolicy,
    check: &mut Checker,
) -> KvAdmission {
    let admission = given.kv_admission.unwrap_or(usual::KV_ADMISSION);
    let optimistic = admission == schema::KvAdmission::Optimistic;
    let swap = given.preemption.unwrap_or(usual::PREEMPTION) == schema::Preemption::Swap;
    if given.preemption.is_some() && !optimistic {
        let message = "`preemption` goes with `kv-admission: optimistic` only";
        check.refuse_key(&at.key("preemption"), message);
    }
    if given.host_bandwidth.is_some() && !(optimistic && swap) {
        let message = "`host-bandwidth` goes with `preemption: swap` only";
        check.refuse_key(&at.key("host-bandwidth"), message);
    }
    if !optimistic {
        return KvAdmission::Reserve;
    }
    let alone = match (policy, &given.batching) {
        (BatchingPolicy::Static, _) => Some("a static batch holds what its members declared"),
        (_, Some(schema::Batching::Disaggregated(_))) => {
            Some("a pool that only processes prompts holds nothing but them")
        }
        _ => None,
    };
    if let Some(why) = alone {
        let message = format!("`kv-admission: optimistic` has nothing to preempt here: {why}");
        check.refuse_key(&at.key("kv-admission"), message);
    }
    KvAdmission::Optimistic(if swap { Preemption::Swap } else { Preemption::Recompute })
}
