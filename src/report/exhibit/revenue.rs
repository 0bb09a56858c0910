//! Revenue by source, a bar per variant, with the operating margin.

use super::{Exhibit, shown};
use crate::experiment::{Estimate, Results, VariantResults};
use crate::report::chart::Drawing;
use crate::report::chart::axis::Axis;
use crate::report::chart::legend::{Legend, Sample, diamond, whisker};
use crate::report::chart::palette::{AXIS, Colour, INK, MUTED, colour};
use crate::report::chart::panel::{HEADING, MARGIN, Panel, WIDTH, X_LABELS, heading, x_name};
use crate::report::chart::picture::{Anchor, Picture, Text};
use crate::report::numbers;

const TITLE: &str = "Revenue by source";
const CAPTION: &str = "The cloud's revenue by where it comes from, per hour of the measured \
    window. The whisker is the 95 % interval of the total.";
/// The same where some variant has a margin.
const TITLE_WITH_MARGIN: &str = "Revenue by source, and operating margin";
const CAPTION_WITH_MARGIN: &str = "The cloud's revenue by where it comes from, per hour of the \
    measured window. The whisker is the 95 % interval of the total; the diamond is the operating \
    margin, revenue less the costs that are known.";
const SOURCES: [(&str, &str); 5] = [
    ("revenue.rental_usd", "rental"),
    ("revenue.marketplace_usd", "marketplace"),
    ("revenue.first_party_usd", "first-party"),
    ("revenue.commitment_usd", "commitments"),
    ("revenue.sla_credit_usd", "SLA credits"),
];
const TOTAL: &str = "revenue.total_usd";
const MARGIN_METRIC: &str = "margin.operating_usd";
const REST: Colour = (0xB0, 0xB7, 0xBF);
const ROW: f64 = 40.0;
const BAR: f64 = 22.0;
const NAMES: f64 = 190.0;
const TOTALS: f64 = 150.0;

/// A variant's amounts in USD per hour.
struct Bar<'a> {
    name: &'a str,
    /// Source (an index into [`SOURCES`], or one more for the rest) and amount.
    parts: Vec<(usize, f64)>,
    total: Option<Estimate>,
    margin: Option<f64>,
}

/// Of the measured window, which has a length of its own in each variant where runs end with their calls.
fn hours(results: &Results, variant: &VariantResults) -> f64 {
    let makespan = variant.metrics.get("time.makespan_s").map(|estimate| estimate.mean);
    let seconds = makespan.unwrap_or(results.measured_s);
    if seconds > 0.0 { seconds / 3600.0 } else { 1.0 }
}

/// Horizontal bars: long names have room.
pub(super) struct Revenue;

impl Exhibit for Revenue {
    fn name(&self) -> &'static str {
        "revenue"
    }

    fn draw(&self, results: &Results) -> Drawing {
        let (variants, remark) = shown(results);
        let bars: Vec<_> =
            variants.iter().map(|variant| bar(variant, hours(results, variant))).collect();
        let legend = Legend::new(samples(&bars), f64::from(WIDTH) - 2.0 * MARGIN);
        let top = HEADING + legend.height + 8.0;
        let height = ROW * bars.len().max(1) as f64 + 8.0;
        let mut picture = Picture::new(WIDTH, top + height + X_LABELS + 32.0);
        let subtitle =
            format!("USD per hour of the measured window, mean over replications.{remark}");
        let (title, caption) = if bars.iter().any(|bar| bar.margin.is_some()) {
            (TITLE_WITH_MARGIN, CAPTION_WITH_MARGIN)
        } else {
            (TITLE, CAPTION)
        };
        heading(&mut picture, title, &subtitle);
        legend.draw(&mut picture, (MARGIN, HEADING));
        let (least, most) = extent(&bars);
        let mut panel = Panel {
            corner: (MARGIN + NAMES, top),
            width: f64::from(WIDTH) - 2.0 * MARGIN - NAMES - TOTALS,
            height,
            x: Axis::linear(least, most, 6),
            y: Axis::linear(0.0, 1.0, 1),
        };
        panel.y.ticks.clear();
        panel.grid(&mut picture);
        for (index, bar) in bars.iter().enumerate() {
            draw_bar(&mut picture, &panel, bar, top + 4.0 + ROW * (index as f64 + 0.5));
        }
        if bars.iter().all(|bar| bar.total.is_none() && bar.parts.is_empty()) {
            panel.nothing(&mut picture, "No revenue");
        }
        let zero = panel.point(0.0, 0.0).0;
        picture.line(vec![(zero, top), (zero, panel.bottom())], AXIS, 1.0);
        let span = (panel.corner.0, panel.corner.0 + panel.width);
        x_name(&mut picture, span, panel.bottom() + X_LABELS + 12.0, "USD per hour");
        let alt = "Revenue by source in USD per hour, a bar per variant".to_owned();
        Drawing { alt, caption, picture }
    }
}

