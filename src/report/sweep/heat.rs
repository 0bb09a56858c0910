//! A metric over two parameters: a map for each variant, all in the same shades.

use super::found::{Found, Metric, Value};
use super::pictures::SweptAxis;
use crate::report::chart::Drawing;
use crate::report::chart::palette::{AXIS, Colour, INK, MUTED, WHITE};
use crate::report::chart::panel::{HEADING, MARGIN, WIDTH, heading, x_name};
use crate::report::chart::picture::{Anchor, Picture, Text};
use crate::report::numbers;
use crate::scenario::Sweep;

const CAPTION: &str = "Means over replications: the darker, the more, on one scale for all variants; where there are \
    numbers on both sides of zero, zero is white and what is below is orange. Grey: no number there. Numbers: \
    sweep.csv.";
const NAMES: f64 = 96.0;
const TITLE: f64 = 26.0;
const LABELS: f64 = 22.0;
const X_NAME: f64 = 22.0;
const GAP: f64 = 14.0;
/// The height of all rows of a map, and of one at least and at most.
const HEIGHT: f64 = 300.0;
const ROW: (f64, f64) = (6.0, 34.0);
/// Numbers stand in cells that are so wide and high.
const LEGIBLE: (f64, f64) = (44.0, 16.0);
/// Labels of rows and columns.
const LABELLED: usize = 12;
/// Maps in a picture.
const MAPS_MAX: usize = 8;
/// The darkest cell; the lightest is white.
const DARK: Colour = (0x00, 0x72, 0xB2);
/// Likewise of what is below zero, where other cells are above.
const DARK_BELOW: Colour = (0xD5, 0x5E, 0x00);
const UNKNOWN: Colour = (0xDD, 0xDD, 0xDD);

pub(super) fn draw(
    sweep: &Sweep,
    found: &Found,
    metric: &Metric,
    [rows, columns]: [&SweptAxis; 2],
) -> Drawing {
    let (down, across) = (rows.labels(sweep), columns.labels(sweep));
    let maps = found.variants.len().min(MAPS_MAX);
    let row = (HEIGHT / down.len() as f64).clamp(ROW.0, ROW.1);
    let map = TITLE + row * down.len() as f64 + LABELS + GAP;
    let mut picture = Picture::new(WIDTH, HEADING + map * maps as f64 + X_NAME + 8.0);
    let remark = match found.variants.len() {
        many if many > maps => format!(" The first {maps} of {many} variants."),
        _ => String::new(),
    };
    let unit = numbers::label_unit(&metric.unit);
    let title =
        if unit.is_empty() { metric.name.clone() } else { format!("{}, {unit}", metric.name) };
    heading(
        &mut picture,
        &title,
        &format!("Down: {}. Mean over replications.{remark}", rows.name(sweep)),
    );
    let shade = shades(metric);
    let width = (f64::from(WIDTH) - 2.0 * MARGIN - NAMES) / across.len() as f64;
    for (variant, name) in found.variants.iter().take(maps).enumerate() {
        let top = HEADING + map * variant as f64;
        if found.variants.len() > 1 {
            let title = Text { bold: true, ..Text::new((MARGIN, top + 10.0), name, 12.0) };
            picture.text(title.fitted(f64::from(WIDTH) - 2.0 * MARGIN));
        }
        let mut cells = vec![vec![None; across.len()]; down.len()];
        for (setting, value) in found.settings.iter().zip(&metric.values[variant]) {
            if let (Some(y), Some(x)) = (rows.level(sweep, setting), columns.level(sweep, setting))
            {
                cells[y][x] = *value;
            }
        }
        for (y, line) in cells.iter().enumerate() {
            let upper = top + TITLE + row * y as f64;
            if y % down.len().div_ceil(LABELLED) == 0 {
                let at = (MARGIN + NAMES - 6.0, upper + row / 2.0);
                let label = Text::new(at, &down[y], 11.0).fitted(NAMES - 8.0);
                picture.text(Text { anchor: Anchor::End, colour: MUTED, ..label });
            }
            for (x, value) in line.iter().enumerate() {
                let from = (MARGIN + NAMES + width * x as f64, upper);
                cell(&mut picture, *value, &metric.unit, &shade, from, (width, row));
            }
        }
        let bottom = top + TITLE + row * down.len() as f64;
        for (x, label) in across.iter().enumerate().step_by(across.len().div_ceil(LABELLED)) {
            let at = (MARGIN + NAMES + width * (x as f64 + 0.5), bottom + 12.0);
            let room = width * across.len().div_ceil(LABELLED) as f64 - 4.0;
            let label = Text::new(at, label, 11.0).fitted(room);
            picture.text(Text { anchor: Anchor::Middle, colour: MUTED, ..label });
        }
    }
    let bottom = HEADING + map * maps as f64 + X_NAME / 2.0 - GAP / 2.0;
    x_name(&mut picture, (MARGIN + NAMES, f64::from(WIDTH) - MARGIN), bottom, &columns.name(sweep));
    let alt = format!("{} over {} and {}", metric.name, rows.name(sweep), columns.name(sweep));
    Drawing { alt, caption: CAPTION, picture }
}

fn cell(
    picture: &mut Picture,
    value: Option<Value>,
    unit: &str,
    shade: &impl Fn(f64) -> (Colour, bool),
    from: (f64, f64),
    (width, height): (f64, f64),
) {
    let to = (from.0 + width, from.1 + height);
    let (fill, dark) = value.map_or((UNKNOWN, false), |value| shade(value.mean));
    picture.rect(from, to, fill);
    if width >= LEGIBLE.0 && height >= LEGIBLE.1 {
        let outline = [from, (to.0, from.1), to, (from.0, to.1), from];
        picture.line(outline.to_vec(), AXIS, 0.5);
        let text = value.map_or("–".to_owned(), |value| numbers::value(value.mean, unit));
        let at = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0);
        let text = Text::new(at, &text, 11.0).fitted(width - 4.0);
        picture.text(Text {
            anchor: Anchor::Middle,
            colour: if dark { WHITE } else { INK },
            ..text
        });
    }
}

/// The colour of a value among all of a metric, and whether it is dark.
fn shades(metric: &Metric) -> impl Fn(f64) -> (Colour, bool) {
    let values = metric.values.iter().flatten().flatten().map(|value| value.mean);
    let (least, most) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| {
        (least.min(value), most.max(value))
    });
    // Where the sign changes, zero is white, and what is below has a hue of its own.
    let (from, range) = match least < 0.0 && most > 0.0 {
        true => (0.0, most.max(-least)),
        false => (least, most - least),
    };
    move |value| {
        let part = (value - from) / range;
        let part = if part.is_finite() { part.clamp(-1.0, 1.0) } else { 0.0 };
        let dark = if part < 0.0 { DARK_BELOW } else { DARK };
        let mix = |light: u8, dark: u8| {
            (f64::from(light) + part.abs() * (f64::from(dark) - f64::from(light))).round() as u8
        };
        let colour = (mix(WHITE.0, dark.0), mix(WHITE.1, dark.1), mix(WHITE.2, dark.2));
        (colour, part.abs() > 0.6)
    }
}
