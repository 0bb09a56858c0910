//! Lines with bands over a parameter: what is drawn, wherever the numbers come from.

use super::axis::Axis;
use super::legend::marker;
use super::palette::colour;
use super::panel::Panel;
use super::picture::Picture;

/// Opacity of bands: lines below them are seen.
const BAND: f64 = 0.16;
/// Positions of which the largest is more than so many times the least are drawn on a log axis, if they are more even
/// there.
const LOG_FROM: f64 = 20.0;

/// A mean at a place along the parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::report) struct Point {
    /// Its position on the x axis.
    pub(in crate::report) x: f64,
    pub(in crate::report) mean: f64,
    /// Half-width of its 95 % interval.
    pub(in crate::report) ci95: Option<f64>,
}

impl Point {
    fn half_width(self) -> f64 {
        self.ci95.filter(|ci95| ci95.is_finite()).unwrap_or(0.0)
    }
}

/// Where values lie along a parameter.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::report) struct Places {
    /// A position for each value.
    pub(in crate::report) positions: Vec<f64>,
    /// What stands at each position below the axis.
    pub(in crate::report) labels: Vec<String>,
    /// Whether positions are numbers, so that a line leads from one to the next; else they are categories.
    pub(in crate::report) are_numbers: bool,
}

impl Places {
    /// Numbers, or where there are none categories, one after the other.
    pub(in crate::report) fn new(labels: &[String], positions: Option<&[f64]>) -> Self {
        let numbered = || (0..labels.len()).map(|place| place as f64).collect();
        Self {
            positions: positions.map_or_else(numbered, <[f64]>::to_vec),
            labels: labels.to_vec(),
            are_numbers: positions.is_some(),
        }
    }

    /// The axis for a panel that is so many pixels wide.
    pub(in crate::report) fn axis(&self, width: f64) -> Axis {
        let is_log = self.are_numbers && is_log(&self.positions);
        Axis::through(&self.positions, &self.labels, is_log, width)
    }
}

/// Whether positions belong on a log axis: they span more than a factor of 20, and the gaps between them are more alike
/// there.
pub(in crate::report) fn is_log(positions: &[f64]) -> bool {
    let mut sorted = positions.to_vec();
    sorted.sort_by(f64::total_cmp);
    let [least, .., most] = sorted[..] else { return false };
    let spans = least > 0.0 && most > LOG_FROM * least;
    spans && unevenness(sorted.iter().map(|one| one.ln())) < unevenness(sorted.iter().copied())
}

/// The variance of the gaps between numbers that grow, in parts of their mean squared.
fn unevenness(numbers: impl Iterator<Item = f64> + Clone) -> f64 {
    let gaps: Vec<f64> =
        numbers.clone().zip(numbers.skip(1)).map(|(one, next)| next - one).collect();
    let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
    gaps.iter().map(|gap| (gap / mean - 1.0).powi(2)).sum()
}

/// The y axis over all lines, their bands included, with about so many ticks.
pub(in crate::report) fn y_axis(lines: &[Vec<Point>], ticks: usize) -> Axis {
    let edges = lines.iter().flatten().flat_map(|point| {
        [point.mean - point.half_width(), point.mean, point.mean + point.half_width()]
    });
    let edges: Vec<f64> = edges.filter(|edge| edge.is_finite()).collect();
    let (least, most) =
        edges.iter().fold((0f64, 0f64), |(least, most), edge| (least.min(*edge), most.max(*edge)));
    Axis::linear(least, most, ticks)
}

/// Draws lines into a panel, each in the colour of its number, over their bands. Of categories, which have no order,
/// there is a marker with its interval each.
pub(in crate::report) fn draw_lines(
    picture: &mut Picture,
    panel: &Panel,
    lines: &[Vec<Point>],
    are_numbers: bool,
) {
    let sorted = |line: &Vec<Point>| {
        let mut line = line.clone();
        line.sort_by(|one, other| one.x.total_cmp(&other.x));
        line
    };
    let lines: Vec<Vec<Point>> = lines.iter().map(sorted).collect();
    for (index, line) in lines.iter().enumerate().filter(|_| are_numbers) {
        draw_band(picture, panel, line, index);
    }
    for (index, line) in lines.iter().enumerate() {
        let points: Vec<_> = line.iter().map(|point| panel.point(point.x, point.mean)).collect();
        if are_numbers && points.len() > 1 {
            picture.line(points.clone(), colour(index), 2.0);
        }
        if !are_numbers {
            for point in line {
                let end = |sign: f64| panel.point(point.x, point.mean + sign * point.half_width());
                picture.line(vec![end(-1.0), end(1.0)], colour(index), 1.0);
            }
        }
        points.into_iter().for_each(|point| marker(picture, index, point, colour(index)));
    }
}

fn draw_band(picture: &mut Picture, panel: &Panel, line: &[Point], index: usize) {
    if line.len() < 2 || line.iter().all(|point| point.ci95.is_none()) {
        return;
    }
    let edge = |sign: f64| {
        line.iter().map(move |point| panel.point(point.x, point.mean + sign * point.half_width()))
    };
    let outline = edge(1.0).chain(edge(-1.0).collect::<Vec<_>>().into_iter().rev());
    picture.area(outline.collect(), colour(index), BAND);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_even_in_the_logarithm_has_a_log_axis() {
        assert!(is_log(&[1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 24.0]));
        assert!(is_log(&[40.0, 200.0, 1000.0]) && is_log(&[1000.0, 200.0, 40.0]));
        // Not far enough, even as they are, or below zero.
        assert!(!is_log(&[40.0, 80.0, 160.0, 320.0, 640.0]));
        assert!(!is_log(&[1.0, 21.0, 41.0, 61.0]));
        assert!(!is_log(&[0.0, 1.0, 10.0, 100.0]) && !is_log(&[]) && !is_log(&[3.0]));
    }

    #[test]
    fn labels_that_would_lie_on_each_other_are_left_out() {
        let labels: Vec<String> = (1..=100).map(|number| number.to_string()).collect();
        let positions: Vec<f64> = (1..=100).map(f64::from).collect();
        let axis = Places::new(&labels, Some(&positions)).axis(400.0);
        assert!(axis.ticks.len() > 5 && axis.ticks.len() < 40, "{}", axis.ticks.len());
        assert_eq!((axis.min(), axis.max()), (1.0, 100.0));
        let few = Places::new(&labels[..3], None).axis(400.0);
        assert_eq!(few.ticks.len(), 3);
    }
}