fn bar(variant: &VariantResults, hours: f64) -> Bar<'_> {
    let of = |metric: &str| {
        let estimate = variant.metrics.get(metric).filter(|estimate| estimate.mean.is_finite())?;
        Some(Estimate {
            mean: estimate.mean / hours,
            ci95: estimate.ci95.filter(|c| c.is_finite() && *c > 0.0).map(|ci95| ci95 / hours),
            ..estimate.clone()
        })
    };
    let mut parts: Vec<_> = SOURCES
        .iter()
        .enumerate()
        .filter_map(|(source, (metric, _))| Some((source, of(metric)?.mean)))
        .filter(|(_, amount)| *amount != 0.0)
        .collect();
    let total = of(TOTAL);
    let known: f64 = parts.iter().map(|(_, amount)| amount).sum();
    let rest = total.as_ref().map_or(0.0, |total| total.mean - known);
    // What no source accounts for is shown too, unless it is rounding.
    if rest.abs() > 1e-6 * known.abs().max(rest.abs()) && rest != 0.0 {
        parts.push((SOURCES.len(), rest));
    }
    let margin = of(MARGIN_METRIC).map(|margin| margin.mean);
    Bar { name: &variant.name, parts, total, margin }
}

fn samples(bars: &[Bar]) -> Vec<(Sample, String)> {
    let used = |source: usize| bars.iter().any(|b| b.parts.iter().any(|(s, _)| *s == source));
    let mut samples: Vec<_> = SOURCES
        .iter()
        .map(|(_, label)| *label)
        .chain(["not split"])
        .enumerate()
        .filter(|(source, _)| used(*source))
        .map(|(source, label)| (Sample::Fill(fill(source)), label.to_owned()))
        .collect();
    if bars.iter().any(|bar| bar.total.as_ref().is_some_and(|total| total.ci95.is_some())) {
        samples.push((Sample::Whisker(INK), "95 % interval of the total".to_owned()));
    }
    if bars.iter().any(|bar| bar.margin.is_some()) {
        samples.push((Sample::Diamond(INK), "operating margin".to_owned()));
    }
    samples
}

fn fill(source: usize) -> Colour {
    if source < SOURCES.len() { colour(source) } else { REST }
}

/// The least and the most that is drawn.
fn extent(bars: &[Bar]) -> (f64, f64) {
    let mut all = Vec::new();
    for bar in bars {
        let part = |positive: bool| {
            let amounts = bar.parts.iter().map(|(_, amount)| *amount);
            amounts.filter(|amount| (*amount > 0.0) == positive).sum::<f64>()
        };
        all.extend([part(true), part(false)]);
        all.extend(bar.margin);
        all.extend(bar.total.as_ref().map(|total| total.mean + total.ci95.unwrap_or(0.0)));
    }
    (all.iter().copied().fold(0.0, f64::min), all.iter().copied().fold(0.0, f64::max))
}

fn draw_bar(picture: &mut Picture, panel: &Panel, bar: &Bar, middle: f64) {
    let name = Text::new((panel.corner.0 - 10.0, middle), bar.name, 12.0).fitted(NAMES - 10.0);
    picture.text(Text { anchor: Anchor::End, ..name });
    let x = |amount: f64| panel.point(amount, 0.0).0;
    let (mut up, mut down) = (0.0, 0.0);
    for (source, amount) in &bar.parts {
        let from = if *amount > 0.0 { &mut up } else { &mut down };
        let to = *from + amount;
        let (left, right) = (x(from.min(to)), x(from.max(to)));
        let (above, below) = (middle - BAR / 2.0, middle + BAR / 2.0);
        picture.rect((left, above), (right, below), fill(*source));
        *from = to;
    }
    if let Some(total) = &bar.total {
        if let Some(ci95) = total.ci95 {
            whisker(picture, (x(total.mean - ci95), x(total.mean + ci95)), middle, INK);
        }
        let at = (panel.corner.0 + panel.width + 12.0, middle);
        let text = Text::new(at, &numbers::estimate(total), 12.0).fitted(TOTALS - 12.0);
        picture.text(Text { colour: MUTED, ..text });
    }
    if let Some(margin) = bar.margin {
        diamond(picture, (x(margin), middle), INK);
    }
}
