//! What each of several strategies is worth in each of several worlds, and what that says of them.
//!
//! All but [`tables`] and [`report`] is pure statistics of a table of replications. It rests on common random numbers: a
//! replication has the same random numbers in all cells, so that strategies are compared by their differences,
//! replication by replication. Whatever is said of an order is said only as far as intervals of these differences
//! support it.

mod bounds;
mod candidates;
mod dominance;
mod jackknife;
mod matrix;
mod paired;
mod regret;
mod report;
mod risk;
mod selection;
mod tables;
#[cfg(test)]
mod tests;

pub use bounds::{Bounded, Bounds};
pub use report::{Best, Cell, Dominance, Minimax, Payoff, StrategyPayoff, WorldOdds};
pub(super) use tables::Tables;
