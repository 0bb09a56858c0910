//! Disaggregated serving: from the pool that processes prompts, over a shared link, to the pool that
//! decodes.

use super::Dispatch;
use crate::engine::{SimDuration, SimTime};
use crate::ids::RequestId;
use crate::ids::{DeploymentId, ReplicaId, StationId};
use crate::planning::Server;
use crate::serving::{Decoder, Requests, Sharing};
use crate::setup::{DeploymentSpec, Handover, ServingSpec, Setup};
use crate::simulation::accounts::station_of;
use crate::simulation::agenda::{Agenda, Entry, Event};
use crate::simulation::fleet::{Fleet, Life};
use crate::simulation::prepared::Prepared;
use typed_index_collections::TiVec;

const NANOS_PER_SECOND: f64 = 1e9;

/// The link between two pools. Transfers share it equally; none is faster than one lane.
pub(super) struct Link {
    sharing: Sharing,
    entry: Entry,
}

/// The links of the deployments that hand over, each with an event of its own.
pub(super) fn links(
    prepared: &Prepared<'_>,
    agenda: &mut Agenda,
) -> TiVec<DeploymentId, Option<Link>> {
    let link = |(deployment, onward): (DeploymentId, &Option<Onward>)| {
        let sharing = Sharing::new(onward.as_ref()?.lanes, prepared.setup.window.start);
        Some(Link { sharing, entry: agenda.add(Event::Transfer { deployment }) })
    };
    prepared.onward.iter_enumerated().map(link).collect()
}

/// Where a request goes on when its prompt is processed, with the link's speed.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulation) struct Onward {
    /// The deployment that decodes.
    pub decode: DeploymentId,
    /// Lanes of the link.
    lanes: u32,
    /// Nanoseconds that one lane takes to move the KV of one token.
    nanos_per_token: f64,
}

impl Onward {
    pub(crate) fn new(setup: &Setup, deployment: DeploymentId) -> Option<Self> {
        let DeploymentSpec { handover, serving, .. } = &setup.deployments[deployment];
        let Handover { decode, link } = (*handover)?;
        let ServingSpec::Tokens(serving) = serving else { return None };
        let seconds = serving.performance.kv_bytes_per_token() / link.transfer.0;
        Some(Self { decode, lanes: link.lanes, nanos_per_token: seconds * NANOS_PER_SECOND })
    }

    /// How long the KV of so many tokens takes when nothing else is moved.
    pub(crate) fn alone(&self, tokens: u32) -> SimDuration {
        SimDuration::from_nanos((f64::from(tokens) * self.nanos_per_token).ceil().max(1.0) as u64)
    }
}

impl Prepared<'_> {
    /// Whether whoever decodes after `deployment` can hold a request.
    pub(in crate::simulation) fn decodes(
        &self,
        deployment: DeploymentId,
        input: u32,
        output: u32,
    ) -> bool {
        self.onward[deployment].is_none_or(|onward| match &self.servers[onward.decode] {
            Server::Tokens { profile, .. } => profile.fits(input, output),
            Server::Slots { .. } => true,
        })
    }

    /// Where requests to `deployment` are counted: where they end.
    pub(in crate::simulation) fn counted_at(&self, deployment: DeploymentId) -> StationId {
        station_of(self.onward[deployment].map_or(deployment, |onward| onward.decode))
    }
}

impl Dispatch<'_> {
    /// A prompt is processed at `from`: finds it a replica that decodes.
    pub(crate) fn hand_over(
        &mut self,
        now: SimTime,
        from: ReplicaId,
        id: RequestId,
        requests: &mut Requests,
        fleet: &mut Fleet<'_>,
        agenda: &mut Agenda,
    ) {
        let deployment = fleet.member(from).deployment;
        let tokens = requests[id].kv_tokens();
        let onward = self.prepared.onward[deployment].expect("only such pools hand over");
        if fleet.member(from).life.takes_calls() {
            let member = fleet.member(from);
            self.pools[member.pool].release(member.position, tokens);
        }
        let pool = self.prepared.pool_of[onward.decode];
        let to = self.pools[pool].route(None);
        self.assign(fleet.member(to), tokens);
        requests[id].decoder = Some(Decoder::new(to.index() as u32));
        fleet.enqueue(now, to, id, requests, agenda);
    }

    /// A replica has made room for a request: its KV sets off.
    pub(crate) fn pull(
        &mut self,
        now: SimTime,
        id: RequestId,
        requests: &mut Requests,
        fleet: &mut Fleet<'_>,
        agenda: &mut Agenda,
    ) {
        let request = &requests[id];
        let deployment = fleet.member(ReplicaId::new(request.routed_to as usize)).deployment;
        let onward = self.prepared.onward[deployment].expect("only such pools hand over");
        let length = onward.alone(request.moved);
        self.arrive_over(now, deployment, requests, fleet, agenda);
        let link = self.links[deployment].as_mut().expect("it has a link");
        link.sharing.join(id, length);
        agenda.schedule_or_cancel(link.entry, link.sharing.next_end());
    }

    /// The next transfer over the link of `deployment` is complete.
    pub(crate) fn on_transfer(
        &mut self,
        now: SimTime,
        deployment: DeploymentId,
        requests: &mut Requests,
        fleet: &mut Fleet<'_>,
        agenda: &mut Agenda,
    ) {
        self.arrive_over(now, deployment, requests, fleet, agenda);
        let link = self.links[deployment].as_ref().expect("it has a link");
        agenda.schedule_or_cancel(link.entry, link.sharing.next_end());
    }

    /// Brings the link up to `now`: what has arrived leaves the memory it came from.
    fn arrive_over(
        &mut self,
        now: SimTime,
        deployment: DeploymentId,
        requests: &mut Requests,
        fleet: &mut Fleet<'_>,
        agenda: &mut Agenda,
    ) {
        let link = self.links[deployment].as_mut().expect("it has a link");
        let mut arrived = std::mem::take(&mut self.arrived);
        link.sharing.advance(now, |id| arrived.push(id));
        for id in arrived.drain(..) {
            let request = &mut requests[id];
            let decoder = request.decoder.take().expect("it was pulled");
            let source = ReplicaId::new(request.routed_to as usize);
            fleet.release(now, source, id, requests, agenda);
            fleet.member_mut(source).in_hand -= 1;
            if fleet.member(source).life == Life::Draining {
                fleet.retire(now, source, agenda);
            }
            fleet.receive(now, ReplicaId::new(decoder.number() as usize), id, requests, agenda);
        }
        self.arrived = arrived;
    }
}
