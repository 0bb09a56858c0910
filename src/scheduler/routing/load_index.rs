//! Loads of a pool of replicas, with the least one at hand, and those who have it.

use super::least::{Least, draw};
use super::openings::Openings;
use crate::engine::{SimTime, Stream, Tournament};

/// So many members have numbers in what stands below a load.
const MOST_MEMBERS: usize = (1 << 23) - 1;

/// Loads by member. The first members are ready; as long as none is, all are candidates.
///
/// The members are contenders of a [`Tournament`] in which each match counts who shares its least
/// load, so that any one of those can be drawn in O(log members).
#[derive(Clone, Debug)]
pub struct LoadIndex {
    loads: Vec<u64>,
    ready: usize,
    tree: Tournament<Least>,
    /// Who has a place, where places are limited.
    openings: Option<Openings>,
}

impl Default for LoadIndex {
    /// Of nobody.
    fn default() -> Self {
        let tree = Tournament::new(1, Least::NOBODY);
        Self { loads: Vec::new(), ready: 0, tree, openings: None }
    }
}

impl LoadIndex {
    /// Loads of `members` replicas, all zero and none of them ready.
    ///
    /// # Panics
    /// From 2²³ members on.
    pub fn new(members: usize) -> Self {
        let mut index = Self::default();
        (0..members).for_each(|_| {
            index.join();
        });
        index
    }

    /// Of nobody, whose places will be limited.
    pub fn with_places() -> Self {
        Self { openings: Some(Openings::default()), ..Self::default() }
    }

    /// One more member, without load, with a place and not ready. Returns its number, the largest.
    ///
    /// # Panics
    /// From 2²³ members on.
    pub fn join(&mut self) -> usize {
        let member = self.loads.len();
        assert!(member < MOST_MEMBERS, "at most 8,388,607 replicas can be routed to");
        if member == self.tree.capacity() {
            self.tree.grow();
        }
        self.loads.push(0);
        if let Some(openings) = &mut self.openings {
            openings.join();
        }
        self.enter(member);
        member
    }

    /// A member leaves. Others take the places that become free: returns who goes where, in this order.
    pub fn leave(&mut self, member: usize) -> [Option<(usize, usize)>; 2] {
        let last = self.loads.len() - 1;
        let mut gap = member;
        let mut moves = [None, None];
        if member < self.ready {
            self.ready -= 1;
            // The last of those that are ready fills the gap, so that they stay the first.
            moves[0] = self.fill(gap, self.ready);
            gap = self.ready;
        }
        moves[1] = self.fill(gap, last);
        self.loads.pop();
        self.tree.set(last, Least::NOBODY);
        if let Some(openings) = &mut self.openings {
            openings.pop();
        }
        moves
    }

    fn fill(&mut self, gap: usize, from: usize) -> Option<(usize, usize)> {
        self.loads[gap] = self.loads[from];
        if let Some(openings) = &mut self.openings {
            openings.copy(from, gap);
        }
        self.enter(gap);
        (gap != from).then_some((from, gap))
    }

    /// The candidates are the members below this: the ready ones, or all when none is.
    pub fn candidates(&self) -> usize {
        if self.ready > 0 { self.ready } else { self.loads.len() }
    }

    /// One member's load.
    pub fn load(&self, member: usize) -> u64 {
        self.loads[member]
    }

    /// What members are ordered by: those that are not ready come after all that are.
    pub fn rank(&self, member: usize) -> (bool, u64) {
        (member >= self.ready, self.loads[member])
    }

    /// Adds to a member's load.
    pub fn add(&mut self, member: usize, weight: u64) {
        self.loads[member] += weight;
        self.enter(member);
    }

    /// Takes back what was added to a member's load.
    pub fn remove(&mut self, member: usize, weight: u64) {
        self.loads[member] -= weight;
        self.enter(member);
    }

    /// Makes a member ready: it changes places with the first that is not, whose place is returned.
    pub fn make_ready(&mut self, member: usize) -> usize {
        let place = self.ready;
        self.ready += 1;
        self.loads.swap(member, place);
        if let Some(openings) = &mut self.openings {
            openings.swap(member, place);
        }
        self.enter(member);
        self.enter(place);
        place
    }

    /// Whether it knows who has a place.
    pub fn counts_places(&self) -> bool {
        self.openings.is_some()
    }

