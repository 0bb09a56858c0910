//! What each of several strategies is worth in each of several worlds, and what that says of them: pure statistics of
//! a table of replications, which know nothing of simulations.
//!
//! All of it rests on common random numbers: a replication has the same random numbers in all cells, so that strategies
//! are compared by their differences, replication by replication. Whatever is said of an order is said only as far as
//! intervals of these differences support it.

mod bounds;
mod candidates;
mod dominance;
mod jackknife;
mod matrix;
mod paired;
mod regret;
mod risk;
mod selection;
#[cfg(test)]
mod tests;

pub(super) use bounds::{Bounded, Bounds};
pub(super) use candidates::candidates;
pub(super) use dominance::Dominance;
pub(super) use dominance::dominances;
pub(super) use matrix::{Among, Matrix};
pub(super) use regret::{Minimax, minimax, regrets};
pub(super) use risk::{TAIL, risk};
pub(super) use selection::selection_bound;
