//! Distributions of latencies in bounded memory.

mod stored;

use crate::engine::SimDuration;

/// Classes below two octaves are one microsecond wide; each octave above has as many as the last of
/// them, so that a class is at most 1/1024 as wide as its lower edge.
const PER_OCTAVE: usize = 1024;
/// Neighbouring classes whose counts are kept together: two cache lines of them.
const PAGE: usize = 16;
const PAGES_PER_OCTAVE: usize = PER_OCTAVE / PAGE;
const NANOS_PER_MICRO: u64 = 1000;
const MICROS_PER_SECOND: f64 = 1e6;
const NANOS_PER_SECOND: f64 = 1e9;
/// All classes that there can be.
const CLASSES: usize = class_of(u64::MAX / NANOS_PER_MICRO + 1) + 1;
/// Over so many octaves the latencies of one kind of calls usually are.
const USUAL_OCTAVES: f64 = 10.0;
/// In a directory, where there is no page: as a place, beyond all counts.
const ABSENT: u16 = u16::MAX;

/// A histogram of durations, with their exact number, sum, minimum and maximum. Only pages of classes with
/// a duration in them are held, so that memory grows with how much durations differ, never with their number.
///
/// Quantiles are the middles of classes, clamped to the minimum and the maximum: at most 0.05 %
/// off, or half a microsecond where that is more.
#[derive(Clone, Debug)]
pub struct LatencyHistogram {
    /// Where the counts of each page's classes are among all that are held, in pages: from page `first`
    /// on.
    directory: Vec<u16>,
    first: usize,
    /// By page, in the order in which they were needed.
    counts: Vec<u64>,
    count: u64,
    /// Nanoseconds, like the minimum and the maximum.
    sum: u128,
    /// `u64::MAX` when empty.
    min: u64,
    max: u64,
}

impl Default for LatencyHistogram {
    fn default() -> Self {
        let (directory, counts) = (Vec::new(), Vec::new());
        Self { directory, first: 0, counts, count: 0, sum: 0, min: u64::MAX, max: 0 }
    }
}

impl LatencyHistogram {
    /// Counts a duration.
    // Into whoever records several at once: the call would cost a quarter of the work.
    #[inline]
    pub fn record(&mut self, duration: SimDuration) {
        let nanos = duration.as_nanos();
        self.count += 1;
        self.sum += u128::from(nanos);
        self.min = self.min.min(nanos);
        self.max = self.max.max(nanos);
        // To the nearest microsecond: half ones, plus one, halved.
        let class = class_of((nanos / (NANOS_PER_MICRO / 2) + 1) >> 1);
        match self.count_of(class) {
            Some(count) => *count += 1,
            None => self.begin(class / PAGE)[class % PAGE] = 1,
        }
    }

    /// Adds another histogram's counts.
    pub fn merge(&mut self, other: &Self) {
        if self.count == 0 {
            *self = other.clone();
            return;
        }
        for (page, counts) in other.pages() {
            self.page(page).iter_mut().zip(counts).for_each(|(count, more)| *count += more);
        }
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum += other.sum;
        self.count += other.count;
    }

    /// Adds to the count of a class, whose page is then held.
    fn add(&mut self, class: usize, more: u64) {
        self.page(class / PAGE)[class % PAGE] += more;
    }

    /// The counts of a page, which is then held.
    fn page(&mut self, page: usize) -> &mut [u64] {
        match self.directory.get(page.wrapping_sub(self.first)) {
            Some(&place) if place != ABSENT => {
                let start = usize::from(place) * PAGE;
                &mut self.counts[start..start + PAGE]
            }
            _ => self.begin(page),
        }
    }

    /// The count of a class, if its page is held.
    fn count_of(&mut self, class: usize) -> Option<&mut u64> {
        let place = *self.directory.get((class / PAGE).wrapping_sub(self.first))?;
        self.counts.get_mut(usize::from(place) * PAGE + class % PAGE)
    }

    /// Begins a page that is not held. Returns its counts.
    #[cold]
    fn begin(&mut self, page: usize) -> &mut [u64] {
        if self.directory.is_empty() {
            self.first = page;
        } else if page < self.first {
            // A whole octave at a time, since all places have to move.
            let octave = page / PAGES_PER_OCTAVE * PAGES_PER_OCTAVE;
            self.directory.splice(0..0, std::iter::repeat_n(ABSENT, self.first - octave));
            self.first = octave;
        }
        let index = page - self.first;
        if self.directory.len() <= index {
            self.directory.resize(index + 1, ABSENT);
        }
        let start = self.counts.len();
        // In 64 bits there are 46 octaves: under 3,000 pages.
        self.directory[index] = (start / PAGE) as u16;
        self.counts.resize(start + PAGE, 0);
        &mut self.counts[start..]
    }

