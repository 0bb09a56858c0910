//! One after another.

use super::{Load, RoutingPolicy, View};
use crate::engine::Stream;

#[derive(Default)]
pub(super) struct RoundRobin {
    next: usize,
}

impl RoutingPolicy for RoundRobin {
    fn load(&self) -> Load {
        Load::Requests
    }

    fn route(&mut self, view: View<'_>, _stream: &mut Stream) -> usize {
        let chosen = if self.next < view.loads.candidates() { self.next } else { 0 };
        self.next = chosen + 1;
        chosen
    }
}
