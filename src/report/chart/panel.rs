//! A panel: a rectangle with two axes, its grid, and the heading of a picture.

use super::axis::Axis;
use super::palette::{AXIS, GRID, MUTED, SHADE};
use super::picture::{Anchor, Picture, Point, Text};
use crate::experiment::Bucket;

/// Width of every picture.
pub(super) const WIDTH: u32 = 960;
/// White margin at the left and the right of a picture.
pub(super) const MARGIN: f64 = 20.0;
/// Height of a heading.
pub(super) const HEADING: f64 = 58.0;
/// Width left of a panel for the labels of its y axis.
pub(super) const Y_LABELS: f64 = 48.0;
/// Height below a panel for the labels of its x axis.
pub(super) const X_LABELS: f64 = 24.0;

const LABEL_EM: f64 = 11.0;

/// A rectangle of a picture with axes.
pub(super) struct Panel {
    /// Upper left corner.
    pub(super) corner: Point,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) x: Axis,
    pub(super) y: Axis,
}

impl Panel {
    /// Where a pair of values is, inside the panel.
    pub(super) fn point(&self, x: f64, y: f64) -> Point {
        (
            self.corner.0 + self.x.place(x) * self.width,
            self.corner.1 + (1.0 - self.y.place(y)) * self.height,
        )
    }

    /// A series as steps: each bucket's value from its start to its end.
    pub(super) fn steps(&self, buckets: &[Bucket], value: impl Fn(&Bucket) -> f64) -> Vec<Point> {
        buckets
            .iter()
            .flat_map(|b| [self.point(b.start_s, value(b)), self.point(b.end_s, value(b))])
            .collect()
    }

    /// Shades the time before the measured window.
    pub(super) fn shade_until(&self, picture: &mut Picture, warmup_s: f64) {
        if warmup_s > 0.0 {
            let end = (self.corner.0 + self.x.place(warmup_s) * self.width, self.bottom());
            picture.rect(self.corner, end, SHADE);
        }
    }

    /// Grid lines and labels; drawn before the data.
    pub(super) fn grid(&self, picture: &mut Picture) {
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
    pub(super) fn frame(&self, picture: &mut Picture) {
        let (left, right) = (self.corner.0, self.corner.0 + self.width);
        let corner = vec![(left, self.corner.1), (left, self.bottom()), (right, self.bottom())];
        picture.line(corner, AXIS, 1.0);
    }

    /// Says in the middle that there is nothing to draw.
    pub(super) fn nothing(&self, picture: &mut Picture, what: &str) {
        let at = (self.corner.0 + self.width / 2.0, self.corner.1 + self.height / 2.0);
        let text = Text::new(at, what, 13.0).fitted(self.width);
        picture.text(Text { anchor: Anchor::Middle, colour: MUTED, ..text });
    }

    pub(super) fn bottom(&self) -> f64 {
        self.corner.1 + self.height
    }
}

/// Title and subtitle.
pub(super) fn heading(picture: &mut Picture, title: &str, subtitle: &str) {
    let width = f64::from(picture.width) - 2.0 * MARGIN;
    let bold = Text { bold: true, ..Text::new((MARGIN, 22.0), title, 16.0) };
    picture.text(bold.fitted(width));
    let subtitle = Text::new((MARGIN, 44.0), subtitle, 12.0).fitted(width);
    picture.text(Text { colour: MUTED, ..subtitle });
}

/// The x axis' name, in the middle of a span at a height.
pub(super) fn x_name(picture: &mut Picture, (left, right): (f64, f64), y: f64, name: &str) {
    let text = Text::new(((left + right) / 2.0, y), name, 12.0);
    picture.text(Text { anchor: Anchor::Middle, colour: MUTED, ..text });
}

fn label(at: Point, text: &str) -> Text {
    Text { colour: MUTED, ..Text::new(at, text, LABEL_EM) }
}
