//! A model's replicas and the router in front of them.

use crate::engine::{SimTime, Stream};
use crate::ids::ReplicaId;
use crate::scheduler::Routing;
use crate::scheduler::routing::{self, Load, LoadIndex, RoutingPolicy, View};
use rand::RngExt;

/// The replicas of one model, over all its deployments.
pub(super) struct Pool {
    /// Replica at each position; the ready ones come first.
    members: Vec<ReplicaId>,
    loads: LoadIndex,
    policy: Box<dyn RoutingPolicy>,
    load: Load,
    stream: Stream,
}

impl Pool {
    /// An empty pool, of members who have `limited` places for calls or none of whom turns any away for want of
    /// one.
    pub(super) fn new(routing: Routing, stream: Stream, limited: bool) -> Self {
        let policy = routing::policy(routing);
        let loads = if limited { LoadIndex::with_places() } else { LoadIndex::default() };
        Self { members: Vec::new(), loads, load: policy.load(), policy, stream }
    }

    /// A replica joins that is not ready. Returns its position.
    pub(super) fn join(&mut self, replica: ReplicaId) -> usize {
        self.members.push(replica);
        self.loads.join()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The replica for the next call, whose conversation's last turn was at the member at `home`.
    ///
    /// # Panics
    /// When the pool is empty.
    pub(super) fn route(&mut self, home: Option<usize>) -> ReplicaId {
        let home = home.filter(|&home| home < self.loads.candidates());
        let view = View { loads: &self.loads, home };
        self.members[self.policy.route(view, &mut self.stream)]
    }

    /// Whether its members have a limited number of places, of which it keeps count.
    pub(super) fn counts_places(&self) -> bool {
        self.loads.counts_places()
    }

    /// The member at `position` has a place from an instant on, if nothing happens to it meanwhile.
    pub(super) fn set_place(&mut self, now: SimTime, position: usize, from: SimTime) {
        self.loads.set_place(now, position, from);
    }

    /// The least loaded among the replicas that have a place at `now`, drawn evenly where several are.
    pub(super) fn least_loaded_with_place(&mut self, now: SimTime) -> Option<ReplicaId> {
        let position = self.loads.draw_least_with_place(now, &mut self.stream)?;
        Some(self.members[position])
    }

    /// The least loaded among the replicas that `fits` accepts, drawn evenly where several are.
    pub(super) fn least_loaded(&mut self, fits: impl Fn(&ReplicaId) -> bool) -> Option<ReplicaId> {
        let fitting = || self.members.iter().enumerate().filter(|(_, member)| fits(member));
        let rank = |position: usize| self.loads.rank(position);
        let least = fitting().map(|(position, _)| rank(position)).min()?;
        let tied = || fitting().filter(|&(position, _)| rank(position) == least);
        let drawn = match tied().count() {
            1 => 0,
            count => self.stream.random_range(0..count),
        };
        tied().nth(drawn).map(|(_, &member)| member)
    }

    /// Counts a request of `tokens` that was assigned to the member at `position`.
    pub(super) fn assign(&mut self, position: usize, tokens: u64) {
        self.loads.add(position, self.weight(tokens));
    }

    /// Counts a request of `tokens` that ended there.
    pub(super) fn release(&mut self, position: usize, tokens: u64) {
        self.loads.remove(position, self.weight(tokens));
    }

    /// Makes the member at `position` ready by moving it behind the ready ones. Returns the
    /// positions that were swapped, to be recorded by whoever remembers them.
    pub(super) fn make_ready(&mut self, position: usize) -> [(ReplicaId, usize); 2] {
        let place = self.loads.make_ready(position);
        self.members.swap(position, place);
        [(self.members[position], position), (self.members[place], place)]
    }

    /// The member at `position` leaves. Returns the members that took other positions for it.
    pub(super) fn leave(
        &mut self,
        position: usize,
    ) -> impl Iterator<Item = (ReplicaId, usize)> + use<> {
        let moves = self.loads.leave(position);
        let moved = moves.map(|step| {
            let (from, to) = step?;
            self.members[to] = self.members[from];
            Some((self.members[to], to))
        });
        self.members.pop();
        moved.into_iter().flatten()
    }

    fn weight(&self, tokens: u64) -> u64 {
        match self.load {
            Load::Requests => 1,
            // A call without tokens is still a call.
            Load::Tokens => tokens.max(1),
        }
    }
}

#[cfg(test)]
mod tests;
