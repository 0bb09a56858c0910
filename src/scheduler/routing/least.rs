//! The least load among some members of a pool, and who has it.

use crate::engine::{HalfLine, Key, Stream, Tournament};
use rand::RngExt;

/// Bits of what stands below a load: a flag and a number.
const LOW_BITS: u32 = 24;
const SEVERAL: u64 = 1 << (LOW_BITS - 1);
const NUMBER: u64 = SEVERAL - 1;
/// Above the load of every member that is ready.
const NOT_READY: u64 = 1 << (u64::BITS - LOW_BITS - 1);
/// Loads from here on count as equal: half a million million tokens.
const LARGEST: u64 = NOT_READY - 1;

/// The least load among some members, and who has it: one member, or so many of them. Packed as
/// `not ready:1 | load:39 | several:1 | member or count:23`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Least(u64);

impl Least {
    /// Nobody: no load is larger, and none has it.
    pub(super) const NOBODY: Self = Self(u64::MAX << LOW_BITS | SEVERAL);

    pub(super) fn one(member: usize, load: u64, ready: bool) -> Self {
        let rank = load.min(LARGEST) + if ready { 0 } else { NOT_READY };
        Self(rank << LOW_BITS | member as u64)
    }

    /// How many of these members are as little loaded as the least of some that they are among.
    pub(super) fn tied_with(self, least: Self) -> u32 {
        let equal = (self.0 ^ least.0) >> LOW_BITS == 0;
        let count = if self.0 & SEVERAL == 0 { 1 } else { (self.0 & NUMBER) as u32 };
        if equal { count } else { 0 }
    }

    /// Their load, at most 2³⁹ − 1.
    pub(super) fn load(self) -> u64 {
        self.0 >> LOW_BITS & LARGEST
    }

    /// All that are as little loaded as `least`, which several are.
    fn all(contenders: [Self; 4], least: Self) -> Self {
        let tied: u32 = contenders.iter().map(|contender| contender.tied_with(least)).sum();
        Self(least.0 >> LOW_BITS << LOW_BITS | SEVERAL | u64::from(tied))
    }
}

impl Key for Least {
    type Align = HalfLine;

    /// The least and the second least are found without branching. Whether they are equal is nearly always
    /// as it was before: seldom in busy pools, often in idle ones.
    fn best(contenders: [Self; 4]) -> Self {
        let [a, b, c, d] = contenders;
        let (low, other_low) = (a.min(b), c.min(d));
        let least = low.min(other_low);
        let second = low.max(other_low).min(a.max(b)).min(c.max(d));
        if (least.0 ^ second.0) >> LOW_BITS == 0 { Self::all(contenders, least) } else { least }
    }
}

/// One of those with the least load, each as likely as the others: nothing is drawn for one alone. `None` of nobody.
#[inline(always)]
pub(super) fn draw(tree: &Tournament<Least>, stream: &mut Stream) -> Option<usize> {
    let least = tree.winner();
    if least.0 & SEVERAL == 0 {
        return Some((least.0 & NUMBER) as usize);
    }
    if least == Least::NOBODY {
        return None;
    }
    let mut skipped = stream.random_range(0..least.tied_with(least));
    Some(tree.descend(|contenders| {
        let here = |contender: &Least| {
            let tied = contender.tied_with(least);
            let here = skipped < tied;
            skipped -= if here { 0 } else { tied };
            here
        };
        contenders.iter().position(here).expect("a match's winner is among its contenders")
    }))
}
