//! Which replica a call goes to, and where it goes on from there.

mod handover;
mod pool;

use super::agenda::Agenda;
use super::fleet::{Fleet, Member};
use super::prepared::Prepared;
use crate::engine::{Purpose, SimDuration, SimTime, Stream, Streams};
use crate::ids::RequestId;
use crate::ids::{ApplicationId, CellId, DeploymentId, ModelId, PoolId, ReplicaId, StationId};
use crate::planning::Server;
use crate::serving::{Replica, Request, SessionPrefix, SharedPrefix, SlotReplica};
use crate::workload::{Call, Prefix, Turn};
use handover::Link;
use pool::Pool;
use typed_index_collections::TiVec;

pub(super) use handover::Onward;

/// Pools of replicas with their routers, and the links between them.
pub(super) struct Dispatch<'a> {
    prepared: &'a Prepared<'a>,
    pools: TiVec<PoolId, Pool>,
    links: TiVec<DeploymentId, Option<Link>>,
    /// Draws service times.
    service: TiVec<ModelId, Stream>,
    /// Kept for its memory.
    arrived: Vec<RequestId>,
}

impl<'a> Dispatch<'a> {
    /// Empty pools.
    pub(super) fn new(prepared: &'a Prepared<'a>, streams: &Streams, agenda: &mut Agenda) -> Self {
        let models = &prepared.setup.models;
        let service = models.iter().map(|model| streams.stream(Purpose::Service, &model.name));
        Self {
            prepared,
            pools: pools(prepared, streams),
            links: handover::links(prepared, agenda),
            service: service.collect(),
            arrived: Vec::new(),
        }
    }

    /// A replica joins a pool that does not serve yet. Returns its position there.
    pub(super) fn join(&mut self, pool: PoolId, replica: ReplicaId) -> usize {
        self.pools[pool].join(replica)
    }

    /// Makes the member of a pool at `position` ready. Returns the members that have other positions now.
    pub(super) fn make_ready(
        &mut self,
        pool: PoolId,
        position: usize,
    ) -> impl IntoIterator<Item = (ReplicaId, usize)> + use<> {
        self.pools[pool].make_ready(position)
    }

    /// The member of a pool at `position` takes no more calls. Returns the members that have other positions now.
    pub(super) fn leave(
        &mut self,
        pool: PoolId,
        position: usize,
    ) -> impl IntoIterator<Item = (ReplicaId, usize)> + use<> {
        self.pools[pool].leave(position)
    }

    /// A replica of the model for a call, or else where the call is counted that none can take.
    #[inline(always)]
    pub(super) fn choose(
        &mut self,
        now: SimTime,
        model: ModelId,
        call: &Call,
        fleet: &Fleet<'_>,
    ) -> Result<ReplicaId, StationId> {
        let prepared = self.prepared;
        let own = prepared.pool(model);
        let pool = &mut self.pools[own];
        if pool.is_empty() {
            return Err(prepared.nowhere(model));
        }
        let home = call.home.map(|home| fleet.member(ReplicaId::new(home)));
        let home = home.filter(|member| member.pool == own && member.life.takes_calls());
        let chosen = pool.route(home.map(|member| member.position));
        let takes = |&replica: &ReplicaId| {
            let member = fleet.member(replica);
            member.replica.takes(now, call.input, call.output)
                && prepared.decodes(member.deployment, call.input, call.output)
        };
        if takes(&chosen) {
            return Ok(chosen);
        }
        let other = if pool.counts_places() {
            pool.least_loaded_with_place(now)
        } else if prepared.is_too_long(own, call) {
            None
        } else {
            pool.least_loaded(takes)
        };
        other.ok_or_else(|| prepared.counted_at(fleet.member(chosen).deployment))
    }

    /// Something has happened to a replica: takes note of whether it has a place for a call, where those are limited.
    #[inline(always)]
    pub(super) fn look_at(&mut self, now: SimTime, member: &Member) {
        // Any number may wait where tokens are served.
        if let Replica::Slots(replica) = &member.replica {
            self.look_at_slots(now, member, replica);
        }
    }

