//! Exact sums of iteration times: the arithmetic that lets one event skip a whole decode run.
//!
//! While only decoding, a batch is constant and its context grows by as much in each iteration: iteration `i`
//! since the run's anchor lasts `d(i) = start + slope·i`, in integer picoseconds. So the sum
//! `S(m) = Σ_{i<m} d(i)` has a closed form in exact integer arithmetic, and the iteration that ends at or
//! after an instant is found by inverting it: a quadratic estimate in floating point, then integer
//! correction. Nothing here is approximate.

use crate::engine::SimDuration;

pub(crate) const PICOS_PER_NANO: u64 = 1000;

/// Sum of the numbers 0..count.
fn sum_of_numbers(count: u64) -> u128 {
    // In 64 bits as long as that is enough. (Of nothing times its predecessor nothing is left.)
    match u32::try_from(count) {
        Ok(_) => u128::from(count * count.wrapping_sub(1) / 2),
        Err(_) => u128::from(count) * u128::from(count - 1) / 2,
    }
}

/// Sum of the squares of the numbers 0..count.
fn sum_of_squares(count: u64) -> u128 {
    // In 64 bits as long as that is enough: a division by a constant is a multiplication there.
    match count {
        0 => 0,
        1..1_000_000 => u128::from((count - 1) * count * (2 * count - 1) / 6),
        _ => sum_of_numbers(count) * (2 * u128::from(count) - 1) / 3,
    }
}

/// The times of the iterations of one decode run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ramp {
    start: u64,
    slope: u64,
    length: u64,
}

impl Ramp {
    /// Iterations of which the first lasts `start` picoseconds, at least one, and each further one `slope`
    /// longer than the one before it.
    pub fn new(start: u64, slope: u64) -> Self {
        Self { start: start.max(1), slope, length: u64::MAX }
    }

    /// The same, but for the first `length` iterations only, at least one: a run goes on with
    /// another ramp then.
    pub fn limited(self, length: u64) -> Self {
        Self { length: length.max(1), ..self }
    }

    /// How many iterations it describes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// `d(0)`: picoseconds of the first iteration.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// `d(i)`: picoseconds of iteration `iteration` (from 0).
    pub fn iteration(&self, iteration: u64) -> u128 {
        u128::from(self.start) + u128::from(self.slope) * u128::from(iteration)
    }

    /// `S(m)`: picoseconds of the first `count` iterations.
    pub fn sum(&self, count: u64) -> u128 {
        u128::from(self.start) * u128::from(count) + u128::from(self.slope) * sum_of_numbers(count)
    }

    /// `Σ_{i<m} i·d(i)`: picoseconds of the first `count` iterations, each times its number.
    fn weighted_sum(&self, count: u64) -> u128 {
        u128::from(self.start) * sum_of_numbers(count)
            + u128::from(self.slope) * sum_of_squares(count)
    }

    /// The area, in picoseconds, under the number of iterations that have ended, from the anchor to
    /// `elapsed` after it, by when at most `ended` have.
    pub fn growth(&self, mut ended: u64, elapsed: SimDuration) -> u128 {
        let now = u128::from(elapsed.as_nanos()) * u128::from(PICOS_PER_NANO);
        let mut sum = self.sum(ended);
        // A boundary is up to a nanosecond before the sum that it is the end of.
        while sum > now {
            ended -= 1;
            sum = self.sum(ended);
        }
        self.weighted_sum(ended) + u128::from(ended) * (now - sum)
    }

    /// When the first `count` iterations have ended, after the anchor: `⌊S(count)/1000⌋` ns, at most
    /// 584 years.
    pub fn end_of(&self, count: u64) -> SimDuration {
        picos_to_duration(self.sum(count))
    }

    /// The smallest `count` whose end is at or after `elapsed`.
    pub fn first_end_at_or_after(&self, elapsed: SimDuration) -> u64 {
        let target = u128::from(elapsed.as_nanos()) * u128::from(PICOS_PER_NANO);
        let mut count = self.estimate_inverse(elapsed);
        let mut end = self.sum(count);
        while end < target {
            end += self.iteration(count);
            count += 1;
        }
        while count > 0 {
            let former = end - self.iteration(count - 1);
            if former < target {
                break;
            }
            (count, end) = (count - 1, former);
        }
        count
    }