    /// The pages that are held, in their order.
    fn pages(&self) -> impl Iterator<Item = (usize, &[u64])> {
        (self.first..).zip(&self.directory).filter(|&(_, &place)| place != ABSENT).map(
            |(page, &place)| {
                let start = usize::from(place) * PAGE;
                (page, &self.counts[start..start + PAGE])
            },
        )
    }

    /// The classes of those pages, in their order, and how many durations lie in each.
    fn classes(&self) -> impl Iterator<Item = (usize, u64)> {
        self.pages().flat_map(|(page, counts)| (page * PAGE..).zip(counts.iter().copied()))
    }

    /// About how many bytes the counts of so many durations take, which are spread over `USUAL_OCTAVES` if they are
    /// many, and over about as many octaves as they have binary digits if they are few.
    pub fn bytes_of(durations: f64) -> f64 {
        let octaves = (1.0 + durations).log2().min(USUAL_OCTAVES);
        let pages = USUAL_OCTAVES * PAGES_PER_OCTAVE as f64;
        // As many pages have a duration in them if all are as likely.
        let held = pages * (1.0 - (-durations / pages).exp());
        let entries = octaves * PAGES_PER_OCTAVE as f64;
        held * (PAGE * size_of::<u64>()) as f64 + entries * size_of::<u16>() as f64
    }

    /// How many durations were recorded.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean in seconds, exact; `None` when empty.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64 / NANOS_PER_SECOND)
    }

    /// The longest in seconds, exact; `None` when empty.
    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then(|| self.max as f64 / NANOS_PER_SECOND)
    }

    /// Seconds up to which a fraction `probability` of durations lie, as exact as a class allows;
    /// `None` when empty.
    pub fn quantile(&self, probability: f64) -> Option<f64> {
        self.quantiles([probability]).next()
    }

    /// Likewise at each of `probabilities`, which ascend; nothing when empty.
    pub fn quantiles(
        &self,
        probabilities: impl IntoIterator<Item = f64>,
    ) -> impl Iterator<Item = f64> {
        self.points(probabilities).map(|(seconds, _)| seconds)
    }

    /// The quantiles of `probabilities`, which ascend, and the number of durations up to the end of the class of
    /// each: in one pass over the classes.
    fn points(
        &self,
        probabilities: impl IntoIterator<Item = f64>,
    ) -> impl Iterator<Item = (f64, u64)> {
        let mut classes = self.classes();
        let (mut class, mut up_to) = (0, 0);
        probabilities.into_iter().map_while(move |probability| {
            let rank = (probability * self.count as f64).ceil() as u64;
            let rank = rank.clamp(1, self.count.max(1));
            while up_to < rank {
                let (next, count) = classes.next()?;
                (class, up_to) = (next, up_to + count);
            }
            let middle = middle_micros(class) * NANOS_PER_MICRO as f64;
            let nanos = middle.clamp(self.min as f64, self.max as f64);
            let nanos = if rank == self.count { self.max as f64 } else { nanos };
            Some((nanos / NANOS_PER_SECOND, up_to))
        })
    }

    /// The fraction of durations of `seconds` or longer; `None` when empty. Exact, up to the
    /// rounding of durations to microseconds, where a class begins: at powers of two in
    /// microseconds, among others.
    pub fn fraction_from(&self, seconds: f64) -> Option<f64> {
        let class = class_of((seconds * MICROS_PER_SECOND).round() as u64);
        let from_it = self.classes().filter(|&(each, _)| each >= class);
        let longer: u64 = from_it.map(|(_, count)| count).sum();
        (self.count > 0).then(|| longer as f64 / self.count as f64)
    }

    /// (seconds, fraction of durations up to that) at each of `probabilities`, which ascend.
    pub fn cdf(&self, probabilities: impl Iterator<Item = f64>) -> Vec<(f64, f64)> {
        let points = self.points(probabilities);
        points.map(|(seconds, up_to)| (seconds, up_to as f64 / self.count as f64)).collect()
    }
}

/// The class of a duration of so many microseconds.
const fn class_of(micros: u64) -> usize {
    // The smaller durations are all in the first two octaves.
    let octave = (micros | (2 * PER_OCTAVE as u64 - 1)).ilog2() - PER_OCTAVE.ilog2();
    octave as usize * PER_OCTAVE + (micros >> octave) as usize
}

