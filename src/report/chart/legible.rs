//! What holds for every chart: all text is inside, and no text lies on another.

use super::picture::{Anchor, Point, Shape, Text};
use super::{Chart, font};

/// Left, top, right, bottom.
type Extent = (f64, f64, f64, f64);

/// Fails where a chart's text or shapes leave its picture, or texts overlap. `what` says of which case.
pub(in crate::report) fn check(charts: &[Chart], what: &str) {
    for Chart { file, drawing } in charts {
        let picture = &drawing.picture;
        let (width, height) = (f64::from(picture.width), f64::from(picture.height));
        let texts: Vec<_> = picture
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Text(text) => Some((extent(text), &text.text)),
                _ => None,
            })
            .collect();
        for (index, (a, text)) in texts.iter().enumerate() {
            let inside = a.0 >= 0.0 && a.1 >= 0.0 && a.2 <= width && a.3 <= height;
            assert!(inside, "{what}, {file}: {text:?} at {a:?} is outside");
            for (b, other) in &texts[..index] {
                assert!(!overlap(*a, *b), "{what}, {file}: {text:?} over {other:?}");
            }
        }
        for point in picture.shapes.iter().flat_map(points) {
            let inside = (0.0..=width).contains(&point.0) && (0.0..=height).contains(&point.1);
            assert!(inside, "{what}, {file}: a line leaves at {point:?}");
        }
    }
}

fn extent(text: &Text) -> Extent {
    let width = font::width(&text.text, text.em, text.bold);
    let left = match text.anchor {
        Anchor::Start => text.at.0,
        Anchor::Middle => text.at.0 - width / 2.0,
        Anchor::End => text.at.0 - width,
    };
    (left, text.at.1 - text.em / 2.0, left + width, text.at.1 + text.em / 2.0)
}

fn overlap(a: Extent, b: Extent) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

fn points(shape: &Shape) -> Vec<Point> {
    match shape {
        Shape::Line { points, .. } | Shape::Area { points, .. } => points.clone(),
        Shape::Rect { from, to, .. } => vec![*from, *to],
        Shape::Text(_) => Vec::new(),
    }
}
