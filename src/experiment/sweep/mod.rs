//! Many points of one scenario: each simulated by itself, under the same random numbers, and given away as it is done.

mod point;
mod run;

pub use point::{PointResults, PointScope, PointVariant};
pub use run::{Sink, SweepOptions, SweepProgress, run_points};
