//! The least loaded replica, by requests or by tokens; the first among equals.

use super::{Load, RoutingPolicy, View};
use crate::engine::Stream;

pub(super) struct LeastLoaded(pub Load);

impl RoutingPolicy for LeastLoaded {
    fn load(&self) -> Load {
        self.0
    }

    fn route(&mut self, view: View<'_>, _stream: &mut Stream) -> usize {
        view.loads.least()
    }
}
