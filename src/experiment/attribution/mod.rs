//! What paired differences are made of: whose, and through what.
//!
//! Computed in each replication, so that every part has an interval, and the parts' means add up to
//! the mean of the difference.

mod bennet;
mod blocks;
mod entities;

use super::fold::Quantities;
use super::results::{Attribution, Part};
use crate::metrics::Mean;
use crate::scenario::Variant;
use crate::setup::Setup;
use crate::simulation::Outcome;
use blocks::{Block, blocks};

/// All parts of the differences of each later variant from the first; `setups` are those that are simulated.
pub(super) fn parts<'a>(setups: &[&'a Setup]) -> Quantities<'a> {
    let comparisons = comparisons(setups);
    Quantities::new(move |outcomes: &[Outcome]| {
        let Some((baseline, others)) = outcomes.split_first() else { return Vec::new() };
        let of_variant = |(blocks, run): (&Vec<Block<'_>>, &Outcome)| {
            blocks.iter().flat_map(|block| block.values(baseline, run)).collect::<Vec<_>>()
        };
        comparisons.iter().zip(others).flat_map(of_variant).collect()
    })
}

/// The attributions, from [`parts`]. Parts that are zero in every replication are left out.
pub(super) fn attributions(
    variants: &[Variant],
    setups: &[&Setup],
    parts: &Quantities<'_>,
) -> Vec<Attribution> {
    let Some((baseline, others)) = variants.split_first() else { return Vec::new() };
    let mut means = parts.means();
    let mut attributions = Vec::new();
    for (blocks, variant) in comparisons(setups).iter().zip(others) {
        for block in blocks {
            let keys = block.keys();
            let of_block: Vec<_> = means.by_ref().take(keys.len()).collect();
            let part = |((name, part), mean): ((&str, &str), Option<Mean>)| {
                let Mean { mean, ci95, .. } = mean?;
                let anything = mean != 0.0 || ci95.is_some_and(|ci95| ci95 != 0.0);
                let (name, part) = (name.to_owned(), part.to_owned());
                anything.then_some(Part { name, part, mean, ci95 })
            };
            let parts: Vec<_> = keys.into_iter().zip(of_block).filter_map(part).collect();
            if !parts.is_empty() {
                attributions.push(Attribution {
                    metric: block.metric.definition().name.to_owned(),
                    baseline: baseline.name.clone(),
                    variant: variant.name.clone(),
                    by: block.by.to_owned(),
                    parts,
                });
            }
        }
    }
    attributions
}

fn comparisons<'a>(setups: &[&'a Setup]) -> Vec<Vec<Block<'a>>> {
    let Some((baseline, others)) = setups.split_first() else { return Vec::new() };
    others.iter().map(|other| blocks(baseline, other)).collect()
}
