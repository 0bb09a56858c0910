//! What is found at one point.

use crate::experiment::gather::scope_names;
use crate::experiment::service::{self, ATTAINED_MIN};
use crate::ids::ModelId;
use crate::metrics::{Mean, MetricId, Moments};
use crate::scenario::{Point, Sweep, Variant};
use crate::setup::Setup;
use crate::simulation::{
    Known, Outcome, Pilots, Prepared, Scope, SimulationError, Trend, Values, scopes,
};
use rayon::prelude::*;
use std::sync::atomic::AtomicBool;
use typed_index_collections::TiVec;

/// What is found at one point.
#[derive(Clone, Debug, PartialEq)]
pub struct PointResults {
    /// Its number, from 0.
    pub point: u64,
    /// The value of each parameter, in the order of the sweep.
    pub values: Vec<String>,
    /// Its variants in the order of the scenario, or why it cannot be simulated.
    pub found: Result<Vec<PointVariant>, String>,
}

/// What is found of one variant at a point.
#[derive(Clone, Debug, PartialEq)]
pub struct PointVariant {
    /// Its name.
    pub name: String,
    /// What a reader of its numbers must know, a sentence each.
    pub warnings: Vec<String>,
    /// What metrics are of, the whole cloud first, then in the order of the file.
    pub scopes: Vec<PointScope>,
}

/// The metrics of one scope.
#[derive(Clone, Debug, PartialEq)]
pub struct PointScope {
    /// `all`, `model`, `tenant`, `cluster` or `application`.
    pub scope: &'static str,
    /// Of what; empty for `all`.
    pub name: String,
    /// Each metric that is defined: over replications, and in each of them if those are kept.
    pub metrics: Vec<(MetricId, Mean, Vec<Option<f64>>)>,
}

/// What is kept of one replication.
struct Replication {
    values: Vec<Values>,
    trends: TiVec<ModelId, Trend>,
}

impl From<Outcome> for Replication {
    fn from(outcome: Outcome) -> Self {
        Self { values: outcome.values, trends: outcome.trends }
    }
}

/// How a point is simulated.
pub(super) struct Simulation<'a> {
    pub sweep: &'a Sweep,
    /// Whether what is found in each replication is kept, too.
    pub replications: bool,
    /// Whether replications are shared among threads: where there are fewer points than threads could have.
    pub in_parallel: bool,
    pub known: &'a Known,
    pub cancelled: &'a AtomicBool,
}

