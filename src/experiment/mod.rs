//! Replications and variants: from scenarios to results.

mod attribution;
mod axes;
mod cases;
mod comparison;
mod content;
mod error;
mod fold;
mod gather;
mod in_order;
mod listing;
mod measured;
mod payoff;
mod results;
mod rounding;
mod run;
pub mod service;
mod store;
mod sweep;
mod task;

pub use crate::simulation::Warning;
pub use content::Content;
pub use error::ExperimentError;
pub use payoff::{
    Best, Bounded, Bounds, Cell, Dominance, Minimax, Payoff, StrategyPayoff, WorldOdds,
};
pub use results::{
    Along, AlongPath, Attribution, Axis, Bucket, Difference, Distribution, Estimate, Limit,
    Metrics, Part, Results, Series, VariantResults,
};
pub use run::{Options, Progress, SCHEMA, run, run_with};
pub use store::{Nothing, Store};
pub use sweep::{
    PointResults, PointScope, PointVariant, Sink, SweepOptions, SweepProgress, run_points,
};
pub use task::Task;
