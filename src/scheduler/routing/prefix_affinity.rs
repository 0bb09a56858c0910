//! Where a conversation's last turn ran, so that its KV is found in that replica's prefix cache; the
//! least loaded replica when there was none or when it is overloaded.

use super::{Load, RoutingPolicy, View};
use crate::engine::Stream;

/// A replica is overloaded with more than so many times the least load. (Cache-aware routers of serving
/// engines switch at ratios of 1.1 to 2.)
const OVERLOAD: u64 = 2;
/// Outstanding tokens up to which no replica is overloaded: a few long requests. Otherwise a second
/// turn would always leave a replica with a single request for one with none.
const PATIENCE: u64 = 32_768;

pub(super) struct PrefixAffinity;

impl RoutingPolicy for PrefixAffinity {
    fn load(&self) -> Load {
        Load::Tokens
    }

    fn route(&mut self, view: View<'_>, stream: &mut Stream) -> usize {
        let most = PATIENCE.max(OVERLOAD * view.loads.least());
        let home = view.home.filter(|&home| view.loads.load(home) <= most);
        home.unwrap_or_else(|| view.loads.draw_least(stream))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Purpose, Streams};
    use crate::scheduler::routing::LoadIndex;

    fn route(loads: [u64; 3], home: Option<usize>) -> usize {
        let mut index = LoadIndex::new(loads.len());
        loads.iter().enumerate().for_each(|(position, &load)| index.add(position, load));
        let view = View { loads: &index, home };
        PrefixAffinity.route(view, &mut Streams::new(1, 0).stream(Purpose::Routing, "m"))
    }

    #[test]
    fn home_unless_it_is_overloaded() {
        assert_eq!(route([10, 20_000, 30], Some(1)), 1);
        assert_eq!(route([10, 40_000, 30], Some(1)), 0);
        assert_eq!(route([30_000, 40_000, 90_000], Some(1)), 1);
        assert_eq!(route([30_000, 40_000, 90_000], Some(2)), 0);
        assert_eq!(route([30, 40, 20], None), 2);
    }
}
