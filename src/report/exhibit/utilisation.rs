//! Utilisation over time, stacked by model; a panel per variant.

use super::{Exhibit, SHOWN_MAX, shown, steps};
use crate::experiment::{Bucket, Results, VariantResults};
use crate::report::chart::Drawing;
use crate::report::chart::axis::Axis;
use crate::report::chart::legend::{Legend, Sample};
use crate::report::chart::palette::{WHITE, colour};
use crate::report::chart::panel::{HEADING, MARGIN, Panel, WIDTH, Y_LABELS, heading, x_name};
use crate::report::chart::picture::{Picture, Text};
use crate::report::text::clean;

const METRIC: &str = "utilisation.busy";
const CAPTION: &str = "Accelerator-time in an iteration, as a percentage of accelerator-time in \
    service. The models' parts add up to the cloud's; the grey background is the warm-up, which \
    the tables leave out.";

/// A panel for each variant, and a picture of each alone.
pub(super) struct Utilisation;

impl Exhibit for Utilisation {
    fn name(&self) -> &'static str {
        "utilisation"
    }

    fn draw(&self, results: &Results) -> Drawing {
        let (variants, remark) = shown(results);
        draw(results, variants, &remark)
    }

    fn draw_variant(&self, results: &Results, variant: usize) -> Option<Drawing> {
        Some(draw(results, &results.variants[variant..=variant], ""))
    }
}

/// A model, or several together.
struct Layer {
    name: String,
    models: Vec<String>,
}

/// The models in the order of their first appearance; beyond the palette, the busiest and the rest
/// together. Over all variants, so that a model has one colour.
fn layers(variants: &[VariantResults]) -> Vec<Layer> {
    let mut busy: Vec<(String, f64)> = Vec::new();
    for variant in variants {
        for (name, buckets) in steps::of_models(variant, METRIC) {
            let area: f64 = buckets.iter().map(|b| b.mean * (b.end_s - b.start_s)).sum();
            match busy.iter_mut().find(|(known, _)| known == name) {
                Some((_, total)) => *total += area,
                None => busy.push((name.to_owned(), area)),
            }
        }
    }
    let mut rest = Vec::new();
    if busy.len() > SHOWN_MAX {
        let mut areas: Vec<_> = busy.iter().map(|(_, area)| *area).collect();
        areas.sort_by(|a, b| b.total_cmp(a));
        let least = areas[SHOWN_MAX - 2];
        let mut kept = 0;
        busy.retain(|(name, area)| {
            let keep = *area >= least && kept < SHOWN_MAX - 1;
            if keep {
                kept += 1
            } else {
                rest.push(name.clone())
            }
            keep
        });
    }
    let single = |(name, _): (String, f64)| Layer { name: name.clone(), models: vec![name] };
    let mut layers: Vec<_> = busy.into_iter().map(single).collect();
    if !rest.is_empty() {
        layers.push(Layer { name: format!("{} other models", rest.len()), models: rest });
    }
    layers
}

/// Each layer's buckets in a variant; without models, the cloud's as one layer.
fn stack(variant: &VariantResults, layers: &[Layer]) -> Vec<Vec<Bucket>> {
    let models = steps::of_models(variant, METRIC);
    if layers.is_empty() {
        return vec![steps::of_cloud(variant, METRIC)];
    }
    let sum = |layer: &Layer| {
        let mut sum: Vec<Bucket> = Vec::new();
        for (_, buckets) in models.iter().filter(|(name, _)| layer.models.iter().any(|m| m == name))
        {
            for (index, bucket) in buckets.iter().enumerate() {
                match sum.get_mut(index) {
                    Some(total) => total.mean += bucket.mean,
                    None => sum.push(bucket.clone()),
                }
            }
        }
        sum
    };
    layers.iter().map(sum).collect()
}

/// The highest point of a stack, in percent.
fn peak(stack: &[Vec<Bucket>]) -> f64 {
    let length = stack.iter().map(Vec::len).max().unwrap_or(0);
    let total = |i: usize| stack.iter().filter_map(|s| s.get(i)).map(|b| b.mean).sum::<f64>();
    100.0 * (0..length).map(total).fold(0.0, f64::max)
}

