//! What a variant's capacity plan comes to.

use crate::ids::ModelId;
use crate::planning::Offered;
use crate::planning::Unreachable;
use crate::setup::{ModelSpec, Setup};
use crate::simulation::{Memory, Prepared, SimulationError, Warning};
use std::fmt;
use typed_index_collections::TiVec;

/// A capacity plan, before anything is simulated.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanEstimate {
    /// In the scenario's order.
    pub models: Vec<ModelEstimate>,
    /// Accelerators in service.
    pub accelerators: u64,
    /// Of them, those that no replica holds.
    pub unsold: u64,
    /// What is known to go wrong, the gravest first.
    pub warnings: Vec<Warning>,
}

/// What a model has of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelEstimate {
    /// Its name.
    pub name: String,
    /// Expected calls per second.
    pub calls_per_s: f64,
    /// Its replicas, and the accelerators that they hold.
    pub replicas: u64,
    /// Accelerators that its replicas hold.
    pub accelerators: u64,
    /// Expected calls over those that its replicas complete when saturated; `None` without any.
    pub load: Option<f64>,
}

/// Why a variant has no plan.
#[derive(Clone, Debug, PartialEq)]
pub struct NoPlan {
    /// The whole reason.
    pub reason: String,
    /// The objective that no plan meets, if it is that.
    pub unreachable: Option<Unreachable>,
}

impl From<SimulationError> for NoPlan {
    fn from(error: SimulationError) -> Self {
        let reason = error.to_string();
        let unreachable = match error {
            SimulationError::Unreachable(unreachable) => Some(unreachable),
            _ => None,
        };
        Self { reason, unreachable }
    }
}

/// The plan of the scenario that is `given`, with the memory that simulating it takes, or why there is none.
pub(super) fn plan(given: &Setup) -> Result<(PlanEstimate, Memory), NoPlan> {
    let setup = &given.in_order_of_names();
    let prepared = Prepared::new(setup)?;
    let counts = prepared.plan.counts(setup);
    let held = |model: ModelId| {
        let deployments = setup.deployments.iter().zip(&counts);
        let of_model = deployments.filter(|(spec, _)| spec.model == model);
        of_model.map(|(spec, count)| count * u64::from(spec.accelerators)).sum()
    };
    let models = prepared.offered.iter_enumerated().zip(&setup.models);
    let model = |((id, offered), spec): ((ModelId, &Offered), &ModelSpec)| ModelEstimate {
        name: spec.name.clone(),
        calls_per_s: offered.demand.expected.calls_per_s,
        replicas: offered.replicas,
        accelerators: held(id),
        load: offered.load(),
    };
    let mut models: Vec<_> = models.map(model).collect();
    let listed = |name: &str| given.models.iter().position(|model| model.name == name);
    models.sort_by_cached_key(|model| listed(&model.name));
    let estimate = PlanEstimate {
        models,
        accelerators: setup.clusters.iter().map(|cluster| cluster.accelerators()).sum(),
        unsold: prepared.plan.free.iter().sum(),
        warnings: prepared.warnings(&TiVec::new()),
    };
    Ok((estimate, prepared.memory()))
}

impl fmt::Display for PlanEstimate {
    /// At most 80 columns, but for long names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n{:<28} {:>12} {:>10} {:>14} {:>10}",
            "model", "calls/s", "replicas", "accelerators", "load"
        )?;
        for model in &self.models {
            let ModelEstimate { name, calls_per_s, replicas, accelerators, load } = model;
            let load = load.map_or("-".to_owned(), |load| format!("{load:.2}"));
            writeln!(
                f,
                "{name:<28} {calls_per_s:>12.2} {replicas:>10} {accelerators:>14} {load:>10}"
            )?;
        }
        writeln!(f, "{} of {} accelerators are unsold", self.unsold, self.accelerators)?;
        for warning in &self.warnings {
            writeln!(f, "Warning: {warning}.")?;
        }
        Ok(())
    }
}