    #[inline(never)]
    fn look_at_slots(&mut self, now: SimTime, member: &Member, replica: &SlotReplica) {
        let pool = &mut self.pools[member.pool];
        if pool.counts_places() && member.life.takes_calls() {
            pool.set_place(now, member.position, replica.place_from(now));
        }
    }

    /// The request that a call makes of a replica, counted in a cell.
    // Into its caller, so that the request is made where it is kept.
    #[inline(always)]
    pub(super) fn request(
        &mut self,
        now: SimTime,
        application: ApplicationId,
        model: ModelId,
        call: &Call,
        (replica, deployment): (ReplicaId, DeploymentId),
        cell: CellId,
    ) -> Request {
        let service = match &self.prepared.servers[deployment] {
            Server::Slots { service, .. } => {
                SimDuration::from_secs_f64(service.sample(&mut self.service[model]))
            }
            Server::Tokens { .. } => SimDuration::ZERO,
        };
        Request {
            cached: if call.prefix == Prefix::Own { call.cached } else { 0 },
            shared: shared_prefix(application, call),
            turn: call.turn.map(|turn| serving_turn(application, &turn)),
            caller: call.caller,
            routed_to: replica.index() as u32,
            ..Request::new(now, call.input, call.output, service, cell.index() as u32)
        }
    }

    /// Counts a request of `tokens` that is sent to a replica.
    #[inline]
    pub(super) fn assign(&mut self, member: &Member, tokens: u64) {
        self.pools[member.pool].assign(member.position, tokens);
    }

    /// Counts a request of `tokens` that leaves a replica. Says whether others may come there.
    #[inline]
    pub(super) fn release(
        &mut self,
        replica: ReplicaId,
        tokens: u64,
        fleet: &mut Fleet<'_>,
    ) -> bool {
        let member = fleet.member_mut(replica);
        member.in_hand -= 1;
        let takes_calls = member.life.takes_calls();
        if takes_calls {
            self.pools[member.pool].release(member.position, tokens);
        }
        takes_calls
    }
}

/// What a call shares with the others of its application.
fn shared_prefix(application: ApplicationId, call: &Call) -> SharedPrefix {
    let tokens = if call.prefix == Prefix::Shared { call.cached } else { 0 };
    SharedPrefix { text: application.index() as u32, tokens }
}

/// A turn as replicas know it: conversations of all applications are numbered together.
fn serving_turn(application: ApplicationId, turn: &Turn) -> SessionPrefix {
    // Applications are fewer than 2¹⁰, and no run makes 2⁵⁴ conversations.
    SessionPrefix {
        session: turn.session << 10 | application.index() as u64,
        history: turn.history,
    }
}

/// All pools, without members: one for each model, and one for each deployment that decodes what another prefills.
fn pools(prepared: &Prepared<'_>, streams: &Streams) -> TiVec<PoolId, Pool> {
    let setup = prepared.setup;
    let own = setup.models.iter().map(|model| streams.stream(Purpose::Routing, &model.name));
    let decoders = prepared.onward.iter().flatten().map(|onward| {
        let model = setup.deployments[onward.decode].model;
        streams.stream(Purpose::Handover, &setup.models[model].name)
    });
    let limited = limited(prepared);
    let pool = |(stream, limited)| Pool::new(setup.scheduler.routing, stream, limited);
    own.chain(decoders).zip(limited).map(pool).collect()
}

/// Of each pool, whether it turns calls away for want of a place, and for nothing else.
fn limited(prepared: &Prepared<'_>) -> Vec<bool> {
    let pools = prepared.setup.models.len() + prepared.onward.iter().flatten().count();
    let (mut only_slots, mut limited) = (vec![true; pools], vec![false; pools]);
    for (server, pool) in prepared.servers.iter().zip(&prepared.pool_of) {
        match server {
            Server::Slots { serving, .. } => limited[pool.index()] |= serving.max_waiting.is_some(),
            Server::Tokens { .. } => only_slots[pool.index()] = false,
        }
    }
    only_slots.iter().zip(limited).map(|(&only_slots, limited)| only_slots && limited).collect()
}
