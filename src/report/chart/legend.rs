//! Legends: a sample and a name each, in as many rows as they need.

use super::font;
use super::palette::Colour;
use super::picture::{Picture, Point, Text};

const EM: f64 = 12.0;
const ROW: f64 = 20.0;
const SAMPLE: f64 = 14.0;
const NAME_MAX: f64 = 260.0;

/// What stands before a name.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) enum Sample {
    /// A filled square.
    Fill(Colour),
    /// A line with the marker of an index.
    Line(Colour, usize),
    /// The marker of an index.
    Marker(Colour, usize),
    /// The outline of the marker of an index.
    Hollow(Colour, usize),
    /// A diamond.
    Diamond(Colour),
    /// A horizontal whisker.
    Whisker(Colour),
}

/// A legend laid out for a width.
pub(in crate::report) struct Legend {
    /// Position relative to the legend's corner, sample, name.
    entries: Vec<(Point, Sample, String)>,
    /// Height in pixels, 0 when empty.
    pub(in crate::report) height: f64,
}

impl Legend {
    pub(in crate::report) fn new(
        entries: impl IntoIterator<Item = (Sample, String)>,
        width: f64,
    ) -> Self {
        let (mut x, mut y) = (0.0, 0.0);
        let mut placed = Vec::new();
        for (sample, name) in entries {
            let name = Text::new((0.0, 0.0), &name, EM).fitted(NAME_MAX).text;
            let length = SAMPLE + 6.0 + font::width(&name, EM, false) + 18.0;
            if x > 0.0 && x + length > width {
                (x, y) = (0.0, y + ROW);
            }
            placed.push(((x, y), sample, name));
            x += length;
        }
        let height = if placed.is_empty() { 0.0 } else { y + ROW };
        Self { entries: placed, height }
    }

    pub(in crate::report) fn draw(&self, picture: &mut Picture, corner: Point) {
        for ((x, y), sample, name) in &self.entries {
            let (x, middle) = (corner.0 + x, corner.1 + y + ROW / 2.0);
            draw_sample(picture, *sample, (x, middle));
            picture.text(Text::new((x + SAMPLE + 6.0, middle), name, EM));
        }
    }
}

fn draw_sample(picture: &mut Picture, sample: Sample, (x, y): Point) {
    match sample {
        Sample::Fill(colour) => {
            picture.rect((x + 1.0, y - 6.0), (x + SAMPLE - 1.0, y + 6.0), colour);
        }
        Sample::Line(colour, index) => {
            picture.line(vec![(x - 1.0, y), (x + SAMPLE + 1.0, y)], colour, 2.0);
            marker(picture, index, (x + SAMPLE / 2.0, y), colour);
        }
        Sample::Marker(colour, index) => marker(picture, index, (x + SAMPLE / 2.0, y), colour),
        Sample::Hollow(colour, index) => hollow(picture, index, (x + SAMPLE / 2.0, y), colour),
        Sample::Diamond(colour) => diamond(picture, (x + SAMPLE / 2.0, y), colour),
        Sample::Whisker(colour) => whisker(picture, (x, x + SAMPLE), y, colour),
    }
}

/// A marker whose shape tells lines apart where colours do not.
pub(in crate::report) fn marker(picture: &mut Picture, index: usize, at: Point, colour: Colour) {
    picture.area(shape(index, at), colour, 1.0);
}

/// The outline of a marker, with paper inside.
pub(in crate::report) fn hollow(picture: &mut Picture, index: usize, at: Point, colour: Colour) {
    let mut outline = shape(index, at);
    picture.area(outline.clone(), super::palette::WHITE, 1.0);
    outline.push(outline[0]);
    picture.line(outline, colour, 1.0);
}

fn shape(index: usize, (x, y): Point) -> Vec<Point> {
    let at = |offsets: &[(f64, f64)]| offsets.iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
    match index % 6 {
        0 => at(&[(-3.0, -3.0), (3.0, -3.0), (3.0, 3.0), (-3.0, 3.0)]),
        1 => at(&[(0.0, -4.0), (4.0, 3.0), (-4.0, 3.0)]),
        2 => at(&[(0.0, -5.0), (4.0, 0.0), (0.0, 5.0), (-4.0, 0.0)]),
        3 => at(&[(0.0, 4.0), (4.0, -3.0), (-4.0, -3.0)]),
        4 => at(&[(-1.0, -5.0), (1.0, -5.0), (1.0, 5.0), (-1.0, 5.0)]),
        _ => at(&[(-2.0, -4.0), (2.0, -4.0), (4.0, 0.0), (2.0, 4.0), (-2.0, 4.0), (-4.0, 0.0)]),
    }
}

/// A diamond with a white rim, seen on any colour.
pub(in crate::report) fn diamond(picture: &mut Picture, (x, y): Point, colour: Colour) {
    for (radius, colour) in [(8.0, super::palette::WHITE), (6.0, colour)] {
        let corners = vec![(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)];
        picture.area(corners, colour, 1.0);
    }
}

/// A horizontal interval.
pub(in crate::report) fn whisker(
    picture: &mut Picture,
    (from, to): (f64, f64),
    y: f64,
    colour: Colour,
) {
    picture.line(vec![(from, y), (to, y)], colour, 1.0);
    for end in [from, to] {
        picture.line(vec![(end, y - 4.0), (end, y + 4.0)], colour, 1.0);
    }
}
