//! A model's replicas and the router in front of them.

use crate::engine::Stream;
use crate::scheduler::Routing;
use crate::scheduler::routing::{self, Load, LoadIndex, RoutingPolicy, View};

/// Added to the load of a replica that is not ready, so that any ready one comes first: above
/// every load, of which the largest are tokens in flight.
const NOT_READY: u64 = 1 << 41;

/// The replicas of one model, over all its deployments.
pub(super) struct Pool {
    /// Replica at each position; the ready ones come first.
    members: Vec<usize>,
    ready: usize,
    loads: LoadIndex,
    policy: Box<dyn RoutingPolicy>,
    load: Load,
    stream: Stream,
}

impl Pool {
    pub fn new(members: Vec<usize>, routing: Routing, stream: Stream) -> Self {
        let policy = routing::policy(routing);
        let mut loads = LoadIndex::new(members.len());
        (0..members.len()).for_each(|position| loads.set(position, NOT_READY));
        Self { members, ready: 0, loads, load: policy.load(), policy, stream }
    }

    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The replica for the next call, whose conversation's last turn was at the member at `home`.
    ///
    /// # Panics
    /// When the pool is empty.
    pub fn route(&mut self, home: Option<usize>) -> usize {
        let candidates = if self.ready > 0 { self.ready } else { self.members.len() };
        let home = home.filter(|&home| home < candidates);
        let view = View { loads: &self.loads, candidates, home };
        self.members[self.policy.route(view, &mut self.stream)]
    }

    /// The least loaded among the replicas that `fits` accepts.
    pub fn least_loaded(&self, fits: impl Fn(&usize) -> bool) -> Option<usize> {
        let fitting = self.members.iter().enumerate().filter(|(_, member)| fits(member));
        fitting.min_by_key(|&(position, _)| self.loads.get(position)).map(|(_, &member)| member)
    }

    /// Counts a request of `tokens` that was assigned to the member at `position`.
    pub fn assign(&mut self, position: usize, tokens: u64) {
        self.loads.set(position, self.loads.get(position) + self.weight(tokens));
    }

    /// Counts a request of `tokens` that ended there.
    pub fn release(&mut self, position: usize, tokens: u64) {
        self.loads.set(position, self.loads.get(position) - self.weight(tokens));
    }

    /// Makes the member at `position` ready by moving it behind the ready ones. Returns the
    /// positions that were swapped, to be recorded by whoever remembers them.
    pub fn make_ready(&mut self, position: usize) -> [(usize, usize); 2] {
        let first_waiting = self.ready;
        self.ready += 1;
        let (load, other) = (self.loads.get(position) - NOT_READY, self.loads.get(first_waiting));
        self.loads.set(position, other);
        self.loads.set(first_waiting, load);
        self.members.swap(position, first_waiting);
        [(self.members[position], position), (self.members[first_waiting], first_waiting)]
    }

    fn weight(&self, tokens: u64) -> u64 {
        match self.load {
            Load::Requests => 1,
            // A call without tokens is still a call.
            Load::Tokens => tokens.max(1),
        }
    }
}
