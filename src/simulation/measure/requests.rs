//! Calls, tokens and how long they took.

use super::{Followed, Measurement, NANOS_PER_SECOND, Scope, Totals, Values};
use crate::metrics::MetricId as M;
use crate::simulation::accounts::Latencies;

impl Measurement<'_> {
    pub(super) fn set_requests(&self, values: &mut Values, scope: Scope, totals: &Totals) {
        let seconds = self.nanos() / NANOS_PER_SECOND;
        let Totals { counts, in_flight } = totals;
        values.set(M::Arrived, counts.arrived as f64);
        values.set(M::Completed, counts.completed as f64);
        values.set(M::Rejected, counts.rejected as f64);
        values.set(M::InFlight, *in_flight as f64);
        values.set(M::RequestThroughput, counts.completed as f64 / seconds);
        if self.has_tokens(scope) {
            values.set(M::InputTokens, counts.input_tokens as f64);
            values.set(M::OutputTokens, counts.output_tokens as f64);
            values.set(M::CachedInputTokens, counts.cached_tokens as f64);
            values.set(M::OutputThroughput, counts.output_tokens as f64 / seconds);
        }
        values.set(M::QueueLength, counts.waiting_area as f64 / self.nanos());
        values.set(M::InSystem, counts.in_system_area as f64 / self.nanos());
    }

    pub(super) fn set_followed(&self, values: &mut Values, scope: Scope, followed: &Followed) {
        let here = followed.cells.iter().filter(|cell| self.holds(scope, cell));
        let unfinished: u64 = here.map(|cell| cell.unfinished).sum();
        values.set(M::Unfinished, unfinished as f64);
        let latencies = self.latencies(scope);
        set_latencies(values, &latencies);
        if self.has_objective(scope) {
            let seconds = self.nanos() / NANOS_PER_SECOND;
            values.set(M::Goodput, latencies.inside_slo as f64 / seconds);
        }
    }
}

fn set_latencies(values: &mut Values, latencies: &Latencies) {
    let metrics = [
        (
            [M::WaitMean, M::WaitMax],
            [M::WaitP50, M::WaitP90, M::WaitP95, M::WaitP99],
            &latencies.wait,
        ),
        (
            [M::TtftMean, M::TtftMax],
            [M::TtftP50, M::TtftP90, M::TtftP95, M::TtftP99],
            &latencies.ttft,
        ),
        (
            [M::TpotMean, M::TpotMax],
            [M::TpotP50, M::TpotP90, M::TpotP95, M::TpotP99],
            &latencies.tpot,
        ),
        ([M::E2eMean, M::E2eMax], [M::E2eP50, M::E2eP90, M::E2eP95, M::E2eP99], &latencies.e2e),
    ];
    for ([mean, max], percentiles, histogram) in metrics {
        values.set_known(mean, histogram.mean());
        values.set_known(max, histogram.max());
        for (id, seconds) in
            percentiles.into_iter().zip(histogram.quantiles([0.5, 0.9, 0.95, 0.99]))
        {
            values.set(id, seconds);
        }
    }
}
