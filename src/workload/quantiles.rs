//! Inversion of a table of quantiles in constant time.

/// Limits on the number of guide cells: at least this many per point, within these bounds.
const CELLS_PER_POINT: usize = 4;
const MIN_CELLS: usize = 64;
const MAX_CELLS: usize = 1 << 16;

/// The inverse of a piecewise-linear cumulative distribution.
///
/// A guide table (Chen and Asau, 1974) splits [0, 1) into equal cells and remembers the segment
/// in which each begins, so that a lookup is one multiplication and a scan that is almost always
/// empty. The number of cells is a power of two, which makes cell boundaries exact.
#[derive(Clone, Debug)]
pub(super) struct QuantileTable {
    segments: Vec<Segment>,
    guide: Vec<u32>,
    cells: f64,
    max: f64,
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    /// Probability at the start.
    start: f64,
    /// Probability at the end, exclusive.
    end: f64,
    /// Value at the start.
    value: f64,
    /// Value per probability.
    slope: f64,
}

impl QuantileTable {
    /// Prepares validated (probability, value) points.
    pub(super) fn new(points: &[(f64, f64)]) -> Self {
        let segments: Vec<Segment> = points
            .windows(2)
            .map(|pair| {
                let ((start, value), (end, next)) = (pair[0], pair[1]);
                Segment { start, end, value, slope: (next - value) / (end - start) }
            })
            .collect();
        let wanted = (segments.len() * CELLS_PER_POINT).next_power_of_two();
        let cells = wanted.clamp(MIN_CELLS, MAX_CELLS);
        let guide = (0..cells)
            .map(|cell| cell as f64 / cells as f64)
            .map(|start| segments.partition_point(|segment| segment.end <= start) as u32)
            .collect();
        let max = points.last().map_or(0.0, |&(_, value)| value);
        Self { segments, guide, cells: cells as f64, max }
    }

    /// The value below which a fraction `probability`, in [0, 1), of the law lies.
    pub(super) fn value_at(&self, probability: f64) -> f64 {
        // Through `u32`, to which a float is cast without a branch; there are far fewer cells.
        let cell = (probability * self.cells) as u32;
        let mut index = self.guide[cell as usize] as usize;
        while self.segments[index].end <= probability {
            index += 1;
        }
        let segment = &self.segments[index];
        let value = segment.value + (probability - segment.start) * segment.slope;
        // Rounding of the slope must not lead past the table. Nothing here is NaN, for which
        // `f64::min` would have to look.
        if value < self.max { value } else { self.max }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The slow twin: a linear search.
    fn by_search(points: &[(f64, f64)], probability: f64) -> f64 {
        let pair = points.windows(2).find(|pair| probability < pair[1].0).expect("below 1");
        let ((start, value), (end, next)) = (pair[0], pair[1]);
        value + (probability - start) * ((next - value) / (end - start))
    }

    fn tables() -> impl Strategy<Value = Vec<(f64, f64)>> {
        let steps =
            prop::collection::vec((1e-9..1.0f64, prop_oneof![Just(0.0), 0.0..100.0]), 1..200);
        steps.prop_map(|steps| {
            let total: f64 = steps.iter().map(|step| step.0).sum();
            let mut points = vec![(0.0, 3.0)];
            let (mut probability, mut value) = (0.0, 3.0);
            for (weight, rise) in &steps {
                probability += weight / total;
                value += rise;
                points.push((probability, value));
            }
            points.last_mut().expect("not empty").0 = 1.0;
            points.dedup_by(|next, point| next.0 <= point.0);
            points
        })
    }

    proptest! {
        #[test]
        fn guide_finds_the_same_segment_as_a_search(
            points in tables(),
            probabilities in prop::collection::vec(0.0..1.0f64, 50),
        ) {
            let table = QuantileTable::new(&points);
            let at_points = points.iter().map(|point| point.0).filter(|&p| p < 1.0);
            for probability in probabilities.into_iter().chain(at_points) {
                let expected = by_search(&points, probability).min(table.max);
                prop_assert_eq!(table.value_at(probability), expected);
            }
        }
    }

    #[test]
    fn covers_the_whole_range() {
        let table = QuantileTable::new(&[(0.0, 10.0), (0.999_999, 20.0), (1.0, 1000.0)]);
        assert_eq!(table.value_at(0.0), 10.0);
        let last = table.value_at(1.0 - f64::EPSILON / 2.0);
        assert!((999.99..=1000.0).contains(&last), "{last}");
    }
}
