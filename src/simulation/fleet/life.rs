//! What becomes of a replica: `provisioning → loading → serving → draining → gone`.

use super::{Fleet, Member, replica};
use crate::cloud::Want;
use crate::engine::{SimDuration, SimTime};
use crate::ids::{DeploymentId, NodeId, ReplicaId};
use crate::scheduler::Start;
use crate::scheduler::filter::{self, NodeView};
use crate::simulation::agenda::{Agenda, Event};
use crate::simulation::dispatch::Dispatch;

/// Where a replica is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulation) enum Life {
    /// Waits for its hardware, then loads its weights for so long.
    Provisioning(SimDuration),
    /// Loads its weights.
    Loading,
    /// Takes calls.
    Serving,
    /// Takes no more calls, and ends those that it has.
    Draining,
    /// Holds nothing any more.
    Gone,
}

impl Life {
    /// Whether new calls may be sent to it: one that is not ready yet takes them if no other is.
    pub(crate) fn takes_calls(self) -> bool {
        !matches!(self, Self::Draining | Self::Gone)
    }

    /// Whether it cannot serve yet.
    pub(crate) fn is_starting(self) -> bool {
        matches!(self, Self::Provisioning(_) | Self::Loading)
    }
}

impl Fleet<'_> {
    /// Starts a replica on `node`, or where placement finds it a place; says whether it found one.
    pub(super) fn start(
        &mut self,
        now: SimTime,
        deployment: DeploymentId,
        node: Option<NodeId>,
        dispatch: &mut Dispatch<'_>,
        agenda: &mut Agenda,
    ) -> Option<ReplicaId> {
        let want = self.prepared.setup.want(deployment);
        let node = node.or_else(|| self.place(&want))?;
        let lease = self.leased.grant(now, &want, &[node]);
        let id = self.members.next_key();
        let entry = agenda.add(Event::Boundary { replica: id });
        let pool = self.prepared.pool_of[deployment];
        let (life, until) = self.first_step(deployment);
        self.members.push(Member {
            replica: replica(&self.prepared.servers[deployment], (self.policies.line)(), now),
            deployment,
            pool,
            position: dispatch.join(pool, id),
            life,
            in_hand: 0,
            entry,
            lease,
        });
        agenda.schedule(entry, now + until);
        Some(id)
    }

    /// A node for what is wanted, if one has room for it and nothing keeps it from there.
    fn place(&self, want: &Want) -> Option<NodeId> {
        let cluster = want.cluster;
        let filters = &self.policies.filters;
        let allowed =
            |residents| filter::all_allow(filters, want, &NodeView { cluster, residents });
        let room = self.leased.nodes(cluster).room(&allowed);
        self.policies.placement.place(room, want.accelerators)
    }

    /// What a new replica does first, and for how long: those of the first plan may have their weights already.
    fn first_step(&self, deployment: DeploymentId) -> (Life, SimDuration) {
        let setup = self.prepared.setup;
        if !self.reviewed && setup.scheduler.start == Start::Warm {
            return (Life::Loading, SimDuration::ZERO);
        }
        let spec = &setup.deployments[deployment];
        let cluster = &setup.clusters[spec.cluster];
        let loading = cluster.loading(spec.weights, spec.accelerators);
        match cluster.provisioning {
            SimDuration::ZERO => (Life::Loading, loading),
            provisioning => (Life::Provisioning(loading), provisioning),
        }
    }

    /// A replica that does not serve yet takes its next step. Says whether it serves now.
    #[cold]
    pub(super) fn step(
        &mut self,
        now: SimTime,
        replica: ReplicaId,
        dispatch: &mut Dispatch<'_>,
        agenda: &mut Agenda,
    ) -> bool {
        let member = &mut self.members[replica];
        match member.life {
            Life::Provisioning(loading) => {
                member.life = Life::Loading;
                agenda.schedule(member.entry, now + loading);
                false
            }
            Life::Loading => {
                member.life = Life::Serving;
                let (pool, position) = (member.pool, member.position);
                self.moved(dispatch.make_ready(pool, position));
                true
            }
            Life::Serving | Life::Draining => true,
            Life::Gone => unreachable!("its slot was given back"),
        }
    }

    /// A replica takes no more calls from now on, and is gone as soon as it has none left.
    pub(super) fn drain(
        &mut self,
        now: SimTime,
        replica: ReplicaId,
        dispatch: &mut Dispatch<'_>,
        agenda: &mut Agenda,
    ) {
        let member = &mut self.members[replica];
        member.life = Life::Draining;
        let (pool, position) = (member.pool, member.position);
        self.moved(dispatch.leave(pool, position));
        self.retire(now, replica, agenda);
    }

    /// Gives back what a draining replica holds, if it has nothing left to do.
    #[cold]
    pub(crate) fn retire(&mut self, now: SimTime, replica: ReplicaId, agenda: &mut Agenda) {
        let member = &mut self.members[replica];
        if member.life != Life::Draining || member.in_hand > 0 {
            return;
        }
        member.replica.book(now, &mut self.usage[member.deployment]);
        member.life = Life::Gone;
        agenda.remove(member.entry);
        self.leased.end(now, member.lease);
    }

    /// Takes note of where members of a pool are now.
    fn moved(&mut self, positions: impl IntoIterator<Item = (ReplicaId, usize)>) {
        for (replica, position) in positions {
            self.members[replica].position = position;
        }
    }
}