    /// How many iterations have ended before `elapsed`. One that ends at this very instant has not: a
    /// run may yet be interrupted at its end, and of several that end in one nanosecond at the first.
    pub fn ended_before(&self, elapsed: SimDuration) -> u64 {
        self.first_end_at_or_after(elapsed).saturating_sub(1)
    }

    /// About the smallest count whose end is at or after `elapsed`, to within rounding of an
    /// `f64`: the smallest n with n·start + slope·n(n−1)/2 ≥ elapsed, by the stable form of the
    /// quadratic formula.
    fn estimate_inverse(&self, elapsed: SimDuration) -> u64 {
        let elapsed = elapsed.as_nanos() as f64 * PICOS_PER_NANO as f64;
        let slope = self.slope as f64;
        let linear = self.start as f64 - slope / 2.0;
        let root = 2.0 * elapsed / (linear + (linear * linear + 2.0 * slope * elapsed).sqrt());
        root as u64
    }
}

/// Whole nanoseconds in `picos`, rounded down; at most 584 years, after which nothing happens.
pub(crate) fn picos_to_duration(picos: u128) -> SimDuration {
    // Nearly every sum fits 64 bits (213 days), where the division is a multiplication.
    let nanos = match u64::try_from(picos) {
        Ok(picos) => picos / PICOS_PER_NANO,
        Err(_) => u64::try_from(picos / u128::from(PICOS_PER_NANO)).unwrap_or(u64::MAX),
    };
    SimDuration::from_nanos(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ramp() -> impl Strategy<Value = Ramp> {
        let start = prop_oneof![0..50_u64, 0..2000_u64, 0..8_000_000_000_u64];
        let slope = prop_oneof![Just(0), 0..20_u64, 0..5_000_000_u64];
        (start, slope).prop_map(|(start, slope)| Ramp::new(start, slope))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn closed_sum_equals_adding_up(ramp in ramp(), count in 0..400_u64) {
            let added: u128 = (0..count).map(|i| ramp.iteration(i)).sum();
            prop_assert_eq!(ramp.sum(count), added);
            let weighted: u128 = (0..count).map(|i| u128::from(i) * ramp.iteration(i)).sum();
            prop_assert_eq!(ramp.weighted_sum(count), weighted);
        }

        #[test]
        fn inverse_is_never_off_by_one(ramp in ramp(), count in 1..100_000_u64, nudge in -1..=1_i64) {
            let end = ramp.end_of(count);
            let elapsed = SimDuration::from_nanos(end.as_nanos().saturating_add_signed(nudge));
            let found = ramp.first_end_at_or_after(elapsed);
            prop_assert!(ramp.end_of(found) >= elapsed);
            prop_assert!(found == 0 || ramp.end_of(found - 1) < elapsed);
            let ended = ramp.ended_before(elapsed);
            prop_assert!(ended == 0 || ramp.end_of(ended) < elapsed);
            prop_assert!(ramp.end_of(ended + 1) >= elapsed);
        }
    }

    #[test]
    fn an_iteration_takes_some_time() {
        assert_eq!((Ramp::new(0, 0).sum(7), Ramp::new(0, 5).iteration(3)), (7, 16));
    }

    #[test]
    fn growth_is_the_area_under_the_boundaries_passed() {
        let ramp = Ramp::new(2500, 1000);
        let area = |ended, nanos| ramp.growth(ended, SimDuration::from_nanos(nanos));
        assert_eq!(area(0, 1), 0);
        // The first boundary is at 2.5 ns, though its event is at 2 ns.
        assert_eq!(area(1, 2), 0);
        assert_eq!(area(1, 5), 2500);
        assert_eq!(area(2, 6), 3500);
        assert_eq!(area(2, 7), 5500);
        let squares: u128 = (0..2_000_000_u128).map(|i| i * i).sum();
        assert_eq!(sum_of_squares(2_000_000), squares);
    }

    #[test]
    fn extremes_do_not_overflow() {
        let endless = Ramp::new(u64::MAX, 1 << 62);
        assert_eq!(endless.end_of(1 << 32).as_nanos(), u64::MAX);
        let many = 1 << 33;
        assert_eq!(Ramp::new(1, 1).sum(many), u128::from(many) * u128::from(many + 1) / 2);
        let ramp = Ramp::new(u64::MAX / 2, 1 << 40);
        assert_eq!(ramp.first_end_at_or_after(ramp.end_of(1000)), 1000);
    }
}