    /// From the instant `from` on a member has a place, if nothing happens to it meanwhile. Without effect where
    /// places are not limited.
    pub fn set_place(&mut self, now: SimTime, member: usize, from: SimTime) {
        if let Some(openings) = &mut self.openings {
            openings.set(now, member, from);
            self.enter(member);
        }
    }

    /// The least load of a candidate, at most 2³⁹ − 1.
    pub fn least(&self) -> u64 {
        self.tree.winner().load()
    }

    /// One of the candidates with the least load, each as likely as the others.
    ///
    /// # Panics
    /// Without members.
    pub fn draw_least(&self, stream: &mut Stream) -> usize {
        draw(&self.tree, stream).expect("there is a member")
    }

    /// Likewise of all members that have a place at `now`, ready ones first; `None` if nobody has one.
    pub fn draw_least_with_place(&mut self, now: SimTime, stream: &mut Stream) -> Option<usize> {
        while let Some(member) = self.openings.as_mut()?.due(now) {
            self.enter(member);
        }
        self.openings.as_ref()?.draw_least(stream)
    }

    fn enter(&mut self, member: usize) {
        self.tree.update(member, self.key(member));
        if self.openings.is_some() {
            self.enter_opening(member);
        }
    }

    // By itself: where places are not limited, nothing of it is in the way.
    #[inline(never)]
    fn enter_opening(&mut self, member: usize) {
        let key = self.key(member);
        if let Some(openings) = &mut self.openings {
            openings.enter(member, key);
        }
    }

    fn key(&self, member: usize) -> Least {
        Least::one(member, self.loads[member], member < self.ready)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Purpose, Streams};
    use proptest::prelude::*;

    fn stream() -> Stream {
        Streams::new(1, 0).stream(Purpose::Routing, "m")
    }

    proptest! {
        #[test]
        fn agrees_with_scanning(
            members in 1..70_usize,
            ready in 0..70_usize,
            changes in prop::collection::vec((0..70_usize, 0..4_u64), 0..200),
        ) {
            let mut index = LoadIndex::new(members);
            let mut stream = stream();
            let mut loads = vec![0; members];
            for (count, (member, load)) in changes.into_iter().enumerate() {
                let member = member % members;
                if count < ready && index.ready < members && member >= index.ready {
                    let place = index.make_ready(member);
                    loads.swap(member, place);
                }
                index.remove(member, loads[member]);
                index.add(member, load);
                loads[member] = load;
                let candidates = &loads[..index.candidates()];
                let least = candidates.iter().min().unwrap();
                let tied = candidates.iter().filter(|&load| load == least).count();
                prop_assert_eq!(index.least(), *least);
                let winner = index.tree.winner();
                prop_assert_eq!(winner.tied_with(winner) as usize, tied);
                let drawn = index.draw_least(&mut stream);
                prop_assert!(drawn < candidates.len() && candidates[drawn] == *least);
            }
        }
    }

    /// Pearson's chi-square test of 10,000 draws among seven of twenty, at a level of 10⁻⁶ with 6
    /// degrees of freedom: at most 38.3. The seed is the first that was tried.
    #[test]
    fn ties_are_drawn_evenly() {
        let mut index = LoadIndex::new(20);
        (0..20).for_each(|member| assert_eq!(index.make_ready(member), member));
        (0..20).filter(|member| member % 3 != 0).for_each(|member| index.add(member, 5));
        let mut stream = stream();
        let mut drawn = [0; 20];
        (0..10_000).for_each(|_| drawn[index.draw_least(&mut stream)] += 1);
        let expected = 10_000.0 / 7.0;
        let deviation = |member: usize| (f64::from(drawn[member]) - expected).powi(2) / expected;
        let chi_square: f64 = (0..20).step_by(3).map(deviation).sum();
        assert!(chi_square < 38.3, "{chi_square}: {drawn:?}");
        assert_eq!((0..20).step_by(3).map(|member| drawn[member]).sum::<i32>(), 10_000);
    }

    #[test]
    fn the_largest_loads_count_as_equal_and_are_still_below_those_not_ready() {
        let mut index = LoadIndex::new(3);
        index.make_ready(0);
        index.make_ready(1);
        index.add(0, u64::MAX / 2);
        index.add(1, u64::MAX);
        assert!((0..50).all(|_| index.draw_least(&mut stream()) < 2));
        index.remove(0, u64::MAX / 2);
        assert_eq!(index.draw_least(&mut stream()), 0);
    }
}
