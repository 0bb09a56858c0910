//! Axes: values to places between 0 and 1, and ticks at round numbers.

use super::font;
use super::panel::{LABEL_EM, MARGIN};
use super::picture::Text;
use crate::report::numbers;

/// A mark on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::report) struct Tick {
    pub(in crate::report) value: f64,
    pub(in crate::report) label: String,
}

/// An axis.
#[derive(Clone, Debug)]
pub(in crate::report) struct Axis {
    min: f64,
    max: f64,
    log: bool,
    pub(in crate::report) ticks: Vec<Tick>,
}

/// Pixels that a label of a position may take, and between two of them.
const LABEL_MAX: f64 = 76.0;
const LABEL_GAP: f64 = 6.0;

/// A log axis spans at most this many decades, from its upper end.
const DECADES_MAX: f64 = 9.0;

impl Axis {
    /// From a round number at or below `min` (and 0) to one at or above `max` (and 0).
    pub(in crate::report) fn linear(min: f64, max: f64, ticks: usize) -> Self {
        let (min, mut max) = (min.min(0.0), max.max(0.0));
        if min == max {
            max = 1.0;
        }
        let step = round_step((max - min) / ticks.max(1) as f64, &[1.0, 2.0, 5.0, 10.0]);
        let (first, last) = ((min / step).floor(), (max / step).ceil());
        let ticks = multiples(first, last, step);
        Self { min: first * step, max: last * step, log: false, ticks }
    }

    /// With a unit after each label but that of zero.
    pub(in crate::report) fn labelled(mut self, unit: &str) -> Self {
        for tick in self.ticks.iter_mut().filter(|tick| tick.value != 0.0) {
            tick.label = format!("{} {unit}", tick.label);
        }
        self
    }

    /// Exactly from 0 to `end_s` seconds; ticks in the unit that is returned.
    pub(in crate::report) fn time(end_s: f64, ticks: usize) -> (Self, &'static str) {
        let end_s = if end_s.is_finite() && end_s > 0.0 { end_s } else { 1.0 };
        let (unit_s, unit, steps): (f64, _, &[f64]) = match end_s {
            s if s <= 180.0 => (1.0, "s", &[1.0, 2.0, 5.0, 10.0]),
            s if s <= 3.0 * 3600.0 => (60.0, "min", &[1.0, 2.0, 5.0, 10.0]),
            s if s <= 72.0 * 3600.0 => (3600.0, "h", &[1.0, 2.0, 3.0, 6.0, 12.0]),
            _ => (86_400.0, "days", &[1.0, 2.0, 5.0, 7.0, 10.0]),
        };
        let step = round_step(end_s / unit_s / ticks.max(1) as f64, steps);
        let last = (end_s / unit_s / step * (1.0 + 1e-9)).floor();
        let mut ticks = multiples(0.0, last, step);
        for tick in &mut ticks {
            tick.value *= unit_s;
        }
        (Self { min: 0.0, max: end_s, log: false, ticks }, unit)
    }