/// A panel for each of the variants that are drawn.
fn draw(results: &Results, drawn: &[VariantResults], remark: &str) -> Drawing {
    let layers = layers(&results.variants);
    let highest = results.variants.iter().map(|v| peak(&stack(v, &layers))).fold(0.0, f64::max);
    let (columns, plot_height) = match drawn.len() {
        0 | 1 => (1, 300.0),
        2 | 4 => (2, 220.0),
        _ => (3, 170.0),
    };
    let samples = match &layers[..] {
        [] => vec![(Sample::Fill(colour(0)), "all models".to_owned())],
        layers => layers
            .iter()
            .enumerate()
            .map(|(index, layer)| (Sample::Fill(colour(index)), layer.name.clone()))
            .collect(),
    };
    let legend = Legend::new(samples, f64::from(WIDTH) - 2.0 * MARGIN);
    let cell = ((f64::from(WIDTH) - 2.0 * MARGIN) / columns as f64, plot_height + 50.0);
    let top = HEADING + legend.height + 4.0;
    let rows = drawn.len().div_ceil(columns).max(1);
    let height = top + rows as f64 * cell.1 + 26.0;
    let mut picture = Picture::new(WIDTH, height);
    let subtitle = format!("Busy accelerator-time, % of accelerator-time in service.{remark}");
    heading(&mut picture, "Utilisation over time, stacked by model", &subtitle);
    legend.draw(&mut picture, (MARGIN, HEADING));
    let end_s = steps::end_s(&results.variants);
    let (time, unit) = Axis::time(end_s, if columns == 1 { 12 } else { 6 });
    for (index, variant) in drawn.iter().enumerate() {
        let (column, row) = (index % columns, index / columns);
        let panel = Panel {
            corner: (MARGIN + column as f64 * cell.0 + Y_LABELS, top + row as f64 * cell.1 + 22.0),
            width: cell.0 - Y_LABELS - 16.0,
            height: plot_height,
            x: time.clone(),
            y: Axis::linear(0.0, highest.min(1000.0), 5).labelled("%"),
        };
        draw_panel(&mut picture, &panel, variant, &layers, end_s - results.measured_s);
    }
    if drawn.is_empty() {
        let at = (MARGIN, HEADING + 40.0);
        picture.text(Text::new(at, "There are no variants.", 13.0));
    }
    let name = format!("Time from the start of the simulation, {unit}");
    x_name(&mut picture, (MARGIN, f64::from(WIDTH) - MARGIN), height - 18.0, &name);
    let names: Vec<_> = drawn.iter().map(|variant| clean(&variant.name)).collect();
    Drawing {
        alt: format!("Utilisation over time, stacked by model, for {}", names.join(", ")),
        caption: CAPTION,
        picture,
    }
}

fn draw_panel(
    picture: &mut Picture,
    panel: &Panel,
    variant: &VariantResults,
    layers: &[Layer],
    warmup_s: f64,
) {
    panel.shade_until(picture, warmup_s);
    panel.grid(picture);
    let title = (panel.corner.0, panel.corner.1 - 11.0);
    let title = Text { bold: true, ..Text::new(title, &variant.name, 12.0) };
    picture.text(title.fitted(panel.width));
    let stack = stack(variant, layers);
    let buckets = stack.iter().max_by_key(|layer| layer.len()).cloned().unwrap_or_default();
    if buckets.is_empty() {
        panel.nothing(picture, "No time series");
    }
    let mut below = vec![0.0; buckets.len()];
    for (index, layer) in stack.iter().enumerate() {
        let above: Vec<_> = below
            .iter()
            .enumerate()
            .map(|(i, base)| base + layer.get(i).map_or(0.0, |bucket| 100.0 * bucket.mean))
            .collect();
        if above != below {
            let edge = |heights: &[f64]| steps::edge(panel, &buckets, |_, index| heights[index]);
            let top = edge(&above);
            let mut outline = top.clone();
            outline.extend(edge(&below).into_iter().rev());
            picture.area(outline, colour(index), 1.0);
            picture.line(top, WHITE, 0.5);
        }
        below = above;
    }
    panel.frame(picture);
}
