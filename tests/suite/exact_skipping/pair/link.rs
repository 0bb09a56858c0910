//! The twin's link: a list of what is left of each transfer.

use coopsim::engine::{SimDuration, SimTime};

/// Binary digits below the nanosecond.
const FRACTION_BITS: u32 = 32;

/// Transfers under way, in order of their start. n of them share the lanes, each at the rate
/// `min(1, lanes/n)`.
pub struct Link {
    lanes: u128,
    at: SimTime,
    transfers: Vec<Transfer>,
}

#[derive(Clone, Copy, Debug)]
pub struct Transfer {
    pub index: usize,
    /// Time that it still needs alone, in 2⁻³² ns.
    left: u128,
}

impl Link {
    pub fn new(lanes: u32) -> Self {
        Self { lanes: u128::from(lanes), at: SimTime::ZERO, transfers: Vec::new() }
    }

    /// Moves what can be moved up to `now`. Returns whose transfer is complete: those first that
    /// would have been first, and then those that started first.
    pub fn advance(&mut self, now: SimTime) -> Vec<Transfer> {
        let sharers = self.transfers.len() as u128;
        let elapsed = u128::from(now.since(self.at).as_nanos()) << FRACTION_BITS;
        let moved = elapsed * self.lanes.min(sharers) / sharers.max(1);
        self.at = now;
        let done = self.transfers.extract_if(.., |transfer| transfer.left <= moved);
        let mut done: Vec<_> = done.collect();
        done.sort_by_key(|transfer| transfer.left);
        self.transfers.iter_mut().for_each(|transfer| transfer.left -= moved);
        done
    }

    pub fn start(&mut self, index: usize, alone: SimDuration) {
        let left = u128::from(alone.as_nanos()) << FRACTION_BITS;
        self.transfers.push(Transfer { index, left });
    }

    /// The first whole nanosecond at which a transfer is complete.
    pub fn next_end(&self) -> Option<SimTime> {
        let least = self.transfers.iter().map(|transfer| transfer.left).min()?;
        let sharers = self.transfers.len() as u128;
        let nanos = (least * sharers).div_ceil(self.lanes.min(sharers) << FRACTION_BITS);
        Some(self.at + SimDuration::from_nanos(u64::try_from(nanos).expect("in time")))
    }

    /// Whether transfers slow each other down.
    pub fn is_shared(&self) -> bool {
        self.transfers.len() as u128 > self.lanes
    }
}
