//! Queue length over time, a line per variant.

use super::{Exhibit, shown, steps};
use crate::experiment::{Bucket, Results};
use crate::report::chart::Drawing;
use crate::report::chart::axis::Axis;
use crate::report::chart::legend::{Legend, Sample, marker};
use crate::report::chart::palette::colour;
use crate::report::chart::panel::{
    HEADING, MARGIN, Panel, WIDTH, X_LABELS, Y_LABELS, heading, x_name,
};
use crate::report::chart::picture::Picture;

const METRIC: &str = "queue.length_mean";
const CAPTION: &str = "Requests whose first prefill work has not started, averaged over each \
    bucket of time and over the replications. A band is the 95 % interval over replications; the \
    grey background is the warm-up, which is not measured.";
const PLOT_HEIGHT: f64 = 300.0;
/// A range beyond this factor is drawn on a log axis.
const LOG_FROM: f64 = 100.0;

/// Lines, their bands, and a legend.
pub(super) struct Queue;

impl Exhibit for Queue {
    fn name(&self) -> &'static str {
        "queue"
    }

    fn draw(&self, results: &Results) -> Drawing {
        let (variants, remark) = shown(results);
        let lines: Vec<_> = variants.iter().map(|v| steps::of_cloud(v, METRIC)).collect();
        let legend = Legend::new(
            variants.iter().enumerate().map(|(i, v)| (Sample::Line(colour(i), i), v.name.clone())),
            f64::from(WIDTH) - 2.0 * MARGIN,
        );
        let top = HEADING + legend.height + 14.0;
        let mut picture = Picture::new(WIDTH, top + PLOT_HEIGHT + X_LABELS + 32.0);
        let (y, log) = y_axis(&lines);
        let (x, unit) = Axis::time(steps::end_s(variants), 12);
        let panel = Panel {
            corner: (MARGIN + Y_LABELS, top),
            width: f64::from(WIDTH) - 2.0 * MARGIN - Y_LABELS,
            height: PLOT_HEIGHT,
            x,
            y,
        };
        let scale = if log { " (log scale; an empty queue is drawn at the bottom)" } else { "" };
        heading(
            &mut picture,
            "Queue length over time",
            &format!("Waiting requests, mean of each bucket{scale}.{remark}"),
        );
        legend.draw(&mut picture, (MARGIN, HEADING));
        panel.shade_until(&mut picture, steps::end_s(variants) - results.measured_s);
        panel.grid(&mut picture);
        for (index, buckets) in lines.iter().enumerate() {
            draw_band(&mut picture, &panel, buckets, index);
        }
        for (index, buckets) in lines.iter().enumerate() {
            draw_line(&mut picture, &panel, buckets, index, lines.len());
        }
        if lines.iter().all(Vec::is_empty) {
            panel.nothing(&mut picture, "No time series");
        }
        panel.frame(&mut picture);
        let span = (panel.corner.0, panel.corner.0 + panel.width);
        let name = format!("Time from the start of the simulation, {unit}");
        x_name(&mut picture, span, panel.bottom() + X_LABELS + 12.0, &name);
        let alt = "Queue length over time, a line per variant".to_owned();
        Drawing { alt, caption: CAPTION, picture }
    }
}

/// Linear from zero, or logarithmic over a wide range.
fn y_axis(lines: &[Vec<Bucket>]) -> (Axis, bool) {
    let means = || lines.iter().flatten().map(|bucket| bucket.mean);
    let upper = lines.iter().flatten().map(|b| b.mean + b.ci95.unwrap_or(0.0)).fold(0.0, f64::max);
    let least = means().filter(|mean| *mean > 0.0).fold(f64::INFINITY, f64::min);
    let most = means().fold(0.0, f64::max);
    if most > LOG_FROM * least {
        (Axis::log(least, upper, ""), true)
    } else {
        (Axis::linear(0.0, upper, 6), false)
    }
}

fn draw_band(picture: &mut Picture, panel: &Panel, buckets: &[Bucket], index: usize) {
    if buckets.is_empty() || buckets.iter().any(|bucket| bucket.ci95.is_none()) {
        return;
    }
    let bound =
        |sign: f64| steps::edge(panel, buckets, |b, _| b.mean + sign * b.ci95.unwrap_or(0.0));
    let mut outline = bound(1.0);
    outline.extend(bound(-1.0).into_iter().rev());
    picture.area(outline, colour(index), 0.16);
}

fn draw_line(picture: &mut Picture, panel: &Panel, buckets: &[Bucket], index: usize, all: usize) {
    let points = steps::edge(panel, buckets, |bucket, _| bucket.mean);
    if points.is_empty() {
        return;
    }
    picture.line(points.clone(), colour(index), 2.0);
    // Markers at staggered places, so that lines on top of each other show theirs.
    let every = (points.len() / 8).max(1);
    for point in points.iter().skip(every * index / all.max(1)).step_by(every) {
        marker(picture, index, *point, colour(index));
    }
}
