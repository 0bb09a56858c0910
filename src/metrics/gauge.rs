//! A counted population and the exact area under it.

use crate::engine::SimTime;

/// How many there are, and ∫ count dt in integer nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauge {
    count: u64,
    area: u128,
    since: SimTime,
}

impl Gauge {
    /// One more.
    pub fn enter(&mut self, now: SimTime) {
        self.settle(now);
        self.count += 1;
    }

    /// One fewer.
    ///
    /// # Panics
    /// When there is none.
    pub fn leave(&mut self, now: SimTime) {
        self.settle(now);
        self.count = self.count.checked_sub(1).expect("nobody left who had not entered");
    }

    /// Brings the area up to `now`.
    pub fn settle(&mut self, now: SimTime) {
        let elapsed = now.since(self.since).as_nanos();
        self.area += u128::from(elapsed) * u128::from(self.count);
        self.since = now;
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// ∫ count dt up to the last change, in nanoseconds.
    pub fn area(&self) -> u128 {
        self.area
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn area_is_exact() {
        let at = SimTime::from_nanos;
        let mut gauge = Gauge::default();
        gauge.enter(at(10));
        gauge.enter(at(15));
        gauge.leave(at(18));
        gauge.settle(at(20));
        assert_eq!((gauge.count(), gauge.area()), (1, 5 + 2 * 3 + 2));
    }
}
