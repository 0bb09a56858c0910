//! Which members of a pool have a place for one more call, the least loaded of them at hand.
//!
//! Where places are limited, a call that comes to a full replica looks for another one, and is turned away when
//! there is none. Looking through all members would take time in proportion to their number, for every call that
//! is turned away; here it takes O(log members).

use super::least::{Least, draw};
use crate::engine::{SimTime, Stream, Tournament};

/// A member that has a place already.
const NOW: SimTime = SimTime::ZERO;
/// Loses against every member that will have a place.
const NEVER: (SimTime, u32) = (SimTime::MAX, u32::MAX);

/// The members with a place, by load, and the others, by when they will have one.
#[derive(Clone, Debug)]
pub(super) struct Openings {
    /// From when on each member has a place if nothing happens to it meanwhile.
    from: Vec<SimTime>,
    open: Tournament<Least>,
    shut: Tournament<(SimTime, u32)>,
}

impl Default for Openings {
    /// Of nobody.
    fn default() -> Self {
        let (open, shut) = (Tournament::new(1, Least::NOBODY), Tournament::new(1, NEVER));
        Self { from: Vec::new(), open, shut }
    }
}

impl Openings {
    /// One more member, with a place.
    pub(super) fn join(&mut self) {
        if self.from.len() == self.open.capacity() {
            self.open.grow();
            self.shut.grow();
        }
        self.from.push(NOW);
    }

    /// The last member is there no more.
    pub(super) fn pop(&mut self) {
        self.from.pop();
        let last = self.from.len();
        self.open.set(last, Least::NOBODY);
        self.shut.set(last, NEVER);
    }

    /// What was true of the member at `from` is true of the one at `to`.
    pub(super) fn copy(&mut self, from: usize, to: usize) {
        self.from[to] = self.from[from];
    }

    /// Two members change places.
    pub(super) fn swap(&mut self, one: usize, other: usize) {
        self.from.swap(one, other);
    }

    /// A member has a place from an instant on: not before something happens to it if that is the end of time.
    pub(super) fn set(&mut self, now: SimTime, member: usize, from: SimTime) {
        self.from[member] = if from <= now { NOW } else { from };
    }

    /// Takes up what has changed of a member, whose load `key` says.
    pub(super) fn enter(&mut self, member: usize, key: Least) {
        let from = self.from[member];
        let (open, shut) = match from {
            NOW => (key, NEVER),
            SimTime::MAX => (Least::NOBODY, NEVER),
            _ => (Least::NOBODY, (from, member as u32)),
        };
        self.open.update(member, open);
        self.shut.update(member, shut);
    }

    /// A member that has had a place since before it was last [entered](Self::enter), if there is one.
    pub(super) fn due(&mut self, now: SimTime) -> Option<usize> {
        let (from, member) = self.shut.winner();
        let due = from <= now && from < SimTime::MAX;
        due.then(|| {
            self.from[member as usize] = NOW;
            member as usize
        })
    }

    /// The least loaded member with a place, drawn evenly where several are.
    pub(super) fn draw_least(&self, stream: &mut Stream) -> Option<usize> {
        draw(&self.open, stream)
    }
}
