//! What holds for every chart: all text is inside, and no text lies on another.

use super::*;
use crate::report::chart::picture::{Anchor, Shape, Text};
use crate::report::sample::{self, Shape as Size};

/// Left, top, right, bottom.
type Extent = (f64, f64, f64, f64);

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

fn check(results: &Results, what: &str) {
    let mut drawn = charts(results);
    drawn.extend(charts_by_variant(results));
    check_charts(&drawn, what);
}

fn check_charts(charts: &[Chart], what: &str) {
    for chart in charts {
        let picture = &chart.picture;
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
            assert!(inside, "{what}, {}: {text:?} at {a:?} is outside", chart.file);
            for (b, other) in &texts[..index] {
                assert!(!overlap(*a, *b), "{what}, {}: {text:?} over {other:?}", chart.file);
            }
        }
        for point in picture.shapes.iter().flat_map(points) {
            let inside = (0.0..=width).contains(&point.0) && (0.0..=height).contains(&point.1);
            assert!(inside, "{what}, {}: a line leaves at {point:?}", chart.file);
        }
    }
}

fn points(shape: &Shape) -> Vec<picture::Point> {
    match shape {
        Shape::Line { points, .. } | Shape::Area { points, .. } => points.clone(),
        Shape::Rect { from, to, .. } => vec![*from, *to],
        Shape::Text(_) => Vec::new(),
    }
}

#[test]
fn nothing_is_clipped_or_overlaps() {
    for variants in [0, 1, 3, 4, 12, 15] {
        for models in [0, 5, 20] {
            let mut size = Size { variants, models, replications: 5, buckets: 30 };
            check(&sample::results(size), &format!("{size:?}"));
            size.replications = 1;
            size.buckets = 0;
            check(&sample::results(size), &format!("{size:?}"));
        }
    }
}

#[test]
fn long_and_foreign_names_are_shortened() {
    let mut results = sample::results(Size { variants: 12, models: 12, ..Size::default() });
    for (index, variant) in results.variants.iter_mut().enumerate() {
        variant.name = format!("{index} 模型🚀 with a name that never ends {}", "W".repeat(3000));
        for series in variant.series.iter_mut().filter(|series| series.scope == "model") {
            series.name = format!("{} {}", series.name, "模".repeat(500));
        }
    }
    check(&results, "long names");
}

#[test]
fn amounts_of_any_size_fit() {
    for factor in [1e-9, 1e-3, 1.0, 1e4, 1e9, 1e15, -1.0, -1e6] {
        let mut results = sample::results(Size::default());
        for variant in &mut results.variants {
            for estimate in variant.metrics.values_mut() {
                estimate.mean *= factor;
                estimate.ci95 = estimate.ci95.map(|ci95| ci95 * factor.abs());
            }
            for bucket in variant.series.iter_mut().flat_map(|series| &mut series.buckets) {
                bucket.mean *= factor;
            }
            for distribution in variant.distributions.values_mut() {
                for point in &mut distribution.cdf {
                    point.0 *= factor.abs();
                }
            }
        }
        check(&results, &format!("times {factor}"));
    }
}

#[test]
fn horizons_of_any_length_fit() {
    for factor in [1e-6, 0.01, 1.0, 24.0, 720.0, 1e5] {
        let mut results = sample::results(Size { variants: 5, ..Size::default() });
        for variant in &mut results.variants {
            for bucket in variant.series.iter_mut().flat_map(|series| &mut series.buckets) {
                bucket.start_s *= factor;
                bucket.end_s *= factor;
            }
        }
        check(&results, &format!("times {factor}"));
    }
}

#[test]
fn the_models_beyond_the_palette_are_drawn_together() {
    let results = sample::results(Size { models: 20, ..Size::default() });
    let chart = utilisation::chart(&results);
    let named = |name: &str| {
        chart.picture.shapes.iter().any(|s| matches!(s, Shape::Text(text) if text.text == name))
    };
    assert!(named("9 other models") && named("atlas-70b") && !named("model-20"));
}

#[test]
fn pictures_are_the_same_every_time() {
    let results = sample::results(Size::default());
    for (one, other) in charts(&results).iter().zip(charts(&results)) {
        assert_eq!(svg(&one.picture), svg(&other.picture));
    }
}

#[test]
fn parity_of_any_values_and_names_fits() {
    let mut rows = sample::validation().published;
    check_charts(&parity_charts(&rows), "parity");
    for (index, row) in rows.iter_mut().enumerate() {
        row.accelerator = format!("chip {index} {}", "模".repeat(40));
        row.published *= 1e5_f64.powi(index as i32 - 2);
        row.simulated *= if index == 1 { 0.0 } else { 1e-6 };
    }
    check_charts(&parity_charts(&rows), "odd parity");
    assert!(parity_charts(&[]).is_empty());
}
