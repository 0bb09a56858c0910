//! Exact sums of iteration times: the arithmetic that lets one event skip a whole decode run.
//!
//! While only decoding, a batch is constant and iteration `i` since the run's anchor lasts
//! `d(i) = fixed + max(α₀ + α₁·i, β₀ + β₁·i)`, all in integer picoseconds. Two lines cross at most
//! once, so the sum `S(m) = Σ_{i<m} d(i)` has a closed form in exact integer arithmetic, and the
//! iteration that ends at or after an instant is found by inverting it: a quadratic estimate in
//! floating point, then integer correction. Nothing here is approximate.

use crate::engine::SimDuration;

pub(crate) const PICOS_PER_NANO: u64 = 1000;

/// A part of the iteration time that grows linearly: `start + slope·i` picoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Picoseconds at iteration 0.
    pub start: u64,
    /// Further picoseconds per iteration.
    pub slope: u64,
}

impl Line {
    fn at(self, iteration: u64) -> u128 {
        u128::from(self.start) + u128::from(self.slope) * u128::from(iteration)
    }

    /// Sum over the iterations `0..count`.
    fn sum(self, count: u64) -> u128 {
        u128::from(self.start) * u128::from(count) + u128::from(self.slope) * sum_of_numbers(count)
    }

    /// Sum over the iterations `0..count`, each times its number.
    fn weighted_sum(self, count: u64) -> u128 {
        u128::from(self.start) * sum_of_numbers(count)
            + u128::from(self.slope) * sum_of_squares(count)
    }
}

/// Sum of the numbers 0..count.
fn sum_of_numbers(count: u64) -> u128 {
    u128::from(count) * u128::from(count.saturating_sub(1)) / 2
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
    fixed: u64,
    /// The larger line before `crossing`.
    early: Line,
    /// The larger line from `crossing` on.
    late: Line,
    /// The first iteration in which `late` exceeds `early`.
    crossing: u64,
    /// The iterations that it describes.
    length: u64,
}

impl Ramp {
    /// Iterations that last `fixed` plus the larger of two lines, in picoseconds. An iteration
    /// takes at least one picosecond.
    pub fn new(fixed: u64, one: Line, other: Line) -> Self {
        let (early, late) = match (other.start, other.slope) > (one.start, one.slope) {
            true => (other, one),
            false => (one, other),
        };
        let crossing = match late.slope.checked_sub(early.slope) {
            None | Some(0) => u64::MAX,
            Some(gain) => (early.start - late.start) / gain + 1,
        };
        let fixed = if fixed == 0 && early.start == 0 { 1 } else { fixed };
        Self { fixed, early, late, crossing, length: u64::MAX }
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

    /// `d(i)`: picoseconds of iteration `iteration` (from 0).
    pub fn iteration(&self, iteration: u64) -> u128 {
        u128::from(self.fixed) + self.early.at(iteration).max(self.late.at(iteration))
    }

    /// `S(m)`: picoseconds of the first `count` iterations.
    pub fn sum(&self, count: u64) -> u128 {
        let fixed = u128::from(self.fixed) * u128::from(count);
        if count <= self.crossing {
            return fixed + self.early.sum(count);
        }
        let late = self.late.sum(count) - self.late.sum(self.crossing);
        fixed + self.early.sum(self.crossing) + late
    }

    /// `Σ_{i<m} i·d(i)`: picoseconds of the first `count` iterations, each times its number.
    fn weighted_sum(&self, count: u64) -> u128 {
        let fixed = u128::from(self.fixed) * sum_of_numbers(count);
        if count <= self.crossing {
            return fixed + self.early.weighted_sum(count);
        }
        let late = self.late.weighted_sum(count) - self.late.weighted_sum(self.crossing);
        fixed + self.early.weighted_sum(self.crossing) + late
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
        if self.sum(count) < target {
            count += 1;
            while self.sum(count) < target {
                count += 1;
            }
        } else {
            while count > 0 && self.sum(count - 1) >= target {
                count -= 1;
            }
        }
        count
    }

    /// How many iterations have ended before `elapsed`. One that ends at this very instant has not: a
    /// run may yet be interrupted at its end, and of several that end in one nanosecond at the first.
    pub fn ended_before(&self, elapsed: SimDuration) -> u64 {
        self.first_end_at_or_after(elapsed).saturating_sub(1)
    }

    /// About the smallest count whose end is at or after `elapsed`, to within rounding of an
    /// `f64`: the smallest n with n·v + slope·n(n−1)/2 ≥ rest, by the stable form of the quadratic
    /// formula, from the start or from the crossing.
    fn estimate_inverse(&self, elapsed: SimDuration) -> u64 {
        let mut rest = elapsed.as_nanos() as f64 * PICOS_PER_NANO as f64;
        let mut start = 0;
        let mut line = self.early;
        if self.crossing != u64::MAX {
            let before = self.sum(self.crossing) as f64;
            if rest > before {
                (start, line, rest) = (self.crossing, self.late, rest - before);
            }
        }
        let slope = line.slope as f64;
        let first = line.start as f64 + slope * start as f64;
        let linear = self.fixed as f64 + first - slope / 2.0;
        let root = 2.0 * rest / (linear + (linear * linear + 2.0 * slope * rest).sqrt());
        start + root as u64
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

    fn line() -> impl Strategy<Value = Line> {
        let start = prop_oneof![0..50_u64, 0..5_000_000_000_u64];
        let slope = prop_oneof![Just(0), 0..20_u64, 0..5_000_000_u64];
        (start, slope).prop_map(|(start, slope)| Line { start, slope })
    }

    fn ramp() -> impl Strategy<Value = Ramp> {
        let fixed = prop_oneof![Just(0), 0..2000_u64, 0..3_000_000_000_u64];
        (fixed, line(), line()).prop_map(|(fixed, one, other)| Ramp::new(fixed, one, other))
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
    fn the_larger_line_counts_on_both_sides_of_the_crossing() {
        let ramp = Ramp::new(10, Line { start: 100, slope: 0 }, Line { start: 0, slope: 30 });
        let times: Vec<_> = (0..6).map(|i| ramp.iteration(i)).collect();
        assert_eq!(times, [110, 110, 110, 110, 130, 160]);
        assert_eq!(ramp.sum(6), 730);
    }

    #[test]
    fn growth_is_the_area_under_the_boundaries_passed() {
        let ramp = Ramp::new(0, Line { start: 2500, slope: 1000 }, Line::default());
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
        let endless =
            Ramp::new(u64::MAX / 2, Line { start: 1 << 62, slope: 1 << 62 }, Line::default());
        assert_eq!(endless.end_of(1 << 32).as_nanos(), u64::MAX);
        let steep = Line { start: u64::MAX / 4, slope: 1 << 40 };
        let ramp = Ramp::new(u64::MAX / 4, steep, Line::default());
        assert_eq!(ramp.first_end_at_or_after(ramp.end_of(1000)), 1000);
    }
}
