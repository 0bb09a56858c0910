//! What can happen where, by the scenario alone: this, and not what happened, decides which metrics a scope has. A
//! count of nothing is then zero in every replication, instead of absent in those without luck.

use super::{Measurement, Scope};
use crate::ids::{ApplicationId, DeploymentId, ModelId, TenantId};
use crate::planning::Server;
use crate::setup::ApplicationSpec;
use crate::simulation::prepared::Prepared;
use crate::workload::SourceSpec;

impl Prepared<'_> {
    /// Whether calls of `application` can choose `model`.
    fn calls(&self, application: ApplicationId, model: ModelId) -> bool {
        let may_name = match &self.setup.applications[application].source {
            SourceSpec::Trace(trace) => trace.columns.model.is_some(),
            _ => false,
        };
        may_name || self.shares[application][model] > 0.0
    }

    /// Whether calls to models of `tenant` can be served: somebody calls one that has a replica.
    pub(super) fn serves(&self, tenant: TenantId) -> bool {
        let called = |model| self.setup.applications.keys().any(|each| self.calls(each, model));
        self.plan.replicas.iter().any(|placed| {
            let model = self.setup.deployments[placed.deployment].model;
            self.setup.models[model].tenant == tenant && called(model)
        })
    }
}

impl Measurement<'_> {
    /// Whether calls in `scope` may have tokens.
    pub(super) fn has_tokens(&self, scope: Scope) -> bool {
        let serves =
            |each: DeploymentId| matches!(self.prepared.servers[each], Server::Tokens { .. });
        self.deployments(scope).any(serves)
            || self.any_caller(scope, |each| each.source.has_tokens())
    }

    /// Whether calls in `scope` may be held to an objective.
    pub(super) fn has_objective(&self, scope: Scope) -> bool {
        self.any_caller(scope, |each| each.slo.is_some())
    }

    /// Whether an application that is `so` can call a model in `scope`.
    fn any_caller(&self, scope: Scope, so: impl Fn(&ApplicationSpec) -> bool) -> bool {
        let applications = self.prepared.setup.applications.iter_enumerated();
        let mut callers = applications.filter(|&(id, spec)| scope.holds_calls_of(id) && so(spec));
        callers.any(|(application, _)| {
            let mut stations = self.stations.iter().filter(|station| scope.holds(station));
            stations.any(|station| self.prepared.calls(application, station.model))
        })
    }
}
