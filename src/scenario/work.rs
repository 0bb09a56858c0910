//! How much there is to simulate.

use super::traces::Traces;
use crate::engine::SimDuration;
use crate::ids::ApplicationId;
use crate::setup::Setup;
use crate::workload::{Expected, Prefix, SourceSpec};

/// What an application's source brings in the long run.
pub(crate) fn expected(setup: &Setup, application: ApplicationId, traces: &mut Traces) -> Expected {
    let source = match &setup.applications[application].source {
        SourceSpec::Trace(spec) => match traces.scan(spec) {
            Ok(trace) => {
                let summary = trace.summary();
                let seconds = summary.duration.as_secs_f64() * spec.time_scale;
                Expected {
                    mean_input: summary.mean_input,
                    mean_output: summary.mean_output,
                    mean_cached: summary.mean_cached,
                    moments: summary.moments,
                    mean_shared: match spec.columns.prefix() {
                        Prefix::Own => 0.0,
                        Prefix::Shared => summary.mean_cached,
                    },
                    ..Expected::at_rate(summary.rows as f64 * spec.rate_scale / seconds, None)
                }
            }
            // It was there when the scenario was loaded: running it will say what is wrong.
            Err(_) => Expected::at_rate(0.0, None),
        },
        drawn => drawn.expected(setup.window.span()).expect("only traces are read from files"),
    };
    setup.expected(application, &source)
}

/// Calls that an application is expected to make within the horizon.
pub(crate) fn calls(setup: &Setup, application: ApplicationId, traces: &mut Traces) -> f64 {
    let (span, horizon) = (setup.window.span(), setup.window.horizon());
    match &setup.applications[application].source {
        SourceSpec::Synthetic { arrivals, .. } => arrivals.expected_calls(span),
        SourceSpec::Sessions(spec) => spec.arrivals.expected_calls(span) * spec.means().turns,
        SourceSpec::Users(_) => {
            expected(setup, application, traces).calls_per_s * horizon.as_secs_f64()
        }
        SourceSpec::Batch(spec) if spec.at < horizon => spec.calls as f64,
        SourceSpec::Batch(_) => 0.0,
        SourceSpec::Trace(spec) => {
            traces.scan(spec).map_or(0.0, |trace| trace.calls_before(horizon, spec))
        }
    }
}

/// When the last call of sources that end arrives.
pub(crate) fn last_arrival(setup: &Setup, traces: &mut Traces) -> SimDuration {
    let last = |source: &SourceSpec| match source {
        SourceSpec::Batch(spec) => spec.at,
        SourceSpec::Trace(spec) => traces.scan(spec).map_or(SimDuration::ZERO, |trace| {
            let seconds = trace.summary().duration.as_secs_f64() * spec.time_scale;
            spec.offset + SimDuration::from_secs_f64(seconds)
        }),
        SourceSpec::Synthetic { .. } | SourceSpec::Users(_) | SourceSpec::Sessions(_) => {
            SimDuration::ZERO
        }
    };
    let sources = setup.applications.iter().map(|application| &application.source);
    sources.map(last).max().unwrap_or(SimDuration::ZERO)
}