    /// From a 1, 2 or 5 of a decade at or below `min` to one at or above `max`, both positive.
    /// Labels carry the unit where the numbers do (seconds).
    pub(in crate::report) fn log(min: f64, max: f64, unit: &str) -> Self {
        let max = if max.is_finite() && max > 0.0 { max } else { 1.0 };
        let floor = max * 10f64.powf(-DECADES_MAX);
        let min = if min.is_finite() && min > 0.0 { min.clamp(floor, max) } else { max / 10.0 };
        let marks: Vec<f64> = (-25..25)
            .flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| digit * 10f64.powi(decade)))
            .collect();
        let below = marks.iter().rposition(|&m| m <= min * (1.0 + 1e-9)).unwrap_or(0);
        let above = marks.iter().position(|&m| m >= max * (1.0 - 1e-9)).unwrap_or(marks.len() - 1);
        let (below, above) = if above > below { (below, above) } else { (below, below + 1) };
        let (low, high) = (marks[below], marks[above.min(marks.len() - 1)]);
        let every = (high / low).log10() <= 2.1;
        let is_decade = |mark: f64| (mark.log10() - mark.log10().round()).abs() < 1e-6;
        let ticks = marks[below..=above.min(marks.len() - 1)]
            .iter()
            .filter(|&&mark| every || is_decade(mark))
            .map(|&value| Tick { value, label: short(value, unit) })
            .collect();
        Self { min: low, max: high, log: true, ticks }
    }

    /// Exactly from the least position to the greatest, with a tick at each whose label has room in so many pixels.
    pub(in crate::report) fn through(
        positions: &[f64],
        labels: &[String],
        log: bool,
        width: f64,
    ) -> Self {
        let mut marks: Vec<(f64, &String)> = positions.iter().copied().zip(labels).collect();
        marks.sort_by(|one, other| one.0.total_cmp(&other.0));
        let [min, max] = match (marks.first(), marks.last()) {
            (Some(first), Some(last)) if first.0 < last.0 => [first.0, last.0],
            (Some(first), _) => [first.0, first.0 + 1.0],
            _ => [0.0, 1.0],
        };
        let mut axis = Self { min, max, log, ticks: Vec::new() };
        let mut free_from = f64::NEG_INFINITY;
        for (value, label) in marks {
            // Right of the last one there is the margin of the picture.
            let most = if value == max { 2.0 * MARGIN } else { LABEL_MAX };
            let text = Text::new((0.0, 0.0), label, LABEL_EM).fitted(most);
            let half = font::width(&text.text, LABEL_EM, false) / 2.0;
            let at = axis.place(value) * width;
            if at - half >= free_from {
                axis.ticks.push(Tick { value, label: text.text });
                free_from = at + half + LABEL_GAP;
            }
        }
        axis
    }

    /// With at most so many ticks, evenly left out, where labels would lie on each other.
    pub(in crate::report) fn thinned(mut self, most: usize) -> Self {
        let step = self.ticks.len().div_ceil(most.max(1)).max(1);
        self.ticks = self.ticks.into_iter().step_by(step).collect();
        self
    }

    /// The value at the axis' start.
    pub(in crate::report) fn min(&self) -> f64 {
        self.min
    }

    /// The value at its end.
    pub(in crate::report) fn max(&self) -> f64 {
        self.max
    }

    /// The place of a value: 0 at the axis' start, 1 at its end, never outside.
    pub(in crate::report) fn place(&self, value: f64) -> f64 {
        let place = if self.log {
            (value.max(self.min) / self.min).ln() / (self.max / self.min).ln()
        } else {
            (value - self.min) / (self.max - self.min)
        };
        if place.is_finite() { place.clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// The smallest of `steps` times a power of ten that is at least `least`.
fn round_step(least: f64, steps: &[f64]) -> f64 {
    let least = if least.is_finite() && least > 0.0 { least } else { 1.0 };
    let decade = 10f64.powf(least.log10().floor());
    // Below one unit, and above the last step, only powers of ten times 1, 2 and 5 are round.
    if (1.0..=steps[steps.len() - 1]).contains(&least) {
        return steps.iter().copied().find(|step| *step >= least * (1.0 - 1e-9)).unwrap_or(least);
    }
    let digits = [1.0, 2.0, 5.0, 10.0];
    let digit = digits.iter().find(|digit| *digit * decade >= least * (1.0 - 1e-9));
    digit.unwrap_or(&10.0) * decade
}

fn multiples(first: f64, last: f64, step: f64) -> Vec<Tick> {
    let largest = first.abs().max(last.abs()) * step;
    let (factor, suffix) = match largest {
        m if m >= 1e9 => (1e9, " G"),
        m if m >= 1e6 => (1e6, " M"),
        m if m >= 1e4 => (1e3, " k"),
        _ => (1.0, ""),
    };
    let places = (-(step / factor).log10().floor()).clamp(0.0, 9.0) as usize;
    let scientific = largest >= 1e13 || step < 1e-3;
    // At most a few dozen by the choice of the step.
    let count = (last - first).clamp(0.0, 100.0) as usize;
    (0..=count)
        .map(|index| {
            let value = (first + index as f64) * step;
            let suffix = if value == 0.0 { "" } else { suffix };
            let label = if scientific {
                format!("{value:.0e}")
            } else {
                format!("{:.places$}{suffix}", value / factor)
            };
            let label = if value == 0.0 { "0".to_owned() } else { label.replace('-', "−") };
            Tick { value, label }
        })
        .collect()
}

/// A 1, 2 or 5 of a decade without needless zeros.
fn short(value: f64, unit: &str) -> String {
    let text = numbers::value(value, unit);
    let (digits, rest) = text.split_once(' ').map_or((text.as_str(), ""), |(d, r)| (d, r));
    let digits = if digits.contains('.') && !digits.contains('e') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    };
    if rest.is_empty() { digits.to_owned() } else { format!("{digits} {rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> String {
        axis.ticks.iter().map(|tick| tick.label.as_str()).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn ticks_are_round() {
        let cases = [
            (labels(&Axis::linear(0.0, 87.0, 5)), "0 | 20 | 40 | 60 | 80 | 100"),
            (labels(&Axis::linear(-3.0, 9.0, 5)), "−5 | 0 | 5 | 10"),
            (labels(&Axis::linear(0.0, 0.23, 5)), "0 | 0.05 | 0.10 | 0.15 | 0.20 | 0.25"),
            (labels(&Axis::linear(0.0, 23_000.0, 5)), "0 | 5 k | 10 k | 15 k | 20 k | 25 k"),
            (labels(&Axis::linear(0.0, 6e-8, 3)), "0 | 2e−8 | 4e−8 | 6e−8"),
            (labels(&Axis::linear(0.0, 0.0, 2)), "0 | 0.5 | 1.0"),
            (labels(&Axis::time(4200.0, 7).0), "0 | 10 | 20 | 30 | 40 | 50 | 60 | 70"),
            (labels(&Axis::time(86_400.0, 8).0), "0 | 3 | 6 | 9 | 12 | 15 | 18 | 21 | 24"),
            (labels(&Axis::log(0.003, 0.04, "s")), "2 ms | 5 ms | 10 ms | 20 ms | 50 ms"),
            (labels(&Axis::log(0.0003, 40.0, "s")), "1 ms | 10 ms | 100 ms | 1 s | 10 s"),
            (labels(&Axis::log(1.0, 1.0, "")), "1 | 2"),
            (labels(&Axis::log(0.0003, 40.0, "s").thinned(3)), "1 ms | 100 ms | 10 s"),
        ];
        for (shown, expected) in cases {
            assert_eq!(shown, expected);
        }
    }

    #[test]
    fn places_are_inside_whatever_the_value() {
        let axes =
            [Axis::linear(0.0, 5.0, 5), Axis::log(0.1, 5.0, "s"), Axis::log(f64::NAN, 0.0, "s")];
        for axis in axes {
            for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, 1e300] {
                assert!((0.0..=1.0).contains(&axis.place(value)), "{value} on {axis:?}");
            }
        }
    }
}