impl Simulation<'_> {
    /// Simulates a point. `None` if it was cancelled.
    pub(super) fn of(&self, point: u64) -> Option<PointResults> {
        let values = self.sweep.values(point);
        let found = match self.sweep.at(point) {
            Ok(point) => self.variants(&point),
            Err(diagnostics) => Err(diagnostics.to_string()),
        };
        let cancelled = self.cancelled.load(std::sync::atomic::Ordering::Relaxed);
        (!cancelled).then_some(PointResults { point, values, found })
    }

    fn variants(&self, point: &Point) -> Result<Vec<PointVariant>, String> {
        let variants = &point.variants;
        let setups: Vec<_> =
            variants.iter().map(|variant| variant.setup.in_order_of_names()).collect();
        let failed = |variant: usize, error: SimulationError| match &variants[..] {
            [_] => error.to_string(),
            _ => format!("variant `{}`: {error}", variants[variant].name),
        };
        let pilots = Pilots::find(&setups, self.known, self.cancelled)
            .map_err(|(variant, error)| failed(variant, error))?;
        let found = variants.iter().zip(&setups).enumerate().map(|(index, (variant, setup))| {
            let prepared = Prepared::case(setup, index, &pilots, self.cancelled);
            let prepared = prepared.map_err(|error| failed(index, error))?;
            let replications = self.simulate(&prepared, point.seed);
            let replications = replications.map_err(|error| failed(index, error))?;
            Ok(self.variant(variant, &prepared, &replications))
        });
        found.collect()
    }

    /// All replications of a variant, in their order.
    fn simulate(
        &self,
        prepared: &Prepared<'_>,
        seed: u64,
    ) -> Result<Vec<Replication>, SimulationError> {
        let one = |replication| {
            let outcome = prepared.run(seed, replication, self.cancelled);
            outcome.map(Replication::from)
        };
        let all = 0..self.sweep.replications;
        if !self.in_parallel {
            return all.map(one).collect();
        }
        // All are looked at before the first error: which it is does not depend on threads.
        let found: Vec<_> = all.into_par_iter().map(one).collect();
        found.into_iter().collect()
    }

    fn variant(
        &self,
        variant: &Variant,
        prepared: &Prepared<'_>,
        replications: &[Replication],
    ) -> PointVariant {
        let mut trends: TiVec<ModelId, Trend> = TiVec::new();
        for replication in replications {
            trends.resize(replication.trends.len(), Trend::default());
            trends.iter_mut().zip(&replication.trends).for_each(|(all, one)| all.merge(one));
        }
        let warnings = prepared.warnings(&trends).into_iter().map(|warning| warning.to_string());
        let warnings = warnings.chain(service_warnings(prepared.setup, replications));
        let known: Vec<_> = names_in_order(prepared.setup).collect();
        let scopes =
            names_in_order(&variant.setup).filter(|(scope, _)| self.sweep.scopes.contains(scope));
        let scope = |wanted: (&'static str, String)| {
            let index = known.iter().position(|known| *known == wanted);
            let index = index.expect("both have the same scopes");
            let (scope, name) = wanted;
            PointScope { scope, name, metrics: self.metrics(index, replications) }
        };
        PointVariant {
            name: variant.name.clone(),
            warnings: warnings.collect(),
            scopes: scopes.map(scope).collect(),
        }
    }

    fn metrics(
        &self,
        scope: usize,
        replications: &[Replication],
    ) -> Vec<(MetricId, Mean, Vec<Option<f64>>)> {
        let metric = |&id: &MetricId| {
            let mut moments = Moments::default();
            let values =
                || replications.iter().map(|replication| replication.values[scope].get(id));
            values().flatten().for_each(|value| moments.add(value));
            let each = if self.replications { values().collect() } else { Vec::new() };
            Some((id, moments.mean()?, each))
        };
        self.sweep.metrics.iter().filter_map(metric).collect()
    }
}

/// What a run's table would say at its top of how calls were served.
fn service_warnings(setup: &Setup, replications: &[Replication]) -> Vec<String> {
    let mean = |scope: usize, id: MetricId| {
        let mut moments = Moments::default();
        let values = replications.iter().filter_map(|one| one.values[scope].get(id));
        values.for_each(|value| moments.add(value));
        moments.mean().map(|mean| mean.mean)
    };
    let scoped = || scopes(setup).enumerate();
    let of_applications = || scoped().filter(|(_, scope)| matches!(scope, Scope::Application(_)));
    let with_objective =
        of_applications().filter(|&(scope, _)| mean(scope, MetricId::Goodput).is_some());
    let with_objective: f64 =
        with_objective.filter_map(|(scope, _)| mean(scope, MetricId::Arrived)).sum();
    // The whole cloud comes first.
    let arrived = mean(0, MetricId::Arrived).unwrap_or(0.0);
    let turned_away = mean(0, MetricId::Rejected)
        .and_then(|rejected| service::turned_away(arrived, rejected))
        .map(|part| format!("{:.2} % of the calls are turned away", 100.0 * part));
    let measured_s =
        mean(0, MetricId::Makespan).unwrap_or_else(|| setup.window.length.as_secs_f64());
    let late = mean(0, MetricId::Goodput)
        .and_then(|inside| service::attained(inside, measured_s, with_objective))
        .filter(|part| *part < ATTAINED_MIN)
        .map(|part| {
            let part = 100.0 * part;
            format!("{part:.2} % of the calls that have an objective (`slo`) met it")
        });
    turned_away.into_iter().chain(late).collect()
}

/// Scopes by their names, in the order of `setup`.
fn names_in_order(setup: &Setup) -> impl Iterator<Item = (&'static str, String)> {
    scopes(setup).map(|scope| scope_names(setup, scope))
}
