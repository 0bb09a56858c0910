//! What paired differences are made of: whose, and through what.
//!
//! Computed in each replication, so that every part has an interval, and the parts' means add up to
//! the mean of the difference.

mod bennet;
mod blocks;
mod entities;

use super::results::{Attribution, Part};
use crate::metrics::Mean;

pub(super) use blocks::{Block, blocks};

/// The attributions of one comparison, from the means of all parts of its blocks. Parts that are zero in
/// every replication are left out.
pub(super) fn attributions(
    [baseline, variant]: [&str; 2],
    blocks: &[Block<'_>],
    mut means: impl Iterator<Item = Option<Mean>>,
) -> Vec<Attribution> {
    let attribution = |block: &Block<'_>| {
        let keys = block.keys();
        let of_block: Vec<_> = means.by_ref().take(keys.len()).collect();
        let part = |((name, part), mean): ((&str, &str), Option<Mean>)| {
            let Mean { mean, ci95, .. } = mean?;
            let anything = mean != 0.0 || ci95.is_some_and(|ci95| ci95 != 0.0);
            let (name, part) = (name.to_owned(), part.to_owned());
            anything.then_some(Part { name, part, mean, ci95 })
        };
        let parts: Vec<_> = keys.into_iter().zip(of_block).filter_map(part).collect();
        (!parts.is_empty()).then(|| Attribution {
            metric: block.metric.definition().name.to_owned(),
            baseline: baseline.to_owned(),
            variant: variant.to_owned(),
            by: block.by.to_owned(),
            parts,
        })
    };
    blocks.iter().filter_map(attribution).collect()
}
