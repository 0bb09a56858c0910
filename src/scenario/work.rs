//! How much there is to simulate.

use super::traces::Traces;
use crate::engine::SimDuration;
use crate::simulation::Setup;
use crate::workload::{Arrivals, Expected, SourceSpec, TraceSpec, TraceSummary};

/// What an application's source brings in the long run.
pub(super) fn expected(setup: &Setup, application: usize, traces: &mut Traces) -> Expected {
    let source = match &setup.applications[application].source {
        SourceSpec::Trace(spec) => match traces.scan(spec) {
            Ok(summary) => {
                let seconds = summary.duration.as_secs_f64() * spec.time_scale;
                Expected {
                    mean_input: summary.mean_input,
                    mean_output: summary.mean_output,
                    mean_cached: summary.mean_cached,
                    ..Expected::at_rate(summary.rows as f64 * spec.rate_scale / seconds, None)
                }
            }
            // It was there when the scenario was loaded: running it will say what is wrong.
            Err(_) => Expected::at_rate(0.0, None),
        },
        drawn => drawn.expected().expect("only traces are read from files"),
    };
    setup.expected(application, &source)
}

/// Calls that an application is expected to make within the horizon.
pub(super) fn calls(setup: &Setup, application: usize, traces: &mut Traces) -> f64 {
    let horizon = setup.window.horizon;
    match &setup.applications[application].source {
        SourceSpec::Synthetic { arrivals, .. } => drawn(arrivals, horizon),
        SourceSpec::Sessions(spec) => drawn(&spec.arrivals, horizon) * spec.means().turns,
        SourceSpec::Users(_) => {
            expected(setup, application, traces).calls_per_s * horizon.as_secs_f64()
        }
        SourceSpec::Batch(spec) if spec.at < horizon => spec.calls as f64,
        SourceSpec::Batch(_) => 0.0,
        SourceSpec::Trace(spec) => {
            traces.scan(spec).map_or(0.0, |summary| replayed(spec, summary, horizon))
        }
    }
}

/// The rate, integrated over the horizon.
fn drawn(arrivals: &Arrivals, horizon: SimDuration) -> f64 {
    let rate = arrivals.rate.0;
    let Some(profile) = &arrivals.profile else { return rate * horizon.as_secs_f64() };
    let step = profile.step.as_nanos().max(1);
    // Steps, whole and in part, from the start of the period that the simulation starts in.
    let until = |nanos: u64| {
        let (whole, part) = (nanos / step, nanos % step);
        let count = profile.factors.len() as u64;
        let period = profile.factors.iter().sum::<f64>();
        let rest = profile.factors.iter().take((whole % count) as usize).sum::<f64>();
        let fraction = profile.factors[(whole % count) as usize] * part as f64 / step as f64;
        (whole / count) as f64 * period + rest + fraction
    };
    let offset = profile.offset.as_nanos();
    let steps = until(offset + horizon.as_nanos()) - until(offset);
    rate * steps * profile.step.as_secs_f64()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::PerSecond;
    use crate::workload::{RateProfile, Renewal};

    #[test]
    fn a_profile_is_integrated_from_where_it_starts() {
        let hours = |hours: u64| SimDuration::from_secs(3600 * hours);
        let arrivals = Arrivals {
            rate: PerSecond(2.0),
            renewal: Renewal::Poisson,
            profile: Some(RateProfile {
                factors: vec![0.5, 1.5, 1.0],
                step: hours(1),
                offset: hours(1),
            }),
        };
        assert_eq!(drawn(&arrivals, hours(1)), 2.0 * 1.5 * 3600.0);
        assert_eq!(drawn(&arrivals, hours(3)), 2.0 * 3.0 * 3600.0);
        assert_eq!(drawn(&arrivals, hours(4)), 2.0 * 4.5 * 3600.0);
        let half = SimDuration::from_secs(1800);
        assert_eq!(drawn(&arrivals, half), 1.5 * 3600.0);
    }
}
