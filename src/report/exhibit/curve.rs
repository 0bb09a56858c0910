//! The headline metrics along a parameter: a small picture each, a line with its band per curve.

use super::{Exhibit, SHOWN_MAX};
use crate::experiment::{Results, VariantResults};
use crate::report::chart::Drawing;
use crate::report::chart::legend::{Legend, Sample};
use crate::report::chart::lines::{Places, Point, draw_lines, y_axis};
use crate::report::chart::palette::colour;
use crate::report::chart::panel::{
    HEADING, MARGIN, Panel, WIDTH, X_LABELS, Y_LABELS, heading, x_name,
};
use crate::report::chart::picture::{Picture, Text};
use crate::report::curve::{Headline, headlines, is_curve};
use crate::report::numbers;

const CAPTION: &str = "Means over replications along the parameter; a band is the 95 % interval. \
    What is held is what the objective needs, where capacity follows one. Numbers: curve.csv.";
const COLUMNS: usize = 2;
const COLUMN_GAP: f64 = 28.0;
const TITLE_HEIGHT: f64 = 26.0;
const PLOT_HEIGHT: f64 = 170.0;
const ROW_GAP: f64 = 10.0;
const TICKS: usize = 4;

/// Small multiples.
pub(super) struct Curve;

impl Exhibit for Curve {
    fn name(&self) -> &'static str {
        "curve"
    }

    fn is_in(&self, results: &Results) -> bool {
        is_curve(results)
    }

    fn draw(&self, results: &Results) -> Drawing {
        let all = results.curves();
        let curves = &all[..all.len().min(SHOWN_MAX)];
        let headlines = headlines(results);
        let (name, places) = match results.along() {
            Some((axis, along)) => (
                with_unit(&axis.name, &along.unit),
                Places::new(&axis.values, along.positions.as_deref()),
            ),
            None => (String::new(), Places::new(&[], None)),
        };
        let named = curves.iter().enumerate().filter(|(_, (name, _))| !name.is_empty());
        let samples =
            named.map(|(index, (name, _))| (Sample::Line(colour(index), index), name.clone()));
        let legend = Legend::new(samples, f64::from(WIDTH) - 2.0 * MARGIN);
        let top = HEADING + legend.height + 6.0;
        let row = TITLE_HEIGHT + PLOT_HEIGHT + X_LABELS + ROW_GAP;
        let rows = headlines.len().div_ceil(COLUMNS).max(1);
        let mut picture = Picture::new(WIDTH, top + row * rows as f64 + 24.0);
        let remark = match all.len() {
            many if many > SHOWN_MAX => format!(" The first {SHOWN_MAX} of {many} curves."),
            _ => String::new(),
        };
        heading(
            &mut picture,
            &format!("Along {}", name),
            &format!("Mean over replications, with the 95 % interval.{remark}"),
        );
        legend.draw(&mut picture, (MARGIN, HEADING));
        let width = f64::from(WIDTH) - 2.0 * MARGIN;
        let column = (width - COLUMN_GAP * (COLUMNS - 1) as f64) / COLUMNS as f64;
        for (index, headline) in headlines.iter().enumerate() {
            let left = MARGIN + (index % COLUMNS) as f64 * (column + COLUMN_GAP);
            let corner = (left, top + (index / COLUMNS) as f64 * row);
            draw_metric(&mut picture, headline, curves, &places, (corner, column));
        }
        let bottom = top + row * rows as f64 + 8.0;
        x_name(&mut picture, (MARGIN, MARGIN + width), bottom, &name);
        let alt = format!("Headline metrics along {name}, a line per curve");
        Drawing { alt, caption: CAPTION, picture }
    }
}

fn with_unit(name: &str, unit: &str) -> String {
    let name = Text::new((0.0, 0.0), name, 12.0).fitted(420.0).text;
    if unit.is_empty() { name } else { format!("{name}, {unit}") }
}

/// One metric, in a column that begins at a corner.
fn draw_metric(
    picture: &mut Picture,
    headline: &Headline,
    curves: &[(String, &[VariantResults])],
    places: &Places,
    (corner, column): ((f64, f64), f64),
) {
    let (factor, unit) = scale(headline, curves);
    let point = |(&x, variant): (&f64, &VariantResults)| {
        let estimate = variant.metrics.get(headline.metric).filter(|one| one.mean.is_finite())?;
        let ci95 = estimate.ci95.map(|ci95| ci95 * factor);
        Some(Point { x, mean: estimate.mean * factor, ci95 })
    };
    let line = |(_, variants): &(String, &[VariantResults])| {
        places.positions.iter().zip(*variants).filter_map(point).collect()
    };
    let lines: Vec<Vec<Point>> = curves.iter().map(line).collect();
    let width = column - Y_LABELS;
    let panel = Panel {
        corner: (corner.0 + Y_LABELS, corner.1 + TITLE_HEIGHT),
        width,
        height: PLOT_HEIGHT,
        x: places.axis(width),
        y: y_axis(&lines, TICKS),
    };
    let comma = if unit.is_empty() { "" } else { ", " };
    let title = format!("{}{comma}{unit}", headline.title);
    let title = Text { bold: true, ..Text::new((corner.0, corner.1 + 8.0), &title, 12.0) };
    picture.text(title.fitted(column));
    panel.grid(picture);
    draw_lines(picture, &panel, &lines, places.are_numbers);
    if lines.iter().all(Vec::is_empty) {
        panel.nothing(picture, "Nothing known");
    }
    panel.frame(picture);
}

/// What a metric's values are multiplied by to be drawn, and the unit they are then in.
fn scale(headline: &Headline, curves: &[(String, &[VariantResults])]) -> (f64, String) {
    let estimates = || {
        let variants = curves.iter().flat_map(|(_, variants)| *variants);
        variants.filter_map(|variant| variant.metrics.get(headline.metric))
    };
    let unit = estimates().next().map_or("", |estimate| &*estimate.unit);
    let most = estimates().map(|estimate| estimate.mean.abs()).fold(0.0, f64::max);
    match unit {
        "fraction" => (100.0, "%".to_owned()),
        "s" if most < 1.0 => (1e3, "ms".to_owned()),
        "s" => (1.0, "s".to_owned()),
        "accelerators" => (1.0, String::new()),
        unit => (1.0, numbers::label_unit(unit).to_owned()),
    }
}
