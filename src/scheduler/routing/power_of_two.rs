//! The better of two drawn at random, by outstanding tokens.
//!
//! M. Mitzenmacher, *The power of two choices in randomized load balancing*, 2001.

use super::{Load, RoutingPolicy, View};
use crate::engine::Stream;
use rand::RngExt;

pub(super) struct PowerOfTwo;

impl RoutingPolicy for PowerOfTwo {
    fn load(&self) -> Load {
        Load::Tokens
    }

    fn route(&mut self, view: View<'_>, stream: &mut Stream) -> usize {
        let candidates = view.loads.candidates();
        if candidates == 1 {
            return 0;
        }
        let one = stream.random_range(0..candidates);
        let among_others = stream.random_range(0..candidates - 1);
        let other = among_others + usize::from(among_others >= one);
        // Both orders of a pair are as likely, so that the first is one of two equals drawn evenly.
        if view.loads.load(other) < view.loads.load(one) { other } else { one }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Purpose, Streams};
    use crate::scheduler::routing::LoadIndex;

    fn routes<const MEMBERS: usize>(loads: [u64; MEMBERS]) -> [u32; MEMBERS] {
        let mut index = LoadIndex::new(MEMBERS);
        (0..MEMBERS).for_each(|member| index.add(member, loads[member]));
        let mut stream = Streams::new(1, 0).stream(Purpose::Routing, "m");
        let mut counts = [0; MEMBERS];
        for _ in 0..6_000 {
            let view = View { loads: &index, home: None };
            counts[PowerOfTwo.route(view, &mut stream)] += 1;
        }
        counts
    }

    /// Of three pairs, two have the least loaded in them, and none leaves a choice to the most loaded.
    /// Counts of 6,000 draws have a standard deviation of at most 39; five of them are not exceeded.
    #[test]
    fn two_different_ones_are_drawn_each_pair_as_often() {
        assert_eq!(routes([7]), [6_000]);
        assert_eq!(routes([7, 6]), [0, 6_000]);
        let [least, middle, most] = routes([5, 6, 7]);
        assert!(most == 0 && least + middle == 6_000 && least.abs_diff(4_000) < 185, "{least}");
        let even = routes([5, 5, 5]);
        assert!(even.iter().all(|count| count.abs_diff(2_000) < 185), "{even:?}");
    }
}
