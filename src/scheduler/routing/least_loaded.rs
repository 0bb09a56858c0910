//! The least loaded replica, by requests or by tokens; any one of several as likely as the others.

use super::{Load, RoutingPolicy, View};
use crate::engine::Stream;

pub(super) struct LeastLoaded(pub Load);

impl RoutingPolicy for LeastLoaded {
    fn load(&self) -> Load {
        self.0
    }

    fn route(&mut self, view: View<'_>, stream: &mut Stream) -> usize {
        view.loads.draw_least(stream)
    }
}
