//! Published against simulated values on log axes: on the diagonal they are equal.

use crate::report::chart::axis::Axis;
use crate::report::chart::legend::{Legend, Sample, marker};
use crate::report::chart::palette::{AXIS, COLOURS, Colour, INK, MUTED, SHADE, WHITE, colour};
use crate::report::chart::panel::{
    HEADING, MARGIN, Panel, WIDTH, X_LABELS, Y_LABELS, heading, x_name,
};
use crate::report::chart::picture::{Picture, Text};
use crate::report::chart::{Chart, Drawing, number};
use crate::report::slug::slug;
use crate::validation::Published;

const CAPTION: &str = "A point per published row: the measured value on the horizontal axis, the simulated one on the \
    vertical axis. On the line they are equal; inside the band they differ by at most 20 %. A white \
    middle marks rows that were left out when efficiency factors were fitted.";
/// A third narrower than wide, so that the diagonal is not too flat.
const PLOT_HEIGHT: f64 = 560.0;
/// Relative width of the band, to either side.
const BAND: f64 = 0.2;

/// A chart per table and unit, in the order of their first rows.
pub(super) fn parity_charts(rows: &[Published]) -> Vec<Chart> {
    let mut groups: Vec<(&str, &str)> = Vec::new();
    for row in rows {
        let group = (row.table.as_str(), row.unit);
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    let count = groups.len();
    let chart_of = |(index, (table, unit)): (usize, (&str, &'_ str))| {
        let of_group = rows.iter().filter(|row| (row.table.as_str(), row.unit) == (table, unit));
        Chart {
            file: format!("parity-{}-{}", number(index, count), slug(table)),
            drawing: draw(table, unit, &of_group.collect::<Vec<_>>()),
        }
    };
    groups.into_iter().enumerate().map(chart_of).collect()
}

fn draw(table: &str, unit: &str, rows: &[&Published]) -> Drawing {
    let chips = chips(rows);
    let named =
        |(index, chip): (usize, &&str)| (Sample::Marker(style(index), index), (*chip).to_owned());
    let legend = Legend::new(
        chips.iter().enumerate().map(named).chain(others(&chips, rows)),
        f64::from(WIDTH) - 2.0 * MARGIN,
    );
    let top = HEADING + legend.height + 30.0;
    let mut picture = Picture::new(WIDTH, top + PLOT_HEIGHT + X_LABELS + 32.0);
    let axis = axis(rows, unit);
    let panel = Panel {
        corner: (MARGIN + Y_LABELS, top),
        width: f64::from(WIDTH) - 2.0 * MARGIN - Y_LABELS - 22.0,
        height: PLOT_HEIGHT,
        x: axis.clone(),
        y: axis,
    };
    heading(&mut picture, &format!("Published and simulated: {table}"), &subtitle(unit, rows));
    legend.draw(&mut picture, (MARGIN, HEADING));
    draw_band(&mut picture, &panel);
    panel.grid(&mut picture);
    draw_diagonal(&mut picture, &panel);
    for row in rows.iter().filter(|row| row.published > 0.0 && row.simulated > 0.0) {
        let index = chips.iter().position(|chip| *chip == row.accelerator).unwrap_or(chips.len());
        let at = panel.point(row.published, row.simulated);
        marker(&mut picture, index, at, style(index));
        if row.held_out {
            picture.rect((at.0 - 1.0, at.1 - 1.0), (at.0 + 1.0, at.1 + 1.0), WHITE);
        }
    }
    panel.frame(&mut picture);
    let name = Text::new((panel.corner.0, top - 13.0), &format!("Simulated, {unit}"), 12.0);
    picture.text(Text { colour: MUTED, ..name });
    let span = (panel.corner.0, panel.corner.0 + panel.width);
    x_name(&mut picture, span, panel.bottom() + X_LABELS + 12.0, &format!("Published, {unit}"));
    let alt = format!("Simulated against published values of {table}, a point per row");
    Drawing { alt, caption: CAPTION, picture }
}

/// Accelerators in the order of their first rows, as far as there are colours.
fn chips<'a>(rows: &[&'a Published]) -> Vec<&'a str> {
    let mut chips: Vec<&str> = Vec::new();
    for row in rows {
        if !chips.contains(&row.accelerator.as_str()) && chips.len() < COLOURS.len() {
            chips.push(&row.accelerator);
        }
    }
    chips
}

/// One entry for all chips beyond the colours.
fn others(chips: &[&str], rows: &[&Published]) -> Option<(Sample, String)> {
    let unnamed = rows.iter().any(|row| !chips.contains(&row.accelerator.as_str()));
    unnamed.then(|| (Sample::Marker(INK, chips.len()), "others".to_owned()))
}

fn style(index: usize) -> Colour {
    if index < COLOURS.len() { colour(index) } else { INK }
}

fn subtitle(unit: &str, rows: &[&Published]) -> String {
    let count = rows.len();
    let within = rows.iter().filter(|row| row.error().abs() <= BAND).count();
    let held_out = rows.iter().filter(|row| row.held_out).count();
    let remark = if held_out > 0 {
        format!("; {held_out} with a white middle were not fitted")
    } else {
        String::new()
    };
    format!("{unit}, log scales. The band is ±20 %, and holds {within} of {count} rows{remark}.")
}

/// The same for both values, so that the diagonal leads from corner to corner.
fn axis(rows: &[&Published], unit: &str) -> Axis {
    let values = || rows.iter().flat_map(|row| [row.published, row.simulated]);
    let positive = || values().filter(|value| *value > 0.0 && value.is_finite());
    let most = positive().fold(0.0, f64::max);
    Axis::log(positive().fold(f64::INFINITY, f64::min), most, unit)
}

fn draw_band(picture: &mut Picture, panel: &Panel) {
    let (low, high) = ends(panel);
    let outline = [
        (low, low),
        (low, low * (1.0 + BAND)),
        (high / (1.0 + BAND), high),
        (high, high),
        (high, high * (1.0 - BAND)),
        (low / (1.0 - BAND), low),
    ];
    picture.area(outline.iter().map(|&(x, y)| panel.point(x, y)).collect(), SHADE, 1.0);
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
        let mut rows = sample::validation().published;
        legible::check(&parity_charts(&rows), "parity");
        for (index, row) in rows.iter_mut().enumerate() {
            row.accelerator = format!("chip {index} {}", "模".repeat(40));
            row.published *= 1e5_f64.powi(index as i32 - 2);
            row.simulated *= if index == 1 { 0.0 } else { 1e-6 };
        }
        legible::check(&parity_charts(&rows), "odd parity");
        assert!(parity_charts(&[]).is_empty());
    }
}
