//! Time-weighted means, histograms, confidence intervals, and the definition of every metric.

mod definitions;
mod gauge;
mod interval;
mod latency;

pub use definitions::{Definition, MetricId, definition, definitions};
pub use gauge::Gauge;
pub use interval::{Mean, Moments};
pub use latency::LatencyHistogram;
