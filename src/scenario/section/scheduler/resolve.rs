//! Policies: what goes with them must make sense.

use crate::engine::SimDuration;
use crate::scenario::path::Path;
use crate::scenario::schema;
use crate::scenario::section::Checker;
use crate::scheduler::{CapacitySplit, Goal, Latency, Patience, Routing, SchedulerSpec};

/// Largest part of saturation that a plan may aim at.
const MAX_TARGET_LOAD: f64 = 1.0;

/// Most outstanding tokens, and most times the least load, with which a call waits for its replica: beyond
/// either it always stays.
const MAX_PATIENCE_TOKENS: u64 = 1_000_000_000_000;
const MAX_PATIENCE_FACTOR: f64 = 1e6;

/// Requires limits that something can meet.
fn objective(at: &Path, goals: &[Goal], check: &mut Checker) {
    if goals.is_empty() {
        check.refuse(at, "found no limit, expected at least one such as `ttft-p99: 1s`");
    }
    for goal in goals.iter().filter(|goal| goal.limit == SimDuration::ZERO) {
        let may_be_none = goal.latency == Latency::Wait;
        if !may_be_none {
            check.refuse(&at.key(&goal.part().to_string()), "found 0s: nothing is so fast");
        }
    }
}

pub(in crate::scenario) fn resolve(
    scheduler: &schema::Scheduler,
    check: &mut Checker,
) -> SchedulerSpec {
    let capacity = scheduler.capacity.0.clone();
    let at = Path::default().key("scheduler").key("capacity");
    match capacity {
        CapacitySplit::Proportional { fill } => {
            check.positive(&at.key("proportional").key("fill"), fill, 1.0);
        }
        CapacitySplit::Demand { target_load } => {
            check.positive(&at.key("demand").key("target-load"), target_load, MAX_TARGET_LOAD);
        }
        CapacitySplit::Objective(ref goals) => objective(&at.key("objective"), goals, check),
        CapacitySplit::Fixed => {}
    }
    let schema::Scheduler { placement, queue_discipline, autoscaling, start, .. } = *scheduler;
    let routing = routing(scheduler, check);
    SchedulerSpec { placement, capacity, routing, queue_discipline, autoscaling, start }
}

fn routing(scheduler: &schema::Scheduler, check: &mut Checker) -> Routing {
    let routing = scheduler.routing.0;
    if let Routing::PrefixAffinity(Patience { tokens, factor }) = routing {
        let at = Path::default().key("scheduler").key("routing").key("prefix-affinity");
        check.range(&at.key("patience-tokens"), tokens, 0..=MAX_PATIENCE_TOKENS, "");
        check.range(&at.key("patience-factor"), factor, 1.0..=MAX_PATIENCE_FACTOR, "");
    }
    routing
}
