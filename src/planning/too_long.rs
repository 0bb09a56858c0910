//! Calls that no replica of their model can ever hold, as far as that is known before the run.

use super::demand::Shares;
use super::server::Server;
use crate::ids::{ApplicationId, DeploymentId, ModelId};
use crate::setup::Setup;
use crate::workload::{Extent, PreparedSource, Tokens};
use typed_index_collections::TiSlice;

/// An application some of whose calls no replica of a model can hold, however empty it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong {
    pub application: ApplicationId,
    pub model: ModelId,
    /// Tokens of a call that has no room: of the shortest one if `all`, else of the longest.
    pub tokens: u64,
    /// The most for which there is room.
    pub room: u64,
    /// Whether this is so of all its calls.
    pub all: bool,
}

/// What is too long among the calls of each application for each model that it calls.
pub(crate) fn too_long(
    setup: &Setup,
    servers: &TiSlice<DeploymentId, Server>,
    sources: &TiSlice<ApplicationId, PreparedSource>,
    shares: &TiSlice<ApplicationId, Shares>,
) -> Vec<TooLong> {
    let mut found = Vec::new();
    for ((application, source), shares) in sources.iter_enumerated().zip(shares) {
        let Some(Extent { least, most }) = source.extent() else { continue };
        for model in setup.models.keys().filter(|&model| shares[model] > 0.0) {
            let one = |(tokens, room), all| TooLong { application, model, tokens, room, all };
            let all = excess(setup, servers, model, least).map(|excess| one(excess, true));
            let some = || most.and_then(|most| excess(setup, servers, model, most));
            found.extend(all.or_else(|| some().map(|excess| one(excess, false))));
        }
    }
    found
}

/// How many tokens of a call are too many for each of the model's replicas, and the most that one of them holds;
/// `None` if one holds it, or there is none.
fn excess(
    setup: &Setup,
    servers: &TiSlice<DeploymentId, Server>,
    model: ModelId,
    call: Tokens,
) -> Option<(u64, u64)> {
    let decodes = |index: DeploymentId| {
        setup.deployments.iter().any(|each| each.handover.is_some_and(|on| on.decode == index))
    };
    let of_pool = |index: DeploymentId| match &servers[index] {
        Server::Tokens { profile, .. } => profile.excess(call.0, call.1),
        Server::Slots { .. } => None,
    };
    let deployments = setup.deployments.iter_enumerated();
    let own = deployments.filter(|&(index, spec)| spec.model == model && !decodes(index));
    let each = own.map(|(index, spec)| {
        of_pool(index).or_else(|| spec.handover.and_then(|on| of_pool(on.decode)))
    });
    // One that holds it is enough.
    let each = each.collect::<Option<Vec<_>>>()?;
    each.into_iter().max_by_key(|&(_, room)| room)
}
