//! Requests that neither wait in line nor are in the batch.

use crate::ids::RequestId;
use std::collections::VecDeque;

/// Requests on the side of a replica: few replicas ever have any. Their lists are apart from what every boundary looks
/// at, so that this stays in few cache lines.
#[derive(Debug, Default)]
pub(super) struct Aside(Option<Box<Lists>>);

#[derive(Debug, Default)]
struct Lists {
    /// Preempted, their KV dropped: they come before all who wait.
    returned: VecDeque<RequestId>,
    /// Preempted, their KV in the host's memory: they come back before anyone is admitted.
    swapped: VecDeque<RequestId>,
    /// How many have a place here whose KV is on its way.
    incoming: usize,
    /// Those whose KV has arrived since the last boundary.
    arrived: Vec<RequestId>,
}

impl Aside {
    /// The first of those who were preempted and have to start again.
    #[inline]
    pub(super) fn returned(&self) -> Option<RequestId> {
        self.0.as_ref()?.returned.front().copied()
    }

    /// Takes that one out.
    #[inline]
    pub(super) fn take_returned(&mut self) -> Option<RequestId> {
        self.0.as_mut()?.returned.pop_front()
    }

    /// Someone who was preempted has to start again, before all others.
    pub(super) fn return_first(&mut self, id: RequestId) {
        self.lists().returned.push_front(id);
    }

    /// The first of those whose KV is in the host's memory.
    #[inline]
    pub(super) fn swapped(&self) -> Option<RequestId> {
        self.0.as_ref()?.swapped.front().copied()
    }

    /// Takes that one out.
    pub(super) fn take_swapped(&mut self) -> Option<RequestId> {
        self.0.as_mut()?.swapped.pop_front()
    }

    /// Someone's KV is in the host's memory from now on, and comes back before all others'.
    pub(super) fn swap_first(&mut self, id: RequestId) {
        self.lists().swapped.push_front(id);
    }

    /// How many have a place here whose KV is on its way.
    #[inline]
    pub(super) fn incoming(&self) -> usize {
        self.0.as_ref().map_or(0, |lists| lists.incoming)
    }

    /// Someone's KV sets off.
    pub(super) fn await_one(&mut self) {
        self.lists().incoming += 1;
    }

    /// The KV of one of those has arrived.
    pub(super) fn arrive(&mut self, id: RequestId) {
        let lists = self.lists();
        lists.incoming -= 1;
        lists.arrived.push(id);
    }

    /// Whether anybody's KV has arrived since the last boundary.
    #[inline]
    pub(super) fn has_arrived(&self) -> bool {
        self.0.as_ref().is_some_and(|lists| !lists.arrived.is_empty())
    }

    /// Takes those out whose KV has arrived.
    pub(super) fn take_arrived(&mut self) -> Vec<RequestId> {
        std::mem::take(&mut self.lists().arrived)
    }

    fn lists(&mut self) -> &mut Lists {
        self.0.get_or_insert_default()
    }
}
