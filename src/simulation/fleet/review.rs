//! Reviews of capacity: the controller looks at the fleet, and its orders are carried out.

use super::{Fleet, Life};
use crate::engine::SimTime;
use crate::ids::{ClusterId, DeploymentId, ReplicaId};
use crate::scheduler::control::{DeploymentView, FleetView, Order};
use crate::simulation::agenda::Agenda;
use crate::simulation::dispatch::Dispatch;
use typed_index_collections::{TiVec, ti_vec};

impl Fleet<'_> {
    /// Lets the controller look, does what it says, and schedules the next review.
    pub(crate) fn review(
        &mut self,
        now: SimTime,
        dispatch: &mut Dispatch<'_>,
        agenda: &mut Agenda,
    ) {
        let deployments = self.deployments();
        let clusters = self.prepared.setup.clusters.keys();
        let free: TiVec<ClusterId, u64> = clusters.map(|each| self.leased.free(each)).collect();
        let view = FleetView { now, deployments: &deployments, free: &free };
        let mut orders = Vec::new();
        let next = self.policies.controller.review(&view, &mut orders);
        for order in orders {
            match order {
                Order::Start { deployment, node } => {
                    self.start(now, deployment, node, dispatch, agenda);
                }
                Order::Drain { deployment } => {
                    if let Some(replica) = self.idlest(deployment) {
                        self.drain(now, replica, dispatch, agenda);
                    }
                }
            }
        }
        if !self.reviewed {
            self.strand(now);
        }
        self.reviewed = true;
        if let Some(pause) = next {
            agenda.schedule(self.review, now + pause);
        }
    }

    /// What the first plan could not give to anyone who wanted it.
    fn strand(&mut self, now: SimTime) {
        for (cluster, &accelerators) in self.prepared.plan.stranded.iter_enumerated() {
            self.leased.strand(now, cluster, accelerators);
        }
    }

    fn deployments(&self) -> TiVec<DeploymentId, DeploymentView> {
        let mut views: TiVec<DeploymentId, DeploymentView> =
            ti_vec![DeploymentView::default(); self.usage.len()];
        for member in &self.members {
            let view = &mut views[member.deployment];
            match member.life {
                Life::Provisioning(_) | Life::Loading => view.starting += 1,
                Life::Serving => view.serving += 1,
                Life::Draining => view.draining += 1,
                Life::Gone => continue,
            }
            view.in_system += u64::from(member.in_hand);
        }
        views
    }

    /// The replica of a deployment that is missed the least: one that does not serve yet, or the one with the fewest
    /// requests; of equals the youngest.
    fn idlest(&self, deployment: DeploymentId) -> Option<ReplicaId> {
        let here = self.members.iter_enumerated().rev();
        here.filter(|(_, member)| member.deployment == deployment && member.life.takes_calls())
            .min_by_key(|(_, member)| (member.life == Life::Serving, member.in_hand))
            .map(|(id, _)| id)
    }
}
