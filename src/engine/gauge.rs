//! A counted population and the exact area under it.

use super::SimTime;

/// How many there are, and ∫ count dt in integer nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauge {
    count: u64,
    area: u128,
    since: SimTime,
}

impl Gauge {
    /// So many from an instant on.
    pub fn of(since: SimTime, count: u64) -> Self {
        Self { count, since, ..Self::default() }
    }

    /// One more.
    pub fn enter(&mut self, now: SimTime) {
        self.add(now, 1);
    }

    /// One fewer.
    ///
    /// # Panics
    /// When there is none.
    pub fn leave(&mut self, now: SimTime) {
        self.remove(now, 1);
    }

    /// So many more.
    pub fn add(&mut self, now: SimTime, more: u64) {
        self.settle(now);
        self.count += more;
    }

    /// So many fewer.
    ///
    /// # Panics
    /// When there are not so many.
    pub fn remove(&mut self, now: SimTime, fewer: u64) {
        self.settle(now);
        self.count = self.count.checked_sub(fewer).expect("nobody left who had not entered");
    }

    /// So many, however many there were.
    pub fn set(&mut self, now: SimTime, count: u64) {
        self.settle(now);
        self.count = count;
    }

    /// Brings the area up to `now`.
    pub fn settle(&mut self, now: SimTime) {
        self.area = self.area_at(now);
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

    /// ∫ count dt up to `now`, which is not before the last change.
    pub fn area_at(&self, now: SimTime) -> u128 {
        let elapsed = now.since(self.since).as_nanos();
        self.area + u128::from(elapsed) * u128::from(self.count)
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
        assert_eq!(gauge.area_at(at(20)), 5 + 2 * 3 + 2);
        gauge.settle(at(20));
        assert_eq!((gauge.count(), gauge.area()), (1, 5 + 2 * 3 + 2));
        gauge.set(at(21), 7);
        gauge.remove(at(22), 7);
        assert_eq!((gauge.count(), gauge.area_at(at(30))), (0, 13 + 1 + 7));
    }
}
