//! Measured against simulated values on log axes: on the diagonal they are equal.

use super::plots::{Plot, Point, plots};
use crate::report::chart::axis::Axis;
use crate::report::chart::legend::{Legend, Sample, hollow, marker};
use crate::report::chart::palette::{AXIS, BAND, COLOURS, Colour, INK, MUTED, SHADE, colour};
use crate::report::chart::panel::{HEADING, MARGIN, Panel, X_LABELS, Y_LABELS, heading, x_name};
use crate::report::chart::picture::{Picture, Text};
use crate::report::chart::{Chart, Drawing, number};
use crate::report::slug::slug;
use crate::validation::Validation;

const CAPTION: &str = "A point per row: the measured value on the horizontal axis, the simulated one on the vertical \
    axis, both on log scales. On the line they are equal; inside the dark band they differ by at most 10 %, inside the \
    light one by at most 30 %. Hollow points are rows that every fit left out.";
/// Half as wide as other pictures: two stand side by side on a laptop, and one can be read on a phone.
const WIDTH: u32 = 480;
/// Labels that an axis has room for.
const TICKS: usize = 7;
/// Relative widths of the bands, to either side, with their colours: the wider one lies below.
const BANDS: [(f64, Colour); 2] = [(0.3, SHADE), (0.1, BAND)];

/// A chart per plot, in their order.
pub(super) fn parity_charts(validation: &Validation) -> Vec<Chart> {
    let plots = plots(validation);
    let count = plots.len();
    let chart_of = |(index, plot): (usize, &Plot)| Chart {
        file: format!("parity-{}-{}", number(index, count), slug(plot.title)),
        drawing: draw(plot),
    };
    plots.iter().enumerate().map(chart_of).collect()
}

fn draw(plot: &Plot) -> Drawing {
    let Plot { title, unit, points } = plot;
    let chips = chips(points);
    let legend = legend(&chips, points);
    let top = HEADING + legend.height + 30.0;
    let side = f64::from(WIDTH) - 2.0 * MARGIN - Y_LABELS;
    let mut picture = Picture::new(WIDTH, top + side + X_LABELS + 32.0);
    let axis = axis(points, unit);
    let panel = Panel {
        corner: (MARGIN + Y_LABELS, top),
        width: side,
        height: side,
        x: axis.clone(),
        y: axis,
    };
    heading(&mut picture, title, &subtitle(points));
    legend.draw(&mut picture, (MARGIN, HEADING));
    for (width, colour) in BANDS {
        draw_band(&mut picture, &panel, width, colour);
    }
    panel.grid(&mut picture);
    draw_diagonal(&mut picture, &panel);
    draw_points(&mut picture, &panel, &chips, points);
    panel.frame(&mut picture);
    let name = Text::new((panel.corner.0, top - 13.0), &format!("Simulated, {unit}"), 12.0);
    picture.text(Text { colour: MUTED, ..name });
    let span = (panel.corner.0, panel.corner.0 + panel.width);
    x_name(&mut picture, span, panel.bottom() + X_LABELS + 12.0, &format!("Measured, {unit}"));
    let alt = format!(
        "{title}: simulated against measured values, a point per row. {}",
        subtitle(points)
    );
    Drawing { alt, caption: CAPTION, picture }
}

/// Those that were left out on top of the others.
fn draw_points(picture: &mut Picture, panel: &Panel, chips: &[&str], points: &[Point]) {
    for held_out in [false, true] {
        let kept = points.iter().filter(|point| point.is_positive() && point.held_out == held_out);
        for point in kept {
            let index = chips.iter().position(|chip| *chip == point.chip).unwrap_or(chips.len());
            let at = panel.point(point.measured, point.simulated);
            let draw = if held_out { hollow } else { marker };
            draw(picture, index, at, style(index));
        }
    }
}

/// Accelerators in the order of their first rows, as far as there are colours.
fn chips<'a>(points: &[Point<'a>]) -> Vec<&'a str> {
    let mut chips: Vec<&str> = Vec::new();
    for point in points {
        if !chips.contains(&point.chip) && chips.len() < COLOURS.len() {
            chips.push(point.chip);
        }
    }
    chips
}

/// The chips, one entry for all beyond the colours, and what is hollow.
fn legend(chips: &[&str], points: &[Point]) -> Legend {
    let named =
        |(index, chip): (usize, &&str)| (Sample::Marker(style(index), index), (*chip).to_owned());
    let unnamed = points.iter().any(|point| !chips.contains(&point.chip));
    let others = unnamed.then(|| (Sample::Marker(INK, chips.len()), "others".to_owned()));
    let left_out = points.iter().any(|point| point.held_out);
    let hollow = left_out.then(|| (Sample::Hollow(INK, 0), "left out of fits".to_owned()));
    let entries = chips.iter().enumerate().map(named).chain(others).chain(hollow);
    Legend::new(entries, f64::from(WIDTH) - 2.0 * MARGIN)
}

fn style(index: usize) -> Colour {
    if index < COLOURS.len() { colour(index) } else { INK }
}

fn subtitle(points: &[Point]) -> String {
    let within = |part| points.iter().filter(|point| point.is_within(part)).count();
    let count = points.len();
    format!("Of {count} rows {} are within 10 %, {} within 30 %.", within(0.1), within(0.3))
}

/// The same for both values, so that the diagonal leads from corner to corner.
fn axis(points: &[Point], unit: &str) -> Axis {
    let positive = || {
        let good = points.iter().filter(|point| point.is_positive());
        good.flat_map(|point| [point.measured, point.simulated])
    };
    let most = positive().fold(0.0, f64::max);
    Axis::log(positive().fold(f64::INFINITY, f64::min), most, unit).thinned(TICKS)
}

fn draw_band(picture: &mut Picture, panel: &Panel, width: f64, colour: Colour) {
    let (low, high) = ends(panel);
    let outline = [
        (low, low),
        (low, low * (1.0 + width)),
        (high / (1.0 + width), high),
        (high, high),
        (high, high * (1.0 - width)),
        (low / (1.0 - width), low),
    ];
    picture.area(outline.iter().map(|&(x, y)| panel.point(x, y)).collect(), colour, 1.0);
}

fn draw_diagonal(picture: &mut Picture, panel: &Panel) {
    let (low, high) = ends(panel);
    picture.line(vec![panel.point(low, low), panel.point(high, high)], AXIS, 1.0);
}

/// The ends of an axis.
fn ends(panel: &Panel) -> (f64, f64) {
    (panel.x.min(), panel.x.max())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::legible;
    use crate::report::sample;

    #[test]
    fn any_values_and_names_fit() {
        let mut validation = sample::validation();
        legible::check(&parity_charts(&validation), "parity");
        for (index, row) in validation.published.iter_mut().enumerate() {
            row.accelerator = format!("chip {index} {}", "模".repeat(40));
            row.published *= 1e5_f64.powi(index as i32 - 2);
            row.simulated *= if index == 1 { 0.0 } else { 1e-6 };
        }
        validation.latency.rows.clear();
        let charts = parity_charts(&validation);
        assert_eq!(charts.len(), 2, "two tables, and no latencies");
        legible::check(&charts, "odd parity");
        validation.published.clear();
        assert!(parity_charts(&validation).is_empty());
    }
}
