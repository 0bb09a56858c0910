//! Charts: each is a [`Picture`], a list of shapes, which becomes SVG or PNG.
//!
//! A chart knows nothing of files and formats; the formats know nothing of results.

mod axis;
mod font;
mod latency;
mod legend;
mod palette;
mod panel;
mod parity;
mod picture;
mod queue;
mod render;
mod revenue;
mod steps;
#[cfg(test)]
mod tests;
mod utilisation;

pub(super) use parity::parity_charts;
pub(super) use picture::Picture;
pub(super) use render::{svg, write_png};

use super::slug::slug;
use crate::experiment::Results;

/// A drawn chart.
pub(super) struct Chart {
    /// File name without its extension; unique among the charts of a result.
    pub(super) file: String,
    /// What is seen, for those who do not see it.
    pub(super) alt: String,
    /// How to read it.
    pub(super) caption: &'static str,
    /// The drawing.
    pub(super) picture: Picture,
}

/// Charts draw at most this many variants or models: more colours are not told apart.
const SHOWN_MAX: usize = palette::COLOURS.len();

/// The charts of the page, in its order.
pub(super) fn charts(results: &Results) -> Vec<Chart> {
    vec![
        revenue::chart(results),
        utilisation::chart(results),
        queue::chart(results),
        latency::chart(results),
    ]
}

/// One more utilisation chart for each of several variants, as large as the others.
pub(super) fn charts_by_variant(results: &Results) -> Vec<Chart> {
    if results.variants.len() < 2 {
        return Vec::new();
    }
    let digits = results.variants.len().to_string().len().max(2);
    (0..results.variants.len())
        .map(|index| {
            // The number keeps apart names with equal slugs.
            let name = slug(&results.variants[index].name);
            let file = format!("utilisation-{:0digits$}-{name}", index + 1);
            Chart { file, ..utilisation::chart_of(results, index) }
        })
        .collect()
}

/// `results.variants` as far as charts draw them, and a remark when there are more.
fn shown(results: &Results) -> (&[crate::experiment::VariantResults], String) {
    let all = results.variants.len();
    let remark = if all > SHOWN_MAX {
        format!(" The first {SHOWN_MAX} of {all} variants.")
    } else {
        String::new()
    };
    (&results.variants[..all.min(SHOWN_MAX)], remark)
}
