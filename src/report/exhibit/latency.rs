//! Cumulative distributions of latencies on a log axis of time.

use super::{Exhibit, shown};
use crate::experiment::{Results, VariantResults};
use crate::report::chart::Drawing;
use crate::report::chart::axis::{Axis, Tick};
use crate::report::chart::legend::{Legend, Sample, marker};
use crate::report::chart::palette::colour;
use crate::report::chart::panel::{
    HEADING, MARGIN, Panel, WIDTH, X_LABELS, Y_LABELS, heading, x_name,
};
use crate::report::chart::picture::{Picture, Point, Text};

const CAPTION: &str = "The share of requests that took at most the time on the horizontal axis, \
    over all replications: further left is faster, and the height of a curve at a target is the \
    share of requests that met it.";
const PLOT_HEIGHT: f64 = 280.0;
const PANELS: [(&str, &str); 2] =
    [("latency.ttft_s", "Time to first token (TTFT)"), ("latency.e2e_s", "End to end (E2E)")];
/// Curves are drawn from here up: the first few requests would stretch the axis.
const PROBABILITY_MIN: f64 = 0.001;

/// Two panels, a curve per variant.
pub(super) struct Latency;

impl Exhibit for Latency {
    fn name(&self) -> &'static str {
        "latency"
    }

    fn draw(&self, results: &Results) -> Drawing {
        let (variants, remark) = shown(results);
        let legend = Legend::new(
            variants.iter().enumerate().map(|(i, v)| (Sample::Line(colour(i), i), v.name.clone())),
            f64::from(WIDTH) - 2.0 * MARGIN,
        );
        let top = HEADING + legend.height + 30.0;
        let mut picture = Picture::new(WIDTH, top + PLOT_HEIGHT + X_LABELS + 32.0);
        let subtitle = format!("Share of requests that took no longer than a time.{remark}");
        heading(&mut picture, "Latency, cumulative distributions", &subtitle);
        legend.draw(&mut picture, (MARGIN, HEADING));
        let cell = (f64::from(WIDTH) - 2.0 * MARGIN) / PANELS.len() as f64;
        for (index, (metric, title)) in PANELS.into_iter().enumerate() {
            let corner = (MARGIN + index as f64 * cell + Y_LABELS, top);
            draw_panel(&mut picture, corner, cell - Y_LABELS - 22.0, variants, (metric, title));
        }
        Drawing {
            alt:
                "Cumulative distributions of time to first token and end-to-end time, a curve per \
                  variant"
                    .to_owned(),
            caption: CAPTION,
            picture,
        }
    }
}

fn draw_panel(
    picture: &mut Picture,
    corner: (f64, f64),
    width: f64,
    variants: &[VariantResults],
    (metric, title): (&str, &str),
) {
    let curves: Vec<_> = variants.iter().map(|variant| curve(variant, metric)).collect();
    let mut x = time_axis(&curves);
    // Labels like “100 ms” need 60 pixels.
    let every = (60.0 * x.ticks.len() as f64 / width).ceil().max(1.0) as usize;
    x.ticks = x.ticks.into_iter().step_by(every).collect::<Vec<Tick>>();
    let y = Axis::linear(0.0, 100.0, 5).labelled("%");
    let panel = Panel { corner, width, height: PLOT_HEIGHT, x, y };
    panel.grid(picture);
    let title = Text::new((corner.0, corner.1 - 13.0), title, 12.0);
    picture.text(Text { bold: true, ..title });
    for (index, points) in curves.iter().enumerate() {
        draw_curve(picture, &panel, points, index, curves.len());
    }
    if curves.iter().all(Vec::is_empty) {
        panel.nothing(picture, "No requests");
    }
    panel.frame(picture);
    let span = (corner.0, corner.0 + width);
    x_name(picture, span, panel.bottom() + X_LABELS + 12.0, "Time (log scale)");
}

/// Finite points, in seconds and percent.
fn curve(variant: &VariantResults, metric: &str) -> Vec<(f64, f64)> {
    let Some(distribution) = variant.distributions.get(metric) else {
        return Vec::new();
    };
    let finite = distribution.cdf.iter().filter(|(s, p)| s.is_finite() && p.is_finite());
    finite.map(|(seconds, probability)| (*seconds, 100.0 * probability)).collect()
}

fn time_axis(curves: &[Vec<(f64, f64)>]) -> Axis {
    let drawn = || {
        let points = curves.iter().flatten();
        points.filter(|(s, p)| *s > 0.0 && *p >= 100.0 * PROBABILITY_MIN).map(|(s, _)| *s)
    };
    let most = drawn().fold(0.0, f64::max);
    if most == 0.0 {
        return Axis::log(1e-3, 1.0, "s");
    }
    Axis::log(drawn().fold(f64::INFINITY, f64::min), most, "s")
}

/// A curve that rises from the axis at its first value; times of zero are drawn at the axis' start.
fn draw_curve(
    picture: &mut Picture,
    panel: &Panel,
    curve: &[(f64, f64)],
    index: usize,
    all: usize,
) {
    let Some(first) = curve.first() else {
        return;
    };
    let mut points = vec![panel.point(first.0, 0.0)];
    points.extend(curve.iter().map(|(seconds, percent)| panel.point(*seconds, *percent)));
    picture.line(spaced(&points), colour(index), 2.0);
    // One marker at a height of its own.
    let height = 20.0 + 60.0 * (index as f64 + 0.5) / all.max(1) as f64;
    if let Some((seconds, percent)) = curve.iter().find(|(_, percent)| *percent >= height) {
        marker(picture, index, panel.point(*seconds, *percent), colour(index));
    }
}

/// Without points so near to the one before that pixels would bend the line between them; the last
/// point always stays.
fn spaced(points: &[Point]) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::with_capacity(points.len());
    for (index, &(x, y)) in points.iter().enumerate() {
        let is_near = kept.last().is_some_and(|(px, py)| (x - px).hypot(y - py) < 4.0);
        if !is_near || index + 1 == points.len() {
            kept.push((x, y));
        }
    }
    kept
}