/// The middle of the durations in a class, in whole microseconds and halves.
fn middle_micros(class: usize) -> f64 {
    let octave = (class / PER_OCTAVE).saturating_sub(1);
    let lower = (class - octave * PER_OCTAVE) as f64;
    let width = (octave as f64).exp2();
    lower * width + (width - 1.0) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Purpose, Streams};
    use rand_distr::{Distribution, LogNormal};
    use std::collections::{BTreeMap, BTreeSet};

    fn of(nanos: impl IntoIterator<Item = u64>) -> LatencyHistogram {
        let mut histogram = LatencyHistogram::default();
        nanos.into_iter().for_each(|each| histogram.record(SimDuration::from_nanos(each)));
        histogram
    }

    #[test]
    fn fractions_are_exact_at_powers_of_two() {
        let edge = 1 << 20;
        assert_eq!(of([]).fraction_from(1.0), None);
        let micros = [0, edge - 1, edge, edge + 1, 1 << 40, u64::MAX / NANOS_PER_MICRO];
        let histogram = of(micros.map(|each| each * NANOS_PER_MICRO));
        assert_eq!(histogram.fraction_from(edge as f64 / MICROS_PER_SECOND), Some(4.0 / 6.0));
        assert_eq!(histogram.fraction_from(0.0), Some(1.0));
    }

    #[test]
    fn classes_follow_each_other_and_hold_their_middles() {
        for class in 0..40 * PER_OCTAVE {
            let middle = middle_micros(class);
            assert_eq!(class_of(middle.floor() as u64), class);
            let lower = class_of(middle_micros(class + 1).floor() as u64 - 1);
            assert!(lower == class || lower == class + 1, "{class}: a gap before {lower}");
        }
    }

    #[test]
    fn what_is_one_value_is_told_exactly() {
        let histogram = of([1_000_400_000]);
        for probability in [0.0, 0.5, 0.99, 1.0] {
            assert_eq!(histogram.quantile(probability), Some(1.0004));
        }
        assert_eq!((histogram.mean(), histogram.max()), (Some(1.0004), Some(1.0004)));
        assert_eq!((of([]).mean(), of([]).max(), of([]).quantile(0.5)), (None, None, None));
    }

    /// Against the sorted values: the stated error is the largest possible.
    #[test]
    fn quantiles_are_within_their_error() {
        let seed = 3;
        let mut stream = Streams::new(seed, 0).stream(Purpose::Service, "quantiles");
        let law = LogNormal::new(16.0, 4.0).expect("a law");
        let mut nanos: Vec<u64> = (0..5000).map(|_| law.sample(&mut stream) as u64).collect();
        let histogram = of(nanos.iter().copied());
        nanos.sort_unstable();
        for rank in 1..=nanos.len() {
            let exact = nanos[rank - 1] as f64 / NANOS_PER_SECOND;
            let told = histogram.quantile((rank as f64 - 0.5) / nanos.len() as f64).unwrap();
            let error = (told - exact).abs();
            assert!(
                error <= (0.0005 * exact).max(0.5e-6 + 1e-12),
                "seed {seed}: {told} for {exact}"
            );
        }
    }

    /// The slow twin: a map of all classes, by durations rounded to microseconds.
    #[test]
    fn it_holds_what_a_map_of_classes_would_and_only_pages_with_something_in_them() {
        let mut stream = Streams::new(4, 0).stream(Purpose::Service, "pages");
        let law = LogNormal::new(16.0, 4.0).expect("a law");
        let drawn = (0..3000).map(|_| law.sample(&mut stream) as u64);
        let nanos: Vec<u64> = [5_000_000, 499, 500, 1499, 1500].into_iter().chain(drawn).collect();
        let mut merged = of([]);
        nanos.chunks(500).for_each(|part| merged.merge(&of(part.iter().copied())));
        let mut map = BTreeMap::new();
        for each in &nanos {
            *map.entry(class_of((each + 500) / 1000)).or_insert(0) += 1;
        }
        let pages: BTreeSet<_> = map.keys().map(|class| class / PAGE).collect();
        for histogram in [of(nanos), merged] {
            let held = histogram.classes().filter(|&(_, count)| count > 0);
            assert_eq!(held.collect::<BTreeMap<_, _>>(), map);
            assert_eq!(histogram.counts.len(), pages.len() * PAGE);
        }
    }

    #[test]
    fn quantiles_in_a_row_are_those_one_by_one() {
        let histogram = of((0..500).map(|each| each * each * 7919));
        let probabilities = || (0..=1000).map(|each| f64::from(each) / 1000.0);
        let each = probabilities().map(|probability| histogram.quantile(probability).unwrap());
        assert!(histogram.quantiles(probabilities()).eq(each));
        assert_eq!(of([]).quantiles(probabilities()).next(), None);
    }

    #[test]
    fn parts_make_up_the_whole() {
        let parts = [vec![5_000_000, 70_000_000_000], vec![], vec![0, 900], vec![5_000_000]];
        let mut merged = of([]);
        parts.iter().for_each(|part| merged.merge(&of(part.iter().copied())));
        let whole = of(parts.concat());
        assert_eq!((merged.count(), merged.mean(), merged.max()), (5, whole.mean(), whole.max()));
        for fifth in 0..=5 {
            let probability = f64::from(fifth) / 5.0;
            assert_eq!(merged.quantile(probability), whole.quantile(probability));
        }
    }
}
