//! What part of the cloud a figure is about.

use crate::ids::{ApplicationId, ClusterId, ModelId, TenantId};
use crate::setup::Setup;
use crate::simulation::accounts::Station;

/// What part of the cloud a figure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole cloud.
    All,
    /// One model.
    Model(ModelId),
    /// One tenant.
    Tenant(TenantId),
    /// One cluster.
    Cluster(ClusterId),
    /// One application.
    Application(ApplicationId),
}

impl Scope {
    /// Whether a station is in it, or a part of what happens there.
    pub(in crate::simulation) fn holds(self, station: &Station) -> bool {
        match self {
            Self::All | Self::Application(_) => true,
            Self::Model(model) => station.model == model,
            Self::Tenant(tenant) => station.tenant == tenant,
            Self::Cluster(cluster) => station.cluster == Some(cluster),
        }
    }

    /// Whether an application's calls are in it, or a part of them.
    pub(in crate::simulation) fn holds_calls_of(self, application: ApplicationId) -> bool {
        match self {
            Self::Application(scoped) => application == scoped,
            _ => true,
        }
    }
}

/// Every scope of a variant, the whole cloud first.
pub fn scopes(setup: &Setup) -> impl Iterator<Item = Scope> {
    std::iter::once(Scope::All)
        .chain(setup.models.keys().map(Scope::Model))
        .chain(setup.tenants.keys().map(Scope::Tenant))
        .chain(setup.clusters.keys().map(Scope::Cluster))
        .chain(setup.applications.keys().map(Scope::Application))
}
