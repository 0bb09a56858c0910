//! Histograms, confidence intervals, and the definition of every metric.

mod definitions;
mod interval;
mod latency;
pub(crate) mod wide;

pub use definitions::{Definition, MetricId, definition, definitions, not_modelled};
pub use interval::{Mean, Moments};
pub use latency::LatencyHistogram;
