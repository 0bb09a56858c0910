//! How much there is to simulate.

use super::traces::Traces;
use crate::engine::SimDuration;
use crate::workload::{SourceSpec, TraceSpec, TraceSummary};

/// Calls that a source is expected to bring within the horizon.
pub(super) fn calls(source: &SourceSpec, traces: &mut Traces, horizon: SimDuration) -> f64 {
    match source {
        SourceSpec::Synthetic { arrivals, .. } => arrivals.expected_calls(horizon),
        SourceSpec::Trace(spec) => {
            traces.scan(spec).map_or(0.0, |summary| replayed(spec, summary, horizon))
        }
    }
}

/// The rows, as far as they arrive before the horizon if they are spread evenly.
fn replayed(spec: &TraceSpec, summary: &TraceSummary, horizon: SimDuration) -> f64 {
    let all = summary.rows as f64 * spec.rate_scale;
    let left = horizon.as_secs_f64() - spec.offset.as_secs_f64();
    let duration = summary.duration.as_secs_f64() * spec.time_scale;
    if left <= 0.0 {
        0.0
    } else if left < duration {
        all * left / duration
    } else {
        all
    }
}
