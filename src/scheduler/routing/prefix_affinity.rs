//! Where a conversation's last turn ran, so that its KV is found in that replica's prefix cache; the
//! least loaded replica when there was none or when it is overloaded.

use super::{Load, RoutingPolicy, View};
use crate::engine::Stream;
use crate::scheduler::Patience;

pub(super) struct PrefixAffinity(pub Patience);

impl RoutingPolicy for PrefixAffinity {
    fn load(&self) -> Load {
        Load::Tokens
    }

    fn route(&mut self, view: View<'_>, stream: &mut Stream) -> usize {
        let Patience { tokens, factor } = self.0;
        let most = (tokens as f64).max(factor * view.loads.least() as f64);
        let home = view.home.filter(|&home| view.loads.load(home) as f64 <= most);
        home.unwrap_or_else(|| view.loads.draw_least(stream))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Purpose, Streams};
    use crate::scheduler::routing::LoadIndex;

    fn route_with(patience: Patience, loads: [u64; 3], home: Option<usize>) -> usize {
        let mut index = LoadIndex::new(loads.len());
        loads.iter().enumerate().for_each(|(position, &load)| index.add(position, load));
        let view = View { loads: &index, home };
        let mut stream = Streams::new(1, 0).stream(Purpose::Routing, "m");
        PrefixAffinity(patience).route(view, &mut stream)
    }

    fn route(loads: [u64; 3], home: Option<usize>) -> usize {
        route_with(Patience::default(), loads, home)
    }

    #[test]
    fn home_unless_it_is_overloaded() {
        assert_eq!(route([10, 20_000, 30], Some(1)), 1);
        assert_eq!(route([10, 40_000, 30], Some(1)), 0);
        assert_eq!(route([30_000, 40_000, 90_000], Some(1)), 1);
        assert_eq!(route([30_000, 40_000, 90_000], Some(2)), 0);
        assert_eq!(route([30, 40, 20], None), 2);
    }

    #[test]
    fn both_bounds_count() {
        let none = Patience { tokens: 0, factor: 1.0 };
        assert_eq!(route_with(none, [10, 11, 30], Some(1)), 0);
        assert_eq!(route_with(none, [11, 11, 11], Some(1)), 1);
        let half = Patience { tokens: 100, factor: 1.5 };
        assert_eq!(route_with(half, [10, 100, 30], Some(1)), 1);
        assert_eq!(route_with(half, [10, 101, 30], Some(1)), 0);
        assert_eq!(route_with(half, [200, 300, 400], Some(1)), 1);
        assert_eq!(route_with(half, [200, 301, 400], Some(1)), 0);
    }
}
