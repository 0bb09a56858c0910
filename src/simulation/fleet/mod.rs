//! The replicas of a replication, from their order to their end, and the accelerators that they hold.

mod life;
mod review;

use super::agenda::{Agenda, Entry, Event};
use super::dispatch::Dispatch;
use super::policies::Policies;
use super::prepared::Prepared;
use crate::cloud::{self, LeaseId};
use crate::engine::SimTime;
use crate::ids::RequestId;
use crate::ids::{DeploymentId, PoolId, ReplicaId};
use crate::planning::Server;
use crate::scheduler::line::Queue;
use crate::serving::{Progress, Replica, Requests, SlotReplica, TokenReplica, Usage};
use std::sync::Arc;
use typed_index_collections::{TiVec, ti_vec};

pub(super) use life::Life;

/// All replicas, and who holds what.
pub(super) struct Fleet<'a> {
    prepared: &'a Prepared<'a>,
    policies: Policies<'a>,
    /// Who holds which accelerators.
    leased: cloud::Fleet,
    /// Every replica that there ever was.
    members: TiVec<ReplicaId, Member>,
    pub usage: TiVec<DeploymentId, Usage>,
    /// What the last boundary did; kept for its memory.
    pub progress: Progress,
    review: Entry,
    /// Whether capacity was reviewed before.
    reviewed: bool,
}

/// A replica, and where in the fleet it belongs.
// In this order, from the beginning of a cache line: what every event of a replica looks at is side by side.
#[repr(C, align(64))]
pub(super) struct Member {
    pub life: Life,
    entry: Entry,
    pub deployment: DeploymentId,
    pub pool: PoolId,
    /// Its place in its pool, as long as calls may be sent there.
    pub position: usize,
    /// Requests that were sent to it and have not left it.
    pub in_hand: u32,
    lease: LeaseId,
    pub replica: Replica,
}

impl<'a> Fleet<'a> {
    /// No replica yet.
    pub(super) fn new(
        prepared: &'a Prepared<'a>,
        policies: Policies<'a>,
        agenda: &mut Agenda,
    ) -> Self {
        let setup = prepared.setup;
        Self {
            prepared,
            policies,
            leased: cloud::Fleet::new(
                setup.window.start,
                &setup.clusters,
                setup.deployments.len(),
                setup.tenants.len(),
            ),
            members: TiVec::with_capacity(prepared.plan.replicas.len()),
            usage: ti_vec![Usage::default(); setup.deployments.len()],
            progress: Progress::default(),
            review: agenda.add(Event::Review),
            reviewed: false,
        }
    }

    /// A replica.
    #[inline(always)]
    pub(super) fn member(&self, replica: ReplicaId) -> &Member {
        &self.members[replica]
    }

    /// A replica, to change it.
    #[inline(always)]
    pub(super) fn member_mut(&mut self, replica: ReplicaId) -> &mut Member {
        &mut self.members[replica]
    }

    /// Every replica that there ever was.
    pub(super) fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.iter()
    }

    /// Who holds what, and since when.
    pub(super) fn leased(&self) -> &cloud::Fleet {
        &self.leased
    }

    /// Hands a request to a replica.
    #[inline(always)]
    pub(super) fn enqueue(
        &mut self,
        now: SimTime,
        replica: ReplicaId,
        id: RequestId,
        requests: &Requests,
        agenda: &mut Agenda,
    ) {
        let member = &mut self.members[replica];
        member.in_hand += 1;
        if let Some(at) = member.replica.enqueue(now, id, requests) {
            agenda.schedule(member.entry, at);
        }
    }

    /// A replica acts at its boundary; what it did is in [`progress`](Self::progress). Says whose it is; nothing if it
    /// does not serve yet.
    #[inline]
    pub(super) fn act(
        &mut self,
        now: SimTime,
        replica: ReplicaId,
        requests: &mut Requests,
        dispatch: &mut Dispatch<'_>,
        agenda: &mut Agenda,
    ) -> Option<DeploymentId> {
        if self.members[replica].life.is_starting() && !self.step(now, replica, dispatch, agenda) {
            return None;
        }
        let member = &mut self.members[replica];
        let usage = &mut self.usage[member.deployment];
        let next = member.replica.boundary(now, requests, usage, &mut self.progress);
        if let Some(at) = next {
            agenda.schedule(member.entry, at);
        }
        dispatch.look_at(now, member);
        Some(member.deployment)
    }

    /// The KV of a request that has a place at `replica` has arrived there.
    pub(super) fn receive(
        &mut self,
        now: SimTime,
        replica: ReplicaId,
        id: RequestId,
        requests: &Requests,
        agenda: &mut Agenda,
    ) {
        let member = &mut self.members[replica];
        if let Some(at) = member.replica.receive(now, id, requests) {
            agenda.schedule(member.entry, at);
        }
    }

    /// The KV of a request whose prompt was processed at `replica` has been moved away.
    pub(super) fn release(
        &mut self,
        now: SimTime,
        replica: ReplicaId,
        id: RequestId,
        requests: &Requests,
        agenda: &mut Agenda,
    ) {
        let member = &mut self.members[replica];
        let usage = &mut self.usage[member.deployment];
        if let Some(at) = member.replica.release(now, &requests[id], usage) {
            agenda.schedule(member.entry, at);
        }
    }

    /// Books the time of all replicas up to `now`.
    pub(super) fn book(&mut self, now: SimTime) {
        for member in self.members.iter_mut().filter(|member| member.life != Life::Gone) {
            member.replica.book(now, &mut self.usage[member.deployment]);
        }
    }
}

/// A replica that is not ready yet, where calls wait in a line.
fn replica(server: &Server, line: Queue, now: SimTime) -> Replica {
    match server {
        Server::Tokens { profile, .. } => {
            let replica = TokenReplica::new(Arc::clone(profile), now);
            Replica::Tokens(replica.with_line(line))
        }
        Server::Slots { serving, .. } => {
            Replica::Slots(SlotReplica::new(*serving, now).with_line(line))
        }
    }
}
