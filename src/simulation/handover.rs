//! Disaggregated serving: from the pool that processes prompts, over a shared link, to the pool that
//! decodes.

use super::prepared::{Prepared, Server};
use super::run::Simulation;
use super::setup::{Handover, Setup};
use crate::engine::{Rank, SimDuration, SimTime, Slot};
use crate::serving::{RequestId, Sharing};

const NANOS_PER_SECOND: f64 = 1e9;

/// The link between two pools. Transfers share it equally; none is faster than one lane.
pub(super) struct Link {
    sharing: Sharing,
    slot: Slot,
}

/// Where a request goes on when its prompt is processed, with the link's speed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Onward {
    /// The deployment that decodes.
    pub decode: usize,
    /// Lanes of the link.
    lanes: u32,
    /// Nanoseconds that one lane takes to move the KV of one token.
    nanos_per_token: f64,
}

impl Onward {
    pub fn new(setup: &Setup, deployment: usize) -> Option<Self> {
        let super::DeploymentSpec { handover, serving, .. } = &setup.deployments[deployment];
        let Handover { decode, link } = (*handover)?;
        let super::ServingSpec::Tokens(serving) = serving else { return None };
        let seconds = serving.performance.kv_bytes_per_token() / link.transfer.0;
        Some(Self { decode, lanes: link.lanes, nanos_per_token: seconds * NANOS_PER_SECOND })
    }

    /// How long the KV of so many tokens takes when nothing else is moved.
    pub fn alone(&self, tokens: u32) -> SimDuration {
        SimDuration::from_nanos((f64::from(tokens) * self.nanos_per_token).ceil().max(1.0) as u64)
    }
}

impl Prepared<'_> {
    /// The links of the deployments that hand over, each with an event of its own.
    pub(super) fn links(&self, mut slot: impl FnMut(usize) -> Slot) -> Vec<Option<Link>> {
        let link = |(deployment, onward): (usize, &Option<Onward>)| {
            let sharing = Sharing::new(onward.as_ref()?.lanes, SimTime::ZERO);
            Some(Link { sharing, slot: slot(deployment) })
        };
        self.onward.iter().enumerate().map(link).collect()
    }

    /// Whether whoever decodes after `deployment` can hold a request.
    pub(super) fn decodes(&self, deployment: usize, input: u32, output: u32) -> bool {
        self.onward[deployment].is_none_or(|onward| match &self.servers[onward.decode] {
            Server::Tokens { profile, .. } => profile.fits(input, output),
            Server::Slots { .. } => true,
        })
    }

    /// Where requests to `deployment` are counted: where they end.
    pub(super) fn counted_at(&self, deployment: usize) -> usize {
        self.onward[deployment].map_or(deployment, |onward| onward.decode)
    }
}

impl Simulation<'_> {
    /// A prompt is processed: finds it a replica that decodes.
    pub(super) fn hand_over(&mut self, now: SimTime, from: usize, id: RequestId) {
        let host = &self.hosts[from];
        let tokens = self.requests[id].kv_tokens();
        self.pools[host.pool].release(host.position, tokens);
        let onward = self.prepared.onward[host.deployment].expect("only such pools hand over");
        let pool = &mut self.pools[self.prepared.pool_of[onward.decode]];
        let to = pool.route(None);
        let host = &mut self.hosts[to];
        pool.assign(host.position, tokens);
        self.requests[id].decoder = Some(to as u32);
        if let Some(at) = host.replica.enqueue(now, id, &self.requests) {
            self.queue.schedule(host.slot, at, Rank::Boundary);
        }
    }

    /// A replica has made room for a request: its KV sets off.
    pub(super) fn pull(&mut self, now: SimTime, id: RequestId) {
        let request = &self.requests[id];
        let deployment = self.hosts[request.routed_to as usize].deployment;
        let onward = self.prepared.onward[deployment].expect("only such pools hand over");
        let length = onward.alone(request.moved);
        self.arrive_over(now, deployment);
        let link = self.links[deployment].as_mut().expect("it has a link");
        link.sharing.join(id, length);
        self.schedule_transfer(deployment);
    }

    /// The next transfer over the link of `deployment` is complete.
    pub(super) fn on_transfer(&mut self, now: SimTime, deployment: usize) {
        self.arrive_over(now, deployment);
        self.schedule_transfer(deployment);
    }

    /// Brings the link up to `now`: what has arrived leaves the memory it came from.
    fn arrive_over(&mut self, now: SimTime, deployment: usize) {
        let link = self.links[deployment].as_mut().expect("it has a link");
        let mut arrived = std::mem::take(&mut self.arrived);
        link.sharing.advance(now, |id| arrived.push(id));
        for id in arrived.drain(..) {
            let request = &mut self.requests[id];
            let decoder = request.decoder.take().expect("it was pulled");
            let source = &mut self.hosts[request.routed_to as usize];
            let usage = &mut self.usage[deployment];
            if let Some(at) = source.replica.release(now, request, usage) {
                self.queue.schedule(source.slot, at, Rank::Boundary);
            }
            let target = &mut self.hosts[decoder as usize];
            if let Some(at) = target.replica.receive(now, id, &self.requests) {
                self.queue.schedule(target.slot, at, Rank::Boundary);
            }
        }
        self.arrived = arrived;
    }

    fn schedule_transfer(&mut self, deployment: usize) {
        let link = self.links[deployment].as_ref().expect("it has a link");
        match link.sharing.next_end() {
            Some(at) => self.queue.schedule(link.slot, at, Rank::Arrival),
            None => self.queue.cancel(link.slot),
        }
    }
}
