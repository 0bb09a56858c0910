//! Time-weighted means, histograms, confidence intervals, and the definition of every metric.

mod definitions;

pub use definitions::{Definition, MetricId, definition, definitions};
