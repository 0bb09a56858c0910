//! A panel: a rectangle with two axes, its grid, and the heading of a picture.

use super::axis::Axis;
use super::palette::{AXIS, GRID, MUTED, SHADE};
use super::picture::{Anchor, Picture, Point, Text};

/// Width of every picture.
pub(in crate::report) const WIDTH: u32 = 960;
/// White margin at the left and the right of a picture.
pub(in crate::report) const MARGIN: f64 = 20.0;
/// Height of a heading.
pub(in crate::report) const HEADING: f64 = 58.0;
/// Width left of a panel for the labels of its y axis.
pub(in crate::report) const Y_LABELS: f64 = 48.0;
/// Height below a panel for the labels of its x axis.
pub(in crate::report) const X_LABELS: f64 = 24.0;

/// Height of the labels of axes.
pub(super) const LABEL_EM: f64 = 11.0;

/// A rectangle of a picture with axes.
pub(in crate::report) struct Panel {
    /// Upper left corner.
    pub(in crate::report) corner: Point,
    pub(in crate::report) width: f64,
    pub(in crate::report) height: f64,
    pub(in crate::report) x: Axis,
    pub(in crate::report) y: Axis,
}

impl Panel {
    /// Where a pair of values is, inside the panel.
    pub(in crate::report) fn point(&self, x: f64, y: f64) -> Point {
        (
            self.corner.0 + self.x.place(x) * self.width,
            self.corner.1 + (1.0 - self.y.place(y)) * self.height,
        )
    }

    /// Shades the time before the measured window.
    pub(in crate::report) fn shade_until(&self, picture: &mut Picture, warmup_s: f64) {
        if warmup_s > 0.0 {
            let end = (self.corner.0 + self.x.place(warmup_s) * self.width, self.bottom());
            picture.rect(self.corner, end, SHADE);
        }
    }

    /// Grid lines and labels; drawn before the data.
    pub(in crate::report) fn grid(&self, picture: &mut Picture) {
        let (left, right) = (self.corner.0, self.corner.0 + self.width);
        for tick in &self.y.ticks {
            let y = self.corner.1 + (1.0 - self.y.place(tick.value)) * self.height;
            picture.line(vec![(left, y), (right, y)], GRID, 1.0);
            picture.text(Text { anchor: Anchor::End, ..label((left - 6.0, y), &tick.label) });
        }
        for tick in &self.x.ticks {
            let x = left + self.x.place(tick.value) * self.width;
            picture.line(vec![(x, self.corner.1), (x, self.bottom())], GRID, 1.0);
            let at = (x, self.bottom() + 12.0);
            picture.text(Text { anchor: Anchor::Middle, ..label(at, &tick.label) });
        }
    }

    /// The lines of the axes; drawn after the data.
    pub(in crate::report) fn frame(&self, picture: &mut Picture) {
        let (left, right) = (self.corner.0, self.corner.0 + self.width);
        let corner = vec![(left, self.corner.1), (left, self.bottom()), (right, self.bottom())];
        picture.line(corner, AXIS, 1.0);
    }

    /// Says in the middle that there is nothing to draw.
    pub(in crate::report) fn nothing(&self, picture: &mut Picture, what: &str) {
        let at = (self.corner.0 + self.width / 2.0, self.corner.1 + self.height / 2.0);
        let text = Text::new(at, what, 13.0).fitted(self.width);
        picture.text(Text { anchor: Anchor::Middle, colour: MUTED, ..text });
    }

    pub(in crate::report) fn bottom(&self) -> f64 {
        self.corner.1 + self.height
    }
}

/// Title and subtitle.
pub(in crate::report) fn heading(picture: &mut Picture, title: &str, subtitle: &str) {
    let width = f64::from(picture.width) - 2.0 * MARGIN;
    let bold = Text { bold: true, ..Text::new((MARGIN, 22.0), title, 16.0) };
    picture.text(bold.fitted(width));
    let subtitle = Text::new((MARGIN, 44.0), subtitle, 12.0).fitted(width);
    picture.text(Text { colour: MUTED, ..subtitle });
}

/// The x axis' name, in the middle of a span at a height.
pub(in crate::report) fn x_name(
    picture: &mut Picture,
    (left, right): (f64, f64),
    y: f64,
    name: &str,
) {
    let text = Text::new(((left + right) / 2.0, y), name, 12.0);
    picture.text(Text { anchor: Anchor::Middle, colour: MUTED, ..text });
}

fn label(at: Point, text: &str) -> Text {
    Text { colour: MUTED, ..Text::new(at, text, LABEL_EM) }
}
