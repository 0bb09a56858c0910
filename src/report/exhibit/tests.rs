//! What holds for every exhibit: whatever the results, all text is inside and no text lies on another.

use super::*;
use crate::report::chart::picture::Shape;
use crate::report::chart::{legible, svg};
use crate::report::sample::{self, Shape as Size};
use std::collections::BTreeSet;

fn check(results: &Results, what: &str) {
    let mut drawn = charts(EXHIBITS, results);
    drawn.extend(charts_by_variant(EXHIBITS, results));
    legible::check(&drawn, what);
}

#[test]
fn names_are_unique_and_fit_for_files() {
    let names: BTreeSet<_> = EXHIBITS.iter().map(|exhibit| exhibit.name()).collect();
    assert_eq!(names.len(), EXHIBITS.len());
    assert!(names.iter().all(|name| slug(name) == *name));
    let of_variant = |name: &str| names.iter().any(|other| name.starts_with(&format!("{other}-")));
    assert!(!names.iter().any(|name| of_variant(name)), "a file of a variant has that name");
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
    let drawing = utilisation::Utilisation.draw(&results);
    let named = |name: &str| {
        drawing.picture.shapes.iter().any(|s| matches!(s, Shape::Text(text) if text.text == name))
    };
    assert!(named("9 other models") && named("atlas-70b") && !named("model-20"));
}

#[test]
fn pictures_are_the_same_every_time() {
    let results = sample::results(Size::default());
    let drawn = || charts(EXHIBITS, &results);
    for (one, other) in drawn().iter().zip(drawn()) {
        assert_eq!(svg(&one.drawing.picture), svg(&other.drawing.picture));
    }
}
