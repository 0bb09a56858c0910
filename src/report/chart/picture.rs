//! A picture as data: shapes in pixels from the upper left corner, later ones on top.

use super::font;
use super::palette::{Colour, INK};
use crate::report::text::{clean, fit_by};

/// A point in pixels.
pub(in crate::report) type Point = (f64, f64);

/// Where a text's anchor is, along it. Across it, the anchor is in the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Anchor {
    Start,
    Middle,
    End,
}

/// A text without line breaks.
#[derive(Clone, Debug)]
pub(in crate::report) struct Text {
    pub(in crate::report) at: Point,
    pub(in crate::report) text: String,
    /// Height of the font's em square in pixels.
    pub(in crate::report) em: f64,
    pub(in crate::report) bold: bool,
    pub(in crate::report) colour: Colour,
    pub(in crate::report) anchor: Anchor,
}

impl Text {
    /// A text in ink that starts at a point; the other fields are set by struct update.
    pub(in crate::report) fn new(at: Point, text: &str, em: f64) -> Self {
        let text = clean(text);
        Self { at, text, em, bold: false, colour: INK, anchor: Anchor::Start }
    }

    /// Shortened to a width in pixels, with an ellipsis.
    pub(in crate::report) fn fitted(mut self, width: f64) -> Self {
        self.text = fit_by(&self.text, |text| font::width(text, self.em, self.bold) <= width);
        self
    }
}

/// A thing to draw.
#[derive(Clone, Debug)]
pub(in crate::report) enum Shape {
    Line { points: Vec<Point>, colour: Colour, opacity: f64, width: f64 },
    Area { points: Vec<Point>, colour: Colour, opacity: f64 },
    Rect { from: Point, to: Point, colour: Colour },
    Text(Text),
}

/// A drawing of whole pixels on white.
#[derive(Clone, Debug)]
pub(in crate::report) struct Picture {
    pub(in crate::report) width: u32,
    pub(in crate::report) height: u32,
    pub(in crate::report) shapes: Vec<Shape>,
}

impl Picture {
    pub(in crate::report) fn new(width: u32, height: f64) -> Self {
        // Charts are a few thousand pixels high at most; the clamp makes the conversion exact.
        let height = height.ceil().clamp(1.0, 20_000.0) as u32;
        Self { width, height, shapes: Vec::new() }
    }

    pub(in crate::report) fn line(&mut self, points: Vec<Point>, colour: Colour, width: f64) {
        self.shapes.push(Shape::Line { points, colour, opacity: 1.0, width });
    }

    pub(in crate::report) fn area(&mut self, points: Vec<Point>, colour: Colour, opacity: f64) {
        self.shapes.push(Shape::Area { points, colour, opacity });
    }

    pub(in crate::report) fn rect(&mut self, from: Point, to: Point, colour: Colour) {
        self.shapes.push(Shape::Rect { from, to, colour });
    }

    pub(in crate::report) fn text(&mut self, text: Text) {
        self.shapes.push(Shape::Text(text));
    }
}
