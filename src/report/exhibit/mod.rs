//! Exhibits: the pictures of results. A file each, and a line in [`EXHIBITS`], from which the page, the
//! folder and whoever draws a folder again know them.

mod curve;
mod latency;
mod payoff;
mod queue;
mod revenue;
mod steps;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod toy;
mod utilisation;

use super::chart::{Chart, Drawing, number, palette};
use super::slug::slug;
use crate::experiment::{Results, VariantResults};

/// The exhibits in the order of the page.
pub(super) const EXHIBITS: &[&dyn Exhibit] = &[
    &payoff::Payoffs,
    &curve::Curve,
    &revenue::Revenue,
    &utilisation::Utilisation,
    &queue::Queue,
    &latency::Latency,
];

/// A kind of picture. It draws results of any size and with any numbers.
pub(super) trait Exhibit {
    /// The name of its files without an extension; those of single variants begin with it. No other exhibit's.
    fn name(&self) -> &'static str;

    /// Whether results have what it shows. Neither the page nor the folder has it where they have not. A picture of
    /// variants side by side is none of a product of axes.
    fn is_in(&self, results: &Results) -> bool {
        results.axes.is_empty()
    }

    /// The picture of all variants: on the page, and in a file.
    fn draw(&self, results: &Results) -> Drawing;

    /// The picture of one variant alone, in the colours and on the axes of all: in a file of its own, where there
    /// are several variants. None where such a picture says no more than that of all.
    fn draw_variant(&self, _: &Results, _variant: usize) -> Option<Drawing> {
        None
    }
}

/// The charts of the page, in its order.
pub(super) fn charts(exhibits: &[&dyn Exhibit], results: &Results) -> Vec<Chart> {
    let draw = |exhibit: &&dyn Exhibit| Chart {
        file: exhibit.name().to_owned(),
        drawing: exhibit.draw(results),
    };
    exhibits.iter().filter(|exhibit| exhibit.is_in(results)).map(draw).collect()
}

/// The charts of single variants, which are in the folder only.
pub(super) fn charts_by_variant(exhibits: &[&dyn Exhibit], results: &Results) -> Vec<Chart> {
    let count = results.variants.len();
    if count < 2 {
        return Vec::new();
    }
    let draw = |exhibit: &dyn Exhibit, (index, variant): (usize, &VariantResults)| {
        let drawing = exhibit.draw_variant(results, index)?;
        let (number, slug) = (number(index, count), slug(&variant.name));
        Some(Chart { file: format!("{}-{number}-{slug}", exhibit.name()), drawing })
    };
    exhibits
        .iter()
        .filter(|exhibit| exhibit.is_in(results))
        .flat_map(|exhibit| {
            let variants = results.variants.iter().enumerate();
            variants.filter_map(move |variant| draw(*exhibit, variant))
        })
        .collect()
}

/// A picture draws at most this many variants or models: more colours are not told apart.
const SHOWN_MAX: usize = palette::COLOURS.len();

/// `results.variants` as far as pictures draw them, and a remark when there are more.
fn shown(results: &Results) -> (&[VariantResults], String) {
    let all = results.variants.len();
    let remark = if all > SHOWN_MAX {
        format!(" The first {SHOWN_MAX} of {all} variants.")
    } else {
        String::new()
    };
    (&results.variants[..all.min(SHOWN_MAX)], remark)
}
